"""An open house for the tests of the front doors: real stores, router, graph and model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import SMALL_BOUTIQUE
from ui.assembly import Parts, open_assistant
from ui.settings import Settings


@pytest.fixture(scope="session")
def settings(small_home: Path) -> Settings:
    return Settings(home=small_home, boutique_size=SMALL_BOUTIQUE, port=7860)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    async with open_assistant(settings) as opened:
        yield opened
