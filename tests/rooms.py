"""Real stores for the tests of tools, graphs and above: a small boutique, an empty history, no pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion.boutique import generate_products
from stores.artifacts import Artifacts
from stores.catalog import Catalog
from stores.history import History
from tests.standin import HashedWords, StandInFashionVLM
from tools.contracts import Services

BOUTIQUE_SIZE = 408


def stock_catalog(root: Path) -> Catalog:
    """A catalog of generated products without pictures."""
    catalog = Catalog(root, HashedWords())
    catalog.add(generate_products(20250425, BOUTIQUE_SIZE))
    return catalog


@contextmanager
def open_services(root: Path, catalog: Catalog, vlm: StandInFashionVLM | None = None) -> Iterator[Services]:
    """Stores below `root` around a catalog that is shared."""
    history = History(root / "history", HashedWords())
    artifacts = Artifacts(root / "pictures")
    try:
        yield Services(catalog=catalog, history=history, artifacts=artifacts, vlm=vlm or StandInFashionVLM())
    finally:
        history.close()
        artifacts.close()
