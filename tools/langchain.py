"""Our tools as LangChain tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool, ToolException

from tools.contracts import Tool, ToolContext, ToolFailedError
from tools.registry import call_tool


def to_langchain(tool: Tool[Any, Any], context: Callable[[], ToolContext]) -> BaseTool:
    """Make a LangChain tool of one of ours.

    Args:
        tool: From the registry.
        context: Gives the context of each call: who calls is never an argument of the tool.

    Returns:
        A tool whose text content is the result as JSON and whose artifact is the `ToolResult` itself. A
        failure comes back as its one clear sentence.
    """

    async def run(**arguments: Any) -> tuple[str, Any]:
        try:
            result = await call_tool(tool.name, context(), arguments)
        except ToolFailedError as error:
            raise ToolException(str(error)) from error
        return result.model_dump_json(exclude_defaults=True), result

    return StructuredTool.from_function(
        coroutine=run,
        name=tool.name,
        description=tool.description,
        args_schema=tool.arguments,
        response_format="content_and_artifact",
        handle_tool_error=True,
        metadata={"access": tool.access},
    )
