"""The one stand-in for FashionVLM in tests: honours `FashionVLMClient`, is deterministic, and needs no weights.

It reads pictures by fixed answers that a test sets, draws with `fashion.drawing` when words name a category, and
embeds by hashed words. What it was asked is kept in `asked`.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from fashion.garment import Garment
from fashion.mentions import find_mentions
from vlm.client import Drawing, FashionVLMUnavailableError, Reading, StepCallback

BLUE_JEANS = Reading("Jeans", "blue", "solid", "These are blue denim jeans with a straight leg.")


class HashedWords:
    """An embedding space of hashed words: the same words, the same vector; shared words, a positive cosine."""

    identity = "hashed words"

    def __init__(self, dimension: int = 384) -> None:
        self.dimension = dimension

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self.embed(texts)

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(pictures), self.dimension), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            small = np.asarray(picture.convert("RGB").resize((10, 10)), np.float32).reshape(-1)
            row[:300] = small + 1e-3
        return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in "".join(c if c.isalnum() else " " for c in text.lower()).split():
                row[zlib.crc32(word.encode()) % self.dimension] += 1.0
            row[0] += 1e-3
        return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)


@dataclass
class StandInFashionVLM:
    """FashionVLM, as far as a test needs it.

    `reading` answers every `describe`, or `readings` in turn (the last one again and again); `answer` is what
    `converse` says; `drawn_reading` is what it reads in its own drawings (None: what it drew); `away` makes every
    call fail with that sentence.
    """

    reading: Reading = BLUE_JEANS
    readings: list[Reading] = field(default_factory=list)
    answer: str = "White leather sneakers would go well with it."
    drawn_reading: Reading | None = None
    away: str | None = None
    asked: list[tuple[str, object]] = field(default_factory=list)

    def _call(self, name: str, what: object) -> None:
        if self.away is not None:
            raise FashionVLMUnavailableError(self.away)
        self.asked.append((name, what))

    async def describe(self, picture: Image.Image) -> Reading:
        self._call("describe", picture.size)
        if not self.readings:
            return self.reading
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        self._call("converse", (request, len(pictures)))
        for word in self.answer.split(" "):
            await asyncio.sleep(0)
            yield word + " "

    async def draw(
        self,
        prompt: str,
        *,
        seed: int = 0,
        candidates: int = 1,
        kept: int = 1,
        contrast: float | None = None,
        on_step: StepCallback | None = None,
    ) -> list[Drawing]:
        from fashion.drawing import draw_garment

        self._call("draw", prompt)
        named = find_mentions(prompt)
        color = named.colors[0] if named.colors else "grey"
        pattern = named.patterns[0] if named.patterns else "solid"
        drawings = []
        for candidate in range(candidates):
            if on_step:
                # As the real model does: from a worker thread that knows nothing of the caller's context.
                await asyncio.get_running_loop().run_in_executor(None, on_step, candidate + 1, candidates)
            if named.categories:
                garment = Garment(named.categories[0], color, pattern)
                picture = await asyncio.to_thread(draw_garment, garment, size=128, seed=seed + candidate)
            else:
                picture = Image.new("RGB", (128, 128), (200, 200, 200))
            own = Reading(named.categories[0] if named.categories else None, color, pattern, prompt)
            drawings.append(Drawing(picture, self.drawn_reading or own, seed + candidate))
        return drawings[:kept]

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self._call("embed_texts", len(texts))
        return HashedWords().embed(texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        self._call("embed_pictures", len(pictures))
        return HashedWords().embed_pictures(pictures)

    async def close(self) -> None:
        self.away = "The model has been closed."
