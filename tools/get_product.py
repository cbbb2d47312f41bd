"""Tool: the full record of one catalog item."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, Field

from fashion.product import Product
from stores.catalog import ProductNotFoundError
from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.wishes import ItemId


class GetProductArguments(BaseModel):
    """Which item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: ItemId = Field(description="The catalog id of the item.")


class GetProductResult(ToolResult):
    """The record as the catalog keeps it."""

    product: Product


async def product_of(context: ToolContext, item_id: str) -> Product:
    """The record of an id.

    Raises:
        ToolFailedError: The catalog has no such item.
    """
    try:
        return await asyncio.to_thread(context.services.catalog.get, item_id)
    except ProductNotFoundError as error:
        raise ToolFailedError(
            f"The catalog has no item {item_id!r}; use an id that an earlier answer or a search gave."
        ) from error


async def run(context: ToolContext, arguments: GetProductArguments) -> GetProductResult:
    """Look one item up."""
    product = await product_of(context, arguments.item_id)
    return GetProductResult(text=product.description, items=[ItemCard.of(product)], product=product)


TOOL: Tool[GetProductArguments, GetProductResult] = Tool(
    name="get_product",
    description="Give the full record of one catalog item: description, price, sizes, stock, occasions.",
    access="read",
    arguments=GetProductArguments,
    result=GetProductResult,
    run=run,
)
