"""Tool: say what is in a picture at hand, or what a catalog item is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.get_product import product_of
from tools.sight import Seen, see_pictures
from tools.wishes import ItemId
from vlm.client import FashionVLMUnavailableError


class DescribeItemArguments(BaseModel):
    """A catalog item, or nothing: then the pictures at hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: ItemId | None = Field(
        default=None, description="A catalog item; without it, the pictures at hand."
    )


class DescribeItemResult(ToolResult):
    """What was read, one entry a picture or item."""

    seen: list[Seen] = Field(default_factory=list)


async def run(context: ToolContext, arguments: DescribeItemArguments) -> DescribeItemResult:
    """Read the pictures with FashionVLM, or the item's record."""
    if arguments.item_id:
        product = await product_of(context, arguments.item_id)
        return DescribeItemResult(
            text=product.description, items=[ItemCard.of(product)], seen=[Seen.item(product)]
        )
    if not context.image_ids:
        raise ToolFailedError("There is no picture to describe; send a photo, or name an item.")
    try:
        seen = await see_pictures(context)
    except FashionVLMUnavailableError as error:
        raise ToolFailedError(f"I cannot look at pictures right now: {error}") from error
    return DescribeItemResult(
        text=" ".join(one.text or f"I see {one.words()}." for one in seen),
        seen=seen,
        images=list(context.image_ids[: len(seen)]),
    )


TOOL: Tool[DescribeItemArguments, DescribeItemResult] = Tool(
    name="describe_item",
    description=(
        "Say what is in the pictures at hand, or what a catalog item is: category, color, pattern, words."
    ),
    access="read",
    arguments=DescribeItemArguments,
    result=DescribeItemResult,
    run=run,
)
