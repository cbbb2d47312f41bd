"""The FashionRec meta tables: items, outfits and users, as parquet files.

`clip_features.pkl`, which lies beside them, is not read here: it is a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fashion.fashionrec import FashionRecError, Item


@dataclass(frozen=True, slots=True)
class Tables:
    """The meta tables: items by id, item ids by outfit id, outfit ids by user id."""

    items: Mapping[str, Item] = field(default_factory=dict)
    outfits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_tables(folder: Path) -> Tables:
    """Read the meta parquet tables.

    Raises:
        FashionRecError: A table is missing or lacks a column.
    """
    items = {
        str(row["item_id"]): Item(
            str(row["item_id"]),
            str(row["category"]),
            str(row["subcategory"]),
            str(row["path"]),
            str(row["gen_description"]),
        )
        for row in _rows(
            folder / "items_lite.parquet", "item_id", "category", "subcategory", "gen_description", "path"
        )
    }
    outfits = {
        str(row["outfit_id"]): _listed(row["item_ids"])
        for row in _rows(folder / "outfits_lite.parquet", "outfit_id", "item_ids")
    }
    users = {
        str(row["user_id"]): _listed(row["outfit_ids"])
        for row in _rows(folder / "users_lite.parquet", "user_id", "outfit_ids")
    }
    return Tables(items, outfits, users)


def write_tables(folder: Path, tables: Tables) -> None:
    """Write the three meta tables as parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    items = [
        {
            "item_id": i.item_id,
            "category": i.category,
            "subcategory": i.subcategory,
            "gen_description": i.description,
            "path": i.path,
        }
        for i in tables.items.values()
    ]
    outfits = [{"outfit_id": key, "item_ids": ",".join(ids)} for key, ids in tables.outfits.items()]
    users = [{"user_id": key, "outfit_ids": ",".join(ids)} for key, ids in tables.users.items()]
    columns = {
        "items_lite": ("item_id", "category", "subcategory", "gen_description", "path"),
        "outfits_lite": ("outfit_id", "item_ids"),
        "users_lite": ("user_id", "outfit_ids"),
    }
    for (name, names), rows in zip(columns.items(), (items, outfits, users), strict=True):
        schema = pa.schema([(column, pa.string()) for column in names])
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")


def _rows(path: Path, *columns: str) -> list[dict[str, Any]]:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as problem:
        raise FashionRecError(f"{path.name}: not a readable parquet file: {problem}") from problem
    missing = [column for column in columns if column not in table.column_names]
    if missing:
        raise FashionRecError(
            f"{path.name}: no column {missing[0]!r}; it has {', '.join(table.column_names)}"
        )
    rows: list[dict[str, Any]] = table.select(list(columns)).to_pylist()
    return rows


def _listed(joined: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(joined).split(",") if part.strip())
