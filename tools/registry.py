"""The one list of tools, and the one way to call one by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tools import (
    describe_item,
    forget_history,
    generate_image,
    get_product,
    personalize,
    recall_history,
    recommend,
    record_feedback,
    search_catalog,
    suggest_alternatives,
    try_on,
)
from tools.contracts import Tool, ToolContext, ToolFailedError, ToolResult

REGISTRY: tuple[Tool[Any, Any], ...] = (
    recommend.TOOL,
    personalize.TOOL,
    suggest_alternatives.TOOL,
    generate_image.TOOL,
    try_on.TOOL,
    search_catalog.TOOL,
    get_product.TOOL,
    describe_item.TOOL,
    record_feedback.TOOL,
    recall_history.TOOL,
    forget_history.TOOL,
)
"""Every tool, in the order they are listed to people."""


def tool_named(name: str) -> Tool[Any, Any]:
    """Find a tool.

    Raises:
        ToolFailedError: There is none of this name.
    """
    for tool in REGISTRY:
        if tool.name == name:
            return tool
    raise ToolFailedError(f"{name.replace('_', ' ').capitalize()} is not something I can do here.")


async def call_tool(name: str, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
    """Check the arguments and run a tool.

    Raises:
        ToolFailedError: Unknown tool, arguments that are not allowed, or a request that cannot be met; the
        message is one or two sentences fit for a person.
    """
    tool = tool_named(name)
    try:
        checked = tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        raise ToolFailedError(explain(name, error)) from error
    result: ToolResult = await tool.run(context, checked)
    return result


def explain(name: str, error: ValidationError) -> str:
    """The first thing that is wrong with the arguments of a call, in one sentence."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{name} cannot use {where}: {message}." if where else f"{name} cannot do this: {message}."
