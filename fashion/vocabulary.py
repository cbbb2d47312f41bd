"""The 51 categories and the words allowed for every attribute of a garment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.tables import load_table

Slot = Literal[
    "torso",
    "outer",
    "body",
    "legs",
    "feet",
    "carry",
    "head",
    "neck",
    "waist",
    "wrist",
    "ear",
    "finger",
    "face",
]
Attributes = Mapping[str, tuple[str, ...]]

_METALS = ("gold", "silver")


@dataclass(frozen=True)
class Category:
    """One of the 51 kinds of thing the house knows.

    Attributes:
        name: The category name, as in the catalog.
        group: ``tops``, ``outerwear``, ``footwear``, … (see `GROUPS`).
        slot: Where it is worn; `slot_of` knows the styles that are worn elsewhere.
        layer: Whether it is worn over another piece of the same slot (a cardigan).
        singular: The noun, unique among categories.
        plural: Its plural.
        pair: Whether people say "a pair of …".
        synonyms: Other words for it, lower case.
        style_nouns: For a style with a name of its own: (singular, plural).
        styles: Style to weight.
        when: For a style: the attribute values it implies.
        slots_by_style: For a style: the slot it takes instead of `slot`.
        sleeves: Allowed values, repeated to weigh them; empty where the category has none. The same
            holds for `necklines`, `lengths` and `fits`.
        materials: Material to weight.
        patterns: Pattern to weight.
        colors: Color to weight.
        formality: Lowest and highest level, 0 (beach) to 4 (black tie).
        warmth: Lowest and highest level, 0 (barely there) to 4 (deep winter); None where it says nothing.
        price: Usual lowest and highest price in EUR.
        sizes: The sizes it is sold in.
        gender: ``women``, ``men`` or ``any``: whom it is mostly made for.
    """

    name: str
    group: str
    slot: Slot
    layer: bool
    singular: str
    plural: str
    pair: bool
    synonyms: tuple[str, ...]
    style_nouns: Mapping[str, tuple[str, str]]
    styles: Mapping[str, float]
    when: Mapping[str, Attributes]
    slots_by_style: Mapping[str, Slot]
    sleeves: tuple[str, ...]
    necklines: tuple[str, ...]
    lengths: tuple[str, ...]
    fits: tuple[str, ...]
    materials: Mapping[str, float]
    patterns: Mapping[str, float]
    colors: Mapping[str, float]
    formality: tuple[int, int]
    warmth: tuple[int, int] | None
    price: tuple[float, float]
    sizes: tuple[str, ...]
    gender: Literal["women", "men", "any"]

    def nouns(self, style: str | None) -> tuple[str, str]:
        """Singular and plural noun for a garment of this category and style."""
        return self.style_nouns.get(style or "", (self.singular, self.plural))


def _color_weights(row: dict[str, float] | None) -> dict[str, float]:
    weights = load_table("color_weights")
    everyday = {name: weights.get(name, 1.0) for name in COLORS if name not in _METALS}
    if row is None:
        return everyday
    if "metallic" in row:
        return everyday | dict.fromkeys(_METALS, row["metallic"])
    if "jewel" in row:
        return dict(weights["jewel"])
    return row


def _category(row: dict[str, Any], size_lists: dict[str, list[str]]) -> Category:
    when = {
        style: MappingProxyType({key: tuple(values) for key, values in rules.items()})
        for style, rules in row.get("when", {}).items()
    }
    return Category(
        name=row["name"],
        group=row["group"],
        slot=row["slot"],
        layer=row.get("layer", False),
        singular=row["singular"],
        plural=row["plural"],
        pair=row["pair"],
        synonyms=tuple(row["synonyms"]),
        style_nouns=MappingProxyType({k: (v[0], v[1]) for k, v in row.get("style_nouns", {}).items()}),
        styles=MappingProxyType(row["styles"]),
        when=MappingProxyType(when),
        slots_by_style=MappingProxyType(row.get("slots_by_style", {})),
        sleeves=tuple(row["sleeves"]),
        necklines=tuple(row["necklines"]),
        lengths=tuple(row["lengths"]),
        fits=tuple(row["fits"]),
        materials=MappingProxyType(row["materials"]),
        patterns=MappingProxyType(row["patterns"]),
        colors=MappingProxyType(_color_weights(row["colors"])),
        formality=(row["formality"][0], row["formality"][1]),
        warmth=None if row["warmth"] is None else (row["warmth"][0], row["warmth"][1]),
        price=(float(row["price"][0]), float(row["price"][1])),
        sizes=tuple(size_lists[row["sizes"]]),
        gender=row["gender"],
    )


_ATTRIBUTES = load_table("attributes")
PATTERNS: tuple[str, ...] = tuple(_ATTRIBUTES["patterns"])
MATERIALS: tuple[str, ...] = tuple(_ATTRIBUTES["materials"])
SLEEVES: tuple[str, ...] = tuple(_ATTRIBUTES["sleeves"])
NECKLINES: tuple[str, ...] = tuple(_ATTRIBUTES["necklines"])
LENGTHS: tuple[str, ...] = tuple(_ATTRIBUTES["lengths"])
FITS: tuple[str, ...] = tuple(_ATTRIBUTES["fits"])
SEASONS: tuple[str, ...] = tuple(_ATTRIBUTES["seasons"])

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {row["name"]: _category(row, _ATTRIBUTES["sizes"]) for row in load_table("categories")}
)
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        group: tuple(c.name for c in CATEGORIES.values() if c.group == group)
        for group in dict.fromkeys(c.group for c in CATEGORIES.values())
    }
)


def category_of(garment: Garment) -> Category:
    """The category of a garment. Raises ValueError for a name that is none of the 51."""
    try:
        return CATEGORIES[garment.category]
    except KeyError:
        raise ValueError(
            f"unknown category {garment.category!r}; expected one of: {', '.join(CATEGORIES)}"
        ) from None


def slot_of(garment: Garment) -> Slot:
    """Where a garment is worn, style included (dungarees are worn on the body, not over it)."""
    category = category_of(garment)
    return category.slots_by_style.get(garment.style or "", category.slot)


def validate_garment(garment: Garment) -> None:
    """Check every attribute against the tables.

    Raises:
        ValueError: Names the attribute, its value and what is expected there.
    """
    category = category_of(garment)
    checks: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("color", garment.color, tuple(category.colors)),
        ("pattern", garment.pattern, PATTERNS),
        ("material", garment.material, MATERIALS),
        ("style", garment.style, tuple(category.styles)),
        ("sleeve", garment.sleeve, category.sleeves),
        ("neckline", garment.neckline, category.necklines),
        ("length", garment.length, category.lengths),
        ("fit", garment.fit, category.fits),
    )
    for attribute, value, allowed in checks:
        if value is not None and value not in allowed:
            expected = f"one of: {', '.join(dict.fromkeys(allowed))}" if allowed else "none"
            raise ValueError(f"{category.name} cannot have {attribute} {value!r}; expected {expected}")
