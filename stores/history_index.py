"""The index by which a person's history is recalled: one collection a user, made from the journal and mended from it.

It belongs to one embedding space, whose mark every collection's name ends with, so that vectors of two spaces never meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from stores.database import Database
from stores.embedders import SpaceFunction, mark_of
from stores.history_events import collection_of, sentence_of
from stores.vector_index import VectorIndex

if TYPE_CHECKING:
    from vlm.embeddings.space import EmbeddingSpace

_log = structlog.get_logger(__name__)
Progress = Callable[[int, int], None]
_PAUSE_SECONDS = 3.0


class HistoryIndex:
    """Vectors of events, by user; thread-safe."""

    def __init__(self, root: Path, journal: Database, space: EmbeddingSpace) -> None:
        """Open or create the index; what another embedding made is dropped and noted as waiting.

        Args:
            root: Chroma's folder.
            journal: The truth, with the tables that say what waits to be indexed or dropped.
            space: Embeds the events.
        """
        self._space = space
        self._suffix = f"-{mark_of(space)}"
        self._database = journal
        self._vectors = VectorIndex(root, {"*": SpaceFunction(space)})
        self._mending = threading.RLock()
        self._later = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history-index")
        self._waiting, self._closing = threading.Event(), threading.Event()
        self._leave_other_spaces()

    def mend(self, user: str | None = None, on_progress: Progress | None = None) -> None:
        """Bring the index to where the journal is: for one user, or (None) wherever work is waiting."""
        with self._mending:
            for row in self._database.rows("SELECT user FROM undropped"):
                self._vectors.drop(self._collection(row["user"]))
                with self._database.transaction() as journal:
                    journal.execute("DELETE FROM undropped WHERE user = ?", (row["user"],))
            self._index_waiting(user, on_progress)
            if user is not None:
                self._note_lost(user)

    def nearest(self, user: str, words: str, limit: int, among: Sequence[str] | None) -> list[str]:
        """Ids of a person's events, the closest in meaning first; `among` allows only some."""
        vector = self._space.embed_texts([words])[0]
        found = self._vectors.nearest(self._collection(user), vector, limit, among)
        return [id_ for id_, _ in found]

    def rebuild(self, on_progress: Progress | None) -> int:
        """Make everything again from the journal; returns how many events there are."""
        with self._mending:
            for name in self._vectors.names():
                self._vectors.drop(name)
            self._note_all_waiting()
            return self._index_waiting(None, on_progress)

    def mend_soon(self) -> None:
        """`mend` in a thread of its own, once the turn that wrote is over: Chroma holds up every other thread meanwhile."""
        if not self._waiting.is_set():
            self._waiting.set()
            self._later.submit(self._mend_after_pause).add_done_callback(_tell_failure)

    def close(self) -> None:
        """Let go of the files, once what was recorded is indexed."""
        self._closing.set()
        self._later.shutdown(wait=True)
        self._vectors.close()

    def _collection(self, user: str) -> str:
        return f"{collection_of(user)}{self._suffix}"

    def _mend_after_pause(self) -> None:
        self._closing.wait(_PAUSE_SECONDS)
        self._waiting.clear()
        self.mend()

    def _leave_other_spaces(self) -> None:
        """Drop what another embedding indexed, after noting that everything waits to be indexed by this one."""
        others = [name for name in self._vectors.names() if not name.endswith(self._suffix)]
        if not others:
            return
        # In this order: a crash in between finds the old collections again.
        self._note_all_waiting()
        for name in others:
            self._vectors.drop(name)

    def _note_all_waiting(self) -> None:
        with self._database.transaction() as journal:
            journal.execute("INSERT OR IGNORE INTO unindexed (id, user) SELECT id, user FROM event")

    def _note_lost(self, user: str) -> None:
        """Find events whose vectors vanished (the index folder was lost or restored from an older day)."""
        held = self._database.row("SELECT count(*) AS n FROM event WHERE user = ?", (user,))
        if held is None or held["n"] == self._vectors.count(self._collection(user)):
            return
        journaled = {row["id"] for row in self._database.rows("SELECT id FROM event WHERE user = ?", (user,))}
        indexed = self._vectors.ids(self._collection(user))
        if stray := sorted(indexed - journaled):
            self._vectors.remove(self._collection(user), stray)
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
            vectors = self._space.embed_texts([sentence_of(row) for row in batch])
            ids = [row["id"] for row in batch]
            self._vectors.upsert(self._collection(owner), ids, vectors)
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
