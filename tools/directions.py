"""What "cheaper", "darker" or "dressier" means: a measure, a side, and a bound set by the items shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fashion.color import COLORS, lab
from fashion.occasions import formality, warmth
from fashion.product import Product
from tools.prompts import load_data

Direction = Literal[
    "cheaper", "dearer", "longer", "shorter", "darker", "lighter", "dressier", "more_casual",
    "warmer", "lighter_weight", "brighter", "plainer", "different",
]  # fmt: skip
"""The same names as `agents.contracts.Direction`, which lies above this package; a test holds them equal."""


def _lightness(product: Product) -> float | None:
    return lab(product.color)[0]


def _vividness(product: Product) -> float | None:
    _, a, b = lab(product.color)
    return math.hypot(a, b)


def _busyness(product: Product) -> float | None:
    return (product.pattern != "solid") + 0.5 * (COLORS[product.color].family != "neutral")


def _length(product: Product) -> float | None:
    rank: Mapping[str, float] = load_data("lengths")
    return rank.get(product.length or "")


MEASURES: Mapping[str, Callable[[Product], float | None]] = {
    "price": lambda product: product.price,
    "lightness": _lightness,
    "vividness": _vividness,
    "busyness": _busyness,
    "length": _length,
    "formality": lambda product: formality(product.garment),
    "warmth": lambda product: warmth(product.garment),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """How far an alternative must go.

    Attributes:
        measure: The name of what is compared.
        sign: +1 where more is asked, -1 where less is.
        limit: The alternative's value must be at least the margin beyond it.
        margin: What counts as a change.
        words: What every item within the bound is, for example ``"cheaper than every item shown"``.
    """

    measure: str
    sign: int
    limit: float
    margin: float
    words: str

    def met_by(self, product: Product) -> bool:
        """Whether a product is far enough on the asked side."""
        value = MEASURES[self.measure](product)
        return value is not None and self.sign * (value - self.limit) >= self.margin - 1e-9


def bounds(direction: Direction, references: Sequence[Product]) -> list[Bound]:
    """The bounds to try: beyond every reference, then beyond half of them, then beyond one.

    Returns:
        One bound for one reference or equal ones; none for ``different``, or where the references cannot be
        measured (a bag has no warmth).
    """
    if direction == "different":
        return []
    row = load_data("directions")[direction]
    measured = (MEASURES[row["measure"]](reference) for reference in references)
    values = sorted((value for value in measured if value is not None), reverse=row["sign"] > 0)
    if not values:
        return []

    def bound(limit: float, words: str) -> Bound:
        return Bound(row["measure"], row["sign"], limit, row["margin"], row[words])

    if len(references) == 1:
        return [bound(values[0], "than_one")]
    limits = {values[-1]: "than_some", values[len(values) // 2]: "than_half", values[0]: "than_all"}
    return [bound(limit, words) for limit, words in reversed(limits.items())]
