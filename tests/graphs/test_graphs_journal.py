"""The journal of turns: what was said is kept, and gone without a byte once its person is forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from graphs.checkpoints import Checkpoints
from graphs.journal import TurnJournal
from graphs.turn import TurnRecord


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
