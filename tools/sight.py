"""What is at hand in a turn: pictures as FashionVLM reads them, and catalog items, as garments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from fashion.garment import Garment
from fashion.language import join_words, phrase
from fashion.product import Product
from fashion.vocabulary import CATEGORIES, Slot, slot_of
from stores.artifacts import ArtifactNotFoundError
from tools.contracts import ToolContext, ToolFailedError
from vlm.client import Reading

MAX_PICTURES = 4
"""FashionVLM sees at most four pictures at once (a 2x2 grid)."""


class Seen(BaseModel):
    """One thing at hand, by its visible attributes."""

    model_config = ConfigDict(frozen=True)

    category: str | None = Field(
        default=None, max_length=60, description="One of the 51 categories, or null."
    )
    color: str | None = Field(default=None, max_length=40, description="A palette color, or null.")
    pattern: str | None = Field(default=None, max_length=40, description="A pattern, or null.")
    material: str | None = Field(default=None, max_length=40, description="A material, or null.")
    text: str = Field(default="", max_length=2000, description="What it looks like, in words.")

    @classmethod
    def read(cls, reading: Reading) -> Seen:
        """What FashionVLM named in a picture."""
        return cls(category=reading.category, color=reading.color, pattern=reading.pattern, text=reading.text)

    @classmethod
    def item(cls, product: Product) -> Seen:
        """A catalog item."""
        return cls(
            category=product.category,
            color=product.color,
            pattern=product.pattern,
            material=product.material,
            text=product.title,
        )

    def garment(self) -> Garment | None:
        """As a garment for the outfit rules; None where category or color is unknown."""
        if self.category is None or self.color is None:
            return None
        return Garment(self.category, self.color, self.pattern or "solid", self.material)

    def attributes(self) -> dict[str, str]:
        """The named attributes, as kept with a note."""
        values = {
            "category": self.category, "color": self.color, "pattern": self.pattern, "material": self.material
        }  # fmt: skip
        return {name: value for name, value in values.items() if value}

    def words(self) -> str:
        """Color, pattern, material and noun, for example ``"blue denim jeans"``."""
        if self.category is None:
            return "something I cannot name"
        if garment := self.garment():
            return phrase(garment, style="bare")
        noun = CATEGORIES[self.category].singular if self.category in CATEGORIES else self.category
        return noun


def at_hand_words(seen: Iterable[Seen], *, definite: bool = False) -> str:
    """All things at hand in words, without repeats: ``"blue jeans and navy jacket"``.

    Args:
        seen: The things.
        definite: Put "the" before each.
    """
    the = "the " if definite else ""
    return join_words(list(dict.fromkeys(f"{the}{one.words()}" for one in seen if one.category)))


def garments(seen: Iterable[Seen]) -> list[Garment]:
    """The things at hand that the outfit rules can judge."""
    return [garment for one in seen if (garment := one.garment()) is not None]


def worn(seen: Iterable[Seen]) -> list[Garment]:
    """The things at hand for the places they take on the body; where a color is unknown it says black."""
    return [
        one.garment() or Garment(one.category, "black")
        for one in seen
        if one.category is not None and one.category in CATEGORIES
    ]


def places_taken(seen: Iterable[Seen]) -> frozenset[Slot]:
    """The places on the body that the things at hand take."""
    return frozenset(slot_of(garment) for garment in worn(seen))


async def open_pictures(context: ToolContext) -> list[Image.Image]:
    """The pictures at hand, opened for this user, at most four.

    Raises:
        ToolFailedError: A picture is gone or belongs to somebody else.
    """
    artifacts = context.services.artifacts
    try:
        return [
            await asyncio.to_thread(artifacts.open_for, context.user, image_id)
            for image_id in context.image_ids[:MAX_PICTURES]
        ]
    except ArtifactNotFoundError as error:
        raise ToolFailedError(str(error)) from error


async def see_pictures(context: ToolContext, pictures: Sequence[Image.Image] | None = None) -> list[Seen]:
    """FashionVLM's reading of each picture at hand, in order.

    Args:
        context: Where the pictures come from.
        pictures: The same pictures where the caller has opened them already.

    Raises:
        ToolFailedError: A picture cannot be opened.
        FashionVLMUnavailableError: The model is away.
    """
    opened = await open_pictures(context) if pictures is None else pictures
    return [Seen.read(await context.services.vlm.describe(picture)) for picture in opened]
