"""Named collections of vectors in Chroma: an index only, made again from SQLite whenever it is lost.

It holds ids and vectors, never text: what a person said stays in the journal alone, where forgetting can
erase it. Chroma's own server is never started; it runs inside this process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from chromadb import PersistentClient
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import InternalError, NotFoundError

from stores.embedders import Vectors

_BATCH = 2000
_FEW = 500
_FEW_OF = 20
"""Walking the graph for a few ids among very many visits most of it; comparing each of them is sooner done."""
_MOST_HELD = 4096
"""Vectors kept in memory for comparing: at most some 20 MB a collection."""


class VectorIndex:
    """A folder of Chroma collections, all with cosine distance and one embedding function; thread-safe."""

    def __init__(self, root: Path, functions: dict[str, Any]) -> None:
        """Open or create the index.

        Args:
            root: Chroma's folder.
            functions: Our embedding function for each collection name, or for ``"*"``, all others.
        """
        root.mkdir(parents=True, exist_ok=True)
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        # The factory is typed as an interface that lacks `close`; what it makes is a `Client`.
        self._client = cast(Client, PersistentClient(path=str(root), settings=settings))
        self._functions = functions
        self._collections: dict[str, Collection] = {}
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def upsert(self, name: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Write vectors of shape ``(len(ids), d)``; ids seen before are overwritten."""
        collection = self._collection(name)
        for start in range(0, len(ids), _BATCH):
            stop = start + _BATCH
            collection.upsert(ids=list(ids[start:stop]), embeddings=np.ascontiguousarray(vectors[start:stop]))
        self._let_go(name)

    def nearest(
        self, name: str, vector: Vectors, limit: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """The ids closest to a vector of shape ``(d,)`` with their cosine similarity (-1..1), best first.

        Args:
            name: Collection; one that is not there answers with nothing.
            vector: The query, of length 1.
            limit: How many at most.
            among: Only these ids; ids that are not indexed are passed over.
        """
        if limit < 1 or (among is not None and not among):
            return []
        collection = self._collection(name)
        held = self._held_of(name)
        if among is not None and len(among) <= _FEW and len(among) * _FEW_OF < held.size(collection):
            return held.compared(collection, vector, limit, among)
        try:
            return _query(collection, vector, limit, among)
        except InternalError:
            # Chroma refuses a query that names an id it does not have, so those are taken out first.
            known = [] if among is None else collection.get(ids=list(among), include=[])["ids"]
            if among is None or len(known) == len(among):
                raise
            return _query(collection, vector, limit, known) if known else []

    def ids(self, name: str) -> set[str]:
        """Every id in a collection."""
        return {id_ for batch in self._pages(name) for id_ in batch}

    def count(self, name: str) -> int:
        """How many vectors a collection has."""
        return self._collection(name).count()

    def remove(self, name: str, ids: Sequence[str]) -> None:
        """Take ids out; unknown ones are passed over."""
        collection = self._collection(name)
        for start in range(0, len(ids), _BATCH):
            collection.delete(ids=list(ids[start : start + _BATCH]))
        self._let_go(name)

    def drop(self, name: str) -> None:
        """Remove a collection whole, if it is there."""
        with self._lock:
            self._collections.pop(name, None)
            self._held.pop(name, None)
            try:
                self._client.delete_collection(name)
            except NotFoundError:
                return

    def names(self) -> list[str]:
        """The names of all collections."""
        return [collection.name for collection in self._client.list_collections()]

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            self._collections.clear()
            self._held.clear()
            self._client.close()

    def _pages(self, name: str) -> Iterator[list[str]]:
        collection = self._collection(name)
        offset = 0
        while batch := collection.get(limit=_BATCH, offset=offset, include=[])["ids"]:
            yield batch
            offset += len(batch)

    def _held_of(self, name: str) -> _Held:
        with self._lock:
            return self._held.setdefault(name, _Held())

    def _let_go(self, name: str) -> None:
        """Read again what was changed."""
        with self._lock:
            self._held.pop(name, None)

    def _collection(self, name: str) -> Collection:
        with self._lock:
            if name not in self._collections:
                self._collections[name] = self._client.get_or_create_collection(
                    name,
                    embedding_function=self._functions.get(name, self._functions.get("*")),
                    configuration={"hnsw": {"space": "cosine"}},
                )
            return self._collections[name]


def _query(
    collection: Collection, vector: Vectors, limit: int, among: Sequence[str] | None
) -> list[tuple[str, float]]:
    found = collection.query(
        query_embeddings=vector[None],
        ids=None if among is None else list(among),
        n_results=limit,
        include=["distances"],
    )
    distances = found["distances"] or [[]]
    return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]


class _Held:
    """What is known of a collection without asking Chroma again: its size, and the vectors that were compared lately."""

    def __init__(self) -> None:
        self._size: int | None = None
        self._vectors: dict[str, Vectors] = {}

    def size(self, collection: Collection) -> int:
        if self._size is None:
            self._size = collection.count()
        return self._size

    def compared(
        self, collection: Collection, vector: Vectors, limit: int, among: Sequence[str]
    ) -> list[tuple[str, float]]:
        """As `VectorIndex.nearest`, each of the ids compared with the query."""
        vectors = self._vectors
        missing = [id_ for id_ in among if id_ not in vectors]
        if missing:
            found = collection.get(ids=missing, include=["embeddings"])
            if found["embeddings"] is not None:
                rows = np.asarray(found["embeddings"], np.float32)
                vectors = (vectors if len(vectors) + len(missing) <= _MOST_HELD else {}) | dict(
                    zip(found["ids"], rows, strict=True)
                )
                self._vectors = vectors
            if any(id_ not in vectors for id_ in among):
                # Some are not indexed, or were let go a moment ago to make room.
                held = collection.get(ids=list(among), include=["embeddings"])
                rows = np.asarray(held["embeddings"], np.float32).reshape(len(held["ids"]), -1)
                return _best(held["ids"], rows, vector, limit)
        return _best(list(among), np.stack([vectors[id_] for id_ in among]), vector, limit)


def _best(ids: Sequence[str], rows: Vectors, vector: Vectors, limit: int) -> list[tuple[str, float]]:
    if not len(ids):
        return []
    scores = rows @ vector
    return [(ids[at], float(scores[at])) for at in np.argsort(-scores, kind="stable")[:limit]]
