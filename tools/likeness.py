"""Things like those in a picture: of the same kind, then by color, pattern, material and look, with what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fashion.color import delta_e, lab
from fashion.language import article
from fashion.mentions import Mentions, find_mentions
from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from tools.nearest import Found
from tools.prompts import load_data
from tools.sight import Seen


@dataclass(frozen=True, slots=True)
class Alike:
    """One item beside the thing in the picture.

    Attributes:
        found: The item.
        score: How much it shares, the sum of the weights.
        shared: What it truly shares with what was read in the picture, a clause each.
    """

    found: Found
    shared: tuple[str, ...]
    score: float = 0.0


def cheapest_of(alike: Sequence[Alike], beaten: float | None, limit: int) -> list[Alike]:
    """Of what is much alike the cheapest, by price; where something costs less than a price to beat, only that.

    Args:
        alike: From `most_alike`, best first.
        beaten: The lowest price shown before; None where nothing of the kind was shown.
        limit: How many at most.
    """
    if not alike:
        return []
    least = load_data("likeness")["good"] * alike[0].score
    good = [one for one in alike if one.score >= least]
    under = [one for one in good if beaten is None or one.found.product.price < beaten]
    return sorted(under or good, key=lambda one: (one.found.product.price, -one.score))[:limit]


def most_alike(found: Sequence[Found], seen: Seen, limit: int) -> list[Alike]:
    """The items that share most with a thing seen, best first.

    Args:
        found: The candidates with their likeness to the picture.
        seen: What the picture shows, as read.
        limit: How many at most.
    """
    weights: dict[str, float] = load_data("likeness")["weights"]
    named = find_mentions(seen.text)
    highest = max((one.similarity for one in found), default=0.0)
    scored = []
    for one in found:
        score = weights["look"] * one.similarity / highest if highest > 0 else 0.0
        score += sum(weights[name] * share for name, share in _shares(one.product, seen, named).items())
        score -= weights["difference"] * len(one.differs)
        scored.append((-score, one.product.id, one))
    best = sorted(scored, key=lambda row: row[:2])[:limit]
    return [Alike(one, tuple(_clauses(one.product, seen, named)), -score) for score, _, one in best]


def _shares(product: Product, seen: Seen, named: Mentions) -> dict[str, float]:
    """How far each attribute agrees, 0..1."""
    return {
        "category": float(product.category == seen.category),
        "color": _closeness(product.color, seen.color),
        "pattern": float(product.pattern == seen.pattern),
        "material": float(product.material in named.materials),
        "style": float(product.style in named.styles),
        "length": float(product.length is not None and product.length == named.length),
    }


def _closeness(color: str, seen: str | None) -> float:
    """1 for the same color, falling to 0 with its distance."""
    return (
        0.0 if seen is None else max(0.0, 1 - delta_e(lab(color), lab(seen)) / load_data("likeness")["far"])
    )


def _clauses(product: Product, seen: Seen, named: Mentions) -> list[str]:
    clauses = []
    if product.category == seen.category:
        kind = CATEGORIES[product.category]
        clauses.append(
            f"{kind.plural} like yours"
            if kind.pair
            else f"{article(kind.singular)} {kind.singular} like yours"
        )
    if seen.color and product.color == seen.color:
        clauses.append(f"the same color, {product.color}")
    elif _closeness(product.color, seen.color) >= load_data("likeness")["near"]:
        clauses.append(f"{product.color}, close to your {seen.color}")
    elif seen.color:
        clauses.append(f"another color, {product.color}")
    if product.pattern == seen.pattern != "solid":
        clauses.append(f"also {product.pattern}")
    if product.material and product.material in named.materials:
        clauses.append(f"also {product.material}")
    return clauses
