"""A process that is killed in the middle of a turn loses no earlier turn and doubles no write."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed_turn.py")
_spec = importlib.util.spec_from_file_location("killed_turn", SCRIPT)
killed_turn = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(killed_turn)


def serve_until_killed(root: Path, point: str, turn_id: str) -> None:
    command = [sys.executable, str(SCRIPT), str(root), point, turn_id]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    ("point", "turn_id"),
    [("after the write", "x"), ("speaking", "-"), ("after the journal", "x")],
)
async def test_the_same_turn_sent_again_is_finished_and_has_its_effect_once(
    tmp_path: Path, point: str, turn_id: str
) -> None:
    serve_until_killed(tmp_path, point, turn_id)
    again = killed_turn.turn(killed_turn.SECOND, None if turn_id == "-" else turn_id)
    async with killed_turn.assistant_in(tmp_path) as (assistant, services):
        before = await assistant.thread("ana", "t")
        assert before[0].turn == 1 and before[0].reply, "the earlier turn is there"
        record = await assistant.run(again)
        assert record.turn == 2 and record.reply and record.error is None
        assert [(call.name, call.ok) for call in record.tools] == [("record_feedback", True)]
        assert [event.kind for event in services.history.export("ana")] == ["like"]
        assert await assistant.thread("ana", "t") == [before[0], record]
        if turn_id != "-":
            assert await assistant.run(again) == record
        later = await assistant.run(killed_turn.turn("hello", None))
        assert later.turn == 3
        assert len(services.history.export("ana")) == 1


async def test_another_message_after_the_kill_leaves_a_record_of_the_broken_turn(tmp_path: Path) -> None:
    serve_until_killed(tmp_path, "speaking", "x")
    async with killed_turn.assistant_in(tmp_path) as (assistant, services):
        record = await assistant.run(killed_turn.turn("hello", None))
        assert record.turn == 3 and not record.tools
        first, broken, last = await assistant.thread("ana", "t")
        assert (first.turn, broken.turn, last) == (1, 2, record)
        assert "interrupted" in broken.error
        assert [call.name for call in broken.tools] == ["record_feedback"], "what it did stays known"
        assert len(services.history.export("ana")) == 1
