"""The engine as those who serve it see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from PIL import Image

from vlm.config import ColorHint
from vlm.engine.requests import EngineStats, Event, Look, Request


class ServingEngine(Protocol):
    """What a server or an in-process client needs of `vlm.engine.engine.Engine`."""

    @property
    def model_name(self) -> str:
        """The name that ``/v1/models`` shows."""
        ...

    @property
    def resolution(self) -> int:
        """Side in pixels of the pictures it draws."""
        ...

    @property
    def default_steps(self) -> int:
        """Steps of a `DrawRequest` that names none; the server spreads its previews over them."""
        ...

    @property
    def color_hint(self) -> ColorHint:
        """Whether the model was trained to be told a picture's measured color: when it is to describe it, or always."""
        ...

    def look(self, pictures: Sequence[Image.Image]) -> Sequence[Image.Image] | Look:
        """Pictures for a `TextRequest`, at the size at which they are read; blocking, from any thread.

        Raises:
            ValueError: They are too many.
        """
        ...

    def events(self, request: Request) -> AsyncIterator[Event]:
        """Submit a request and yield its events as they come; closing the iterator cancels it and frees its slot.

        Raises:
            RequestRefusedError: Before the first event, where the request can never be served.
            QueueFullError: Before the first event, where too much waits.
            RequestFailedError: The engine is closed.
        """
        ...

    def stats(self) -> EngineStats:
        """A look at it; cheap, from any thread."""
        ...

    async def close(self) -> None:
        """Stop taking requests, let none hang: what runs ends in `Failed`."""
        ...
