"""Tool: catalog items put on a person's photo, or on a mannequin that we draw.

The items are drawn from their attributes as they look when worn, so their outlines are known exactly; they are
warped to the body's landmarks and lit like the picture. Repainting the region by FashionVLM's masked drawing, the
second method that the design names for models big enough, is not part of this version.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fashion.product import Product
from fashion.vocabulary import slot_of
from stores.artifacts import Artifact, ArtifactNotFoundError
from tools.body.dressing import Wear, dress, dress_mannequin
from tools.body.figure import Figure
from tools.body.pose import find_person
from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.get_product import product_of
from tools.wishes import ItemId

LONGEST_SIDE = 1280
"""Photos are worked on at this size, pixels; smaller ones are enlarged up to `MOST_ENLARGED` times."""
MOST_ENLARGED = 4.0
SMALLEST_PERSON = 0.1
"""From shoulders to hips as a share of the photo's longer side; below it there is nothing to see."""
MOST_GIVEN = 8
MOST_WORN = 4
"""So many items are put on: more of them hide one another."""
_SHOWS_MOST = ("body", "torso", "legs", "feet", "outer")
"""Places on the body whose pieces are put on first; of all others the order given decides."""

_NEEDED: dict[str, tuple[str, ...]] = {
    "torso": ("shoulder",), "outer": ("shoulder",), "body": ("shoulder",), "legs": ("hip", "knee"),
    "feet": ("ankle",), "carry": ("wrist",), "wrist": ("wrist",), "finger": ("wrist",), "waist": ("hip",),
    "head": ("eye",), "face": ("eye",), "ear": ("eye",), "neck": ("shoulder",),
}  # fmt: skip
_PLACES = {
    "torso": "shoulders", "outer": "shoulders", "body": "shoulders", "legs": "hips and knees", "feet": "feet",
    "carry": "hands", "wrist": "wrists", "finger": "hands", "waist": "hips", "head": "face", "face": "face",
    "ear": "face", "neck": "shoulders",
}  # fmt: skip


