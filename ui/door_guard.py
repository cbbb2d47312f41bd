"""The guard in front of the whole server: which host was asked for, and who is asking.

A page on the internet must not reach the assistant through somebody's browser: requests for a host name that
is not ours (DNS rebinding) are refused, and so are writes that come from another site's page.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.identity import COOKIE, Identity
from ui.settings import LOCAL_HOSTS, Settings

OPEN_PATHS = ("/health", "/login")
OWN_AUTHENTICATION = "/mcp"
"""Guarded by its own bearer middleware; well-known login metadata lies beside it."""


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The Host headers of ``fashionm3 serve``, with and without the port."""
    return own_hosts(settings.host, settings.port, settings.public_hosts)


def own_hosts(host: str, port: int, public: Iterable[str]) -> frozenset[str]:
    """The Host headers of a server on `host` and `port` that is known as `public`, too."""
    names = {*LOCAL_HOSTS, host} - {"0.0.0.0", "::"}  # noqa: S104
    bare = {f"[{name}]" if ":" in name else name for name in names}
    return frozenset({*bare, *(f"{name}:{port}" for name in bare), *public})


class DoorGuard:
    """ASGI middleware: refuses foreign hosts and origins, and gives every request a user."""

    def __init__(self, app: ASGIApp, identity: Identity, hosts: Iterable[str], secure: bool) -> None:
        """Guard `app`.

        Args:
            app: What is guarded.
            identity: Tells who is asking.
            hosts: Host headers that are ours; empty lets every host in.
            secure: Mark cookies ``Secure``.
        """
        self._app = app
        self._identity = identity
        self._hosts = frozenset(host.lower() for host in hosts)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope["method"])
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        path = str(scope["path"])
        if path == OWN_AUTHENTICATION:
            # A mount matches only below its path, and clients are told the address without the slash.
            scope = {**scope, "path": f"{path}/", "raw_path": f"{path}/".encode()}
        open_ = path in OPEN_PATHS or path.startswith((OWN_AUTHENTICATION, "/.well-known/"))
        if open_ or self._identity.user_of(HTTPConnection(scope)) is not None:
            await self._app(scope, receive, send)
        elif self._identity.guarded:
            await self._turn_away(scope)(scope, receive, send)
        else:
            await self._welcome(scope, receive, send)

    def _refusal(self, headers: Headers, method: str) -> Response | None:
        if self._hosts and headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse(
                "This host name is not one that FashionM3 serves; add it to FASHIONM3_PUBLIC_HOSTS.", 421
            )
        origin = headers.get("origin")
        writes = method not in {"GET", "HEAD", "OPTIONS"}
        if writes and origin and self._hosts and urlsplit(origin).netloc.lower() not in self._hosts:
            return PlainTextResponse("Requests from other sites' pages are not served.", 403)
        return None

    @staticmethod
    def _turn_away(scope: Scope) -> Response:
        if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
            return RedirectResponse("/login", 303)
        return PlainTextResponse("A token is needed: open /login, or send it as a bearer token.", 401)

    async def _welcome(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a new browser its cookie, in this request already."""
        cookie = self._identity.new_visitor_cookie()
        headers = MutableHeaders(scope=scope)
        known = headers.get("cookie")
        headers["cookie"] = f"{known}; {COOKIE}={cookie}" if known else f"{COOKIE}={cookie}"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie_header(cookie, self._secure))
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def cookie_header(value: str, secure: bool) -> str:
    """A ``Set-Cookie`` header for a year, out of reach of scripts and of other sites' requests."""
    cookie: SimpleCookie = SimpleCookie({COOKIE: value})
    attributes = {"path": "/", "httponly": "1", "samesite": "Lax", "max-age": str(365 * 24 * 3600)}
    cookie[COOKIE].update(attributes | ({"secure": "1"} if secure else {}))
    return cookie[COOKIE].OutputString()
