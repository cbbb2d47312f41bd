"""The search for alternatives: the same kind before the same group, the strict bounds before the looser ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from stores.catalog_query import ScoredProduct
from tools.contracts import ToolContext
from tools.directions import Direction, bounds
from tools.keeping import Attempt
from tools.nearest import Found, found_against
from tools.preferences import Known
from tools.prompts import load_data
from tools.targets import is_wanted
from tools.wishes import Wishes

POOL = 300
"""Candidates looked at in each attempt."""
LEAST = 3
"""With fewer answers than these, looser bounds are tried, too."""


@dataclass(frozen=True, slots=True)
class AlternativeSearch:
    """What all searches of one call share.

    Attributes:
        context: The stores.
        request: The person's words, to rank by.
        directions: How the answer shall differ.
        known: The person's rules.
        wishes: What must hold and what was asked for, the rules laid over it.
        excluded: Items that must not appear.
    """

    context: ToolContext
    request: str
    directions: Sequence[Direction]
    known: Known
    wishes: Wishes
    excluded: list[str]

    async def find(self, references: Sequence[Product]) -> list[tuple[Found, Attempt]]:
        """What the strictest attempt finds that finds anything; where that is little, what looser bounds add."""
        found: dict[str, tuple[Found, Attempt]] = {}
        started: Attempt | None = None
        for attempt in _attempts(self.wishes, references, self.directions):
            if started is not None and attempt.wishes != started.wishes:
                break
            for one in await self._attempt(attempt, references):
                found.setdefault(one.product.id, (one, attempt))
            if len(found) >= LEAST:
                break
            started = attempt if found else None
        return list(found.values())

    def still_fitting(self, shown: Sequence[Product]) -> list[Found]:
        """Of items shown before those that break nothing, the nearest first: a wish is no word against what meets it."""
        kept = [
            found_against(ScoredProduct(product, 0.0), self.wishes)
            for product in shown
            if is_wanted(product.category, self.wishes)
            and not self.wishes.breaks(product)
            and not self.known.forbids(product, self.wishes)
        ]
        return sorted(kept, key=lambda one: one.distance)

    async def _attempt(self, attempt: Attempt, references: Sequence[Product]) -> list[Found]:
        """The items of one attempt, with the wishes each of them does not meet."""
        text = " ".join([self.request, *(reference.title for reference in references)])
        query = attempt.wishes.query(text, limit=POOL, exclude_ids=self.excluded, **attempt.price_limits)
        found = await asyncio.to_thread(self.context.services.catalog.search, query)
        asked = self.wishes.model_copy(update={"categories": [], "groups": []})
        different = "different" in self.directions
        return [
            found_against(one, asked)
            for one in found
            if all(bound.met_by(one.product) for bound in attempt.bounds)
            and not self.wishes.breaks(one.product)
            and not self.known.forbids(one.product, self.wishes)
            and (not different or _is_different(one.product, references))
        ]


def _attempts(
    wishes: Wishes, references: Sequence[Product], directions: Sequence[Direction]
) -> Iterator[Attempt]:
    """Same kind before same group, every wish before what must hold in any case, the strict bounds first."""
    ladders = [ladder for one in directions if (ladder := bounds(one, references))]
    steps = max((len(ladder) for ladder in ladders), default=0)
    limits = [tuple(ladder[min(step, len(ladder) - 1)] for ladder in ladders) for step in range(steps)]
    for at, place in enumerate(_places(wishes, references)):
        for kept in (wishes, wishes.lasting()):
            for bound in limits or [()]:
                yield Attempt(kept.model_copy(update=place), bound, at > 0)


def _places(wishes: Wishes, references: Sequence[Product]) -> list[dict[str, list[str]]]:
    """Where to look: the categories asked for, else those of the references, then their groups."""
    if wishes.categories:
        return [{"categories": wishes.categories, "groups": []}]
    kinds = list(dict.fromkeys(reference.category for reference in references))
    groups = list(dict.fromkeys(CATEGORIES[kind].group for kind in kinds))
    if wishes.groups:
        kinds = [kind for kind in kinds if CATEGORIES[kind].group in wishes.groups]
        groups = wishes.groups
    same_kind: list[dict[str, list[str]]] = [{"categories": kinds, "groups": []}] if kinds else []
    # A ring stands in for no watch, but one kind of shoe for another.
    open_groups = [
        group for group in groups if wishes.groups or group in load_data("ranking")["interchangeable"]
    ]
    return [*same_kind, {"categories": [], "groups": open_groups}] if open_groups else same_kind


def _is_different(product: Product, references: Sequence[Product]) -> bool:
    return all(
        (product.color, product.style) != (reference.color, reference.style) for reference in references
    )
