"""A server's state: its engine as it loads, serves and stops, and the requests that are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import structlog

from vlm.engine.protocol import ServingEngine
from vlm.engine.requests import EngineStats
from vlm.server.errors import ApiError
from vlm.server.metrics import ServerMetrics
from vlm.server.options import ServerOptions

Phase = Literal["loading", "ready", "failed", "stopping", "closed"]

log = structlog.get_logger(__name__)


class Service:
    """What the routes of one server share; everything here runs on the server's event loop."""

    def __init__(self, load: Callable[[], ServingEngine], options: ServerOptions) -> None:
        """Serve the engine that `load` (blocking, once, in a thread) builds."""
        self._load = load
        self._engine: ServingEngine | None = None
        self._open = 0
        self._none_open = asyncio.Event()
        self._none_open.set()
        self.settled = asyncio.Event()
        """Set once the engine is loaded or could not be."""
        self.options = options
        self._phase: Phase = "loading"
        self.failure: str | None = None
        self.metrics = ServerMetrics(self.stats, lambda: self._open)

    async def load(self) -> None:
        """Load the engine; a failure is logged, told by ``/ready``, and raised."""
        try:
            engine = await asyncio.to_thread(self._load)
        except Exception as error:
            self._phase, self.failure = "failed", str(error).strip() or type(error).__name__
            log.error("FashionVLM could not be loaded", reason=self.failure)
            raise
        else:
            self._engine = engine
            if self._phase == "loading":
                self._phase = "ready"
        finally:
            self.settled.set()

    @property
    def phase(self) -> Phase:
        """How far it is; an engine that has broken down counts as failed."""
        if self._phase == "ready" and self._engine is not None and not self._engine.stats().taking:
            return "failed"
        return self._phase

    @property
    def engine(self) -> ServingEngine:
        """The engine, ready to work.

        Raises:
            ApiError: It is still loading, could not be loaded, or is being stopped (503).
        """
        if self._engine is None or self.phase != "ready":
            raise self.not_ready()
        return self._engine

    def engine_called(self, model: str | None) -> ServingEngine:
        """The engine, where `model` is its name or is not given.

        Raises:
            ApiError: As `engine`; or there is no such model here (404).
        """
        engine = self.engine
        if model is not None and model != engine.model_name:
            raise ApiError(
                404,
                f"There is no model {model[:80]!r} here; this server has {engine.model_name!r}.",
                "model_not_found",
                param="model",
            )
        return engine

    def not_ready(self) -> ApiError:
        """Why nothing is served now."""
        if self.phase == "failed":
            why = (
                f"could not be loaded: {self.failure}"
                if self.failure
                else "has broken down; the log says why."
            )
            return ApiError(503, f"The model {why}", "model_failed")
        if self.phase == "loading":
            return ApiError(503, "The model is being loaded.", "loading", wait=5)
        return ApiError(503, "This server is being stopped.", "stopping", wait=5)

    def stats(self) -> EngineStats | None:
        """A look at the engine; None while there is none."""
        return None if self._engine is None else self._engine.stats()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a request as open.

        Raises:
            ApiError: Too many are open (429), or nothing is served now (503).
        """
        engine = self.engine
        if self._open >= self.options.max_open:
            wait = engine.stats().wait_seconds
            raise ApiError(429, f"{self._open} requests are open already.", "too_many_open", wait=wait)
        self._open += 1
        self._none_open.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._none_open.set()

    async def drain(self) -> None:
        """Take nothing new, let what is open finish for as long as the grace lasts, then close the engine."""
        if self.phase in ("stopping", "closed"):
            return
        self._phase = "stopping"
        try:
            async with asyncio.timeout(self.options.grace_seconds):
                await self._none_open.wait()
        except TimeoutError:
            log.warning("requests were open at the end of the grace", open=self._open)
        await self.close()

    async def close(self) -> None:
        """Close the engine; requests that are still open end with an error."""
        already, self._phase = self._phase == "closed", "closed"
        if self._engine is not None and not already:
            await self._engine.close()
