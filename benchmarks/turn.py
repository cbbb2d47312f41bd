"""How long a turn takes without the model: routing, search, ranking, claims, checkpoints and journal.

    FASHIONM3_HOME=/tmp/home python benchmarks/turn.py [--rounds 40]

FashionVLM is replaced by one that answers at once with fixed words. The time in the sentence embedder is taken out of every
turn and reported apart. The boutique must be built (the first start of fashionm3 does it). Prints a table, then one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from ui.assembly import open_catalog
from ui.settings import Settings
from vlm.client import Drawing, Reading

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


class TimedEmbedder:
    """The sentence embedder, and how long it was at work in the turn at hand."""

    def __init__(self, inner: object) -> None:
        self.inner, self.spent, self._lock = inner, 0.0, threading.Lock()

    def embed(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        began = time.perf_counter()
        try:
            return self.inner.embed(texts, batch_size)
        finally:
            with self._lock:
                self.spent += time.perf_counter() - began


class AtOnce:
    """A FashionVLM that costs nothing."""

    def __init__(self, embedder: TimedEmbedder) -> None:
        self.embedder = embedder

    async def describe(self, picture: Image.Image) -> Reading:
        return Reading("Jeans", "blue", "solid", "These are blue denim jeans.")

    async def converse(self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96):
        yield "White leather sneakers or brown suede loafers would go well with it."

    async def draw(self, prompt: str, *, seed: int = 0, candidates: int = 1, on_step=None) -> list[Drawing]:
        return [Drawing(Image.new("RGB", (64, 64)), None, seed)]

    async def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        return await asyncio.to_thread(self.embedder.embed, texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        return np.zeros((len(pictures), 1280), np.float32)

    async def close(self) -> None:
        return None


async def measure(settings: Settings, rounds: int) -> dict[str, object]:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from agents.router import load_router
    from agents.stylist import Stylist
    from graphs.assistant import Assistant
    from graphs.turn import Turn
    from stores.artifacts import Artifacts
    from stores.history import History
    from tools.contracts import Services
    from vlm.embeddings import TextEmbedder

    embedder = TimedEmbedder(TextEmbedder())
    catalog = open_catalog(settings, embedder)
    rows: dict[str, list[tuple[float, float]]] = {text: [] for text in SCRIPT}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        history, artifacts = History(root / "history", embedder), Artifacts(root / "pictures")
        services = Services(catalog=catalog, history=history, artifacts=artifacts, vlm=AtOnce(embedder))
        async with AsyncSqliteSaver.from_conn_string(str(root / "conversations.sqlite")) as saver:
            assistant = Assistant(services, load_router(embedder), Stylist(), saver)
            for number in range(rounds + 1):
                user = uuid.uuid4().hex
                for text in SCRIPT:
                    embedder.spent, began = 0.0, time.perf_counter()
                    record = await assistant.run(Turn(user=user, thread="main", text=text))
                    spent = time.perf_counter() - began
                    assert record.error is None, record.error
                    if number:
                        rows[text].append((1000 * (spent - embedder.spent), 1000 * embedder.spent))
        for store in (history, artifacts, catalog):
            store.close()
    return report(rows)


def report(rows: dict[str, list[tuple[float, float]]]) -> dict[str, object]:
    print(f"{'turn without model and embedding, ms':44} {'p50':>7} {'p95':>7}   embedding p50")
    for text, pairs in rows.items():
        work, embedding = np.asarray(pairs).T
        print(
            f"{text[:44]:44} {np.median(work):7.1f} {np.percentile(work, 95):7.1f}   {np.median(embedding):7.1f}"
        )
    work, embedding = np.asarray([pair for pairs in rows.values() for pair in pairs]).T
    p50, p95 = np.percentile(work, [50, 95])
    print(f"{'all turns':44} {p50:7.1f} {p95:7.1f}   {np.median(embedding):7.1f}")
    return {
        "turns": len(work), "p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1),
        "embedding_p50_ms": round(float(np.median(embedding)), 1),
        "embedding_p95_ms": round(float(np.percentile(embedding, 95)), 1), "aim_p95_ms": 30.0,
    }  # fmt: skip


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
