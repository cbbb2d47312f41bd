"""How long a turn takes without the model: routing, search, ranking, claims, checkpoints and journal.

    FASHIONM3_HOME=/tmp/home python benchmarks/turn.py [--rounds 40]

FashionVLM is replaced by one that answers at once with fixed words. The time in the sentence embedder is taken out of every
turn and reported apart. Wall time is what a person waits; processor time is that of all threads, work that goes on behind the
turn (the index of the history) included. A turn's parts are the steps that it streams. The boutique must be built (the first
start of fashionm3 does it). Prints two tables, then one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ui.assembly import open_catalog, open_embedding
from ui.settings import Settings
from vlm.client import Drawing, Reading

if TYPE_CHECKING:
    from graphs.assistant import Assistant
    from graphs.turn import Turn

Row = dict[str, tuple[float, float]]
"""Wall and processor time in ms by part of a turn."""

SCRIPT = (
    "show me boots under 200, not black",
    "something cheaper",
    "I love the first one",
    "which shoes should I buy, given what I like?",
    "what should I wear to a wedding? no leather",
    "and a bag to match",
    "the second one but in green",
    "actually leather is fine",
    "show me dresses for Diwali",
    "longer",
    "what is business casual?",
    "what do you know about me?",
)


@dataclass(frozen=True)
class Mark:
    """A moment: wall and processor seconds, both less what the embedder took until then, and what it took."""

    wall: float
    cpu: float
    embedding: float


class TimedEmbedder:
    """The sentence embedder and the space of words and pictures, and how long they have been at work."""

    def __init__(self, words: object, space: object) -> None:
        self.words, self.space = words, space
        self.identity, self.dimension = space.identity, space.dimension
        self.wall, self.cpu, self._lock = 0.0, 0.0, threading.Lock()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return self._timed(self.words.embed, texts)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        return self._timed(self.space.embed_texts, texts)

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        return self._timed(self.space.embed_pictures, pictures)

    def _timed(self, work, what) -> np.ndarray:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return work(what)
        finally:
            with self._lock:
                self.wall += time.perf_counter() - wall
                self.cpu += time.thread_time() - cpu

    def mark(self) -> Mark:
        return Mark(time.perf_counter() - self.wall, time.process_time() - self.cpu, self.wall)


class AtOnce:
    """A FashionVLM that costs nothing."""

    def __init__(self, embedder: TimedEmbedder) -> None:
        self.embedder = embedder

    async def describe(self, picture: Image.Image) -> Reading:
        return Reading("Jeans", "blue", "solid", "These are blue denim jeans.")

    async def converse(self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96):
        yield "White leather sneakers or brown suede loafers would go well with it."

    async def draw(self, prompt: str, *, seed: int = 0, **options: object) -> list[Drawing]:
        return [Drawing(Image.new("RGB", (64, 64)), None, seed)]

    async def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        return await asyncio.to_thread(self.embedder.embed_texts, texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        return np.zeros((len(pictures), self.embedder.dimension), np.float32)

    async def close(self) -> None:
        return None


async def measure(settings: Settings, rounds: int) -> dict[str, object]:
    from agents.router import load_router
    from agents.stylist import Stylist
    from graphs.assistant import Assistant
    from graphs.checkpoints import Checkpoints
    from graphs.turn import Turn
    from stores.artifacts import Artifacts
    from stores.history import History
    from tools.contracts import Services
    from vlm.embeddings import TextEmbedder

    words = TextEmbedder()
    embedder = TimedEmbedder(words, open_embedding(settings, words))
    catalog = open_catalog(settings, embedder)
    rows: dict[str, list[Row]] = {text: [] for text in SCRIPT}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        history, artifacts = History(root / "history", embedder), Artifacts(root / "pictures")
        services = Services(catalog=catalog, history=history, artifacts=artifacts, vlm=AtOnce(embedder))
        async with Checkpoints.from_conn_string(str(root / "conversations.sqlite")) as saver:
            assistant = Assistant(services, load_router(embedder), Stylist(), saver)
            for number in range(rounds + 1):
                user = uuid.uuid4().hex
                for text in SCRIPT:
                    row = await timed(assistant, Turn(user=user, thread="main", text=text), embedder)
                    if number:
                        rows[text].append(row)
        for store in (history, artifacts, catalog):
            store.close()
    return report(rows)


async def timed(assistant: Assistant, turn: Turn, embedder: TimedEmbedder) -> Row:
    """One turn's times in ms by part, under "all" the whole turn's, and under "embedding" the embedder's wall time."""
    marks = [("before", embedder.mark())]
    async for event in assistant.stream(turn):
        if event.kind == "step":
            marks.append((event.text, embedder.mark()))
        if event.record is not None:
            assert event.record.error is None, event.record.error
    marks.append(("end", embedder.mark()))
    row: Row = {}
    for (name, began), (_, ended) in pairwise(marks):
        wall, cpu = row.get(name, (0.0, 0.0))
        row[name] = wall + 1000 * (ended.wall - began.wall), cpu + 1000 * (ended.cpu - began.cpu)
    first, last = marks[0][1], marks[-1][1]
    row["all"] = 1000 * (last.wall - first.wall), 1000 * (last.cpu - first.cpu)
    row["embedding"] = 1000 * (last.embedding - first.embedding), 0.0
    return row


def report(rows: dict[str, list[Row]]) -> dict[str, object]:
    """Print the tables; the figures of all turns."""
    every = [row for some in rows.values() for row in some]
    print(f"{'ms without model and embedding':44} {'p50':>7} {'p95':>7} {'cpu p50':>9} {'cpu p95':>9}")
    for text, some in rows.items():
        print(line(text, some, "all"))
    print(line("all turns", every, "all"))
    parts = list(dict.fromkeys(name for row in every for name in row if name not in ("all", "embedding")))
    print(f"\n{'part':44} {'p50':>7} {'p95':>7} {'cpu p50':>9} {'cpu p95':>9}")
    for name in parts:
        print(line(name, every, name))
    whole, embedding = figures(every, "all"), figures(every, "embedding")
    return {
        "turns": len(every), "p50_ms": whole[0], "p95_ms": whole[1], "cpu_p50_ms": whole[2], "cpu_p95_ms": whole[3],
        "embedding_p50_ms": embedding[0], "embedding_p95_ms": embedding[1],
        "parts_p95_ms": {name: figures(every, name)[1] for name in parts},
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "aim_p95_ms": 30.0,
    }  # fmt: skip


def figures(rows: Sequence[Row], name: str) -> list[float]:
    """p50 and p95 of the wall time, then of the processor time, in ms; a turn without the part counts as 0."""
    wall, cpu = np.asarray([row.get(name, (0.0, 0.0)) for row in rows]).T
    return [round(float(value), 1) for times in (wall, cpu) for value in np.percentile(times, [50, 95])]


def line(text: str, rows: Sequence[Row], name: str) -> str:
    p50, p95, cpu50, cpu95 = figures(rows, name)
    return f"{text[:44]:44} {p50:7.1f} {p95:7.1f} {cpu50:9.1f} {cpu95:9.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=40, help="conversations of twelve turns; one more warms up"
    )
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(Settings(), arguments.rounds))))


if __name__ == "__main__":
    main()
