"""FashionVLM loaded behind a door that is open at once.

Reading the weights takes seconds, and most turns do not need them in their first moments. `LoadingFashionVLM`
starts loading in a thread of its own and is a `FashionVLMClient` from the start: a call waits until the model
is there. A load that fails is told in every later call as `FashionVLMUnavailableError`; why, which may name folders
of the machine, is for those who run it: in the log and in `failure`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future

import numpy as np
import numpy.typing as npt
import structlog
from PIL import Image

from vlm.client import Drawing, FashionVLMClient, FashionVLMUnavailableError, Reading, StepCallback

log = structlog.get_logger(__name__)


class LoadingFashionVLM:
    """A `FashionVLMClient` whose model is being loaded."""

    def __init__(self, load: Callable[[], FashionVLMClient]) -> None:
        """Start loading.

        Args:
            load: Builds the model; blocking, runs once in a thread of its own.
        """
        self._ready: Future[FashionVLMClient] = Future()
        self._closed = False
        threading.Thread(target=self._load, args=(load,), name="load-fashionvlm", daemon=True).start()

    def _load(self, load: Callable[[], FashionVLMClient]) -> None:
        try:
            self._ready.set_result(load())
        except Exception as error:
            # Whatever went wrong is logged first, since a call that waits tells only that it did.
            log.error("FashionVLM could not be loaded", reason=_reason(error))
            self._ready.set_exception(error)

    @property
    def loaded(self) -> bool:
        """Whether the model is there."""
        return self._ready.done() and self._ready.exception() is None

    @property
    def failure(self) -> str | None:
        """Why loading failed, in a sentence; None while loading and when all is well."""
        if not self._ready.done():
            return None
        error = self._ready.exception()
        return None if error is None else f"FashionVLM could not be loaded: {_reason(error)}"

    async def _model(self) -> FashionVLMClient:
        if self._closed:
            raise FashionVLMUnavailableError("FashionVLM has been closed.")
        try:
            # Shielded: a canceled turn must not cancel the load that the next turn waits for.
            return await asyncio.shield(asyncio.wrap_future(self._ready))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise FashionVLMUnavailableError(
                "FashionVLM could not be loaded; the log of the program says why."
            ) from error

    async def describe(self, picture: Image.Image) -> Reading:
        """See `FashionVLMClient.describe`."""
        return await (await self._model()).describe(picture)

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """See `FashionVLMClient.converse`."""
        model = await self._model()
        async for piece in model.converse(request, pictures, max_tokens=max_tokens):
            yield piece

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
        """See `FashionVLMClient.draw`."""
        model = await self._model()
        return await model.draw(
            prompt, seed=seed, candidates=candidates, kept=kept, contrast=contrast, on_step=on_step
        )

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """See `FashionVLMClient.embed_texts`."""
        return await (await self._model()).embed_texts(texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """See `FashionVLMClient.embed_pictures`."""
        return await (await self._model()).embed_pictures(pictures)

    async def close(self) -> None:
        """Release the model if it is there; a load still under way ends with the process."""
        self._closed = True
        if self.loaded:
            await self._ready.result().close()


def _reason(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
