"""What several test folders share: a home with a small demo boutique, and real stores around a small catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from stores.catalog import Catalog
from tests.rooms import open_services, stock_catalog
from tools.contracts import Services

SMALL_BOUTIQUE = 102
"""Two products a category: enough to search in, and built in seconds."""


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose boutique has been built; tests use users and threads of their own."""
    from ui.assembly import open_catalog, open_embedding
    from ui.settings import Settings

    settings = Settings(home=tmp_path_factory.mktemp("home"), boutique_size=SMALL_BOUTIQUE)
    open_catalog(settings, open_embedding(settings)).close()
    return settings.home


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A catalog that no test changes."""
    catalog = stock_catalog(tmp_path_factory.mktemp("catalog"))
    yield catalog
    catalog.close()


@pytest.fixture
def services(tmp_path: Path, catalog: Catalog) -> Iterator[Services]:
    """Stores of this test alone around the shared catalog."""
    with open_services(tmp_path, catalog) as services:
        yield services


@pytest.fixture
def photo(services: Services) -> str:
    """The artifact id of a plain dark blue picture of ana's."""
    return services.artifacts.put_picture(
        Image.new("RGB", (64, 64), (20, 40, 120)), origin="upload", owner="ana"
    ).id
