"""A shared catalog and, for each test, services of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tools.contracts import Services, ToolContext
from tools.registry import call_tool


@pytest.fixture
def use(services: Services) -> Callable[..., Awaitable[Any]]:
    """Call a tool as ana: ``await use("recommend", images=(photo,), request=…)``."""
    calls = 0

    async def call(
        name: str, /, *, user: str = "ana", images: tuple[str, ...] = (), key: str = "", **arguments: Any
    ):
        nonlocal calls
        calls += 1
        context = ToolContext(
            user=user, services=services, effect_key=key or f"call {calls}", image_ids=images
        )
        return await call_tool(name, context, arguments)

    return call
