"""A small real engine for the server's tests: it queues, works step by step, counts, and can be canceled; no weights.

Words answer with the last message's words; a drawing is a flat picture whose color comes from its seed. `hold` keeps
everything from finishing until it is set, which takes the place of slow work.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from PIL import Image

from vlm.engine.requests import (
    DrawRequest,
    EngineStats,
    Event,
    Failed,
    PictureDone,
    Piece,
    QueueFullError,
    Request,
    RequestFailedError,
    RequestRefusedError,
    Step,
    TextDone,
    TextRequest,
)


class SmallEngine:
    """See the module; `slots` work at once, `queue` wait."""

    model_name = "small"
    resolution = 64
    default_steps = 8
    color_hint = True

    def __init__(self, slots: int = 4, queue: int = 256) -> None:
        self.slots, self.queue = slots, queue
        self.asked: list[Request] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.working = asyncio.Event()
        self.closed = asyncio.Event()
        self.broken = False
        self.wait_seconds = 1.0
        self.waiting = self.texts = self.drawings = 0
        self.tokens = self.pictures = self.failed = self.canceled = 0
        self._free = asyncio.Semaphore(slots)

    def look(self, pictures: list[Image.Image]) -> list[Image.Image]:
        return pictures

    async def events(self, request: Request) -> AsyncIterator[Event]:
        self._refuse(request)
        self.asked.append(request)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        drawing = isinstance(request, DrawRequest)
        self.drawings += drawing
        self.texts += not drawing
        finished = False
        self.working.set()
        try:
            async for event in self._draw(request) if drawing else self._write(request):
                if isinstance(event, TextDone | PictureDone | Failed):
                    finished = True
                    self.failed += isinstance(event, Failed)
                yield event
        finally:
            self.canceled += not finished
            self.drawings -= drawing
            self.texts -= not drawing
            self._free.release()

    def stats(self) -> EngineStats:
        held = 1000 + 10 * (self.texts + self.drawings)
        return EngineStats(
            self.waiting,
            self.texts,
            self.drawings,
            self.tokens,
            self.pictures,
            self.failed,
            self.canceled,
            held,
            2000,
            self.wait_seconds,
            taking=not self.broken,
        )

    async def close(self) -> None:
        self.closed.set()
        self.hold.set()

    def _refuse(self, request: Request) -> None:
        if self.closed.is_set():
            raise RequestFailedError("The engine has been closed.")
        if isinstance(request, TextRequest) and sum(len(m.text) for m in request.messages) > 2000:
            raise RequestRefusedError("The conversation has more words than the model can hold; shorten it.")
        if self.waiting >= self.queue:
            raise QueueFullError(self.waiting, 3)

    async def _pause(self) -> None:
        await asyncio.sleep(0)
        await self.hold.wait()
        if self.closed.is_set():
            raise RequestFailedError("The engine has been closed.")

    async def _write(self, request: TextRequest) -> AsyncIterator[Event]:
        words = f"You said: {request.messages[-1].text}, with {len(request.pictures)} pictures".split(" ")
        for count, word in enumerate(words):
            if count == request.max_tokens:
                yield TextDone("length", 10, count)
                return
            self.tokens += 1
            yield Piece(word if not count else f" {word}", 1)
            try:
                await self._pause()
            except RequestFailedError as error:
                yield Failed(error)
                return
        yield TextDone("stop", 10, len(words), 3)

    async def _draw(self, request: DrawRequest) -> AsyncIterator[Event]:
        steps = request.steps or self.default_steps
        colors = [
            ((request.seed * 37 + 11 * i) % 256, (request.seed * 91) % 256, 120)
            for i in range(request.kept or request.candidates)
        ]
        for done in range(1, steps + 1):
            preview = request.previews and done < steps and done % request.previews == 0
            yield Step(done, steps, Image.new("RGB", (64, 64), colors[0]) if preview else None)
            try:
                await self._pause()
            except RequestFailedError as error:
                yield Failed(error)
                return
        pictures = [Image.new("RGB", (64, 64), color) for color in colors]
        if request.picture is not None and request.mask is not None:
            pictures = [Image.composite(picture, request.picture, request.mask) for picture in pictures]
        self.pictures += len(pictures)
        yield PictureDone(pictures[0], steps, pictures[1:])


def held_engine() -> SmallEngine:
    """An engine that says which process it is in, and never finishes a request."""
    engine = SmallEngine()
    engine.model_name = f"small-{os.getpid()}"
    engine.hold.clear()
    return engine
