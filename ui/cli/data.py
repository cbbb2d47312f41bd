"""``fashionm3 data``: writes the data that a FashionVLM is trained with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.cli.door import building, careful
from ui.failures import BadInputError

app = typer.Typer(help="Data to train a FashionVLM with.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Data to train a FashionVLM with."""


@app.command()
@careful
def fashionrec(
    folder: Annotated[
        Path, typer.Argument(help="A new or empty folder, or one to go on with.", metavar="DIR")
    ],
    count: Annotated[int, typer.Option(min=1, help="Dialogues of each of the three tasks.")] = 2000,
    test_count: Annotated[int, typer.Option(min=1, help="Dialogues of each task to test with.")] = 200,
    drawings: Annotated[int, typer.Option(min=0, help="Pictures with words.")] = 2000,
    people: Annotated[int, typer.Option(min=1, help="People of the personalized task.")] = 100,
    size: Annotated[int, typer.Option(min=32, help="Width and height of pictures, pixels.")] = 512,
    split: Annotated[
        Literal["both", "train", "test"],
        typer.Option(
            help="Test data share no garment, outfit, person or sentence pattern with training data."
        ),
    ] = "both",
    item_pictures: Annotated[
        bool, typer.Option(help="Draw the items of test dialogues one by one, too (DIR/images).")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    seed: Annotated[int, typer.Option(min=0)] = 20250425,
) -> None:
    """Write drawn outfits and composed dialogues in FashionRec's layout; Ctrl-C stops it, the same command goes on."""
    from fashion.fashionrec import FashionRecError
    from fashion.fashionrec_plan import Plan
    from fashion.fashionrec_writing import write_fashionrec

    if size % 2:
        raise BadInputError(f"--size must be even, got {size}.")
    plan = Plan(
        seed=seed,
        train=0 if split == "test" else count,
        test=0 if split == "train" else test_count,
        drawings=0 if split == "test" else drawings,
        people=people,
        side=size,
        item_pictures=item_pictures,
    )
    try:
        with building() as on_progress:
            total = write_fashionrec(
                folder,
                plan,
                workers=workers,
                on_progress=lambda done, of: on_progress("the data", done, of),
            )
    except FashionRecError as error:
        raise BadInputError(str(error)) from error
    except KeyboardInterrupt:
        typer.echo(f"Stopped. The same command goes on from what is in {folder}.", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"{total} samples are in {folder}.")
