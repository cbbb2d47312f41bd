"""What a request tells of the things shown, as if it had been measured, and the part of an answer that names an item."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from fashion.color import COLORS
from fashion.dialogues import RecommendationSample
from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, category_of
from vlm.reading import with_items

if TYPE_CHECKING:
    from vlm.training.batches import Mix, Rounds


def told(rng: random.Random, mix: Mix, rounds: Rounds, items: Sequence[Garment]) -> Rounds:
    """The rounds with kind and color of each thing shown in the first request, mostly, as if they had been read."""
    if rng.random() < mix.unhinted:
        return rounds
    (request, answer), *later = rounds
    read = [Garment(_kind(rng, mix, item.category), measured(rng, mix, item.color)) for item in items]
    return [(with_items(request, read), answer), *later]


def measured(rng: random.Random, mix: Mix, color: str) -> str:
    """A color as it is measured: now and then one nearby."""
    return rng.choice(_nearby(color)) if rng.random() < mix.mishinted else color


def choice_alone(sample: RecommendationSample) -> str:
    """The answer up to the noun of what it recommends; the whole of it where that is not found."""
    nouns = category_of(sample.target).nouns(sample.target.style)
    found = re.search(rf"\b(?:{'|'.join(re.escape(noun) for noun in nouns)})\b", sample.answer, re.IGNORECASE)
    return sample.answer[: found.end()] if found else sample.answer


def _kind(rng: random.Random, mix: Mix, category: str) -> str:
    return rng.choice(tuple(CATEGORIES)) if rng.random() < mix.miscalled else category


@cache
def _nearby(color: str) -> tuple[str, ...]:
    """The three palette colors that are most like this one."""
    lab = np.array(COLORS[color].lab)
    others = [name for name in COLORS if name != color]
    return tuple(sorted(others, key=lambda name: float(np.linalg.norm(np.array(COLORS[name].lab) - lab)))[:3])
