"""``/v1/chat/completions``: words about pictures, whole or streamed."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlm.engine.protocol import ServingEngine
from vlm.engine.requests import Event, Failed, Piece, RequestFailedError, TextDone, TextRequest
from vlm.server.attending import EventStream, attended, closing, deadline_in, sse
from vlm.server.bodies import parsed, read_body
from vlm.server.chat_schema import ChatRequest
from vlm.server.intake import text_request
from vlm.server.options import PICTURES_BYTES
from vlm.server.service import Service


def chat_routes(service: Service) -> APIRouter:
    """The route, over a service."""
    router = APIRouter()
    options = service.options

    @router.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        """Answer a conversation about up to four pictures."""
        body = await parsed(ChatRequest, await read_body(request, PICTURES_BYTES, options.body_seconds))
        engine = service.engine_called(body.model)
        deadline = deadline_in(options.request_seconds)
        async with asyncio.timeout_at(deadline):
            asked = await attended(request.receive, text_request(body, engine))
        answer = _Answer(service, engine)
        streams = body.stream
        wants_usage = body.stream_options is not None and body.stream_options.include_usage
        # Its pictures' base64 is many megabytes, and the answer may take long.
        del body
        if streams:
            return EventStream(answer.chunks(asked, wants_usage), deadline)
        async with asyncio.timeout_at(deadline):
            return JSONResponse(await attended(request.receive, answer.whole(asked)))

    return router


class _Answer:
    """One answer, in the API's words."""

    def __init__(self, service: Service, engine: ServingEngine) -> None:
        self._service = service
        self._engine = engine
        self._about = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": engine.model_name,
        }

    async def whole(self, asked: TextRequest) -> dict[str, Any]:
        """The answer as one object."""
        pieces: list[str] = []
        async with aclosing(self._events(asked)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    pieces.append(event.text)
                elif isinstance(event, TextDone):
                    message = {"role": "assistant", "content": "".join(pieces), "refusal": None}
                    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": event.reason}
                    about = self._about | {"object": "chat.completion"}
                    return about | {"choices": [choice], "usage": usage(event)}
        raise _unfinished()

    async def chunks(self, asked: TextRequest, wants_usage: bool) -> AsyncGenerator[bytes, None]:
        """The answer as server-sent events."""
        begun = False
        async with aclosing(self._events(asked)) as events:
            async for event in events:
                if not begun:
                    begun = True
                    yield self._chunk({"role": "assistant", "content": ""}, None, wants_usage)
                if isinstance(event, Piece):
                    yield self._chunk({"content": event.text}, None, wants_usage)
                elif isinstance(event, TextDone):
                    yield self._chunk({}, event.reason, wants_usage)
                    if wants_usage:
                        about = self._about | {"object": "chat.completion.chunk"}
                        yield sse(about | {"choices": [], "usage": usage(event)})
                    yield sse("[DONE]")
                    return
        raise _unfinished()

    async def _events(self, asked: TextRequest) -> AsyncGenerator[Event, None]:
        began = time.perf_counter()
        first = True
        async with closing(self._engine.events(asked)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise event.error
                if first and isinstance(event, Piece):
                    first = False
                    self._service.metrics.first_token.observe(time.perf_counter() - began)
                yield event

    def _chunk(self, delta: dict[str, Any], reason: str | None, wants_usage: bool) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = self._about | {"object": "chat.completion.chunk", "choices": [choice]}
        return sse(chunk | {"usage": None} if wants_usage else chunk)


def usage(done: TextDone) -> dict[str, Any]:
    """Token counts in the API's words."""
    return {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.completion_tokens,
        "total_tokens": done.prompt_tokens + done.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": done.cached_tokens},
    }


def _unfinished() -> RequestFailedError:
    return RequestFailedError("The engine ended without finishing the request.")
