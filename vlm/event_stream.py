"""Reading server-sent events whose data is JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

LONGEST_EVENT = 64 * 1024 * 1024
"""A picture of 2048 x 2048 pixels takes 22 MB at most; more is no answer to anything we ask."""
_TOO_LONG = "an event is longer than any answer"


class BadStreamError(ValueError):
    """What came is no stream of JSON events."""


async def json_events(pieces: AsyncIterable[bytes]) -> AsyncIterator[dict[str, Any]]:
    """Yield the data of each event of a byte stream, however it is cut; ends at ``[DONE]`` or where the stream ends.

    Only the ``data`` field is read. A last event without its blank line is dropped, as the standard says.

    Raises:
        BadStreamError: An event is longer than `LONGEST_EVENT`, or its data is no JSON object.
    """
    data: list[bytes] = []
    held = 0
    async for line in _lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
            # A line without a word takes memory, too.
            held += len(line)
            if held > LONGEST_EVENT:
                raise BadStreamError(_TOO_LONG)
            continue
        if line or not data:
            continue
        text, data, held = b"\n".join(data), [], 0
        if text == b"[DONE]":
            return
        try:
            event = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadStreamError("an event's data is no JSON") from error
        if not isinstance(event, dict):
            raise BadStreamError("an event's data is no JSON object")
        yield event


async def _lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Lines without their line ends (LF or CRLF); an unfinished last one is dropped."""
    parts: list[bytes] = []
    held = 0
    async for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for end in whole:
            yield b"".join((*parts, end)).removesuffix(b"\r")
            parts, held = [], 0
        parts.append(rest)
        held += len(rest)
        if held > LONGEST_EVENT:
            raise BadStreamError(_TOO_LONG)
