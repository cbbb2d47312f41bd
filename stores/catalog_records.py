"""The catalog's records in SQLite: the truth of what is sold, and where hard filters are checked."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from fashion.product import Product
from fashion.vocabulary import GROUPS
from stores.catalog_query import CatalogQuery
from stores.database import Database

_SCHEMA = (
    """
    CREATE TABLE product (
        id TEXT PRIMARY KEY,
        synthetic INTEGER NOT NULL,
        category TEXT NOT NULL,
        color TEXT NOT NULL,
        pattern TEXT NOT NULL,
        material TEXT,
        style TEXT,
        sleeve TEXT,
        neckline TEXT,
        length TEXT,
        fit TEXT,
        gender TEXT NOT NULL,
        price REAL NOT NULL,
        in_stock INTEGER NOT NULL,
        sizes TEXT NOT NULL,
        seasons TEXT NOT NULL,
        occasions TEXT NOT NULL,
        shuffle INTEGER NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX product_category ON product (category, price);
    CREATE INDEX product_synthetic ON product (synthetic);
    CREATE INDEX product_shuffle ON product (shuffle);
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
    # Records apart from the filter columns: a scan of the filters reads a tenth of the bytes.
    """
    CREATE TABLE record (
        id TEXT PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO record SELECT id, record FROM product;
    ALTER TABLE product DROP COLUMN record;
    """,
)
_ONE_SIZE = "one size"
_COLUMNS = (
    "id",
    "synthetic",
    "category",
    "color",
    "pattern",
    "material",
    "style",
    "sleeve",
    "neckline",
    "length",
    "fit",
    "gender",
    "price",
    "in_stock",
    "sizes",
    "seasons",
    "occasions",
    "shuffle",
)


class ProductRecords:
    """Product records by id, with the filter columns kept beside them; thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create the database file."""
        self._database = Database(path, _SCHEMA)

    def put(self, products: Iterable[Product]) -> None:
        """Write records in one transaction; an id seen before is overwritten."""
        with self._database.transaction() as connection:
            _insert(connection, list(products))

    def replace_demo(self, products: Iterable[Product], version: str) -> list[str]:
        """Put a whole demo boutique in the old one's place and note its version, all or nothing.

        Returns:
            The ids of the old demo that the new one does not have.
        """
        kept = list(products)
        new = {product.id for product in kept}
        with self._database.transaction() as connection:
            old = [row["id"] for row in connection.execute("SELECT id FROM product WHERE synthetic")]
            connection.execute("DELETE FROM product WHERE synthetic")
            _insert(connection, kept)
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('demo', ?)", (version,))
        return [id_ for id_ in old if id_ not in new]

    def demo_version(self) -> str | None:
        """The version of the demo boutique that is here whole, or None."""
        row = self._database.row("SELECT value FROM meta WHERE key = 'demo'")
        return None if row is None else str(row["value"])

    def get(self, product_id: str) -> Product | None:
        """One record, or None."""
        row = self._database.row("SELECT body FROM record WHERE id = ?", (product_id,))
        return None if row is None else _product(row["body"])

    def get_many(self, ids: Sequence[str]) -> dict[str, Product]:
        """The records of `ids` that are here, by id."""
        found: dict[str, Product] = {}
        for start in range(0, len(ids), 500):
            chunk = list(ids[start : start + 500])
            marks = ",".join("?" * len(chunk))
            rows = self._database.rows(f"SELECT id, body FROM record WHERE id IN ({marks})", chunk)  # noqa: S608
            found |= {row["id"]: _product(row["body"]) for row in rows}
        return found

    def ids(self) -> list[str]:
        """Every id."""
        return [row["id"] for row in self._database.rows("SELECT id FROM product ORDER BY id")]

    def count(self) -> int:
        """How many records there are."""
        row = self._database.row("SELECT count(*) AS n FROM product")
        return 0 if row is None else int(row["n"])

    def matching(
        self, query: CatalogQuery, *, among: Collection[str] | None = None, limit: int = -1
    ) -> list[str]:
        """The ids that satisfy every filter of a query, in an order that is mixed but always the same.

        Args:
            query: Its filters count, its text and picture do not.
            among: Only these ids.
            limit: How many at most; -1 for all.
        """
        where, values = _where(query)
        if among is not None:
            where += " AND id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(among)))
        sql = f"SELECT id FROM product WHERE {where} ORDER BY shuffle, id LIMIT ?"  # noqa: S608
        return [row["id"] for row in self._database.rows(sql, [*values, limit])]

    def close(self) -> None:
        """Close the database."""
        self._database.close()


