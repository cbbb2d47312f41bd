"""One SQLite file: opened safely, shared by threads, brought to the newest schema."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class NewerSchemaError(RuntimeError):
    """The file was written by a newer version of this program."""


class Database:
    """A SQLite connection behind a lock, with WAL, foreign keys and migrations by ``user_version``."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        """Open or create `path` and run the migrations it has not seen.

        Args:
            path: The database file; its folder is created.
            migrations: SQL scripts; the file's ``user_version`` counts how many have run. Only ever append to
                them.

        Raises:
            NewerSchemaError: The file has seen more migrations than there are.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._migrate(path, migrations)

    def _migrate(self, path: Path, migrations: Sequence[str]) -> None:
        with self.transaction() as connection:
            seen = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if seen > len(migrations):
                raise NewerSchemaError(
                    f"{path.name} was written by a newer FashionM3 (schema {seen}, here at most "
                    f"{len(migrations)}). Upgrade FashionM3 or use another data folder."
                )
            for number, script in enumerate(migrations[seen:], seen + 1):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={number}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a block: committed at its end, rolled back when it raises. Not nestable."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a read."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a read, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def shrink_log(self) -> None:
        """Move the write-ahead log into the file and empty it, so that deleted content stays in neither."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection; later calls raise ``sqlite3.ProgrammingError``."""
        with self._lock:
            self._connection.close()


@contextmanager
def only_one_process(path: Path, wait_seconds: float = 900.0) -> Iterator[None]:
    """Hold a lock that only one process has at a time; it goes with the process, however that ends.

    Args:
        path: The lock's file; its folder is created.
        wait_seconds: How long to wait for another process.

    Raises:
        sqlite3.OperationalError: It was not to be had in that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A SQLite lock works alike on every system, which file locks do not.
    connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def _statements(script: str) -> Iterator[str]:
    """Split a script where SQLite itself sees a statement end (a trigger holds semicolons of its own)."""
    pending = ""
    for piece in script.split(";")[:-1]:
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending:
        raise ValueError(f"the migration ends inside a statement: {pending.strip()}")
