"""What may be asked of the catalog, and what it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fashion.product import Product


class CatalogQuery(BaseModel):
    """A search. Every stated filter holds for every item found; ``text`` and ``picture_embedding`` only rank.

    Lists mean "one of these". A category inside a stated group narrows that group to it; other groups stay
    whole.
    """

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    weigh_named: bool = False
    """Count, beside the meaning of ``text``, how many of the attributes it names an item has.

    For words that say what is looked for; not for a request that also names what the person already has.
    """
    categories: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    colors: list[str] = Field(default_factory=list)
    not_colors: list[str] = Field(default_factory=list)
    patterns: list[str] = Field(default_factory=list)
    not_patterns: list[str] = Field(default_factory=list)
    materials: list[str] = Field(default_factory=list)
    not_materials: list[str] = Field(default_factory=list)
    not_categories: list[str] = Field(default_factory=list)
    styles: list[str] = Field(default_factory=list)
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None
    occasion: str | None = None
    season: str | None = None
    gender: Literal["women", "men", "unisex"] | None = None
    """Items for everybody always qualify."""
    size: str | None = None
    """One-size items qualify. A record lists the sizes that are on hand."""
    min_price: float | None = Field(default=None, ge=0)
    max_price: float | None = Field(default=None, ge=0)
    """Both limits belong to what is allowed."""
    in_stock_only: bool = True
    exclude_ids: list[str] = Field(default_factory=list)
    limit: int = Field(default=5, ge=1, le=1000)
    picture_embedding: list[float] | None = None
    """A picture's vector in the catalog's space: items that look alike come first; with words, both count."""


@dataclass(frozen=True, slots=True)
class ScoredProduct:
    """One item found.

    Attributes:
        product: The record.
        score: Cosine similarity to the words, the picture, or both together (-1..1), or the mean of it and the share
            of the named attributes that the item has; 0 where there were neither words nor a picture.
    """

    product: Product
    score: float