@lru_cache(maxsize=4096)
def _product(body: str) -> Product:
    """A record read; records are frozen, so that the same body is read once."""
    return Product.model_validate_json(body)


_INSERT = f"INSERT OR REPLACE INTO product ({','.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})"  # noqa: S608


def _insert(connection: sqlite3.Connection, products: Sequence[Product]) -> None:
    connection.executemany(_INSERT, [_row(product) for product in products])
    connection.executemany(
        "INSERT OR REPLACE INTO record (id, body) VALUES (?, ?)",
        [(product.id, product.model_dump_json()) for product in products],
    )


def _row(product: Product) -> tuple[Any, ...]:
    return (
        product.id,
        product.synthetic,
        product.category,
        product.color,
        product.pattern,
        product.material,
        product.style,
        product.sleeve,
        product.neckline,
        product.length,
        product.fit,
        product.gender,
        product.price,
        product.in_stock,
        _set(product.sizes),
        _set(product.seasons),
        _set(product.occasions),
        # Brands and categories come in runs; without words to rank by, neighbors should differ.
        zlib.crc32(product.id.encode()),
    )


def _set(values: Iterable[str]) -> str:
    """Values as one searchable string, each between bars."""
    return "".join(f"|{value.strip().casefold()}" for value in values) + "|"


def _where(query: CatalogQuery) -> tuple[str, list[Any]]:
    """The query's filters as SQL, every value bound."""
    parts: list[str] = ["1"]
    values: list[Any] = []

    def any_of(column: str, wanted: Sequence[str]) -> None:
        parts.append(f"{column} IN ({','.join('?' * len(wanted))})")
        values.extend(wanted)

    def none_of(column: str, unwanted: Sequence[str]) -> None:
        parts.append(f"coalesce({column}, '') NOT IN ({','.join('?' * len(unwanted))})")
        values.extend(unwanted)

    if query.categories or query.groups:
        any_of("category", wanted_categories(query.categories, query.groups))
    for column, wanted in (
        ("color", query.colors),
        ("pattern", query.patterns),
        ("material", query.materials),
        ("style", query.styles),
    ):
        if wanted:
            any_of(column, wanted)
    for column, unwanted in (
        ("category", query.not_categories),
        ("color", query.not_colors),
        ("pattern", query.not_patterns),
        ("material", query.not_materials),
        ("id", query.exclude_ids),
    ):
        if unwanted:
            none_of(column, unwanted)
    for column in ("sleeve", "neckline", "length", "fit"):
        if (value := getattr(query, column)) is not None:
            any_of(column, [value])
    if query.gender is not None:
        any_of("gender", sorted({query.gender, "unisex"}))
    for column, value in (("occasions", query.occasion), ("seasons", query.season)):
        if value is not None:
            # An item that names none is made no claim about, so it suits any.
            parts.append(f"({column} = '|' OR instr({column}, ?))")
            values.append(_set([value]))
    if query.size is not None:
        parts.append("(instr(sizes, ?) OR instr(sizes, ?))")
        values += [_set([query.size]), _set([_ONE_SIZE])]
    if query.min_price is not None:
        parts.append("price >= ?")
        values.append(query.min_price)
    if query.max_price is not None:
        parts.append("price <= ?")
        values.append(query.max_price)
    if query.in_stock_only:
        parts.append("in_stock")
    return " AND ".join(parts), values


def wanted_categories(categories: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The categories a query allows: those stated, and every stated group that holds none of them whole."""
    allowed = dict.fromkeys(categories)
    for group in groups:
        members = GROUPS.get(group, ())
        if not any(member in allowed for member in categories if member in members):
            allowed |= dict.fromkeys(members)
    return list(allowed)
