"""Errors in the shape of the OpenAI API, and which of them each of ours becomes."""

from __future__ import annotations

import math
from typing import Any

from starlette.responses import JSONResponse

from vlm.engine.requests import QueueFullError, RequestFailedError, RequestRefusedError
from vlm.picture_gate import ImageRefusedError


class ApiError(Exception):
    """A request that ends in an error; the message is one or two sentences for whoever sent it.

    Attributes:
        status: HTTP status.
        code: Short name for programs.
        param: Which argument was wrong, where it was one.
        headers: Of the answer; says how long to wait, and that trying again will not help.
    """

    def __init__(
        self, status: int, message: str, code: str, *, param: str | None = None, wait: float | None = None
    ) -> None:
        """An error; `wait` is the number of seconds after which a new try is sensible."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.headers: dict[str, str] = {}
        if wait is not None:
            self.headers["retry-after"] = str(max(1, math.ceil(wait)))
        elif status >= 408:
            # OpenAI's clients send such a request again by themselves; a second time it would fail again.
            self.headers["x-should-retry"] = "false"

    @property
    def kind(self) -> str:
        """OpenAI's name for this family of errors."""
        if self.status >= 500:
            return "server_error"
        return {401: "authentication_error", 429: "rate_limit_error"}.get(
            self.status, "invalid_request_error"
        )

    def body(self) -> dict[str, Any]:
        """The answer's body."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The whole answer."""
        return JSONResponse(self.body(), self.status, self.headers)


EXPECTED = (
    ApiError,
    RequestRefusedError,
    RequestFailedError,
    QueueFullError,
    ImageRefusedError,
    TimeoutError,
)
"""What may end a request without anything being broken; anything else is a fault of ours."""


def api_error(error: Exception) -> ApiError:
    """What one of `EXPECTED` is to the client; any other error becomes a 500 that tells nothing of the inside."""
    match error:
        case ApiError():
            return error
        case RequestRefusedError() | ImageRefusedError():
            return ApiError(400, str(error), "request_refused")
        case QueueFullError():
            return ApiError(429, f"{str(error).rstrip('.')}.", "queue_full", wait=error.retry_after)
        case RequestFailedError():
            return ApiError(500, str(error), "request_failed")
        case TimeoutError():
            return ApiError(504, "The request took longer than this server allows.", "time_limit")
    return ApiError(500, "Something went wrong inside the server; its log says what.", "internal_error")
