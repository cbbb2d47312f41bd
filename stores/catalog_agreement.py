"""How much of what a look-up names an item has: the exact half of a search, beside likeness of meaning.

An embedding knows that a parka is near a puffer coat; it is less sure than a word list that mint is not teal, and it cannot
read "not". Words are read by `fashion.mentions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fashion.mentions import Mentions, find_mentions
from fashion.product import Product
from fashion.queries import attribute_values
from stores.catalog_query import CatalogQuery
from stores.catalog_records import wanted_categories

_WEIGHTS = Path(__file__).parent / "data" / "agreement.yaml"
_EVERYBODY = "unisex"
_LISTS = {
    "categories": "category",
    "colors": "color",
    "patterns": "pattern",
    "materials": "material",
    "styles": "style",
}
_SINGLES = ("sleeve", "neckline", "length", "fit", "occasion", "season")


@dataclass(frozen=True, slots=True)
class Named:
    """The attributes that a sentence names.

    Attributes:
        wanted: By slot (`fashion.queries.SLOTS`), the values of which an item should have one.
        unwanted: By slot, the values that it should not have.
    """

    wanted: Mapping[str, frozenset[str]]
    unwanted: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, text: str) -> Named:
        """Read a sentence; empty where it names nothing."""
        found = find_mentions(text)
        wanted = {
            "category": frozenset(wanted_categories(found.categories, found.groups)),
            "color": frozenset(found.colors),
            "pattern": frozenset(found.patterns),
            "material": frozenset(found.materials),
            "style": frozenset(found.styles),
            "gender": _one(found.gender) | {_EVERYBODY} if found.gender else frozenset(),
            **{slot: _one(getattr(found, slot)) for slot in _SINGLES},
        }
        return cls(_filled(wanted), _filled(_unwanted(found)))

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return bool(self.wanted or self.unwanted)

    def agreement(self, product: Product) -> float:
        """1 where a product has all that is named, less for each attribute it lacks, -1 where it has an unwanted one."""
        if any(attribute_values(product, slot) & values for slot, values in self.unwanted.items()):
            return -1.0
        weights = _weights()
        named = sum(weights[slot] for slot in self.wanted)
        met = sum(
            weights[slot] for slot, values in self.wanted.items() if attribute_values(product, slot) & values
        )
        return met / named if named else 0.0

    def narrowed(self, query: CatalogQuery) -> CatalogQuery:
        """A query that filters by what is named, too, in every attribute that it does not filter by already."""
        changes: dict[str, Any] = {
            field: sorted(self.wanted.get(slot, ()))
            for field, slot in _LISTS.items()
            if not getattr(query, field)
        }
        for field in _SINGLES:
            if getattr(query, field) is None and (values := self.wanted.get(field)):
                changes[field] = min(values)
        if query.groups:
            # Two kinds of filter on the category would be joined by "or".
            changes.pop("categories", None)
        return query.model_copy(update={name: value for name, value in changes.items() if value})


def _unwanted(found: Mentions) -> dict[str, frozenset[str]]:
    return {
        "category": frozenset([*found.not_categories, *wanted_categories([], found.not_groups)]),
        "color": frozenset(found.not_colors),
        "pattern": frozenset(found.not_patterns),
        "material": frozenset(found.not_materials),
        "style": frozenset(found.not_styles),
        "length": frozenset(found.not_lengths),
    }


def _one(value: str | None) -> frozenset[str]:
    return frozenset() if value is None else frozenset({value})


def _filled(slots: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {slot: values for slot, values in slots.items() if values}


@cache
def _weights() -> dict[str, float]:
    weights: dict[str, float] = yaml.safe_load(_WEIGHTS.read_text(encoding="utf-8"))
    return weights
