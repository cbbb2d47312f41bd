"""``fashionm3 mcp``: the tools over MCP's stdio transport, for programs that start their own servers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ui.cli.door import careful, load_settings
from ui.settings import Settings

if TYPE_CHECKING:
    from ui.assembly import Parts


@careful
def mcp() -> None:
    """Serve the tools over MCP on standard input and output."""
    asyncio.run(_mcp(load_settings()))


async def _mcp(settings: Settings) -> None:
    from ui.mcp_server import build_mcp

    opened: asyncio.Future[Parts] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()
    keeper = asyncio.create_task(_keep_open(settings, opened, closing))
    try:
        # The protocol answers from the first moment; a tool call waits until the house is open.
        await build_mcp(lambda: asyncio.shield(opened)).run_stdio_async()
    finally:
        closing.set()
        await keeper


async def _keep_open(settings: Settings, opened: asyncio.Future[Parts], closing: asyncio.Event) -> None:
    from ui.assembly import open_assistant

    try:
        async with open_assistant(settings) as parts:
            opened.set_result(parts)
            await closing.wait()
    except Exception as error:
        if opened.done():
            raise
        # Told by every tool call instead of ending the protocol without a word.
        opened.set_exception(error)
