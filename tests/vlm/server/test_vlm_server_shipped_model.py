"""The server over the real engine and the model in the box: the same answers as in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import numpy as np
import pytest
from PIL import Image

from fashion.drawing import draw_garment
from fashion.garment import Garment
from tests.standin import HashedWords
from tests.vlm.server.conftest import run_server
from tests.vlm.server.test_vlm_server_openai import opened, png
from vlm.engine.engine import Engine
from vlm.http_client import HttpFashionVLM
from vlm.http_transport import HttpTransport
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel

JEANS = draw_garment(Garment("Jeans", "blue", material="denim", style="straight"), size=256, seed=2)


@pytest.fixture(scope="module")
def model() -> FashionVLMModel:
    return FashionVLMModel.from_pretrained()


@pytest.fixture
async def running(model: FashionVLMModel) -> AsyncIterator[object]:
    async with run_server(lambda: Engine.from_model(model).start()) as running:
        await running.service.settled.wait()
        yield running


async def test_over_http_and_in_process_a_picture_a_question_and_a_drawing_come_out_the_same(
    model, running
) -> None:
    local = LocalFashionVLM(model, HashedWords())
    remote = HttpFashionVLM(HttpTransport(running.url), HashedWords(), model.photos)
    try:
        assert await remote.describe(JEANS) == await local.describe(JEANS)
        asked = "What shoes go with these?"
        there = [piece async for piece in remote.converse(asked, [JEANS, JEANS])]
        here = [piece async for piece in local.converse(asked, [JEANS, JEANS])]
        assert there == here and len(there) > 3
        drawn = await remote.draw("a red scarf", seed=4, candidates=3, kept=2)
        here = await local.draw("a red scarf", seed=4, candidates=3, kept=2)
        assert len(drawn) == 2
        for one, other in zip(drawn, here, strict=True):
            assert np.array_equal(np.asarray(one.picture), np.asarray(other.picture))
            assert one.reading == other.reading
        dotted = {"seed": 4, "contrast": 2.0}
        drawn = [(await one.draw("a red dotted scarf", **dotted))[0] for one in (remote, local)]
        here = (await local.draw("a red dotted scarf", seed=4))[0]
        assert np.array_equal(*(np.asarray(one.picture) for one in drawn))
        assert not np.array_equal(np.asarray(drawn[1].picture), np.asarray(here.picture))
    finally:
        await remote.close()
        await local.close()


async def test_an_edit_keeps_what_the_mask_does_not_show(running) -> None:
    mask = Image.new("RGBA", JEANS.size, "black")
    mask.paste((0, 0, 0, 0), (0, 0, JEANS.width, JEANS.height // 2))
    answer = await running.http.post(
        "/v1/images/edits",
        files={"image": png(JEANS), "mask": png(mask)},
        data={"prompt": "a red shirt", "seed": "1", "steps": "4", "stream": "true", "partial_images": "1"},
    )
    kinds = [line for line in answer.text.splitlines() if line.startswith("event: ")]
    assert kinds == ["event: image_edit.partial_image", "event: image_edit.completed"]
    last = json.loads([line for line in answer.text.splitlines() if line.startswith("data: ")][-1][6:])
    edited = np.asarray(opened(last["b64_json"]).convert("RGB").resize(JEANS.size), float)
    change = np.abs(edited - np.asarray(JEANS, float)).mean((1, 2))
    quarter = JEANS.height // 4
    assert change[:quarter].mean() > 2 * change[-quarter:].mean()
