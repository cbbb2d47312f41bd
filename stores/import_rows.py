"""Rows of a catalog file, whatever its format: CSV, Parquet or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import yaml

_FORMATS = ".csv, .tsv, .parquet, .jsonl or .ndjson"
_SEPARATOR = "|"


class ImportFileError(ValueError):
    """The file as a whole cannot be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: Where it begins: the line of a text file, the row (from 1) of a Parquet file.
        values: Field to text, under our own names (see ``data/import_columns.yaml``); blank ones are left
            out.
        options: Shopify's options of this row, lower-case name to value.
        grouped: Whether rows with the same id are variants of one product (Shopify).
    """

    line: int
    values: Mapping[str, str]
    options: Mapping[str, str]
    grouped: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read at all."""

    line: int
    reason: str


def read_rows(file: Path) -> Iterator[Row | BadRow]:
    """Read a catalog file row by row; the format goes by the file's ending.

    Raises:
        ImportFileError: No such file, an ending we do not know, or not what the ending says.
    """
    if not file.is_file():
        raise ImportFileError(f"There is no file {file.name}; give the path of a {_FORMATS} file.")
    ending = file.suffix.lower()
    if ending in (".csv", ".tsv"):
        return _csv_rows(file)
    if ending in (".jsonl", ".ndjson"):
        return _json_rows(file)
    if ending == ".parquet":
        return _parquet_rows(file)
    raise ImportFileError(f"{file.name} has an ending that is not known here; expected {_FORMATS}.")


@cache
def table() -> dict[str, dict[str, list[str]]]:
    """The column tables of ``data/import_columns.yaml``; shared, so not to be changed."""
    text = (Path(__file__).parent / "data" / "import_columns.yaml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return tables


@cache
def _field_of() -> dict[str, str]:
    return {column: field for field, columns in table()["columns"].items() for column in columns}


def _row(line: int, record: Mapping[str, Any]) -> Row:
    raw = {_column(name): text for name, value in record.items() if (text := _text(value))}
    values: dict[str, str] = {}
    for column, text in raw.items():
        if (field := _field_of().get(column)) is not None:
            values.setdefault(field, text)
    options = {
        raw[f"option{number} name"].casefold(): raw[f"option{number} value"]
        for number in (1, 2, 3)
        if f"option{number} name" in raw and f"option{number} value" in raw
    }
    # Shopify writes an option's name into a product's first row only; `import_products` carries it on.
    unnamed = {
        f"option{number}": raw[f"option{number} value"]
        for number in (1, 2, 3)
        if f"option{number} value" in raw and f"option{number} name" not in raw
    }
    return Row(line, values, options | unnamed, any(_column(name) == "handle" for name in record))


def _column(name: object) -> str:
    """A header as it is compared: Shopify appends ``(product.metafields…)`` to some."""
    return str(name).split(" (product.metafields")[0].strip().casefold()


def _text(value: object) -> str:
    if isinstance(value, bool | str | int | float):
        return str(value).strip()
    if isinstance(value, list | tuple):
        return _SEPARATOR.join(text for one in value if (text := _text(one)))
    return ""


def _csv_rows(file: Path) -> Iterator[Row | BadRow]:
    # Undecodable bytes are kept as surrogates, so that only their own rows are refused.
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        delimiter = max(",;\t", key=head.count)
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            header = next(reader)
        except (StopIteration, csv.Error):
            raise ImportFileError(f"{file.name} is empty; its first line must name the columns.") from None
        if not {_column(name) for name in header} & set(_field_of()):
            raise ImportFileError(
                f"The first line of {file.name} names no column we know; expected names such as id, title, "
                "category, color, price, or those of Shopify's product export."
            )
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(line, f"the row cannot be read as CSV ({error})")
                continue
            if any(cell.strip() for cell in cells):
                yield _csv_row(line, header, cells)


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row | BadRow:
    if any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
        return BadRow(line, "the row is not UTF-8 text; save the file as UTF-8")
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return BadRow(
            line, f"the row has {len(cells)} cells under {len(header)} column names; is a quote missing?"
        )
    return _row(line, dict(zip(header, cells, strict=False)))


def _json_rows(file: Path) -> Iterator[Row | BadRow]:
    with file.open("rb") as stream:
        for line, content in enumerate(stream, 1):
            if not content.strip():
                continue
            try:
                record = json.loads(content)
            except (ValueError, RecursionError):
                yield BadRow(line, "the line is not JSON")
                continue
            if isinstance(record, dict):
                yield _row(line, record)
            else:
                yield BadRow(line, "the line is not a JSON object")


def _parquet_rows(file: Path) -> Iterator[Row | BadRow]:
    try:
        parquet = pyarrow.parquet.ParquetFile(file)
        line = 0
        for batch in parquet.iter_batches(batch_size=512):
            for record in batch.to_pylist():
                line += 1
                yield _row(line, record)
    except (pyarrow.ArrowException, OSError) as error:
        raise ImportFileError(
            f"{file.name} cannot be read as Parquet: {str(error).splitlines()[0]}"
        ) from error
