"""Attributes as matrices: how many of the attributes that a sentence names each item lacks, and how alike items look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from fashion.color import COLORS
from fashion.occasions import OCCASIONS
from fashion.product import Product
from fashion.queries import SLOTS, Query, attribute_values
from fashion.vocabulary import CATEGORIES, FITS, LENGTHS, MATERIALS, NECKLINES, PATTERNS, SEASONS, SLEEVES

Matrix = npt.NDArray[np.float32]

_VALUES: Mapping[str, tuple[str, ...]] = {
    "category": tuple(CATEGORIES),
    "color": tuple(COLORS),
    "pattern": PATTERNS,
    "material": MATERIALS,
    "style": tuple(sorted({style for kind in CATEGORIES.values() for style in kind.styles})),
    "sleeve": SLEEVES,
    "neckline": NECKLINES,
    "length": LENGTHS,
    "fit": FITS,
    "occasion": tuple(OCCASIONS),
    "season": SEASONS,
    "gender": ("women", "men", "unisex"),
}
COLUMNS = {
    (slot, value): at
    for at, (slot, value) in enumerate((slot, value) for slot in SLOTS for value in _VALUES[slot])
}
"""Each attribute value's column."""
SLOT_COLUMNS = {slot: [COLUMNS[slot, value] for value in _VALUES[slot]] for slot in SLOTS}
_LOOKS = {
    "category": 3.0, "color": 2.0, "pattern": 1.5, "style": 1.0, "material": 0.5, "sleeve": 0.5, "neckline": 0.3,
    "length": 0.5, "fit": 0.3, "occasion": 0.0, "season": 0.0, "gender": 0.0,
}  # fmt: skip
"""How much an attribute changes the look."""
UNKNOWN = 0.5
"""An item of which nothing is known in a slot is half a match there."""


def items(products: Sequence[Product], unknown: Sequence[Iterable[str]] | None = None) -> Matrix:
    """What each product has, ``[products, columns]``: 1 where it has a value, `UNKNOWN` all over an unknown slot."""
    rows = np.zeros((len(products), len(COLUMNS)), np.float32)
    for at, product in enumerate(products):
        for slot in SLOTS:
            for value in attribute_values(product, slot):
                rows[at, COLUMNS[slot, value]] = 1.0
        for slot in unknown[at] if unknown is not None else ():
            rows[at, SLOT_COLUMNS[slot]] = UNKNOWN
    return rows


def wanted(queries: Sequence[Query]) -> Matrix:
    """What each sentence allows, ``[queries, columns]``; nothing in slots that it does not name."""
    rows = np.zeros((len(queries), len(COLUMNS)), np.float32)
    for at, query in enumerate(queries):
        for slot, values in query.named.items():
            for value in values:
                rows[at, COLUMNS[slot, value]] = 1.0
    return rows


def looks(rows: Matrix) -> Matrix:
    """Rows of `items` scaled so that their dot products count shared looks."""
    weights = np.concatenate(
        [np.full(len(SLOT_COLUMNS[slot]), _LOOKS[slot] ** 0.5, np.float32) for slot in SLOTS]
    )
    scaled: Matrix = rows * weights
    return scaled


def near_ones(rows: Matrix, kinds: Sequence[str], most: int) -> list[npt.NDArray[np.int64]]:
    """For each item up to `most` others of its category, those first that differ least from it."""
    known = looks(rows)
    by_kind: dict[str, list[int]] = {}
    for at, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(at)
    near: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(rows)
    for members in by_kind.values():
        place = np.asarray(members)
        shared = known[place] @ known[place].T
        np.fill_diagonal(shared, -np.inf)
        order = np.argsort(-shared, axis=1)[:, : min(most, len(members) - 1)]
        for at, others in zip(members, order, strict=True):
            near[at] = place[others]
    return near
