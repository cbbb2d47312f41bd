"""``fashionm3 doctor``: the settings in force, versions, what is stored, and what works on this machine."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from ui.cli.door import careful, load_settings
from ui.settings import Settings

_PACKAGES = (
    "fashionm3",
    "torch",
    "transformers",
    "langgraph",
    "chromadb",
    "gradio",
    "mcp",
    "skia-python",
    "pillow",
)


@careful
def doctor() -> None:
    """Show settings (secrets hidden), versions, sizes, and what works here; status 1 where one does not."""
    settings = load_settings()
    console = Console()
    console.print(_table("Settings", shown_settings(settings)))
    console.print(_table("Versions", versions()))
    console.print(_table("Data", sizes(settings)))
    findings = list(checks(settings))
    table = Table(title="What works here", title_justify="left", show_header=False, box=None)
    for name, works, detail in findings:
        table.add_row("[green]yes[/]" if works else "[red]no[/]", name, detail)
    console.print(table)
    if not all(works for _, works, _ in findings):
        raise typer.Exit(1)


def shown_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting and its value; of a secret only that it is set."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, dict):
            value = ", ".join(f"{key}={_hide(secret)}" for key, secret in value.items()) or "not set"
        elif isinstance(value, tuple) and any(isinstance(one, SecretStr) for one in value):
            value = ", ".join(_hide(one) for one in value)
        elif isinstance(value, SecretStr):
            value = _hide(value)
        elif value is None or value == ():
            value = "not set"
        yield f"FASHIONM3_{name.upper()}", str(value)


def versions() -> Iterator[tuple[str, str]]:
    """Python, the system, and the packages that matter."""
    yield "python", platform.python_version()
    yield "system", f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    for package in _PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield package, "not installed"


def sizes(settings: Settings) -> Iterator[tuple[str, str]]:
    """How much room each part of the data folder takes."""
    if not settings.home.is_dir():
        yield str(settings.home), "not made yet; the first start builds it"
        return
    for entry in sorted(settings.home.iterdir()):
        if not entry.name.startswith("."):
            yield entry.name, f"{_bytes(entry) / 1e6:.1f} MB"
    yield "free on this disk", f"{shutil.disk_usage(settings.home).free / 1e9:.1f} GB"


def checks(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """What is tried: name, whether it works, and a detail or the reason."""
    yield _writable(settings.home)
    if settings.vlm_url is None:
        yield _tried("FashionVLM loads", lambda: _load_model(settings))
    else:
        yield _tried("FashionVLM's server answers", lambda: asyncio.run(_ask_server(settings)))
    yield _tried("embedding of words and pictures", lambda: _embed(settings))
    import torch

    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU here; the CPU is used"
    yield "compute", True, device


def _load_model(settings: Settings) -> str:
    from vlm.model import FashionVLMModel, chosen_device
    from vlm.precision import cpu_multiplies_bfloat16, named_dtype

    device = chosen_device(settings.vlm_device)
    model = FashionVLMModel.from_pretrained(
        settings.vlm_dir, device=device, dtype=named_dtype(settings.vlm_dtype)
    )
    dtype = str(model.backbone.dtype).removeprefix("torch.")
    slow = dtype == "bfloat16" and device == "cpu" and not cpu_multiplies_bfloat16()
    advice = ": very slow on this CPU, unset FASHIONM3_VLM_DTYPE" if slow else ""
    return f"{settings.vlm_dir or 'mini, in the package'}, {dtype} on {device}{advice}"


async def _ask_server(settings: Settings) -> str:
    from vlm.http_transport import HttpTransport

    key = settings.vlm_key.get_secret_value() if settings.vlm_key is not None else None
    transport = HttpTransport(str(settings.vlm_url), key, seconds=10)
    try:
        models = (await transport.get("/v1/models")).get("data") or [{}]
    finally:
        await transport.close()
    return f"{models[0].get('id', 'a model without a name')} at {settings.vlm_url}"


def _embed(settings: Settings) -> str:
    from ui.assembly import open_embedding

    space = open_embedding(settings)
    return f"{space.identity}, {space.embed_texts(['a navy coat']).shape[1]} numbers each"


def _tried(name: str, attempt: Callable[[], str]) -> tuple[str, bool, str]:
    try:
        return name, True, attempt()
    except Exception as error:
        # A doctor names every ailment; none of them ends the examination.
        return name, False, str(error).strip().partition("\n")[0] or type(error).__name__


def _writable(home: Path) -> tuple[str, bool, str]:
    folder = home
    while not folder.exists():
        folder = folder.parent
    works = os.access(folder, os.W_OK)
    return "data folder can be written", works, str(home) if works else f"no right to write into {folder}"


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _hide(secret: SecretStr) -> str:
    return "********" if secret.get_secret_value() else "empty"


def _table(title: str, rows: Iterator[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(style="bold")
    for name, value in rows:
        table.add_row(name, value)
    return table
