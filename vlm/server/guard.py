"""The guard before every route: who may come in, how many at once, and how each request ended."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlm.server.attending import HungUpError
from vlm.server.errors import ApiError
from vlm.server.service import Service

OPEN_PATHS = frozenset({"/health", "/ready"})
_ROUTES = {
    "/v1/models": "models",
    "/v1/chat/completions": "chat",
    "/v1/images/generations": "image",
    "/v1/images/edits": "edit",
}
_OUTCOMES = {
    400: "refused", 401: "unauthorized", 403: "unauthorized", 404: "not_found", 405: "refused", 408: "slow_client",
    413: "too_large", 421: "unauthorized", 429: "busy", 503: "not_ready", 504: "time_limit",
}  # fmt: skip


class Guard:
    """ASGI middleware: keys, host names, the limit of open requests, and the count of outcomes."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        """Guard `app`, the routes of `service`."""
        self._app = app
        self._service = service
        self._keys = [key.encode() for key in service.options.keys]
        self._hosts = frozenset(host.lower() for host in service.options.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        route = _ROUTES.get(scope["path"], "other")
        with self._measured(route, scope, lambda: status):
            try:
                self._check(Headers(scope=scope), scope["method"])
                if scope["method"] == "POST" and route != "other":
                    with self._service.one_more():
                        await self._app(scope, receive, noting)
                else:
                    await self._app(scope, receive, noting)
            except ApiError as error:
                await error.response()(scope, receive, noting)

    @contextmanager
    def _measured(self, route: str, scope: Scope, status: Callable[[], int]) -> Iterator[None]:
        began = time.perf_counter()
        outcome = "failed"
        try:
            yield
            code = status()
            outcome = "ok" if 200 <= code < 300 else _OUTCOMES.get(code, "failed")
            outcome = scope.get("state", {}).get("outcome", outcome)
        except HungUpError:
            # The work has been canceled already; there is nobody to answer.
            outcome = "canceled"
        finally:
            self._service.metrics.requests.labels(route, outcome).inc()
            self._service.metrics.seconds.labels(route).observe(time.perf_counter() - began)

    def _check(self, headers: Headers, method: str) -> None:
        if self._keys:
            self._check_key(headers.get("authorization", ""))
        elif self._hosts:
            self._check_origin(headers, method)

    def _check_key(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        given = key.strip().encode()
        # Every key is compared, in constant time: the answer's pace tells nothing about them.
        known = [hmac.compare_digest(one, given) for one in self._keys]
        if scheme.lower() != "bearer" or not any(known):
            raise ApiError(
                401, "A key is needed: send it as 'Authorization: Bearer <key>'.", "invalid_api_key"
            )

    def _check_origin(self, headers: Headers, method: str) -> None:
        if headers.get("host", "").lower() not in self._hosts:
            raise ApiError(
                421,
                "This host name is not one that this server answers to; add it to FASHIONM3_PUBLIC_HOSTS.",
                "unknown_host",
            )
        origin = headers.get("origin")
        if method not in {"GET", "HEAD"} and origin and _host_of(origin) not in self._hosts:
            raise ApiError(403, "Requests from other sites' pages are not served.", "foreign_origin")


def _host_of(origin: str) -> str:
    """Host and port of an origin; empty where it is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
