"""``fashionm3 draw``: a picture from words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ui.cli.door import careful, load_settings
from ui.failures import BadInputError
from ui.settings import Settings

if TYPE_CHECKING:
    from vlm.client import Drawing

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


@careful
def draw(
    words: Annotated[str, typer.Argument(help="What to draw, for example 'a red checked scarf'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: .png, .jpg or .webp.")],
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Same words and seed, same picture.")] = 0,
) -> None:
    """Draw a picture with FashionVLM."""
    if not words.strip():
        raise BadInputError(
            "Say what to draw, for example: fashionm3 draw 'a red checked scarf' -o scarf.png"
        )
    if output.suffix.lower() not in _FORMATS:
        raise BadInputError(f"{output.name!r} must end in .png, .jpg or .webp.")
    if not output.expanduser().absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {str(output.parent)!r} to write into.")
    from tools.drawable import can_draw, without_scenery
    from tools.drawing_tries import disagreements

    if not can_draw(words):
        raise BadInputError(
            f"{words!r} names nothing to wear. I draw single pieces of clothing, shoes, bags and accessories, for "
            "example: fashionm3 draw 'a red checked scarf' -o scarf.png"
        )
    words, left_out = without_scenery(words)
    if left_out:
        typer.echo(f"The piece is drawn alone, without {left_out!r}.", err=True)
    drawing = asyncio.run(_draw(load_settings(), words, seed))
    drawing.picture.save(output.expanduser(), format=_FORMATS[output.suffix.lower()])
    typer.echo(str(output))
    if doubts := disagreements(words, drawing.reading):
        typer.echo(f"It may not have come out right: {'; '.join(doubts)}.", err=True)


async def _draw(settings: Settings, words: str, seed: int) -> Drawing:
    from tools.drawing_tries import draw_in_tries
    from ui.assembly import start_model

    model = start_model(settings)
    try:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Drawing", total=None)
            return await draw_in_tries(
                model,
                words,
                seed=seed,
                on_step=lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        await model.close()
