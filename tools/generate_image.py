"""Tool: FashionVLM draws a picture from words, or of a catalog item."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fashion.garment import Garment
from fashion.language import join_words, phrase
from fashion.mentions import Mentions, find_mentions
from tools.board import lay_board
from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.drawable import can_draw, first_piece, without_scenery
from tools.drawing_tries import disagreements, draw_in_tries
from tools.get_product import product_of
from tools.prompts import drawing_prompt
from tools.sight import Seen, open_pictures
from tools.wishes import ItemId
from vlm.client import FashionVLMUnavailableError

NOTHING_TO_DRAW = (
    "I draw single pieces of clothing, shoes, bags and accessories; these words name none. "
    "Try for example: a red checked scarf."
)


class GenerateImageArguments(BaseModel):
    """What the picture shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: Annotated[str, Field(max_length=400)] = Field(
        default="", description="What the picture shows, in words, e.g. a red checked scarf."
    )
    item_id: ItemId | None = Field(
        default=None, description="A catalog item to draw, instead of or besides words."
    )
    board_of: Annotated[list[ItemId], Field(max_length=8)] = Field(
        default_factory=list,
        description="Catalog items to lay out as an outfit board, with the pictures at hand; nothing is drawn anew.",
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=0, description="The same seed, the same picture."
    )

    @model_validator(mode="after")
    def _has_a_subject(self) -> GenerateImageArguments:
        if not self.item_id and not self.board_of and not drawing_prompt(self.prompt):
            raise ValueError("say what the picture shows, for example: a red checked scarf")
        return self


class GenerateImageResult(ToolResult):
    """The picture, and what the model sees in it."""

    prompt: str = ""
    """The words that were drawn."""
    nothing_to_draw: bool = False
    """The words name nothing to wear, so that there is no picture."""
    left_out: str = ""
    """Words about surroundings, which are not drawn."""
    others: str = ""
    """Words about further pieces, which are not drawn: one picture shows one piece."""
    seen: Seen | None = None
    """FashionVLM's own reading of its picture."""
    doubts: list[str] = Field(default_factory=list)
    """Where that reading disagrees with the words, a clause each."""


async def run(context: ToolContext, arguments: GenerateImageArguments) -> GenerateImageResult:
    """Draw, again where it did not come out right, and keep the best as an artifact of this user; or lay out a board."""
    if arguments.board_of:
        return await _board(context, arguments.board_of)
    prompt = drawing_prompt(arguments.prompt)
    left_out = others = ""
    if not arguments.item_id:
        if not can_draw(prompt):
            return GenerateImageResult(text=NOTHING_TO_DRAW, prompt=prompt, nothing_to_draw=True)
        prompt, others = first_piece(prompt)
        prompt, left_out = without_scenery(prompt)
    else:
        product = await product_of(context, arguments.item_id)
        prompt = phrase(_changed(product.garment, find_mentions(prompt)), style="plain")
    try:
        best = await draw_in_tries(
            context.services.vlm, prompt, seed=arguments.seed, on_step=context.on_progress
        )
    except FashionVLMUnavailableError as error:
        raise ToolFailedError(f"I cannot draw right now: {error}") from error
    artifact = await asyncio.to_thread(
        context.services.artifacts.put_picture, best.picture, origin="generate_image", owner=context.user
    )
    seen = Seen.read(best.reading) if best.reading else None
    doubts = disagreements(prompt, best.reading)
    text = f"A picture of {prompt}."
    if left_out:
        text += f" I draw the piece alone: {left_out!r} is not in it."
    if others:
        text += f" One picture shows one piece: {others!r} is not in it."
    if doubts:
        text += f" I am not sure it came out right: {'; '.join(doubts)}."
    return GenerateImageResult(
        text=text,
        images=[artifact.id],
        prompt=prompt,
        left_out=left_out,
        others=others,
        seen=seen,
        doubts=doubts,
    )


async def _board(context: ToolContext, item_ids: Sequence[str]) -> GenerateImageResult:
    products = [await product_of(context, item_id) for item_id in item_ids]
    pictures = await open_pictures(context)
    board = await asyncio.to_thread(lay_board, context.services.catalog, pictures, products)
    artifact = await asyncio.to_thread(
        context.services.artifacts.put_picture, board, origin="outfit_board", owner=context.user
    )
    titles = [product.title for product in products]
    return GenerateImageResult(
        text=f"An outfit board of {join_words(titles)}.",
        items=[ItemCard.of(product) for product in products],
        images=[artifact.id],
        prompt=f"an outfit board of {join_words(titles)}",
    )


def _changed(garment: Garment, asked: Mentions) -> Garment:
    """A garment with the color, pattern or material that the words ask for instead."""
    return replace(
        garment,
        color=asked.colors[0] if asked.colors else garment.color,
        pattern=asked.patterns[0] if asked.patterns else garment.pattern,
        material=asked.materials[0] if asked.materials else garment.material,
    )


TOOL: Tool[GenerateImageArguments, GenerateImageResult] = Tool(
    name="generate_image",
    description=(
        "Draw a picture of a fashion item or an idea from words, or of a catalog item; or lay several catalog items "
        "out as an outfit board."
    ),
    access="read",
    arguments=GenerateImageArguments,
    result=GenerateImageResult,
    run=run,
)
