"""Requests to a FashionVLM server: what is retried, what opens the circuit, and the sentence each failure becomes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from vlm.circuit import CircuitBreaker, CircuitOpenError, ServerAtFaultError
from vlm.client import FashionVLMUnavailableError
from vlm.engine.requests import RequestRefusedError
from vlm.event_stream import json_events

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 2.0
"""Idle connections are given up before the server does it (ours after 75 s, a bare uvicorn after 5 s): one that it closes
as we send would lose a request."""
ATTEMPTS = 3
LONGEST_PAUSE = 5.0
"""A server that asks for a longer pause than this is told of, not waited for."""
_BODY_BYTES = 64 * 1024
"""An error, or what a server has; far longer than any of ours."""

log = structlog.get_logger(__name__)


class _AwayError(FashionVLMUnavailableError, ServerAtFaultError):
    """The server failed; the circuit counts it."""


class _NotReachedError(_AwayError):
    """The request did not arrive, or was turned away for now: it may be sent again.

    Attributes:
        pause: Seconds that the server asked for.
    """

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class _BusyError(FashionVLMUnavailableError):
    """The server is well and has too much to do; it may be asked again, and the circuit does not count it."""

    def __init__(self, message: str, pause: float | None) -> None:
        super().__init__(message)
        self.pause = pause


class HttpTransport:
    """One server, spoken to from one event loop."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        seconds: float = 120.0,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Speak to `url` (without ``/v1``).

        Args:
            url: Of the server.
            key: Sent as a bearer token.
            seconds: The longest wait for an answer's beginning and between its pieces.
            breaker: Spares calls to a server that is away.
            sleep: Waits between two tries.
            transport: How httpx reaches the server; its own if not given.
        """
        self._breaker = breaker or CircuitBreaker()
        self._sleep = sleep
        self._seconds = seconds
        self._closed = False
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            limits=httpx.Limits(
                max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS
            ),
            transport=transport,
            # No proxy and no credentials of the environment: pictures go to this address and nowhere else.
            trust_env=False,
        )

    async def get(self, path: str) -> dict[str, Any]:
        """An object by GET.

        Raises:
            FashionVLMUnavailableError: See the module.
        """
        async with self._answered("GET", path, None) as response:
            try:
                value = json.loads(await _limited(response))
            except (ValueError, RecursionError) as error:
                raise _AwayError("The address of FashionVLM is not one of a FashionVLM server.") from error
        return value if isinstance(value, dict) else {}

    async def events(self, path: str, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The server-sent events that answer a POST.

        Raises:
            FashionVLMUnavailableError: See the module.
            RequestRefusedError: The server cannot serve this request.
            BadStreamError: What came is no stream of events.
        """
        async with self._answered("POST", path, body) as response:
            async for event in json_events(response.aiter_bytes()):
                if "error" in event:
                    raise _AwayError(f"FashionVLM gave up: {_sentence(event)}")
                yield event

    async def close(self) -> None:
        """Hang up."""
        self._closed = True
        await self._http.aclose()

    @asynccontextmanager
    async def _answered(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> AsyncIterator[httpx.Response]:
        """An answer of status 200 whose body is still to be read; the block is part of the call."""
        if self._closed:
            raise FashionVLMUnavailableError("FashionVLM has been closed.")
        try:
            with self._breaker.call(), _told(self._seconds):
                response = await self._reached(method, path, body)
                try:
                    yield response
                finally:
                    await response.aclose()
        except CircuitOpenError as error:
            raise FashionVLMUnavailableError(
                "FashionVLM did not answer the last times; it will be tried again in a moment."
            ) from error
        except FashionVLMUnavailableError as error:
            if self._closed:
                raise FashionVLMUnavailableError("FashionVLM has been closed.") from error
            log.warning("FashionVLM over HTTP", url=str(self._http.base_url), path=path, reason=str(error))
            raise

    async def _reached(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        request = self._http.build_request(method, path, json=body)
        tries = AsyncRetrying(
            retry=retry_if_exception_type((_NotReachedError, _BusyError)),
            stop=_enough,
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        async for attempt in tries:
            with attempt:
                return await self._once(request)
        raise AssertionError("tenacity ends with an answer or an error")

    async def _once(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._http.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _NotReachedError("FashionVLM cannot be reached.") from error
        if response.status_code == 200:
            return response
        try:
            raise _refusal(response, await _beginning(response))
        finally:
            await response.aclose()


@contextmanager
def _told(seconds: float) -> Iterator[None]:
    """Turn what httpx raises in the middle of an answer into a sentence."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise _AwayError(f"FashionVLM did not answer within {seconds:.0f} s.") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise _AwayError("The connection to FashionVLM broke off; please try again.") from error


def _refusal(response: httpx.Response, body: dict[str, Any]) -> Exception:
    status, sentence = response.status_code, _sentence(body)
    pause = _seconds(response.headers.get("retry-after"))
    if status == 429:
        return _BusyError("FashionVLM has too much to do; please try again in a moment.", pause)
    if status == 503:
        return _NotReachedError(f"FashionVLM is not ready: {sentence}", pause)
    if status in (401, 403):
        return FashionVLMUnavailableError(
            "The FashionVLM server does not take this program's key (FASHIONM3_VLM_KEY)."
        )
    if status in (400, 413):
        return RequestRefusedError(sentence)
    if status in (404, 405):
        return FashionVLMUnavailableError("There is no FashionVLM server at its address (FASHIONM3_VLM_URL).")
    return _AwayError(f"FashionVLM failed: {sentence}")


async def _beginning(response: httpx.Response) -> dict[str, Any]:
    """An error's body, as far as it is one of the API's errors."""
    try:
        value = json.loads(await _limited(response))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


async def _limited(response: httpx.Response) -> bytes:
    """A whole body.

    Raises:
        ValueError: It is longer than any that is no stream.
    """
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > _BODY_BYTES:
            raise ValueError("the body is too long")
    return bytes(data)


def _sentence(body: dict[str, Any]) -> str:
    error = body.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return " ".join(str(message).split())[:300] if message else "its server gave no reason."


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isdecimal() else None


def _enough(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    pause = getattr(error, "pause", None) or 0.0
    return pause > LONGEST_PAUSE or stop_after_attempt(ATTEMPTS)(state)


def _pause(state: RetryCallState) -> float:
    """The pause that the server asked for, or a growing one; with jitter, so that clients do not come back at once."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "pause", None)
    if asked is not None:
        return float(asked) + random.uniform(0, 0.5)
    return random.uniform(0.05, 0.2 * 2**state.attempt_number)
