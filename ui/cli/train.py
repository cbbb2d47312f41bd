"""``fashionm3 train``: trains small FashionVLMs from nothing and fine-tunes whole ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli import train_full
from ui.cli.door import careful
from ui.cli.training import display, plain_failures, stop_asked
from ui.failures import BadInputError
from vlm.shipped import named_directory

if TYPE_CHECKING:
    from vlm.training.plans import SmallerPlan

app = typer.Typer(help="Train a FashionVLM.", no_args_is_help=True)

Photos = Annotated[Path, typer.Option(help="Folder of phone photos: <class>/*.jpg, ten classes.")]
Seed = Annotated[int, typer.Option(min=0)]
Resume = Annotated[bool, typer.Option(help="Go on from checkpoints in the run folder.")]
Start = Annotated[
    Path | None,
    typer.Option(help="A model folder to go on from, or mini or small for one in the package."),
]
Out = Annotated[Path | None, typer.Option(help="Folder for the finished model; by default model in --run.")]
Steps = Annotated[
    int | None,
    typer.Option(min=1, help="Steps of each network instead of minutes: the same weights by seed."),
]


@app.callback()
def train() -> None:
    """Train a FashionVLM."""


app.command("full")(train_full.full)


@app.command("mini")
@careful
def mini(
    photos: Photos,
    run: Annotated[
        Path, typer.Option(help="Folder for intermediate results and checkpoints, about 4 GB.")
    ] = Path("runs/mini"),
    out: Out = None,
    start: Start = None,
    minutes: Annotated[
        float, typer.Option(min=0.1, help="Budget of both networks together; data preparation comes on top.")
    ] = 58.0,
    steps: Steps = None,
    seed: Seed = 20250425,
    resume: Resume = True,
) -> None:
    """Train the mini model from nothing on a CPU; Ctrl-C stops it, the same command goes on."""
    from vlm.training.plans import mini_plan, with_steps

    plan = mini_plan(seed=seed, minutes=minutes)
    _train(plan if steps is None else with_steps(plan, steps), photos, run, out, start, resume)


@app.command("small")
@careful
def small(
    photos: Photos,
    run: Annotated[
        Path, typer.Option(help="Folder for intermediate results and checkpoints, about 30 GB.")
    ] = Path("runs/small"),
    out: Out = None,
    start: Start = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    minutes: Annotated[
        float, typer.Option(min=0.1, help="Budget of both networks together; data preparation comes on top.")
    ] = 40.0,
    steps: Steps = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make pictures and batches ahead of the GPU.")
    ] = 12,
    seed: Seed = 20250425,
    resume: Resume = True,
) -> None:
    """Train the small model (256 px, 42 M parameters) from nothing on a GPU; Ctrl-C stops it, the same command goes on."""
    from vlm.training.compute import Compute
    from vlm.training.plans import small_plan, with_steps

    with plain_failures():
        plan = small_plan(Compute.pick(device), seed=seed, minutes=minutes, workers=workers)
    _train(plan if steps is None else with_steps(plan, steps), photos, run, out, start, resume)


def _train(
    plan: SmallerPlan, photos: Path, run: Path, out: Path | None, start: Path | None, resume: bool
) -> None:
    from vlm.training.mini import train_mini
    from vlm.training.start import StartError
    from vlm.training.stopping import TrainingStoppedError

    if not photos.is_dir():
        raise BadInputError(
            f"{str(photos)!r} is no folder. --photos wants a folder of phone photos: <class>/*.jpg."
        )
    start = None if start is None else named_directory(start)
    parts = ("config.json", "model.safetensors", "tokenizer.json", "image_tokenizer")
    if start is not None and (missing := [part for part in parts if not (start / part).exists()]):
        raise BadInputError(
            f"{str(start)!r} is no model folder: {missing[0]} is missing. --start wants one, or mini or small."
        )
    out = out or run / "model"
    with display() as show, stop_asked() as stopped, plain_failures():

        def report(stage: str, done: int, total: int, note: str) -> None:
            show(stage, done, total, note)
            # The networks ask for themselves, after a step; data in preparation has no step to wait for.
            if stopped() and stage not in ("tower", "image tokenizer", "decoder", "transformer"):
                raise KeyboardInterrupt

        try:
            train_mini(
                run, out, photos, plan=plan, start=start, resume=resume, report=report, should_stop=stopped
            )
        except StartError as error:
            raise BadInputError(str(error)) from None
        except (KeyboardInterrupt, TrainingStoppedError):
            show.line(f"Stopped. The same command goes on from {run}.")
            raise typer.Exit(130) from None
    typer.echo(str(out))
