"""A shared catalog and, for each test, services of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stores.catalog import Catalog
from tests.rooms import open_services, stock_catalog
from tools.contracts import Services, ToolContext
from tools.registry import call_tool


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    catalog = stock_catalog(tmp_path_factory.mktemp("catalog"))
    yield catalog
    catalog.close()


@pytest.fixture
def services(tmp_path: Path, catalog: Catalog) -> Iterator[Services]:
    with open_services(tmp_path, catalog) as services:
        yield services


@pytest.fixture
def photo(services: Services) -> str:
    return services.artifacts.put_picture(
        Image.new("RGB", (64, 64), (20, 40, 120)), origin="upload", owner="ana"
    ).id


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
