"""A product of the catalog: what is sold, as one validated, frozen record."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS, SEASONS

Gender = Literal["women", "men", "unisex"]


class Product(BaseModel):
    """One product.

    Attributes:
        id: Unique in its catalog.
        title: For example ``"Navy Striped Cotton Shirt"``.
        brand: Who makes it.
        category: One of the 51 category names.
        color: A palette color name.
        pattern: One of `fashion.vocabulary.PATTERNS`.
        material: One of `fashion.vocabulary.MATERIALS`, or None when not known.
        style: The cut or kind, or None; likewise `sleeve`, `neckline`, `length`, `fit`.
        price: In `currency`, 0 or more.
        currency: ISO 4217 code.
        sizes: The sizes it is sold in.
        stock: Pieces on hand, 0 or more.
        seasons: The seasons it suits.
        occasions: Names of `fashion.occasions.OCCASIONS` it suits.
        gender: Whom it is made for.
        description: Sentences for people.
        picture: Artifact or file name of its picture, or None.
        synthetic: True for a product of the demo boutique.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=120)]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    brand: str = ""
    category: str
    color: str
    pattern: str = "solid"
    material: str | None = None
    style: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None
    price: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    sizes: tuple[str, ...] = ()
    stock: Annotated[int, Field(ge=0)] = 0
    seasons: tuple[str, ...] = ()
    occasions: tuple[str, ...] = ()
    gender: Gender = "unisex"
    description: str = ""
    picture: str | None = None
    synthetic: bool = False

    @model_validator(mode="after")
    def _uses_the_vocabulary(self) -> Product:
        checks: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
            ("category", self.category, tuple(CATEGORIES)),
            ("color", self.color, tuple(COLORS)),
            ("pattern", self.pattern, PATTERNS),
            ("material", self.material, MATERIALS),
            *(("season", season, SEASONS) for season in self.seasons),
        )
        for name, value, allowed in checks:
            if value is not None and value not in allowed:
                raise ValueError(f"unknown {name} {value!r}; expected one of: {', '.join(allowed)}")
        return self

    @property
    def in_stock(self) -> bool:
        """Whether at least one piece is on hand."""
        return self.stock > 0

    @cached_property
    def garment(self) -> Garment:
        """Its visible attributes, to draw and to match."""
        return Garment(
            category=self.category,
            color=self.color,
            pattern=self.pattern,
            material=self.material,
            style=self.style,
            sleeve=self.sleeve,
            neckline=self.neckline,
            length=self.length,
            fit=self.fit,
        )
