"""The committed router with the real sentence embedder, loaded once."""

from __future__ import annotations

import pytest

from agents.contracts import LastItem, RouteContext, Router
from agents.router import load_router
from vlm.embeddings import TextEmbedder


@pytest.fixture(scope="session")
def embedder() -> TextEmbedder:
    return TextEmbedder()


@pytest.fixture(scope="session")
def router(embedder: TextEmbedder) -> Router:
    return load_router(embedder)


@pytest.fixture
def shown() -> RouteContext:
    """Three loafers were shown: black 90, brown 80, green 120."""
    rows = [("i0", "black", 90.0), ("i1", "brown", 80.0), ("i2", "green", 120.0)]
    items = [LastItem(id=i, title=f"{c} loafers", category="Loafers", color=c, price=p) for i, c, p in rows]
    return RouteContext(last_items=items, last_route="search")
