"""Every finished turn, kept in the checkpoint database but outliving the checkpoints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from graphs.turn import TurnRecord
from tools.contracts import KeptMessage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turn (
    user TEXT NOT NULL,
    thread TEXT NOT NULL,
    turn INTEGER NOT NULL,
    record TEXT NOT NULL,
    said TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (user, thread, turn)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turn_key (
    key TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    thread TEXT NOT NULL,
    turn INTEGER NOT NULL
) WITHOUT ROWID;
"""


_SAYS_SOMETHING = """(
    coalesce(json_extract(said, '$.text'), '') <> '' OR coalesce(json_array_length(said, '$.image_ids'), 0) > 0
)"""
"""True of a turn whose message was not forgotten."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said in a turn, and the turn's record.

    Attributes:
        text: The words; empty for a turn that was kept before words were.
        image_ids: The pictures sent along.
        record: The answer.
    """

    text: str
    image_ids: tuple[str, ...]
    record: TurnRecord


class TurnJournal:
    """The turns of all threads, written once each.

    Shares the connection and the lock of a checkpointer, so that both live in one file and a front door has
    one thing to open.
    """

    def __init__(self, saver: AsyncSqliteSaver) -> None:
        """Use the database of a checkpointer; the tables are made on first use."""
        self._saver = saver
        self._ready = False

    async def _open(self) -> None:
        await self._saver.setup()
        if not self._ready:
            async with self._saver.lock:
                # As in `stores.database`: with a write-ahead log a killed process loses nothing, and no commit waits for
                # the disk.
                await self._saver.conn.execute("PRAGMA synchronous=NORMAL")
                # What is deleted is overwritten: checkpoints and turns hold what people said.
                await self._saver.conn.execute("PRAGMA secure_delete=ON")
                await self._saver.conn.executescript(_SCHEMA)
                cursor = await self._saver.conn.execute("SELECT name FROM pragma_table_info('turn')")
                if "said" not in {row[0] for row in await cursor.fetchall()}:
                    # Made before the words were kept.
                    await self._saver.conn.execute(
                        "ALTER TABLE turn ADD COLUMN said TEXT NOT NULL DEFAULT '{}'"
                    )
                await self._saver.conn.commit()
            self._ready = True

    async def write(
        self,
        record: TurnRecord,
        key: str,
        *,
        text: str = "",
        image_ids: Sequence[str] = (),
        alone: bool = False,
    ) -> TurnRecord:
        """Keep a record, once: a turn that is there stays as it is.

        Args:
            record: The finished turn.
            key: Its turn key.
            text: What the person said.
            image_ids: The pictures they sent.
            alone: Erase every other turn of this person, in all threads (they asked to be forgotten).

        Returns:
            The record as it is kept.
        """
        await self._open()
        place = (record.user, record.thread, record.turn)
        said = json.dumps({"text": text, "image_ids": list(image_ids)})
        async with self._saver.lock:
            connection = self._saver.conn
            try:
                if alone:
                    await connection.execute("BEGIN")
                    for table in ("turn", "turn_key"):
                        await connection.execute(
                            f"DELETE FROM {table} WHERE user = ? AND NOT (thread = ? AND turn = ?)",  # noqa: S608
                            place,
                        )
                # The key first: alone it leads nowhere, while a record without its key would be answered a second time.
                await connection.execute_fetchall(
                    "INSERT OR IGNORE INTO turn_key VALUES (?,?,?,?)", (key, *place)
                )
                rows = await connection.execute_fetchall(
                    "INSERT INTO turn (user, thread, turn, record, said) VALUES (?,?,?,?,?) "
                    "ON CONFLICT DO UPDATE SET record = record RETURNING record",
                    (*place, record.model_dump_json(), said),
                )
            except BaseException:
                # The connection is everybody's: what the next one writes is not to end in this transaction.
                await connection.rollback()
                raise
            if connection.in_transaction:
                await connection.commit()
        if alone:
            await self.shrink_log()
        return TurnRecord.model_validate_json(next(iter(rows))[0])

    async def forget(self, user: str) -> None:
        """Erase every turn of a person, in all threads."""
        await self._open()
        async with self._saver.lock:
            for table in ("turn", "turn_key"):
                await self._saver.conn.execute_fetchall(
                    f"DELETE FROM {table} WHERE user = ?",  # noqa: S608
                    (user,),
                )
            if self._saver.conn.in_transaction:
                await self._saver.conn.commit()
        await self.shrink_log()

    async def shrink_log(self) -> None:
        """Empty the write-ahead log into the file, so that deleted words stay in neither."""
        await self._open()
        async with self._saver.lock:
            await self._saver.conn.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def link(self, key: str, record: TurnRecord) -> None:
        """Let another turn key lead to a turn that is kept already."""
        await self._open()
        async with self._saver.lock:
            await self._saver.conn.execute(
                "INSERT OR IGNORE INTO turn_key VALUES (?,?,?,?)",
                (key, record.user, record.thread, record.turn),
            )
            await self._saver.conn.commit()

    async def find(self, key: str) -> TurnRecord | None:
        """The turn of a key, or None."""
        rows = await self._rows(
            "SELECT record FROM turn JOIN turn_key USING (user, thread, turn) WHERE key = ?", key
        )
        return TurnRecord.model_validate_json(rows[0]) if rows else None

    async def thread(self, user: str, thread: str) -> list[TurnRecord]:
        """All turns of one person's thread, in order."""
        rows = await self._rows(
            "SELECT record FROM turn WHERE user = ? AND thread = ? ORDER BY turn", user, thread
        )
        return [TurnRecord.model_validate_json(row) for row in rows]

    async def talk(self, user: str, thread: str, *, last: int = 50) -> list[Said]:
        """The latest turns of one person's thread with what was said in them, in order."""
        await self._open()
        async with self._saver.lock:
            cursor = await self._saver.conn.execute(
                "SELECT record, said FROM turn WHERE user = ? AND thread = ? ORDER BY turn DESC LIMIT ?",
                (user, thread, last),
            )
            rows = [(str(record), json.loads(said)) for record, said in await cursor.fetchall()]
        return [
            Said(
                str(said.get("text", "")),
                tuple(said.get("image_ids", ())),
                TurnRecord.model_validate_json(record),
            )
            for record, said in reversed(rows)
        ]

    async def threads(self, user: str) -> list[str]:
        """The names of one person's threads."""
        return [
            str(row)
            for row in await self._rows("SELECT DISTINCT thread FROM turn WHERE user = ? ORDER BY 1", user)
        ]

    async def count(self, user: str) -> int:
        """How many messages of a person are kept, in all threads."""
        rows = await self._rows(
            f"SELECT count(*) FROM turn WHERE user = ? AND {_SAYS_SOMETHING}",  # noqa: S608
            user,
        )
        return int(rows[0])

    async def kept(self, user: str) -> list[KeptMessage]:
        """Everything kept of a person's conversations, thread by thread, in order; what was forgotten is empty."""
        await self._open()
        async with self._saver.lock:
            rows = await self._saver.conn.execute_fetchall(
                "SELECT thread, turn, said, json_extract(record, '$.reply') FROM turn "  # noqa: S608
                f"WHERE user = ? AND {_SAYS_SOMETHING} ORDER BY thread, turn",
                (user,),
            )
        found = [(thread, turn, json.loads(said), reply) for thread, turn, said, reply in rows]
        return [
            KeptMessage(
                thread=thread,
                turn=turn,
                text=said.get("text", ""),
                image_ids=said.get("image_ids", []),
                reply=reply or "",
            )
            for thread, turn, said, reply in found
        ]

    async def last_turn(self, user: str, thread: str) -> int:
        """The number of the last turn of a thread, 0 for none."""
        rows = await self._rows(
            "SELECT coalesce(max(turn), 0) FROM turn WHERE user = ? AND thread = ?", user, thread
        )
        return int(rows[0])

    async def _rows(self, sql: str, *values: str) -> list[str]:
        await self._open()
        async with self._saver.lock:
            return [row[0] for row in await self._saver.conn.execute_fetchall(sql, values)]
