"""FashionVLM in this process: the `FashionVLMClient` over an engine of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from vlm.client import Drawing, FashionVLMUnavailableError, Reading, StepCallback
from vlm.embeddings.opening import LazySpace
from vlm.embeddings.space import EmbeddingSpace
from vlm.engine.engine import Engine
from vlm.engine.requests import (
    DrawRequest,
    Event,
    Failed,
    Message,
    PictureDone,
    Piece,
    QueueFullError,
    Request,
    RequestFailedError,
    RequestRefusedError,
    Step,
    TextRequest,
)
from vlm.model import FashionVLMModel, chosen_device
from vlm.precision import Precision, named_dtype
from vlm.reading import describe_picture, ranked, read_picture, talk_request


class LocalFashionVLM:
    """A model that was loaded from a folder, with its engine and its embedders."""

    def __init__(
        self,
        model: FashionVLMModel,
        space: EmbeddingSpace | None = None,
    ) -> None:
        """Serve a loaded model; `space` embeds words and pictures, by default the built-in one, loaded when needed."""
        self._engine = Engine.from_model(model).start()
        self._photos = model.photos
        self._space = space or LazySpace()
        self._closed = False

    @classmethod
    def from_pretrained(
        cls,
        directory: Path | None = None,
        space: EmbeddingSpace | None = None,
        *,
        device: str | None = None,
        dtype: Precision | None = None,
    ) -> LocalFashionVLM:
        """Load a model folder (the shipped model by default); blocking, about a second.

        Args:
            directory: See `vlm.checkpoint.load_model`.
            space: See the class.
            device: ``cpu`` or ``cuda``; None is a GPU if there is one.
            dtype: What the network computes in; None is as `vlm.precision` has it.

        Raises:
            FileNotFoundError: The folder lacks a file; the message says which and what to do.
            ValueError: Its weights do not fit its configuration, or the model does not fit the memory.
        """
        return cls(
            FashionVLMModel.from_pretrained(
                directory, device=chosen_device(device), dtype=named_dtype(dtype)
            ),
            space,
        )

    async def describe(self, picture: Image.Image) -> Reading:
        """Read one picture: category, color, pattern and a sentence; said where it shows several garments or none."""
        self._refuse_when_closed()
        return await describe_picture(picture, self._photos, self._engine.color_hint, self._answer)

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """Stream the answer, piece by piece; closing the iterator frees the model after the current word."""
        asked = await asyncio.to_thread(
            talk_request, request, pictures, self._engine.color_hint, self._photos
        )
        async with contextlib.aclosing(self._answer(asked, pictures, max_tokens)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answer(
        self, request: str, pictures: Sequence[Image.Image], max_tokens: int
    ) -> AsyncGenerator[str, None]:
        asked = TextRequest([Message("user", request)], pictures, max_tokens)
        async with contextlib.aclosing(self._events(asked)) as events:
            async for event in events:
                if isinstance(event, Piece) and event.text:
                    yield event.text

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
        """Draw a picture from words; see `FashionVLMClient.draw`."""
        pictures: list[Image.Image] = []
        asked = DrawRequest(prompt, seed=seed, candidates=candidates, kept=kept, contrast=contrast)
        async with contextlib.aclosing(self._events(asked)) as events:
            async for event in events:
                if isinstance(event, Step) and on_step is not None:
                    on_step(event.done, event.total)
                elif isinstance(event, PictureDone):
                    pictures = [event.picture, *event.others]
        hint = self._engine.color_hint
        readings = await asyncio.gather(*(read_picture(picture, hint, self._answer) for picture in pictures))
        return ranked(prompt, pictures, readings, seed)

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Sentences in the space of words and pictures, ``(len(texts), d)``, of length 1."""
        return await asyncio.to_thread(self._space.embed_texts, texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Pictures in the same space, ``(len(pictures), d)``, of length 1."""
        return await asyncio.to_thread(self._space.embed_pictures, pictures)

    async def close(self) -> None:
        """Stop what runs and release the worker."""
        self._closed = True
        await self._engine.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise FashionVLMUnavailableError("FashionVLM has been closed.")

    async def _events(self, request: Request) -> AsyncGenerator[Event, None]:
        """The engine's events; whatever is no fault of the request makes the model unavailable."""
        self._refuse_when_closed()
        try:
            async with contextlib.aclosing(self._engine.events(request)) as events:
                async for event in events:
                    if isinstance(event, Failed):
                        raise event.error
                    yield event
        except RequestFailedError as error:
            raise FashionVLMUnavailableError(f"FashionVLM gave up: {error}.") from error
        except QueueFullError as error:
            raise FashionVLMUnavailableError(f"FashionVLM is busy: {error}.") from error
        except RequestRefusedError as error:
            raise ValueError(str(error)) from error
