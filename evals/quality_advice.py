"""How good FashionVLM's recommendations are, by the outfit rules and not by taste.

Requests, items and outfits are of the held-out side (`fashion.dialogues`). Three advisers are judged alike: the
model, the composer that wrote what it learned from (about the best it can be), and chance, which takes any garment of a
category that was asked for.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from evals.shares import Share
from fashion.captions import parse_caption
from fashion.color import harmony
from fashion.dialogues import RecommendationSample, compose_recommendation
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.reasons import reason_is_true
from fashion.rules import score_pairing
from fashion.sampling import sample_garment
from vlm.client import FashionVLMClient

HARMONY = 0.7
"""No pair of colors may score less, for harmony: neutrals, tones, classics and contrasts, but nothing doubtful."""
GOOD_PAIRING = 0.6
"""What `score_pairing` gives at least, for all rules."""
MOST_NAMED = 12
"""Categories that one word names at most: those of "shoes". A request that more would answer leaves the kind open."""
_AT_ONCE = 12
_ANSWER_TOKENS = 96
_SEED = 700_000


@dataclass(frozen=True, slots=True)
class Advice:
    """An answer judged; where no garment can be found in it, all else is False.

    Attributes:
        names: An item is named.
        asked: It is of a category that was asked for.
        harmonious: Its color goes with every item's (`HARMONY`).
        rules: It is of a category asked for, harmonious, a good pairing (`GOOD_PAIRING`), and violates nothing.
        reason: At least one reason is given, and all that are given are true.
    """

    names: bool
    asked: bool = False
    harmonious: bool = False
    rules: bool = False
    reason: bool = False


def judge_advice(sample: RecommendationSample, answer: str) -> Advice:
    """Judge an answer to a request."""
    said = parse_caption(answer)
    if said is None:
        return Advice(names=False)
    reason = reason_is_true(answer, sample.items, said, sample.occasion, sample.season)
    return _judged(sample, said, bool(reason))


def _judged(sample: RecommendationSample, said: Garment, reason: bool) -> Advice:
    pairing = score_pairing(said, sample.items, occasion=sample.occasion, season=sample.season)
    worst = min((harmony(said.color, item.color).score for item in sample.items), default=1.0)
    asked, harmonious = said.category in sample.asked, worst >= HARMONY
    good = pairing.total >= GOOD_PAIRING and not pairing.violations
    return Advice(True, asked, harmonious, asked and harmonious and good, reason)


def heldout_requests(count: int, seed: int = 4711) -> list[RecommendationSample]:
    """Requests of the held-out side."""
    return [
        compose_recommendation(random.Random(f"{seed}/{index}"), split="heldout") for index in range(count)
    ]


def shown(sample: RecommendationSample, seed: int) -> list[Image.Image]:
    """The pictures that go with a request."""
    return [draw_garment(item, size=256, seed=seed + place) for place, item in enumerate(sample.items)]


async def recommend(vlm: FashionVLMClient, samples: Mapping[int, RecommendationSample]) -> dict[int, str]:
    """The model's answers by number, which is part of the pictures' seeds; several under way at once."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, sample: RecommendationSample) -> str:
        async with room:
            pictures = await asyncio.to_thread(shown, sample, _SEED + 5 * number)
            words = vlm.converse(sample.request, pictures, max_tokens=_ANSWER_TOKENS)
            return "".join([piece async for piece in words])

    answers = await asyncio.gather(*(one(number, sample) for number, sample in samples.items()))
    return dict(zip(samples, answers, strict=True))


def leaves_open(sample: RecommendationSample) -> bool:
    """Whether a request leaves open what kind of thing is wanted: "what goes with these?"."""
    return len(sample.asked) > MOST_NAMED


def advice_shares(samples: Sequence[RecommendationSample], answers: Sequence[str]) -> dict[str, Share]:
    """Shares of what `Advice` tells."""
    return _shares([judge_advice(sample, answer) for sample, answer in zip(samples, answers, strict=True)])


def composer_shares(samples: Sequence[RecommendationSample]) -> dict[str, Share]:
    """The same of the composer's own answers."""
    return advice_shares(samples, [sample.answer for sample in samples])


def chance_shares(samples: Sequence[RecommendationSample], seed: int = 4712) -> dict[str, Share]:
    """Color harmony and rules of any garment of a category asked for."""
    rng = random.Random(seed)
    judged = [
        _judged(sample, sample_garment(rng, rng.choice(sample.asked)), reason=False) for sample in samples
    ]
    found = _shares(judged)
    return {name: found[name] for name in ("color harmony", "all rules")}


def _shares(judged: Sequence[Advice]) -> dict[str, Share]:
    return {
        "names an item": Share.of(one.names for one in judged),
        "of the category asked": Share.of(one.asked for one in judged),
        "color harmony": Share.of(one.harmonious for one in judged),
        "all rules": Share.of(one.rules for one in judged),
        "reason true": Share.of(one.reason for one in judged),
    }
