"""The whole program as people start it: a server of its own process, a real Chromium, a photo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from fashion.drawing import draw_garment
from fashion.garment import Garment
from tests.conftest import SMALL_BOUTIQUE

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "../shared/data/clothing-photos/validation/pants"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def environment(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a started program, with a home of its own: one process has Chroma's files at a time."""
    home = tmp_path_factory.mktemp("e2e") / "home"
    shutil.copytree(small_home, home)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FASHIONM3_")}
    return bare | {"FASHIONM3_HOME": str(home), "FASHIONM3_BOUTIQUE_SIZE": str(SMALL_BOUTIQUE)}


@pytest.fixture(scope="session")
def command() -> list[str]:
    """How `fashionm3` is started, whether or not its script is on the path."""
    return [sys.executable, "-m", "ui.cli.app"]


@pytest.fixture(scope="session")
def address(environment: dict[str, str], command: list[str]) -> Iterator[str]:
    """The address of a running `fashionm3 serve`."""
    server = subprocess.Popen(
        [*command, "serve", "--port", "0"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert "is open at " in line, line
    yield line.split("is open at ")[1].split()[0].rstrip("/")
    server.terminate()
    server.wait(30)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine; `make chromium` installs Debian's")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phone photo of trousers where the shared photos are at hand, else a drawn picture of jeans."""
    real = sorted(PHOTOS.glob("*.jpg")) if PHOTOS.is_dir() else []
    if real:
        return real[0]
    path = tmp_path_factory.mktemp("photo") / "jeans.jpg"
    draw_garment(Garment("Jeans", "blue"), size=512, seed=1).save(path)
    return path
