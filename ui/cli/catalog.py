"""``fashionm3 catalog``: bring products of your own in, or build the demo boutique ahead of the first start."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.door import building, careful, load_settings
from ui.failures import BadInputError

app = typer.Typer(no_args_is_help=True, help="The products.")


@app.command("import")
@careful
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV (Shopify's export columns or ours), Parquet or JSON lines.")
    ],
    images: Annotated[Path | None, typer.Option(help="Folder with the products' pictures.")] = None,
) -> None:
    """Add products from a file; bad rows are listed with line and reason, the good ones are kept."""
    if not file.is_file():
        raise BadInputError(f"There is no file {str(file)!r}.")
    if images is not None and not images.is_dir():
        raise BadInputError(f"There is no folder {str(images)!r}.")
    settings = load_settings()
    from stores.catalog_import import import_catalog
    from ui.assembly import open_catalog, open_embedding

    with building() as on_progress:
        catalog = open_catalog(settings, open_embedding(settings), on_progress)
        try:
            report = import_catalog(
                file, images, catalog, lambda done, total: on_progress("the index", done, total)
            )
        finally:
            catalog.close()
    for problem in sorted(report.problems + report.notes, key=lambda row: row.line):
        typer.echo(f"{file.name}, line {problem.line}: {problem.reason}", err=True)
    typer.echo(
        f"{report.added} products are in the catalog, {report.pictures} of them with a picture; "
        f"{len(report.problems)} rows were not taken."
    )
    if not report.added and report.problems:
        raise typer.Exit(1)


@app.command()
@careful
def build() -> None:
    """Build the demo boutique now, so that the first start does not have to."""
    settings = load_settings()
    from ui.assembly import open_catalog, open_embedding

    started = time.perf_counter()
    with building() as on_progress:
        catalog = open_catalog(settings, open_embedding(settings), on_progress)
    count = catalog.count()
    catalog.close()
    typer.echo(f"{count} products, ready after {time.perf_counter() - started:.0f} s.")
