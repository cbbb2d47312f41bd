"""``fashionm3 describe``: what FashionVLM sees in pictures, one JSON line a picture with ``--json``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.cli.door import careful, load_settings, reserved_stdout, write_line
from ui.failures import report
from ui.settings import Settings


@careful
def describe(
    paths: Annotated[list[str], typer.Argument(help="Pictures: JPEG, PNG or WebP.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say what is in each picture, in order; a picture that cannot be read gets a line with its error.

    Status 1 where none could be read.
    """
    settings = load_settings()

    async def run() -> bool:
        read = False
        with reserved_stdout() as out:
            async for seen in read_all(settings, paths):
                read = read or "error" not in seen
                write_line(out, json.dumps(seen, ensure_ascii=False) if as_json else _in_words(seen))
        return read

    if not asyncio.run(run()):
        raise typer.Exit(1)


async def read_all(settings: Settings, paths: list[str]) -> AsyncIterator[dict[str, Any]]:
    """Read pictures one after another, each as a plain dictionary fit for JSON."""
    from stores.image_gate import admit
    from ui.assembly import start_model
    from ui.picture_files import read_picture

    model = start_model(settings)
    try:
        for path in paths:
            try:
                data = await asyncio.to_thread(read_picture, path)
                reading = await model.describe(await asyncio.to_thread(admit, data))
            except Exception as error:
                yield {"path": path, "error": report(error, "describing a picture")}
                continue
            yield {
                "path": path,
                "category": reading.category,
                "color": reading.color,
                "pattern": reading.pattern,
                "text": reading.text,
            }
    finally:
        await model.close()


def _in_words(seen: dict[str, Any]) -> str:
    return f"{Path(seen['path']).name}: {seen.get('error') or seen['text']}"
