"""The shipped weights are as good as their card says: a smaller `benchmarks/quality.py`, with bars a little lower.

Bars are the whole benchmark's figures less about two standard deviations of so few cases. Seeds are fixed: the same weights
give the same counts, but for a case or two that another machine's rounding turns.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from evals.drawing_judge import load_judge
from evals.quality_advice import advice_shares, heldout_requests, leaves_open, recommend
from evals.quality_drawing import prompts_of, tokenizer_quality, true_verdicts
from evals.quality_drawing_apart import draw_apart
from evals.quality_reading import READ_SEED, compared, confusions, describe_garments, heldout_garments
from evals.shares import Share
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> FashionVLMModel:
    return FashionVLMModel.from_pretrained()


@pytest.fixture
async def vlm(model: FashionVLMModel) -> AsyncIterator[LocalFashionVLM]:
    served = LocalFashionVLM(model)
    yield served
    await served.close()


def missed(shares: dict[str, Share], bars: dict[str, float]) -> dict[str, tuple[float, float]]:
    """What is below its bar: percent and bar."""
    return {name: (shares[name].percent, bar) for name, bar in bars.items() if shares[name].percent < bar}


async def test_drawn_garments_never_seen_are_read_right(vlm: LocalFashionVLM) -> None:
    garments = heldout_garments(102, READ_SEED)
    readings = [*(await describe_garments(vlm, dict(enumerate(garments)))).values()]
    found = compared(garments, readings)
    assert not missed(found, {"category": 97, "color": 97, "pattern": 97}), confusions(garments, readings)


async def test_recommendations_are_of_the_kind_asked_for_and_go_with_the_outfit(vlm: LocalFashionVLM) -> None:
    samples = heldout_requests(60)
    answers = await recommend(vlm, dict(enumerate(samples)))
    pairs = list(zip(samples, answers.values(), strict=True))
    named = {"names an item": 97, "of the category asked": 96, "all rules": 93, "reason true": 95}
    left_open = {"names an item": 97, "of the category asked": 85, "all rules": 80, "reason true": 95}
    for bars, is_open in ((named, False), (left_open, True)):
        asked, said = zip(*[pair for pair in pairs if leaves_open(pair[0]) == is_open], strict=True)
        assert len(asked) > 15
        assert not missed(advice_shares(asked, said), bars)


def test_drawings_show_what_their_words_say_to_a_judge_that_was_trained_apart() -> None:
    judge, garments = load_judge(), heldout_garments(40, 20_261_123)
    truth = compared(garments, true_verdicts(judge, garments))
    assert not missed(truth, {"category": 95, "color": 92, "pattern": 90})
    drawings = draw_apart(None, dict(enumerate(prompts_of(garments))), candidates=1, processes=1)
    verdicts = judge.judge([drawing.picture for drawing in drawings.values()])
    found = compared(garments, verdicts)
    assert not missed(found, {"category": 92, "color": 92, "pattern": 80}), confusions(garments, verdicts)


def test_the_image_tokenizer_keeps_drawn_garments(model: FashionVLMModel) -> None:
    assert tokenizer_quality(model.parts.image_tokenizer, 24).psnr >= 29.9
