"""``fashionm3 vlm import``: a published checkpoint as a model folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.door import careful, load_settings
from ui.failures import BadInputError


class Precision(StrEnum):
    """How the network's weights are stored."""

    KEEP = "keep"
    BF16 = "bfloat16"
    FP16 = "float16"
    FP32 = "float32"
    INT8 = "int8"


@careful
def import_(
    source: Annotated[
        str,
        typer.Argument(
            help="Folder or hub id: Anony100/FashionVLM, showlab/show-o-512x512, showlab/magvitv2."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder to write; by default one in FASHIONM3_HOME/models."),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(help="Text tokenizer: folder or hub id; by default the source's or phi-1_5's."),
    ] = None,
    image_tokenizer: Annotated[str, typer.Option(help="MAGVIT-v2: folder or hub id.")] = "showlab/magvitv2",
    clip: Annotated[
        str, typer.Option(help="Tower of a CLIP variant: folder or hub id.")
    ] = "openai/clip-vit-large-patch14-336",
    dtype: Annotated[Precision, typer.Option(help="Store the network's weights so.")] = Precision.KEEP,
    text_slots: Annotated[
        int | None, typer.Option(min=4, help="Slots of a drawing prompt, where the size is no published one.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use the hub's cache, no network.")] = False,
) -> None:
    """Put a published checkpoint together as a folder for FASHIONM3_VLM_DIR."""
    import torch

    from vlm.published.files import CheckpointError
    from vlm.published.importing import ImportPlan, import_checkpoint

    name = source.rstrip("/").rsplit("/", 1)[-1]
    out = (output or load_settings().home / "models" / name).expanduser().absolute()
    plan = ImportPlan(
        source=source,
        words=tokenizer,
        image_tokenizer=image_tokenizer,
        clip=clip,
        dtype=None if dtype is Precision.KEEP else getattr(torch, dtype.value),
        text_slots=text_slots,
        offline=offline,
    )
    try:
        made = import_checkpoint(plan, out, lambda step: typer.echo(step, err=True))
    except CheckpointError as error:
        raise BadInputError(str(error)) from error
    typer.echo(f"{made.folder}: {made.kind}, {made.parameters / 1e6:.1f} M parameters")
    if made.kind == "model":
        typer.echo(f"Use it: FASHIONM3_VLM_DIR={made.folder} fashionm3 serve", err=True)
