"""FashionVLM behind a door that is open at once: calls wait for it, and a failed load is told."""

import asyncio
import threading

import pytest
from PIL import Image

from tests.standin import BLUE_JEANS, StandInFashionVLM
from ui.lazy_model import LoadingFashionVLM
from vlm.client import FashionVLMClient, FashionVLMUnavailableError

PICTURE = Image.new("RGB", (64, 64), "navy")


def test_it_honors_the_contract_of_the_model_it_stands_before() -> None:
    assert isinstance(LoadingFashionVLM(StandInFashionVLM), FashionVLMClient)


async def test_a_call_made_while_loading_is_answered_when_the_model_is_there() -> None:
    may_load = threading.Event()

    def load() -> StandInFashionVLM:
        may_load.wait()
        return StandInFashionVLM()

    model = LoadingFashionVLM(load)
    asked = asyncio.create_task(model.describe(PICTURE))
    await asyncio.sleep(0)
    assert not model.loaded
    may_load.set()
    assert await asked == BLUE_JEANS
    assert model.loaded


async def test_a_canceled_call_does_not_cancel_the_load() -> None:
    may_load = threading.Event()

    def load() -> StandInFashionVLM:
        may_load.wait()
        return StandInFashionVLM()

    model = LoadingFashionVLM(load)
    asked = asyncio.create_task(model.describe(PICTURE))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    may_load.set()
    assert await model.describe(PICTURE) == BLUE_JEANS


async def test_a_failed_load_is_told_by_every_call_and_its_reason_only_by_failure_and_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def load() -> StandInFashionVLM:
        raise FileNotFoundError("no weights in /models/x")

    model = LoadingFashionVLM(load)
    for _ in range(2):
        with pytest.raises(FashionVLMUnavailableError, match="could not be loaded") as told:
            await model.draw("a scarf")
        assert "/models/x" not in str(told.value)
    with pytest.raises(FashionVLMUnavailableError):
        [piece async for piece in model.converse("hello")]
    assert model.failure == "FashionVLM could not be loaded: no weights in /models/x"
    logged = capsys.readouterr()
    assert "no weights in /models/x" in logged.out + logged.err


async def test_a_closed_model_says_so() -> None:
    model = LoadingFashionVLM(StandInFashionVLM)
    await model.describe(PICTURE)
    await model.close()
    with pytest.raises(FashionVLMUnavailableError, match="closed"):
        await model.describe(PICTURE)
