"""Reading what a client sends: counted as it comes, within a time, and turned into a checked model."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from vlm.server.attending import HungUpError
from vlm.server.errors import ApiError

M = TypeVar("M", bound=BaseModel)

_MAX_FILES = 3
_MAX_FIELDS = 40
_MAX_FIELD_BYTES = 64 * 1024
_FINISH_SECONDS, _FINISH_BYTES = 1.0, 16 * 2**20
"""What a client with too large a body may still send before it is told."""


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The whole body.

    Raises:
        ApiError: It is larger than `limit` bytes (413; known from its announced length, else at the first byte too
            many), or slower than `seconds` (408).
        HungUpError: The client went away while sending.
    """
    async with _in_time(seconds):
        return b"".join([piece async for piece in _counted(request, limit)])


async def read_form(request: Request, limit: int, seconds: float) -> FormData:
    """A ``multipart/form-data`` body; its files lie in temporary files that closing the form removes.

    Raises:
        ApiError: As `read_body`; or it is no such form (400).
        HungUpError: The client went away while sending.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ApiError(400, "An edit is sent as multipart/form-data with its picture as 'image'.", "no_form")
    parser = MultiPartParser(
        request.headers,
        _counted(request, limit),
        max_files=_MAX_FILES,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_FIELD_BYTES,
    )
    async with _in_time(seconds):
        try:
            return await parser.parse()
        except (MultiPartException, ValueError, KeyError) as error:
            raise ApiError(400, f"The form cannot be read: {_first_line(error)}.", "bad_form") from error


async def parsed(model: type[M], body: bytes) -> M:
    """Check JSON against a model, in a thread: a body full of pictures takes a while.

    Raises:
        ApiError: It is no JSON or does not fit (400); the message names the first argument that is wrong.
    """
    try:
        return await asyncio.to_thread(model.model_validate_json, body)
    except ValidationError as error:
        raise misfit(error) from error


def misfit(error: ValidationError) -> ApiError:
    """What a model's first complaint is to the client."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return ApiError(400, f"The body is not JSON: {first['msg'].partition(': ')[2]}.", "invalid_json")
    path = ".".join(str(part) for part in first["loc"]) or None
    if first["type"] == "extra_forbidden":
        return ApiError(400, f"Unknown argument: {path}.", "unknown_argument", param=path)
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    named = f"{path}: {message}." if path else f"{message[:1].upper()}{message[1:]}."
    return ApiError(400, named, "invalid_argument", param=path)


async def _counted(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        await _let_finish(request.stream())
        raise _too_large(limit)
    count, pieces = 0, request.stream()
    try:
        async for piece in pieces:
            count += len(piece)
            if count > limit:
                await _let_finish(pieces)
                raise _too_large(limit)
            yield piece
    except ClientDisconnect as error:
        raise HungUpError from error


async def _let_finish(pieces: AsyncIterator[bytes]) -> None:
    """Read a body on for a moment and keep nothing.

    A connection that is closed while its client still sends is reset, and the answer is lost on the way.
    """
    count = 0
    with contextlib.suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_FINISH_SECONDS):
            async for piece in pieces:
                count += len(piece)
                if count > _FINISH_BYTES:
                    return


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"The request is larger than the {limit / 2**20:.1f} MB taken here.", "too_large")


@asynccontextmanager
async def _in_time(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise ApiError(408, f"The request was not sent within {seconds:.0f} s.", "slow_client") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
