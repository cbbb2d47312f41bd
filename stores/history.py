"""What a person told us and did: first an append-only journal in SQLite, then an index to recall by meaning.

The journal is the truth. An event is on disk before anything is embedded, and indexed a moment later in a thread of its
own; where a crash falls between, the next opening or recall mends the index. Forgetting erases a person's events from both
for good and leaves a tombstone that says when and how many, nothing of what.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import structlog

from stores.database import Database
from stores.embedders import SentenceEmbedder, SentenceFunction
from stores.history_events import HistoryEvent, Tombstone, collection_of, event_of, mark_of, sentence_of
from stores.history_schema import SCHEMA
from stores.vector_index import VectorIndex

_log = structlog.get_logger(__name__)
__all__ = ["FORGOTTEN", "History", "HistoryEvent", "Tombstone"]

Progress = Callable[[int, int], None]
_PAUSE_SECONDS = 3.0
FORGOTTEN = "forgotten"
"""The kind of the empty event that answers a write whose effect was forgotten since."""


class History:
    """Every person's history, each apart; thread-safe."""

    def __init__(self, root: Path, text_embedder: SentenceEmbedder) -> None:
        """Open or create the history below `root`, and finish what a crash left undone."""
        self._embedder = text_embedder
        self._database = Database(root / "history.sqlite", SCHEMA)
        self._index = VectorIndex(root / "history-index", {"*": SentenceFunction(text_embedder)})
        self._mending = threading.RLock()
        self._later = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history-index")
        self._waiting, self._closing = threading.Event(), threading.Event()
        self._mend()

    def record(
        self,
        user: str,
        kind: str,
        *,
        text: str = "",
        item_id: str | None = None,
        attributes: dict[str, str] | None = None,
        effect_key: str,
    ) -> HistoryEvent:
        """Write one event, once: the same user and effect key again give back the event that is there.

        Args:
            user: Whose history; from the authenticated context.
            kind: A word such as ``like``, ``dislike``, ``own``, ``avoid``, ``bought`` or ``said``.
            text: What it was, in words; recalled by meaning.
            item_id: The catalog item it is about.
            attributes: Facts in short, for example ``{"color": "navy"}``.
            effect_key: What makes this write the same write when a turn is run again.

        Returns:
            The event as it stands in the journal. Where it was forgotten since, nothing is written and an
            empty event of the kind ``forgotten`` comes back.
        """
        event = HistoryEvent(
            id=uuid.uuid4().hex,
            user=user,
            at=datetime.now(UTC),
            kind=kind,
            item_id=item_id,
            text=text,
            attributes=attributes or {},
            effect_key=effect_key,
        )
        with self._database.transaction() as journal:
            if journal.execute("SELECT 1 FROM spent WHERE mark = ?", (mark_of(user, effect_key),)).fetchone():
                return event.model_copy(
                    update={"kind": FORGOTTEN, "text": "", "item_id": None, "attributes": {}}
                )
            seen = journal.execute(
                "SELECT * FROM event WHERE user = ? AND effect_key = ?", (user, effect_key)
            ).fetchone()
            if seen is not None:
                return event_of(seen)
            journal.execute(
                "INSERT INTO event (id, user, at, kind, item_id, text, attributes, effect_key) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    event.id,
                    user,
                    event.at.isoformat(),
                    kind,
                    item_id,
                    text,
                    json.dumps(event.attributes),
                    effect_key,
                ),
            )
            journal.execute("INSERT INTO unindexed (id, user) VALUES (?, ?)", (event.id, user))
        if not self._waiting.is_set():
            self._waiting.set()
            self._later.submit(self._index_soon).add_done_callback(_tell_failure)
        return event

    def recall(
        self,
        user: str,
        query: str | None = None,
        *,
        kinds: Collection[str] | None = None,
        limit: int = 20,
    ) -> list[HistoryEvent]:
        """A person's events: the closest in meaning to `query`, best first, or the newest first without one.

        Args:
            user: Whose history.
            query: Words to compare with; None or blank for the newest.
            kinds: Only these kinds.
            limit: How many at most.
        """
        if limit < 1 or (kinds is not None and not kinds):
            return []
        events = self._events(user, kinds)
        if query is None or not query.strip():
            return events[::-1][:limit]
        self._mend(user)
        by_id = {event.id: event for event in events}
        vector = self._embedder.embed([query])[0]
        among = None if kinds is None else list(by_id)
        found = self._index.nearest(collection_of(user), vector, min(limit, len(by_id)), among)
        return [by_id[id_] for id_, _ in found if id_ in by_id]

    def export(self, user: str) -> list[HistoryEvent]:
        """Every note held about a person, oldest first; what they said in conversations is kept by `graphs.journal`."""
        return self._events(user, None)

    def forget(self, user: str, *, effect_key: str) -> int:
        """Erase all of a person's events and their index; returns how many events that were.

        The same effect key again erases nothing more and gives the first number.
        """
        with self._database.transaction() as journal:
            seen = journal.execute(
                "SELECT erased FROM tombstone WHERE user = ? AND effect_key = ?", (user, effect_key)
            ).fetchone()
            if seen is not None:
                return int(seen["erased"])
            rows = journal.execute("SELECT effect_key FROM event WHERE user = ?", (user,)).fetchall()
            journal.execute(
                "INSERT INTO tombstone (user, at, effect_key, erased, last_seq) "
                "VALUES (?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM event))",
                (user, datetime.now(UTC).isoformat(), effect_key, len(rows)),
            )
            marks = [(mark_of(user, row["effect_key"]),) for row in rows]
            journal.executemany("INSERT OR IGNORE INTO spent (mark) VALUES (?)", marks)
            journal.execute("DELETE FROM event WHERE user = ?", (user,))
            journal.execute("INSERT OR IGNORE INTO undropped (user) VALUES (?)", (user,))
        self._database.shrink_log()
        self._mend()
        return len(rows)

    def tombstones(self, user: str) -> list[Tombstone]:
        """When a person was forgotten, oldest first."""
        rows = self._database.rows("SELECT * FROM tombstone WHERE user = ? ORDER BY rowid", (user,))
        return [
            Tombstone(user=row["user"], at=row["at"], effect_key=row["effect_key"], erased=row["erased"])
            for row in rows
        ]

    def rebuild(self, on_progress: Progress | None = None) -> int:
        """Make the whole index again from the journal; returns how many events it has.

        Args:
            on_progress: Called as ``on_progress(done, total)``.
        """
        with self._mending:
            for name in self._index.names():
                self._index.drop(name)
            with self._database.transaction() as journal:
                journal.execute("INSERT OR IGNORE INTO unindexed (id, user) SELECT id, user FROM event")
            return self._index_waiting(None, on_progress)

    def close(self) -> None:
        """Close the journal and the index, once what was recorded is indexed."""
        self._closing.set()
        self._later.shutdown(wait=True)
        self._index.close()
        self._database.close()

    def _events(self, user: str, kinds: Collection[str] | None) -> list[HistoryEvent]:
        sql, values = "SELECT * FROM event WHERE user = ?", [user]
        if kinds is not None:
            sql += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += kinds
        return [event_of(row) for row in self._database.rows(sql + " ORDER BY seq", values)]

    def _mend(self, user: str | None = None) -> None:
        """Bring the index to where the journal is: for one user, or (None) wherever work is waiting."""
        with self._mending:
            for row in self._database.rows("SELECT user FROM undropped"):
                self._index.drop(collection_of(row["user"]))
                with self._database.transaction() as journal:
                    journal.execute("DELETE FROM undropped WHERE user = ?", (row["user"],))
            self._index_waiting(user, None)
            if user is not None:
                self._note_lost(user)

    def _index_soon(self) -> None:
        """Index what waits, once the turn that wrote it is over: Chroma holds up every other thread meanwhile."""
        self._closing.wait(_PAUSE_SECONDS)
        self._waiting.clear()
        self._mend()

    def _note_lost(self, user: str) -> None:
        """Find events whose vectors vanished (the index folder was lost or restored from an older day)."""
        held = self._database.row("SELECT count(*) AS n FROM event WHERE user = ?", (user,))
        if held is None or held["n"] == self._index.count(collection_of(user)):
            return
        journaled = {row["id"] for row in self._database.rows("SELECT id FROM event WHERE user = ?", (user,))}
        indexed = self._index.ids(collection_of(user))
        if stray := sorted(indexed - journaled):
            self._index.remove(collection_of(user), stray)
        with self._database.transaction() as journal:
            journal.executemany(
                "INSERT OR IGNORE INTO unindexed (id, user) SELECT id, user FROM event WHERE id = ?",
                [(id_,) for id_ in sorted(journaled - indexed)],
            )
        self._index_waiting(user, None)

    def _index_waiting(self, user: str | None, on_progress: Progress | None) -> int:
        """Embed and index the events noted as waiting, a user at a time."""
        sql = "SELECT event.* FROM unindexed JOIN event USING (id)"
        rows = self._database.rows(
            sql + (" WHERE event.user = ?" if user is not None else "") + " ORDER BY event.user, seq",
            () if user is None else (user,),
        )
        done = 0
        while done < len(rows):
            owner = rows[done]["user"]
            batch = [row for row in rows[done : done + 64] if row["user"] == owner]
            vectors = self._embedder.embed([sentence_of(row) for row in batch])
            ids = [row["id"] for row in batch]
            self._index.upsert(collection_of(owner), ids, vectors)
            with self._database.transaction() as journal:
                journal.executemany("DELETE FROM unindexed WHERE id = ?", [(id_,) for id_ in ids])
            done += len(batch)
            if on_progress is not None:
                on_progress(done, len(rows))
        return done


def _tell_failure(done: Future[None]) -> None:
    """A failure loses nothing: the event stays noted as waiting, and the next recall or opening indexes it."""
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.warning("history_indexing_failed", error=type(error).__name__)
