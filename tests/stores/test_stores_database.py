"""The SQLite file: migrations, rollback, and the lock between processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from stores.database import Database, NewerSchemaError, only_one_process

FIRST = "CREATE TABLE a (x INTEGER); CREATE TABLE b (y INTEGER);"
SECOND = "ALTER TABLE a ADD COLUMN z TEXT DEFAULT 'new';\n"


def test_a_file_is_brought_to_the_newest_schema_with_its_rows_kept(tmp_path: Path) -> None:
    old = Database(tmp_path / "f.sqlite", [FIRST])
    with old.transaction() as connection:
        connection.execute("INSERT INTO a VALUES (1)")
    old.close()
    new = Database(tmp_path / "f.sqlite", [FIRST, SECOND])
    assert [tuple(row) for row in new.rows("SELECT x, z FROM a")] == [(1, "new")]


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    Database(tmp_path / "f.sqlite", [FIRST]).close()
    with pytest.raises(sqlite3.OperationalError):
        Database(
            tmp_path / "f.sqlite", [FIRST, "CREATE TABLE c (w INTEGER);\nCREATE TABLE nonsense nonsense;\n"]
        )
    assert (
        Database(tmp_path / "f.sqlite", [FIRST]).row("SELECT 1 FROM sqlite_master WHERE name = 'c'") is None
    )


def test_a_file_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    Database(tmp_path / "f.sqlite", [FIRST, SECOND]).close()
    with pytest.raises(NewerSchemaError, match="newer FashionM3"):
        Database(tmp_path / "f.sqlite", [FIRST])


def test_a_transaction_that_raises_is_rolled_back(tmp_path: Path) -> None:
    database = Database(tmp_path / "f.sqlite", [FIRST])
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute("INSERT INTO a VALUES (1)")
        1 / 0  # noqa: B018
    assert database.rows("SELECT * FROM a") == []


def test_the_log_is_write_ahead_and_foreign_keys_hold(tmp_path: Path) -> None:
    database = Database(tmp_path / "f.sqlite", [FIRST])
    assert database.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert database.rows("PRAGMA foreign_keys")[0][0] == 1


def test_only_one_process_holds_the_lock_and_a_dead_one_gives_it_up(tmp_path: Path) -> None:
    lock = tmp_path / "building.lock"
    script = f"import sys\nfrom pathlib import Path\nfrom stores.database import only_one_process\nwith only_one_process(Path({str(lock)!r})):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(sqlite3.OperationalError, match="locked"), only_one_process(lock, wait_seconds=0):
        pass
    child.kill()
    child.wait()
    with only_one_process(lock, wait_seconds=0):
        pass
