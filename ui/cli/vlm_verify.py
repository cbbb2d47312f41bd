"""``fashionm3 vlm verify``: this installation's numbers beside those of the published code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.door import careful
from ui.failures import BadInputError


@careful
def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder with expected.safetensors, and expected.json and fashionvlm/, or manifest.json."
        ),
    ],
) -> None:
    """Run what serves, in float32 on the CPU, and compare it with a folder's numbers; exit status 1 if they differ."""
    from vlm.published.files import CheckpointError
    from vlm.verify import NothingToVerifyError
    from vlm.verify import verify as checks

    failed = total = 0
    try:
        for check in checks(folder.expanduser()):
            total += 1
            failed += not check.passed
            typer.echo(f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {check.told}")
    except (NothingToVerifyError, CheckpointError) as error:
        raise BadInputError(str(error)) from error
    typer.echo(f"{total - failed} of {total} agree")
    if failed:
        raise typer.Exit(1)
