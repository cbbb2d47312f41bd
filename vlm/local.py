"""FashionVLM in this process: the `FashionVLMClient` that loads a model folder and runs it on the CPU or a GPU.

All network calls run on one worker thread, so that calls are served in order and the event loop never waits.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from vlm.client import Drawing, FashionVLMUnavailableError, Reading, StepCallback
from vlm.embeddings import PictureEmbedder, TextEmbedder
from vlm.model import FashionVLMModel

P = ParamSpec("P")
T = TypeVar("T")


class LocalFashionVLM:
    """A model that was loaded from a folder, with its embedders."""

    def __init__(
        self,
        model: FashionVLMModel,
        text_embedder: TextEmbedder,
        picture_embedder: PictureEmbedder | None = None,
    ) -> None:
        """Serve a loaded model; `picture_embedder` defaults to one over the model's own tower."""
        self._model = model
        self._texts = text_embedder
        self._pictures = picture_embedder or PictureEmbedder(model.tower)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fashionvlm")
        self._closing = threading.Event()

    @classmethod
    def from_pretrained(
        cls, directory: Path | None = None, text_embedder: TextEmbedder | None = None
    ) -> LocalFashionVLM:
        """Load a model folder (the shipped model by default); blocking, about a second.

        Raises:
            FileNotFoundError: The folder lacks a file; the message says which and what to do.
            ValueError: Its weights do not fit its configuration.
        """
        return cls(FashionVLMModel.from_pretrained(directory), text_embedder or TextEmbedder())

    async def describe(self, picture: Image.Image) -> Reading:
        """Read one picture: category, color, pattern and a sentence."""
        return await self._run(self._model.describe, picture)

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """Stream the answer, piece by piece; closing the iterator stops the model after the current word."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        stopped = threading.Event()

        def produce() -> None:
            try:
                for piece in self._pieces(request, pictures, max_tokens, stopped):
                    loop.call_soon_threadsafe(queue.put_nowait, piece)
                loop.call_soon_threadsafe(queue.put_nowait, None)
            except (ValueError, RuntimeError) as error:
                loop.call_soon_threadsafe(queue.put_nowait, error)

        self._submit(produce)
        try:
            while (piece := await queue.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            stopped.set()

    async def draw(
        self, prompt: str, *, seed: int = 0, candidates: int = 1, on_step: StepCallback | None = None
    ) -> list[Drawing]:
        """Draw a picture from words; candidates come best first by the model's own reading of them."""

        def step(done: int, total: int) -> bool:
            if on_step is not None:
                on_step(done, total)
            return self._closing.is_set()

        return await self._run(self._model.draw, prompt, seed, candidates, step)

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Normalized sentence embeddings, shape ``(len(texts), 384)``."""
        return await asyncio.to_thread(self._texts.embed, texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Normalized picture embeddings, shape ``(len(pictures), 1280)``."""
        return await asyncio.to_thread(self._pictures.embed, pictures)

    async def close(self) -> None:
        """Stop what runs and release the worker."""
        self._closing.set()
        await asyncio.to_thread(self._thread.shutdown, True, cancel_futures=True)

    def _pieces(
        self, request: str, pictures: Sequence[Image.Image], max_tokens: int, stopped: threading.Event
    ) -> Iterator[str]:
        for piece in self._model.converse(request, pictures, max_tokens):
            if stopped.is_set() or self._closing.is_set():
                return
            yield piece

    def _submit(self, work: Callable[[], None]) -> None:
        if self._closing.is_set():
            raise FashionVLMUnavailableError("FashionVLM has been closed.")
        self._thread.submit(work)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closing.is_set():
            raise FashionVLMUnavailableError("FashionVLM has been closed.")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))
