"""The journal of turns: what was said is kept, and gone without a byte once its person is forgotten."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path

import aiosqlite
import pytest

from agents.stylist import Stylist
from graphs.assistant import Assistant, thread_key
from graphs.checkpoints import Checkpoints
from graphs.journal import TurnJournal
from graphs.turn import TurnRecord
from stores.artifacts import Artifacts
from stores.history import History
from tools.contracts import Services

LEFT = {"configurable": {"thread_id": thread_key("ana", "t"), "checkpoint_ns": "", "checkpoint_id": "1"}}


def record(turn: int, user: str = "ana") -> TurnRecord:
    return TurnRecord(
        user=user,
        thread="t",
        turn=turn,
        routes=["chat"],
        reply="Hello.",
        items=[],
        images=[],
        tools=[],
        ms=1.0,
    )


async def test_words_of_a_forgotten_person_are_in_no_file(saver: Checkpoints, tmp_path: Path) -> None:
    journal = TurnJournal(saver)
    for turn in range(1, 40):
        await journal.write(record(turn), f"k{turn}", text=f"zanzibarcoat {turn} " * 20)
    await journal.write(record(40), "k40", alone=True)
    assert [one.turn for one in await journal.thread("ana", "t")] == [40]
    files = await asyncio.to_thread(
        lambda: {path.name: path.read_bytes() for path in tmp_path.glob("conversations*")}
    )
    assert files and all(b"zanzibarcoat" not in content for content in files.values()), sorted(files)


async def test_a_forgetting_that_is_cut_off_leaves_no_transaction_open(
    saver: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = TurnJournal(saver)
    await journal.write(record(1), "k1", text="hello")
    whole = saver.conn.execute_fetchall

    async def cut_off(sql: str, *values: object) -> object:
        raise asyncio.CancelledError

    monkeypatch.setattr(saver.conn, "execute_fetchall", cut_off)
    with pytest.raises(asyncio.CancelledError):
        await journal.write(record(2), "k2", alone=True)
    monkeypatch.setattr(saver.conn, "execute_fetchall", whole)
    assert not saver.conn.in_transaction
    assert [one.turn for one in await journal.thread("ana", "t")] == [1]
    await journal.write(record(2), "k2", alone=True)
    assert [one.turn for one in await journal.thread("ana", "t")] == [2]


async def die_at(place: type, name: str, served: Coroutine[object, object, object]) -> None:
    """Serve a turn that dies where a method of a class is called."""
    loop, task, gone = asyncio.get_running_loop(), asyncio.ensure_future(served), threading.Event()

    def die(*arguments: object, **options: object) -> object:
        loop.call_soon_threadsafe(task.cancel)
        gone.wait(timeout=60)
        raise OSError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, die)
        await asyncio.wait([task])
        assert task.cancelled()
        gone.set()


@pytest.mark.parametrize("point", ["erasing the pictures", "speaking"])
async def test_a_forgetting_that_is_cut_off_is_finished_whatever_is_said_next(
    say, assistant: Assistant, services: Services, saver: Checkpoints, monkeypatch, point: str
) -> None:
    await say("I love navy", thread="other")
    await say("I love navy")
    await say("forget everything you know about me")
    place = (Stylist, "compose") if point == "speaking" else (Artifacts, "forget")
    await die_at(*place, say("yes"))
    assert services.history.export("ana") == []
    erased: list[str] = []
    whole = Artifacts.forget

    def forget(self: Artifacts, user: str, **options: object) -> int:
        erased.append(user)
        return whole(self, user, **options)

    monkeypatch.setattr(Artifacts, "forget", forget)
    later = await say("hello")
    assert later.turn == 4
    assert (erased == ["ana"]) == (point != "speaking")
    broken, last = await assistant.talk("ana", "t")
    assert (broken.text, broken.record.turn, last.record) == ("", 3, later)
    assert "interrupted" in broken.record.error
    assert await assistant.thread("ana", "other") == []
    names = await saver.conn.execute_fetchall(
        "SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM writes"
    )
    assert [row[0] for row in names] == [thread_key("ana", "t")]


async def test_a_confirmed_forgetting_that_never_began_erases_nothing_when_something_else_is_said(
    say, assistant: Assistant, services: Services
) -> None:
    await say("I love navy")
    await say("forget everything you know about me")
    await die_at(History, "forget", say("yes"))
    await say("hello")
    assert len(services.history.export("ana")) == 1
    assert [one.text for one in await assistant.talk("ana", "t")][-2:] == ["yes", "hello"]


async def test_words_that_a_cut_off_deletion_left_are_erased_with_their_person(
    say, assistant: Assistant, saver: Checkpoints
) -> None:
    await say("I love navy")
    await saver.aput_writes(LEFT, [("text", "I love navy")], "task")
    await saver.conn.execute("DELETE FROM checkpoints")
    await assistant.forget_talk("ana")
    assert list(await saver.conn.execute_fetchall("SELECT * FROM writes")) == []


async def test_a_thread_is_deleted_whole_or_not_at_all(say, saver: Checkpoints, monkeypatch) -> None:
    await say("I love navy")
    await saver.aput_writes(LEFT, [("text", "I love navy")], "task")
    counts = "SELECT (SELECT count(*) FROM checkpoints), (SELECT count(*) FROM writes)"
    (before,) = await saver.conn.execute_fetchall(counts)
    assert min(before) > 0
    whole = aiosqlite.Cursor.execute
    connected = saver.conn.execute_fetchall

    async def cut_off(self: aiosqlite.Cursor, sql: str, *values: object) -> object:
        if "writes" in sql:
            raise asyncio.CancelledError
        return await whole(self, sql, *values)

    async def cut_off_rows(sql: str, *values: object) -> object:
        if "writes" in sql:
            raise asyncio.CancelledError
        return await connected(sql, *values)

    with monkeypatch.context() as patch:
        patch.setattr(aiosqlite.Cursor, "execute", cut_off)
        patch.setattr(saver.conn, "execute_fetchall", cut_off_rows)
        with pytest.raises(asyncio.CancelledError):
            await saver.adelete_thread(thread_key("ana", "t"))
    assert list(await saver.conn.execute_fetchall(counts)) == [before]
    await saver.adelete_thread(thread_key("ana", "t"))
    assert list(await saver.conn.execute_fetchall(counts)) == [(0, 0)]


async def test_what_a_task_wrote_is_kept_whole_or_not_at_all(saver: Checkpoints, monkeypatch) -> None:
    writes = [(f"channel {at}", at) for at in range(250)]
    await saver.setup()
    whole, calls = saver.conn.execute_fetchall, []

    async def cut_off(sql: str, *values: object) -> object:
        calls.append(sql)
        if len(calls) == 2:
            raise asyncio.CancelledError
        return await whole(sql, *values)

    with monkeypatch.context() as patch:
        patch.setattr(saver.conn, "execute_fetchall", cut_off)
        with pytest.raises(asyncio.CancelledError):
            await saver.aput_writes(LEFT, writes, "task")
    assert list(await saver.conn.execute_fetchall("SELECT count(*) FROM writes")) == [(0,)]
    await saver.aput_writes(LEFT, writes, "task")
    assert list(await saver.conn.execute_fetchall("SELECT count(*) FROM writes")) == [(250,)]
