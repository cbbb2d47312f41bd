"""Which candidates to show: outfit rules, FashionVLM's words, likeness to the request, and variety."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion.garment import Garment
from fashion.product import Product
from fashion.rules import goes_with_reason, score_pairing
from fashion.vocabulary import CATEGORIES
from tools.contracts import ItemCard
from tools.model_words import ModelWords
from tools.nearest import Found
from tools.prompts import load_data


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate with its score and the true reasons for it, the weightiest first."""

    product: Product
    score: float
    reasons: tuple[str, ...]

    def card(self, most: int = 3) -> ItemCard:
        """As it is shown, with at most so many reasons."""
        return ItemCard.of(self.product, "; ".join(self.reasons[:most]))


@dataclass(frozen=True, slots=True)
class Liking:
    """How much a person's history speaks for an item.

    Attributes:
        score: 0..1.
        reason: What it rests on, as a clause; empty where nothing can be named.
    """

    score: float
    reason: str


def rank(
    found: Sequence[Found],
    *,
    others: Sequence[Garment],
    words: ModelWords | None = None,
    occasion: str | None = None,
    season: str | None = None,
    likings: Mapping[str, Liking] | None = None,
) -> list[Ranked]:
    """Score candidates, best first.

    Args:
        found: The candidates.
        others: What they must go with; may be empty.
        words: FashionVLM's answer to the request.
        occasion: What it is for.
        season: When it is worn.
        likings: By item id, how much this person's history speaks for it.
    """
    weights = load_data("ranking")["weights"]
    highest = max((one.similarity for one in found), default=0.0)
    ranked = []
    for one in found:
        garment = one.product.garment
        pairing = score_pairing(garment, others, occasion, season)
        reasons = [goes_with_reason(garment, others, occasion, season)]
        score = weights["rules"] * pairing.total
        if words is not None:
            score += weights["model"] * words.agreement(one.product)
            if clause := words.reason(one.product):
                reasons.append(clause)
        if highest > 0:
            score += weights["similarity"] * max(0.0, one.similarity / highest)
        if likings and (liking := likings.get(one.product.id)):
            score += weights["history"] * liking.score
            if liking.reason:
                reasons.insert(0, liking.reason)
        score -= weights["difference"] * len(one.differs)
        ranked.append(Ranked(one.product, score, (*one.differs, *reasons)))
    return sorted(ranked, key=lambda one: (-one.score, one.product.id))


def pick_varied(ranked: Sequence[Ranked], limit: int, *, mix_groups: bool = False) -> list[Ranked]:
    """Pick up to `limit`, the best first, each later one paying for what it repeats of those picked before.

    Args:
        ranked: The candidates.
        limit: How many at most.
        mix_groups: No kind of thing was asked for: shoes, a top and a bag serve better than three shoes.
    """
    table = load_data("ranking")
    costs: dict[str, float] = table["repeat_costs"]
    if mix_groups:
        costs = costs | {"group": table["mixed_group_cost"]}
    left, picked = list(ranked), list[Ranked]()

    def cost(one: Ranked) -> float:
        repeated = 0.0
        for before in picked:
            for attribute, price in costs.items():
                repeated += price * (
                    _attribute(one.product, attribute) == _attribute(before.product, attribute)
                )
        return repeated

    while left and len(picked) < limit:
        best = max(left, key=lambda one: one.score - cost(one))
        left.remove(best)
        picked.append(best)
    return picked


def _attribute(product: Product, name: str) -> object:
    return CATEGORIES[product.category].group if name == "group" else getattr(product, name)
