"""What a person told us and did: first an append-only journal in SQLite, then an index to recall by meaning.

The journal is the truth. An event is on disk before anything is embedded, and indexed a moment later in a thread of its
own; where a crash falls between, the next opening or recall mends the index. Forgetting erases a person's events from both
for good and leaves a tombstone that says when and how many, nothing of what.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stores.database import Database
from stores.history_events import HistoryEvent, Tombstone, event_of, mark_of
from stores.history_index import HistoryIndex, Progress
from stores.history_schema import SCHEMA

if TYPE_CHECKING:
    from vlm.embeddings.space import EmbeddingSpace

__all__ = ["FORGOTTEN", "History", "HistoryEvent", "Tombstone"]

FORGOTTEN = "forgotten"
"""The kind of the empty event that answers a write whose effect was forgotten since."""


class History:
    """Every person's history, each apart; thread-safe."""

    def __init__(self, root: Path, space: EmbeddingSpace, on_progress: Progress | None = None) -> None:
        """Open or create the history below `root`, and finish what a crash left undone.

        Where the index was made by another embedding it is made again from the journal.

        Args:
            root: The folder of journal and index.
            space: Embeds what is recalled by meaning.
            on_progress: Called as ``on_progress(done, total)`` while events are indexed.
        """
        self._database = Database(root / "history.sqlite", SCHEMA)
        self._index = HistoryIndex(root / "history-index", self._database, space)
        self._index.mend(on_progress=on_progress)

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
        self._index.mend_soon()
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
        self._index.mend(user)
        by_id = {event.id: event for event in events}
        among = None if kinds is None else list(by_id)
        found = self._index.nearest(user, query, min(limit, len(by_id)), among)
        return [by_id[id_] for id_ in found if id_ in by_id]

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
        self._index.mend()
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
        return self._index.rebuild(on_progress)

    def close(self) -> None:
        """Close the journal and the index, once what was recorded is indexed."""
        self._index.close()
        self._database.close()

    def _events(self, user: str, kinds: Collection[str] | None) -> list[HistoryEvent]:
        sql, values = "SELECT * FROM event WHERE user = ?", [user]
        if kinds is not None:
            sql += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += kinds
        return [event_of(row) for row in self._database.rows(sql + " ORDER BY seq", values)]
