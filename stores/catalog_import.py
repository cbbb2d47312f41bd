"""Real products into the catalog: a file in, a report of what was taken and what was wrong out.

Takes CSV with Shopify's product export columns or with our own, Parquet and JSON lines. A bad row never costs
a good one. Pictures are files beside the table; addresses on the web are not fetched, only their file names
are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field

from fashion.product import Product
from stores.catalog import Catalog, ProductNotFoundError
from stores.image_gate import MAX_BYTES, ImageRefusedError
from stores.import_products import Draft, products_of
from stores.import_rows import BadRow, ImportFileError, Row, read_rows

__all__ = ["ImportFileError", "ImportReport", "RowProblem", "import_catalog"]

Progress = Callable[[int, int], None]
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


class RowProblem(BaseModel):
    """What is wrong with a row."""

    line: int
    """The line of a text file (the header is line 1), or the row of a Parquet file, counted from 1."""
    reason: str


class ImportReport(BaseModel):
    """What an import did."""

    added: int = 0
    """Products now in the catalog from this file, new or overwritten."""
    pictures: int = 0
    """How many of them have a picture."""
    problems: list[RowProblem] = Field(default_factory=list)
    """Rows that were not taken, in the order of the file."""
    notes: list[RowProblem] = Field(default_factory=list)
    """Rows that were taken, but without their picture."""


def import_catalog(
    file: Path, images_dir: Path | None, catalog: Catalog, on_progress: Progress | None = None
) -> ImportReport:
    """Read a catalog file and add its products, none of them synthetic.

    Args:
        file: ``.csv``, ``.tsv``, ``.parquet``, ``.jsonl`` or ``.ndjson``.
        images_dir: Folder of the pictures: by the file name a row states, else by the product's id. None for
            none.
        catalog: Where the products go; an id that an earlier import brought is overwritten.
        on_progress: Called as ``on_progress(done, total)`` while products are embedded.

    Returns:
        Counts, and every bad row with its line and reason.

    Raises:
        ImportFileError: The file as a whole cannot be read.
    """
    report = ImportReport()
    seen: dict[str, int] = {}
    products: list[Product] = []
    for one in _drafts(file):
        if isinstance(one, BadRow):
            report.problems.append(RowProblem(line=one.line, reason=one.reason))
        elif (reason := _clash(one, seen, catalog)) is not None:
            report.problems.append(RowProblem(line=one.line, reason=reason))
        else:
            seen[one.product.id] = one.line
            products.append(_with_picture(one, images_dir, catalog, report))
    catalog.add(products, on_progress)
    report.added = len(products)
    report.problems.sort(key=lambda problem: problem.line)
    return report


def _drafts(file: Path) -> Iterator[Draft | BadRow]:
    def product_key(numbered: tuple[int, Row | BadRow]) -> object:
        number, row = numbered
        if isinstance(row, Row) and row.grouped and "id" in row.values:
            return row.values["id"]
        return number

    for _, group in groupby(enumerate(read_rows(file)), product_key):
        rows = [row for _, row in group]
        if isinstance(rows[0], BadRow):
            yield rows[0]
        else:
            yield from products_of([row for row in rows if isinstance(row, Row)])


def _clash(draft: Draft, seen: dict[str, int], catalog: Catalog) -> str | None:
    id_ = draft.product.id
    if id_ in seen:
        return f"the id {id_!r} was used before, on line {seen[id_]}"
    try:
        if catalog.get(id_).synthetic:
            return f"the id {id_!r} belongs to the demo boutique; give the product another"
    except ProductNotFoundError:
        return None
    return None


def _with_picture(draft: Draft, images_dir: Path | None, catalog: Catalog, report: ImportReport) -> Product:
    """The product with its picture kept, where there is one that passes the gate."""
    if images_dir is None:
        return draft.product
    path = _find_picture(draft, images_dir)
    if path is None:
        if draft.pictures:
            reason = (
                f"taken without picture: there is no {_file_name(draft.pictures[0])!r} in {images_dir.name}"
            )
            report.notes.append(RowProblem(line=draft.line, reason=reason))
        return draft.product
    try:
        with path.open("rb") as stream:
            name = catalog.keep_picture(stream.read(MAX_BYTES + 1))
    except ImageRefusedError as refused:
        report.notes.append(
            RowProblem(line=draft.line, reason=f"taken without picture: {path.name}: {refused}")
        )
        return draft.product
    report.pictures += 1
    return draft.product.model_copy(update={"picture": name})


def _find_picture(draft: Draft, images_dir: Path) -> Path | None:
    names = [name for stated in draft.pictures for name in (stated, _file_name(stated))]
    names += [draft.product.id + ending for ending in _ENDINGS]
    root = images_dir.resolve()
    for name in names:
        if not name or "\0" in name or len(name) > 255 or "://" in name:
            continue
        path = (root / name).resolve()
        # A row may name any path; only files inside the folder are read.
        if path.is_relative_to(root) and path.is_file():
            return path
    return None


def _file_name(stated: str) -> str:
    """The last part of a path or web address, without query."""
    try:
        path = urlsplit(stated).path if "://" in stated else stated
    except ValueError:
        return ""
    return PurePosixPath(unquote(path).replace("\\", "/")).name
