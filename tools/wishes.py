"""What a person wants of an item, as typed, bounded arguments that several tools share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fashion.color import COLORS
from fashion.dress_codes import DRESS_CODES, broken_code
from fashion.occasions import OCCASIONS
from fashion.product import Product
from fashion.vocabulary import (
    CATEGORIES,
    FITS,
    GROUPS,
    LENGTHS,
    MATERIALS,
    NECKLINES,
    PATTERNS,
    SEASONS,
    SLEEVES,
)
from stores.catalog import CatalogQuery
from tools.prompts import load_data

Word = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[list[Word], Field(max_length=60)]
ItemId = Annotated[str, Field(min_length=1, max_length=80)]
ItemIds = Annotated[list[ItemId], Field(max_length=24)]
RequestText = Annotated[str, Field(max_length=2000)]
Limit = Annotated[int, Field(ge=1, le=12)]


def _lookup(names: Iterable[str], aliases: Mapping[str, str] | None = None) -> dict[str, str]:
    return {name.lower(): name for name in names} | dict(aliases or {})


_COLOR_ALIASES = {alias: color.name for color in COLORS.values() for alias in color.aliases}
_CATEGORY_ALIASES = {
    noun: category.name for category in CATEGORIES.values() for noun in (category.singular, category.plural)
}
_KNOWN: Mapping[str, dict[str, str]] = {
    "categories": _lookup(CATEGORIES, _CATEGORY_ALIASES),
    "not_categories": _lookup(CATEGORIES, _CATEGORY_ALIASES),
    "groups": _lookup(GROUPS),
    "colors": _lookup(COLORS, _COLOR_ALIASES),
    "not_colors": _lookup(COLORS, _COLOR_ALIASES),
    "patterns": _lookup(PATTERNS),
    "not_patterns": _lookup(PATTERNS),
    "materials": _lookup(MATERIALS),
    "not_materials": _lookup(MATERIALS),
    "sleeve": _lookup(SLEEVES),
    "neckline": _lookup(NECKLINES),
    "length": _lookup(LENGTHS),
    "not_lengths": _lookup(LENGTHS),
    "fit": _lookup(FITS),
    "season": _lookup(SEASONS),
    "dress_code": _lookup(DRESS_CODES),
    "occasion": _lookup(OCCASIONS, {word: name for name, one in OCCASIONS.items() for word in one.words}),
}


def _canonical(field: str, value: str) -> str:
    known = _KNOWN[field]
    name = known.get(value.strip().lower())
    if name is None:
        raise ValueError(
            f"{value!r} is not known here; expected one of: {', '.join(dict.fromkeys(known.values()))}"
        )
    return name


class Wishes(BaseModel):
    """Hard filters on catalog items; an empty field asks for nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: Words = Field(
        default_factory=list, description="Wanted categories, any of them, e.g. Sneakers."
    )
    groups: Words = Field(default_factory=list, description="Wanted groups, e.g. footwear, tops, bags.")
    not_categories: Words = Field(default_factory=list, description="Categories that must not appear.")
    colors: Words = Field(default_factory=list, description="Wanted colors, any of them, e.g. navy.")
    not_colors: Words = Field(default_factory=list, description="Colors that must not appear.")
    patterns: Words = Field(default_factory=list, description="Wanted patterns, e.g. striped.")
    not_patterns: Words = Field(default_factory=list, description="Patterns that must not appear.")
    materials: Words = Field(default_factory=list, description="Wanted materials, e.g. linen.")
    not_materials: Words = Field(default_factory=list, description="Materials that must not appear.")
    styles: Words = Field(
        default_factory=list, description="Wanted cuts or kinds, e.g. high-top, pencil, chelsea."
    )
    not_styles: Words = Field(default_factory=list, description="Cuts or kinds that must not appear.")
    sleeve: Word | None = Field(default=None, description="sleeveless, short or long.")
    neckline: Word | None = Field(
        default=None, description="crew, v-neck, scoop, turtleneck, collared or square."
    )
    length: Word | None = Field(default=None, description="mini, knee, midi, maxi, cropped, regular or long.")
    not_lengths: Words = Field(default_factory=list, description="Lengths that must not appear, e.g. mini.")
    fit: Word | None = Field(default=None, description="slim, regular, relaxed or wide.")
    occasion: Word | None = Field(default=None, description="What it is for, e.g. wedding, office, beach.")
    dress_code: Word | None = Field(
        default=None,
        description="A code that every item must keep, e.g. black tie, modest, mourning, Diwali.",
    )
    modest: bool | None = Field(
        default=None, description="Modest dress besides another code: arms, neckline and knees covered."
    )
    season: Word | None = Field(default=None, description="spring, summer, autumn or winter.")
    gender: Literal["women", "men", "unisex"] | None = Field(default=None, description="For whom it is made.")
    size: Annotated[str, Field(max_length=12)] | None = Field(
        default=None, description="A size, e.g. M or 42."
    )
    min_price: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="Lowest price, in the currency of the catalog."
    )
    max_price: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="Highest price, in the currency of the catalog."
    )

    @field_validator(
        "categories", "not_categories", "groups", "colors", "not_colors",
        "patterns", "not_patterns", "materials", "not_materials", "not_lengths",
    )  # fmt: skip
    @classmethod
    def _known_names(cls, values: list[str], info: Any) -> list[str]:
        return list(dict.fromkeys(_canonical(info.field_name, value) for value in values))

    @field_validator("sleeve", "neckline", "length", "fit", "season", "occasion", "dress_code")
    @classmethod
    def _known_name(cls, value: str | None, info: Any) -> str | None:
        return None if value is None else _canonical(info.field_name, value)

    @model_validator(mode="after")
    def _prices_in_order(self) -> Wishes:
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            raise ValueError("the lowest price is above the highest; swap them")
        return self

    def wishes(self) -> dict[str, Any]:
        """The wish fields that ask for something, by name (fields of a subclass are left out)."""
        return {
            name: value
            for name in Wishes.model_fields
            if (value := getattr(self, name)) is not None and value != []
        }

    def query(self, text: str = "", **changes: Any) -> CatalogQuery:
        """The catalog query of these wishes, without what only the records can be judged by.

        A size is left out where nothing that is wanted comes in it: shoe sizes do not bind hats.

        Args:
            text: Words to rank by; empty ranks nothing.
            **changes: Fields of `CatalogQuery` to set or replace.
        """
        filters = {name: value for name, value in self.wishes().items() if name not in _JUDGED}
        if self.not_materials:
            filters["not_materials"] = self.banned_materials()
        if self.size and not any(comes_in(self.size, name) for name in self._wanted_categories()):
            filters.pop("size")
        return CatalogQuery(**({"text": text} | filters | changes))

    def _wanted_categories(self) -> Sequence[str]:
        named = [*self.categories, *(name for group in self.groups for name in GROUPS[group])]
        return named or list(CATEGORIES)

    def breaks(self, product: Product) -> bool:
        """Whether a product goes against what must hold in any case: bans, limits, size, for whom, dress code."""
        banned = (
            (product.category, self.not_categories),
            (product.color, self.not_colors),
            (product.pattern, self.not_patterns),
            (product.material, self.banned_materials()),
            (product.style, self.not_styles),
            (product.length, self.not_lengths),
        )
        if any(value in values for value, values in banned):
            return True
        if self.max_price is not None and product.price > self.max_price:
            return True
        if self.min_price is not None and product.price < self.min_price:
            return True
        if self.gender and product.gender not in (self.gender, "unisex"):
            return True
        if self.size and not has_size(product, self.size):
            return True
        codes = [self.dress_code, "modest" if self.modest else None]
        return any(code and broken_code(product.garment, code) for code in codes)

    def banned_materials(self) -> list[str]:
        """The materials banned and what is made of them (suede is leather), but for what is asked for by name."""
        banned = [kin for name in self.not_materials for kin in made_of(name)]
        return [name for name in dict.fromkeys(banned) if name not in self.materials]

    def lasting(self) -> Wishes:
        """Only what must hold in any case; the rest may give way where nothing meets all of it."""
        return Wishes(**{name: getattr(self, name) for name in _LASTING})


_JUDGED = ("not_styles", "not_lengths", "dress_code", "modest")
"""Wishes that the catalog does not filter by."""

_LASTING = (
    "not_categories", "not_colors", "not_patterns", "not_materials", "not_styles", "not_lengths", "gender", "size",
    "min_price", "max_price", "dress_code", "modest",
)  # fmt: skip


def made_of(material: str) -> list[str]:
    """A material and those that are made of it: leather is also suede."""
    return [material, *load_data("materials")["made_of"].get(material, [])]


def comes_in(size: str, category: str) -> bool:
    """Whether a category is sold in sizes of this kind."""
    return size in CATEGORIES[category].sizes


def has_size(product: Product, size: str) -> bool:
    """Whether a product is on hand in a size; what does not come in such sizes fits everybody."""
    sizes = product.sizes
    return size in sizes or tuple(sizes) == ("one size",) or not comes_in(size, product.category)