class TryOnArguments(BaseModel):
    """What to try on, and on whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_ids: Annotated[list[ItemId], Field(min_length=1, max_length=MOST_GIVEN)] = Field(
        description=(
            "The catalog ids of the items to wear together. Up to four are put on; of the pieces of a larger outfit "
            "those that show most, and the answer names the others."
        )
    )
    on: Literal["photo", "mannequin"] | None = Field(
        default=None,
        description="Whom to dress; where it is left out, the photo at hand, else the mannequin.",
    )

    @model_validator(mode="before")
    @classmethod
    def _has_a_subject(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("item_ids"):
            raise ValueError("say which catalog item to try on; ask for a recommendation or search first")
        return values

    @field_validator("item_ids")
    @classmethod
    def _once_each(cls, ids: list[str]) -> list[str]:
        return list(dict.fromkeys(ids))


class TryOnResult(ToolResult):
    """The picture, the items in it, and whom it shows."""

    on: Literal["photo", "mannequin"]
    """Whom the picture shows."""
    left_out: list[str] = Field(default_factory=list)
    """Ids of items that were not put on: that part of the body is not in the photo, or four others are worn."""


async def run(context: ToolContext, arguments: TryOnArguments) -> TryOnResult:
    """Dress the person or the mannequin and keep the picture as an artifact of this user."""
    given = [await product_of(context, item_id) for item_id in arguments.item_ids]
    products = _showing_most(given)
    result = await _dressed(context, arguments, products)
    if not (beyond := [product for product in given if product not in products]):
        return result
    why = (
        "one piece of a kind" if len({one.category for one in given}) < len(given) else "four pieces at most"
    )
    names, verb = _listed(beyond), "is" if len(beyond) == 1 else "are"
    return result.model_copy(
        update={
            "text": f"{result.text} I put on {why}, so the {names} {verb} not in it.",
            "left_out": [*result.left_out, *(product.id for product in beyond)],
        }
    )


def _showing_most(products: list[Product]) -> list[Product]:
    """The four that show most, in the order given; of one kind the first."""
    firsts = list({product.category: product for product in reversed(products)}.values())[::-1]
    places = [slot_of(product.garment) for product in firsts]
    order = sorted(
        range(len(firsts)),
        key=lambda at: _SHOWS_MOST.index(places[at]) if places[at] in _SHOWS_MOST else len(_SHOWS_MOST),
    )
    return [firsts[at] for at in sorted(order[:MOST_WORN])]


async def _dressed(context: ToolContext, arguments: TryOnArguments, products: list[Product]) -> TryOnResult:
    if arguments.on == "mannequin":
        return await _on_mannequin(context, products)
    if not context.image_ids:
        if arguments.on == "photo":
            raise ToolFailedError(
                "There is no photo to try this on; send one of yourself, or ask for the mannequin."
            )
        return await _on_mannequin(context, products)
    try:
        photo, figure = await _person_at_hand(context)
    except NoPersonError as error:
        if arguments.on == "photo":
            raise
        return await _on_mannequin(context, products, f"{error} Here it is on a mannequin instead.")
    return await _on_photo(context, products, photo, figure)


class NoPersonError(ToolFailedError):
    """No photo at hand shows a person large enough to dress."""


async def _on_mannequin(context: ToolContext, products: list[Product], before: str = "") -> TryOnResult:
    picture = await asyncio.to_thread(dress_mannequin, [_wear(product) for product in products])
    artifact = await _keep(context, picture)
    text = f"{_listed(products)} on a mannequin, drawn from the record: the fit is an approximation."
    return TryOnResult(
        text=f"{before} {text}".strip(),
        items=[ItemCard.of(product) for product in products],
        images=[artifact.id],
        on="mannequin",
    )


async def _on_photo(
    context: ToolContext, products: list[Product], photo: Image.Image, figure: Figure
) -> TryOnResult:
    worn = [product for product in products if _fits(figure, product)]
    missing = [product for product in products if product not in worn]
    if not worn:
        raise ToolFailedError(f"{_absent(missing)} Send a photo that shows more, or ask for the mannequin.")
    picture = await asyncio.to_thread(dress, photo, figure, [_wear(product) for product in worn])
    artifact = await _keep(context, picture)
    text = f"{_listed(worn)} on your photo, drawn from the record: the fit is an approximation."
    text += " What you wear in the photo may show beside it."
    if missing:
        text += f" {_absent(missing)}"
    return TryOnResult(
        text=text,
        items=[ItemCard.of(product) for product in worn],
        images=[artifact.id],
        on="photo",
        left_out=[product.id for product in missing],
    )


async def _person_at_hand(context: ToolContext) -> tuple[Image.Image, Figure]:
    """The first photo at hand that shows a person large enough, and where the body is in it."""
    small = False
    for image_id in context.image_ids:
        try:
            photo = await asyncio.to_thread(context.services.artifacts.open_for, context.user, image_id)
        except ArtifactNotFoundError as error:
            raise ToolFailedError(str(error)) from error
        photo = await asyncio.to_thread(_to_size, photo)
        figure = await asyncio.to_thread(find_person, photo)
        if figure is not None and figure.torso >= SMALLEST_PERSON * max(photo.size):
            return photo, figure
        small = small or figure is not None
    if small:
        raise NoPersonError(
            "The person in the photo is too small to dress; send one where they fill most of it."
        )
    raise NoPersonError("I found no person in the photo; send one that shows you from the front.")


def _to_size(photo: Image.Image) -> Image.Image:
    factor = min(LONGEST_SIDE / max(photo.size), MOST_ENLARGED)
    width, height = (max(1, round(side * factor)) for side in photo.size)
    return photo.resize((width, height), Image.Resampling.LANCZOS)


def _fits(figure: Figure, product: Product) -> bool:
    return figure.sees(*_NEEDED[slot_of(product.garment)])


def _wear(product: Product) -> Wear:
    return Wear(product.garment)


async def _keep(context: ToolContext, picture: Image.Image) -> Artifact:
    artifacts = context.services.artifacts
    return await asyncio.to_thread(artifacts.put_picture, picture, origin="try_on", owner=context.user)


def _listed(products: list[Product]) -> str:
    titles = [product.title for product in products]
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _absent(products: list[Product]) -> str:
    places = dict.fromkeys(_PLACES[slot_of(product.garment)] for product in products)
    return f"I could not put on {_listed(products)}: the photo does not show the {' and '.join(places)}."


TOOL: Tool[TryOnArguments, TryOnResult] = Tool(
    name="try_on",
    description="Show catalog items worn together on the person in the photo at hand, or on a drawn mannequin.",
    access="read",
    arguments=TryOnArguments,
    result=TryOnResult,
    run=run,
)
