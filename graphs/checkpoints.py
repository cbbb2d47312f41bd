"""LangGraph's checkpoints in SQLite, with one trip to the database's thread for each read and write.

`AsyncSqliteSaver` makes up to six such trips for each (cursor, statement, commit, close), and a turn has some thirty reads
and writes: on two cores that was most of a turn's time. Tables, rows and answers are the base class's, except that
`Checkpoints.aput_writes` leaves out what the next checkpoint holds anyway: made for a graph in which only sent tasks run
side by side.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.checkpoint.sqlite.utils import load_pending_writes, pending_writes_sql

_CHECKPOINT = (
    "INSERT OR REPLACE INTO checkpoints "
    "(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata) VALUES (?,?,?,?,?,?,?)"
)
_WRITE_COLUMNS = "(thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value)"
_READ = "SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata FROM checkpoints WHERE thread_id = ? "
_ALONE = "~__pregel_pull"
"""How the path of a task begins that an edge leads to; those that are sent side by side begin otherwise."""
_MOST_ROWS = 100
"""Rows in one statement; SQLite allows 32,766 values, nine a row."""


class Checkpoints(AsyncSqliteSaver):
    """An `AsyncSqliteSaver` on a connection that commits by itself: a statement alone is a transaction."""

    @classmethod
    @asynccontextmanager
    async def from_conn_string(cls, conn_string: str) -> AsyncIterator[Checkpoints]:
        """Open a database file, or ``:memory:``."""
        async with aiosqlite.connect(conn_string, isolation_level=None) as connection:
            yield cls(connection)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that a config names, or the thread's latest; None where there is none."""
        await self.setup()
        place = config["configurable"]
        thread, space = str(place["thread_id"]), place.get("checkpoint_ns", "")
        wanted = get_checkpoint_id(config)
        which = "AND checkpoint_id = ?" if wanted else "ORDER BY checkpoint_id DESC LIMIT 1"
        async with self.lock:
            found = await self.conn.execute_fetchall(
                f"{_READ} AND checkpoint_ns = ? {which}", (thread, space, *([wanted] if wanted else []))
            )
            row = next(iter(found), None)
            if row is None:
                return None
            writes = await self.conn.execute_fetchall(pending_writes_sql(True), (thread, space, row[0]))
        id_, parent, type_, checkpoint, metadata = row

        def at(checkpoint_id: str) -> RunnableConfig:
            named = {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": checkpoint_id}
            return cast(RunnableConfig, {"configurable": named})

        return CheckpointTuple(
            config if wanted else at(id_),
            self.serde.loads_typed((type_, checkpoint)),
            cast(CheckpointMetadata, json.loads(metadata) if metadata is not None else {}),
            at(parent) if parent else None,
            load_pending_writes(writes, self.serde),
        )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint; gives the config that names it."""
        await self.setup()
        place = config["configurable"]
        type_, value = self.serde.dumps_typed(checkpoint)
        stated = json.dumps(get_checkpoint_metadata(config, metadata), ensure_ascii=False)
        thread, space = str(place["thread_id"]), place["checkpoint_ns"]
        row = (
            thread,
            space,
            checkpoint["id"],
            place.get("checkpoint_id"),
            type_,
            value,
            stated.encode("utf-8", "ignore"),
        )
        async with self.lock:
            await self.conn.execute_fetchall(_CHECKPOINT, row)
        named = {"thread_id": place["thread_id"], "checkpoint_ns": space, "checkpoint_id": checkpoint["id"]}
        return cast(RunnableConfig, {"configurable": named})

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what one task wrote, all or nothing; of a step that runs alone, nothing but errors and interrupts.

        Such a step's writes are in the checkpoint that follows at once; a process that dies in between runs the step again.
        """
        plain = not any(channel in WRITES_IDX_MAP for channel, _ in writes)
        if plain and task_path.startswith(_ALONE):
            return
        await self.setup()
        place = config["configurable"]
        named = (
            str(place["thread_id"]),
            str(place["checkpoint_ns"]),
            str(place["checkpoint_id"]),
            task_id,
            task_path,
        )
        rows = [
            (*named, WRITES_IDX_MAP.get(channel, at), channel, *self.serde.dumps_typed(value))
            for at, (channel, value) in enumerate(writes)
        ]
        verb = "REPLACE" if all(channel in WRITES_IDX_MAP for channel, _ in writes) else "IGNORE"
        # One statement is kept whole without one, and with one it takes three trips.
        async with self._transaction() if len(rows) > _MOST_ROWS else self.lock:
            for start in range(0, len(rows), _MOST_ROWS):
                some = rows[start : start + _MOST_ROWS]
                places = ",".join(["(?,?,?,?,?,?,?,?,?)"] * len(some))
                await self.conn.execute_fetchall(
                    f"INSERT OR {verb} INTO writes {_WRITE_COLUMNS} VALUES {places}",  # noqa: S608
                    [value for row in some for value in row],
                )

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints and all that its tasks wrote, all or nothing."""
        await self.setup()
        async with self._transaction():
            for table in ("checkpoints", "writes"):
                await self.conn.execute_fetchall(
                    f"DELETE FROM {table} WHERE thread_id = ?",  # noqa: S608
                    (str(thread_id),),
                )

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """Hold the lock; what is done meanwhile is kept at the end, or nothing of it."""
        async with self.lock:
            try:
                await self.conn.execute_fetchall("BEGIN")
                yield
                await self.conn.commit()
            except BaseException:
                # The connection is everybody's: what the next one writes is not to end in this transaction.
                await self.conn.rollback()
                raise
