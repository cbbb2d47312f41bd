"""``fashionm3 train``: trains the small FashionVLM on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ui.cli.door import careful
from ui.failures import BadInputError

app = typer.Typer(help="Train a FashionVLM.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Train a FashionVLM."""


@app.command("mini")
@careful
def mini(
    photos: Annotated[Path, typer.Option(help="Folder of phone photos: <class>/*.jpg, ten classes.")],
    run: Annotated[
        Path, typer.Option(help="Folder for intermediate results and checkpoints, about 2 GB.")
    ] = Path("runs/mini"),
    out: Annotated[Path, typer.Option(help="Folder for the finished model.")] = Path("runs/mini/model"),
    minutes: Annotated[
        float, typer.Option(min=0.1, help="Budget of both networks together; data preparation comes on top.")
    ] = 56.0,
    seed: Annotated[int, typer.Option(min=0)] = 20250425,
    resume: Annotated[bool, typer.Option(help="Go on from checkpoints in the run folder.")] = True,
) -> None:
    """Train the mini model from nothing; Ctrl-C stops it, the same command goes on."""
    from vlm.training.mini import MiniPlan, train_mini

    if not photos.is_dir():
        raise BadInputError(
            f"{str(photos)!r} is no folder. --photos wants a folder of phone photos: <class>/*.jpg."
        )
    plan = MiniPlan(seed=seed, tokenizer_minutes=0.3 * minutes, transformer_minutes=0.7 * minutes)
    columns = (
        TextColumn("{task.description:18}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int, note: str) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total, note="")
            bar.update(tasks[stage], completed=done, total=total, note=note)

        try:
            train_mini(run, out, photos, plan=plan, resume=resume, report=report)
        except KeyboardInterrupt:
            typer.echo(f"Stopped. The same command goes on from {run}.", err=True)
            raise typer.Exit(130) from None
    typer.echo(str(out))
