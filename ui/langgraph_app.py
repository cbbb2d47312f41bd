"""The compiled graph for LangGraph's own server and studio (``langgraph.json``)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ui.assembly import open_services
from ui.settings import Settings

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


@asynccontextmanager
async def make_graph() -> AsyncIterator[CompiledStateGraph[Any, Any, Any, Any]]:
    """Open the stores and the model, and compile the graph over them without a checkpointer of ours."""
    from agents.stylist import Stylist
    from graphs.build import build_graph

    async with open_services(await asyncio.to_thread(Settings)) as (services, router, _model):
        yield build_graph(services, router, Stylist())
