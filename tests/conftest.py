"""What several test folders share: a data folder with a small demo boutique, built once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

SMALL_BOUTIQUE = 102
"""Two products a category: enough to search in, and built in seconds."""


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose boutique has been built; tests use users and threads of their own."""
    from ui.assembly import open_catalog
    from ui.settings import Settings
    from vlm.embeddings import TextEmbedder

    home = tmp_path_factory.mktemp("home")
    open_catalog(Settings(home=home, boutique_size=SMALL_BOUTIQUE), TextEmbedder()).close()
    return home
