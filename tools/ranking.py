"""Which candidates to show: outfit rules, FashionVLM's words, likeness to the request, a person's taste, and variety."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fashion.dress_codes import suits_code
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
    """One candidate with its score, the true reasons for it (the weightiest first), and what differs from the wishes."""

    product: Product
    score: float
    reasons: tuple[str, ...]
    differs: tuple[str, ...] = ()

    def card(self, most: int = 3) -> ItemCard:
        """As it is shown: what differs first, then reasons, so many clauses at most."""
        return ItemCard.of(self.product, "; ".join((*self.differs, *self.reasons)[:most]))


@dataclass(frozen=True, slots=True)
class Liking:
    """How much a person's history speaks for an item.

    Attributes:
        score: -1..1.
        reason: What it rests on, as a clause; empty where nothing can be named.
    """

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What items are judged for.

    Attributes:
        others: What they must go with; may be empty.
        occasion: What it is for.
        dress_code: The code it must keep.
        season: When it is worn, as the person said.
        season_now: When it is worn, by the calendar, where nothing was said; weighs less and gives no reason.
    """

    others: Sequence[Garment] = ()
    occasion: str | None = None
    dress_code: str | None = None
    season: str | None = None
    season_now: str | None = None


def rank(
    found: Sequence[Found],
    setting: Setting,
    *,
    words: ModelWords | None = None,
    likings: Mapping[str, Liking] | None = None,
) -> list[Ranked]:
    """Score candidates, best first.

    Args:
        found: The candidates.
        setting: What they are judged for.
        words: FashionVLM's answer to the request.
        likings: By item id, how much this person's history speaks for it.
    """
    weights = load_data("ranking")["weights"]
    highest = max((one.similarity for one in found), default=0.0)
    ranked = []
    for one in found:
        garment = one.product.garment
        pairing = score_pairing(
            garment, setting.others, setting.occasion, setting.season or setting.season_now
        )
        reasons = [goes_with_reason(garment, setting.others, setting.occasion, setting.season)]
        score = weights["rules"] * pairing.total
        if setting.dress_code:
            verdict = suits_code(garment, setting.dress_code)
            score += weights["code"] * verdict.score
            # What the code says of it already need not be said of the occasion again.
            rest = [clause for clause in reasons[0].split(" and ") if clause != verdict.reason]
            reasons = [verdict.reason, " and ".join(rest)] if rest else [verdict.reason]
        if words is not None:
            score += weights["model"] * words.agreement(one.product)
        if highest > 0:
            score += weights["similarity"] * max(0.0, one.similarity / highest)
        if likings and (liking := likings.get(one.product.id)):
            score += weights["history"] * liking.score
            if liking.reason:
                reasons.insert(0, liking.reason)
        score -= weights["difference"] * one.distance
        ranked.append(Ranked(one.product, score, tuple(dict.fromkeys(reasons)), one.differs))
    return sorted(ranked, key=lambda one: (-one.score, one.product.id))


def pick_varied(ranked: Sequence[Ranked], limit: int, *, mix_kinds: bool = False) -> list[Ranked]:
    """Pick up to `limit` by maximal marginal relevance: the score, less likeness to the likest of those picked before.

    Likeness is the sum of ``repeat_costs`` over what two have in common.

    Args:
        ranked: The candidates.
        limit: How many at most.
        mix_kinds: A group was asked for and no category: boots, loafers and pumps serve better than three boots.
    """
    left, picked = list(ranked), list[Ranked]()
    penalty: dict[str, float] = {one.product.id: 0.0 for one in left}
    costs: dict[str, float] = load_data("ranking")["repeat_costs"]
    traits = {one.product.id: [_attribute(one.product, name) for name in costs] for one in left}
    again = load_data("ranking")["mixed_category_cost"] if mix_kinds else 0.0
    while left and len(picked) < limit:
        best = max(left, key=lambda one: one.score - penalty[one.product.id])
        left.remove(best)
        picked.append(best)
        for one in left:
            pairs = zip(costs.values(), traits[one.product.id], traits[best.product.id], strict=True)
            cost = sum(amount for amount, first, second in pairs if first == second)
            cost += again * sum(other.product.category == one.product.category for other in picked)
            penalty[one.product.id] = max(penalty[one.product.id], cost)
    return picked


def with_each_kind(
    picked: Sequence[Ranked], ranked: Sequence[Ranked], kinds: Sequence[Collection[str]]
) -> list[Ranked]:
    """The picks with one of every kind that was asked for ("which tie and belt"), as far as there is one and room.

    Args:
        picked: The items to show.
        ranked: The candidates, best first.
        kinds: The categories of each kind asked for.
    """
    chosen = list(picked)
    for kind in kinds:
        best = next((one for one in ranked if one.product.category in kind), None)
        if best is None or any(one.product.category in kind for one in chosen):
            continue
        counts = [sum(one.product.category in other for one in chosen) for other in kinds]
        doubled = [other for other, count in zip(kinds, counts, strict=True) if count > 1]
        spare = [
            at for at, one in enumerate(chosen) if any(one.product.category in other for other in doubled)
        ]
        if spare:
            chosen[spare[-1]] = best
    return chosen


def _attribute(product: Product, name: str) -> object:
    return CATEGORIES[product.category].group if name == "group" else getattr(product, name)
