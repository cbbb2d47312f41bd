"""Working on a request only as long as its client is there and its time lasts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vlm.engine.requests import Event
from vlm.server.errors import EXPECTED, api_error

T = TypeVar("T")

_LAST_WORDS_SECONDS = 5.0
"""How long a client that reads nothing is waited for when its stream has to end early."""


class HungUpError(Exception):
    """The client is gone; nobody reads an answer."""


async def attended(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`; cancel it and see it end as soon as the client hangs up.

    Args:
        receive: Of the request, whose body has been read.
        work: What is done for the client.

    Raises:
        HungUpError: The client went away first.
    """
    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(_hang_up(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise HungUpError
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


def deadline_in(seconds: float) -> float:
    """What the running loop's clock will show in so many seconds, for ``asyncio.timeout_at``."""
    return asyncio.get_running_loop().time() + seconds


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def closing(events: AsyncIterator[Event]) -> aclosing[AsyncGenerator[Event, None]]:
    """An engine's events, to be closed (which cancels the request) however the block ends."""
    return aclosing(cast("AsyncGenerator[Event, None]", events))


@contextmanager
def outcome_noted(scope: Scope) -> Iterator[None]:
    """Leave word of an error that comes after the answer has begun, where the status cannot tell it."""
    try:
        yield
    except EXPECTED as error:
        scope.setdefault("state", {})["outcome"] = api_error(error).code
        raise


class EventStream(Response):
    """Server-sent events, made while the client reads them.

    Errors before the first event are ordinary answers with their own status; later ones are an event in the
    shape of OpenAI's errors, which its clients raise.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None], deadline: float) -> None:
        """Stream `events` until the loop's clock shows `deadline`."""
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        await attended(receive, self._serve(scope, send))

    async def _serve(self, scope: Scope, send: Send) -> None:
        begun = False
        try:
            with outcome_noted(scope):
                async with asyncio.timeout_at(self._deadline), aclosing(self._events) as events:
                    async for event in events:
                        if not begun:
                            begun = True
                            await send(
                                {
                                    "type": "http.response.start",
                                    "status": 200,
                                    "headers": self.raw_headers,
                                }
                            )
                        await send({"type": "http.response.body", "body": event, "more_body": True})
                        # Many events may be there at once; others have their turn, and a hang-up is noticed, between two.
                        await asyncio.sleep(0)
        except EXPECTED as error:
            if not begun:
                raise
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                last = sse(api_error(error).body())
                await send({"type": "http.response.body", "body": last, "more_body": False})
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def sse(data: Any, name: str | None = None) -> bytes:
    """One server-sent event with JSON (or, for a plain string, the string itself) as its data."""
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {text}\n\n".encode()
