"""A program that serves turns and kills itself (SIGKILL) at a chosen point; run by `test_graphs_killed`.

Usage: python killed_turn.py ROOT POINT TURN_ID, where POINT is one of `POINTS` and TURN_ID may be ``-``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from agents.reply_contracts import ReplyFacts
from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.checkpoints import Checkpoints
from graphs.journal import TurnJournal
from graphs.turn import Turn, TurnRecord
from stores.artifacts import Artifacts
from stores.catalog import Catalog
from stores.history import History, HistoryEvent
from tests.script import ScriptedRouter
from tests.standin import HashedWords, StandInFashionVLM
from tools.contracts import Services

POINTS = ("after the write", "speaking", "after the journal")
FIRST, SECOND = "what do you know about me?", "I love navy"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingHistory(History):
    def record(self, *arguments, **options) -> HistoryEvent:
        event = super().record(*arguments, **options)
        die()
        return event


class DyingStylist(Stylist):
    def compose(self, facts: ReplyFacts) -> Iterator[str]:
        yield "Noted"
        if facts.text == SECOND:
            die()
        yield "."


async def write_and_die(self, record: TurnRecord, key: str, **said) -> TurnRecord:
    written = await WRITE(self, record, key, **said)
    if record.turn == 2:
        die()
    return written


WRITE = TurnJournal.write


@asynccontextmanager
async def assistant_in(root: Path, point: str = "") -> AsyncIterator[tuple[Assistant, Services]]:
    history = (DyingHistory if point == "after the write" else History)(root / "history", HashedWords())
    catalog, artifacts = Catalog(root / "catalog", HashedWords()), Artifacts(root / "pictures")
    services = Services(catalog=catalog, history=history, artifacts=artifacts, vlm=StandInFashionVLM())
    stylist = DyingStylist() if point == "speaking" else Stylist()
    async with Checkpoints.from_conn_string(str(root / "conversations.sqlite")) as saver:
        yield Assistant(services, ScriptedRouter(), stylist, saver), services
    for store in (history, catalog, artifacts):
        store.close()


def turn(text: str, turn_id: str | None) -> Turn:
    return Turn(user="ana", thread="t", text=text, turn_id=turn_id)


async def main(root: Path, point: str, turn_id: str | None) -> None:
    if point == "after the journal":
        TurnJournal.write = write_and_die
    async with assistant_in(root, point) as (assistant, _):
        await assistant.run(turn(FIRST, None))
        await assistant.run(turn(SECOND, turn_id))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], None if sys.argv[3] == "-" else sys.argv[3]))
