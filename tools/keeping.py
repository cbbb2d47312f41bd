"""How alternatives are ranked: by the outfit rules, the words, and what each keeps of the item it stands in for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fashion.garment import Garment
from fashion.product import Product
from tools.directions import Bound, Direction
from tools.nearest import Found
from tools.prompts import load_data
from tools.ranking import Ranked, Setting, rank
from tools.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Attempt:
    """One search, from the strictest to the most lenient.

    Attributes:
        wishes: What is searched for, the place filled in.
        bounds: How far the answers must go in the directions asked.
        other_kinds: Whether it looks beyond the kinds of the items replaced.
    """

    wishes: Wishes
    bounds: tuple[Bound, ...]
    other_kinds: bool = False

    @property
    def words(self) -> str:
        """What is true of every answer."""
        return " and ".join(bound.words for bound in self.bounds)

    @property
    def price_limits(self) -> dict[str, float]:
        """A bound of price as a filter of the search, so that no room is wasted on items beyond it."""
        limits = {}
        for bound in self.bounds:
            if bound.measure == "price" and bound.sign < 0:
                limits["max_price"] = min(bound.limit, self.wishes.max_price or bound.limit)
            elif bound.measure == "price":
                limits["min_price"] = max(bound.limit, self.wishes.min_price or bound.limit)
        return limits


def rank_alternatives(
    found: Sequence[tuple[Found, Attempt]],
    references: Sequence[Product],
    wishes: Wishes,
    directions: Sequence[Direction],
    others: Sequence[Garment],
) -> list[Ranked]:
    """Rank alternatives, best first; those of a stricter attempt come before all of a more lenient one.

    Args:
        found: The candidates, each with the attempt that found it, the strictest attempt first.
        references: The items to replace.
        wishes: What must hold, and what was asked for.
        directions: How the answer shall differ.
        others: What it must go with.
    """
    table = load_data("ranking")
    moved = [name for one in directions for name in table["changed_by"].get(one, [])]
    changed = moved + list(_stated_traits(wishes))
    weights = {name: weight for name, weight in table["kept_attributes"].items() if name not in changed}
    setting = Setting(others, wishes.occasion, wishes.dress_code, wishes.season)
    judged_on_outfit = bool(others or wishes.occasion or wishes.season or wishes.dress_code)
    attempts = list(dict.fromkeys(id(attempt) for _, attempt in found))
    by_id = {one.product.id: attempt for one, attempt in found}
    scored = []
    for one in rank([found_one for found_one, _ in found], setting):
        attempt = by_id[one.product.id]
        share, kept = max(
            (_kept(one.product, reference, weights) for reference in references), key=lambda k: k[0]
        )
        clauses = [attempt.words] if attempt.words else []
        clauses += [f"the same {' and '.join(kept[:2])}"] if kept else []
        rest = one.reasons if judged_on_outfit else one.reasons[:-1]
        score = one.score + table["kept"] * share - table["later_attempt"] * attempts.index(id(attempt))
        scored.append(Ranked(one.product, score, (*clauses, *rest), one.differs))
    return sorted(scored, key=lambda one: (-one.score, one.product.id))


def _stated_traits(wishes: Wishes) -> Iterator[str]:
    """The attributes that the wishes themselves set, which therefore are nothing kept."""
    for wish, attribute in (
        ("colors", "color"),
        ("patterns", "pattern"),
        ("materials", "material"),
        ("styles", "style"),
    ):
        if getattr(wishes, wish):
            yield attribute
    yield from (name for name in ("length", "sleeve", "fit", "gender") if getattr(wishes, name))


def _kept(product: Product, reference: Product, weights: Mapping[str, float]) -> tuple[float, list[str]]:
    """The weighted share of a reference's attributes that a product has too, and their names."""
    stated = {name: weight for name, weight in weights.items() if getattr(reference, name) is not None}
    common = [name for name in stated if getattr(product, name) == getattr(reference, name)]
    share = sum(stated[name] for name in common) / max(sum(stated.values()), 1e-9)
    named = [name for name in common if name in ("style", "color", "material")]
    return share, sorted(named, key=lambda name: -stated[name])
