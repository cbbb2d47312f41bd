"""The assistant: one message in, one record out, and what happens in between as a stream of events.

What this promises: a turn that is sent again with its ``turn_id`` is answered with the record it has; a turn
that died half way goes on from its last checkpoint, and every effect it had is had once; one person's thread
is never another's.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import StateSnapshot

from agents.contracts import Router
from agents.reply_contracts import Stylist
from graphs.build import build_graph
from graphs.journal import Said, TurnJournal
from graphs.nodes_answer import forgot, record_of
from graphs.state import Clock, TurnInput, TurnState
from graphs.turn import Turn, TurnEvent, TurnRecord
from tools.contracts import Services, ToolContext
from tools.registry import call_tool

INTERRUPTED = "This message was interrupted before it was answered."


def thread_key(user: str, thread: str) -> str:
    """The checkpointer's name of a thread: no two pairs of user and thread share one."""
    return json.dumps([user, thread])


class Assistant:
    """Serves turns; safe to share between tasks of one event loop."""

    def __init__(
        self, services: Services, router: Router, stylist: Stylist, checkpointer: AsyncSqliteSaver
    ) -> None:
        """Put the graph together.

        Args:
            services: The stores and the model.
            router: Decides the routes.
            stylist: Speaks.
            checkpointer: Keeps threads; the journal of turns lives in the same database.
        """
        self._saver = checkpointer
        self._journal = TurnJournal(checkpointer)
        self.services = services = replace(services, talks=self._journal)
        self._graph = build_graph(services, router, stylist, journal=self._journal, checkpointer=checkpointer)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, turn: Turn) -> TurnRecord:
        """Serve one turn and give its record."""
        async for event in self.stream(turn):
            if event.record is not None:
                return event.record
        raise AssertionError("a stream ends with its record")

    async def stream(self, turn: Turn) -> AsyncIterator[TurnEvent]:
        """Serve one turn; the last event is its record. Turns of one thread wait for each other."""
        name = thread_key(turn.user, turn.thread)
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            key = f"{name}:{turn.turn_id}" if turn.turn_id else f"{name}:{uuid.uuid4().hex}"
            record = await self._journal.find(key)
            if record is None:
                config = RunnableConfig(configurable={"thread_id": name})
                clock = Clock(started=time.perf_counter())
                async for event in self._work(turn, key, config, clock):
                    yield event
                record = TurnRecord.model_validate(clock.left["record"])
                if clock.left["turn_key"] != key:
                    # An interrupted turn was finished under the key it began with.
                    await self._journal.link(key, record)
                await self._tidy(turn.user, name, wipe=clock.left["wipe"])
            yield TurnEvent(kind="record", record=record)

    async def thread(self, user: str, thread: str) -> list[TurnRecord]:
        """All turns of one person's thread, in order; empty where there is none."""
        return await self._journal.thread(user, thread)

    async def talk(self, user: str, thread: str) -> list[Said]:
        """The latest turns of one person's thread with what they said, in order; empty where there is none."""
        return await self._journal.talk(user, thread)

    async def forget_talk(self, user: str) -> None:
        """Erase all conversations of a person who was forgotten outside of a turn: `forget_history` alone leaves them."""
        await self._journal.forget(user)
        await self._forget_threads(user)

    async def constraints(self, user: str, thread: str) -> set[tuple[str, str]]:
        """What stands in a thread, as (field of `Slots`, value in words)."""
        values = await self._values(user, thread)
        return {(row["field"], str(row["value"])) for row in values.get("constraints") or []}

    async def removed_claims(self, user: str, thread: str) -> int:
        """How many claims were taken out of a thread's replies because no record held them."""
        return int((await self._values(user, thread)).get("removed_claims") or 0)

    async def _values(self, user: str, thread: str) -> dict[str, Any]:
        config = RunnableConfig(configurable={"thread_id": thread_key(user, thread)})
        return dict((await self._graph.aget_state(config)).values)

    async def _work(
        self, turn: Turn, key: str, config: RunnableConfig, clock: Clock
    ) -> AsyncIterator[TurnEvent]:
        """Run the graph, from where an unfinished turn with the same words stopped or from the start."""
        parts = self._graph.astream(
            await self._entry(turn, key, config),
            config,
            context=clock,
            stream_mode="custom",
            durability="sync",
            version="v2",
        )
        async for part in parts:
            yield TurnEvent.model_validate(part["data"])

    async def _entry(self, turn: Turn, key: str, config: RunnableConfig) -> TurnInput | None:
        """The input of a new turn, or None to go on with the one that was interrupted."""
        snapshot = await self._graph.aget_state(config)
        # Before the first node has begun, the values are still those of the turn before.
        if snapshot.next and "__start__" not in snapshot.next:
            if _same_message(snapshot.values, turn):
                return None
            await self._give_up(snapshot)
        elif snapshot.values.get("wipe"):
            await self._tidy(turn.user, config["configurable"]["thread_id"], wipe=True)
        return TurnInput(
            user=turn.user,
            thread=turn.thread,
            turn=1 + await self._journal.last_turn(turn.user, turn.thread),
            turn_key=key,
            text=turn.text,
            image_ids=turn.image_ids,
        )

    async def _give_up(self, snapshot: StateSnapshot) -> None:
        """Keep a record of a turn that died and is not asked for again: what it did stays known.

        A forgetting that had begun is brought to its end: of such a turn no words are kept, and no other turn.
        """
        values: Any = snapshot.values
        wipe = await self._had_forgotten(values)
        state: Any = values | {"refusal": INTERRUPTED, "reply": ""}
        await self._journal.write(
            record_of(state, ms=0.0),
            state["turn_key"],
            text="" if wipe else state["text"],
            image_ids=[] if wipe else state["image_ids"],
            alone=wipe,
        )
        if wipe:
            await self._forget_threads(state["user"])

    async def _had_forgotten(self, state: TurnState) -> bool:
        """Whether a turn that died had erased its person's notes; what else the tool erases is gone after this, too."""
        if forgot(state.get("outcomes") or []):
            return True
        tombs = await asyncio.to_thread(self.services.history.tombstones, state["user"])
        begun = {tomb.effect_key for tomb in tombs}
        for call in state.get("calls") or []:
            if call["tool"] == "forget_history" and call["effect_key"] in begun:
                context = ToolContext(
                    user=state["user"], services=self.services, effect_key=call["effect_key"]
                )
                await call_tool(call["tool"], context, call["arguments"])
                return True
        return False

    async def _tidy(self, user: str, name: str, *, wipe: bool) -> None:
        """Drop the checkpoints a finished turn leaves: all but the last, or all of a forgotten person."""
        if wipe:
            await self._forget_threads(user)
            return
        async with self._saver.lock:
            connection = self._saver.conn
            for table in ("checkpoints", "writes"):
                await connection.execute_fetchall(
                    f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < "  # noqa: S608
                    "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?)",
                    (name, name),
                )
            if connection.in_transaction:
                await connection.commit()

    async def _forget_threads(self, user: str) -> None:
        async with self._saver.lock:
            # Where a deletion was cut off, a thread's words may be left in one of the two only.
            names = [
                row[0]
                for row in await self._saver.conn.execute_fetchall(
                    "SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM writes"
                )
            ]
        for name in names:
            if name.startswith(json.dumps([user])[:-1] + ","):
                await self._saver.adelete_thread(name)
        await self._journal.shrink_log()


def _same_message(values: dict[str, Any], turn: Turn) -> bool:
    return values.get("text") == turn.text and values.get("image_ids") == turn.image_ids
