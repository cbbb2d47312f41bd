"""One bolder choice beside the safe ones: more color or more pattern, and still within the rules."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fashion.color import COLORS, lab
from fashion.language import agreeing
from fashion.product import Product
from tools.prompts import load_data
from tools.ranking import Ranked

_VIVID = 60.0
"""The chroma (CIELAB) of a color that counts as fully bright."""


def boldness(product: Product) -> float:
    """How much an item draws the eye, from 0 (plain and neutral)."""
    weights = load_data("ranking")["bolder"]["boldness"]
    _, a, b = lab(product.color)
    bright = min(math.hypot(a, b) / _VIVID, 1.0) * (COLORS[product.color].family != "neutral")
    rare = product.pattern == "animal print" or product.color in ("gold", "silver")
    bold: float = weights["pattern"] * (product.pattern != "solid") + weights["bright"] * bright
    return bold + float(weights["rare"]) * rare


def pick_bolder(ranked: Sequence[Ranked], picked: Sequence[Ranked]) -> Ranked | None:
    """The best of the candidates that are plainly bolder than all picked, or None where none is good enough.

    Args:
        ranked: All candidates, best first.
        picked: Those shown already; the bolder one is of a kind that is among them.
    """
    if not picked:
        return None
    table = load_data("ranking")["bolder"]
    shown = {one.product.id for one in picked}
    kinds = {one.product.category for one in picked}
    least = table["least_score"] * min(one.score for one in picked)
    bound = max(boldness(one.product) for one in picked) + table["gain"]
    bold = [
        one
        for one in ranked
        if one.product.id not in shown
        and one.product.category in kinds
        and not one.differs
        and one.score >= least
        and boldness(one.product) >= bound
    ]
    return _named(max(bold, key=lambda one: (one.score, one.product.id))) if bold else None


def boldest_of(picked: Sequence[Ranked]) -> Ranked | None:
    """The one of several picked that is plainly bolder than all the others; None where none is."""
    if len(picked) < 2:
        return None
    first, second = sorted(picked, key=lambda one: -boldness(one.product))[:2]
    gain = load_data("ranking")["bolder"]["gain_among"]
    enough = boldness(first.product) >= boldness(second.product) + gain and not first.differs
    return _named(first) if enough else None


def _named(one: Ranked) -> Ranked:
    return Ranked(one.product, one.score, (_clause(one.product), *one.reasons), one.differs)


def _clause(product: Product) -> str:
    if product.pattern != "solid":
        return f"a bolder choice: the {product.pattern} pattern draws the eye"
    return agreeing(product.garment, f"it is a bolder choice: {product.color} draws the eye")
