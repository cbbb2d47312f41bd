"""The HTTP server: the page at ``/``, MCP at ``/mcp``, pictures, login and ``/health`` in one process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

# Read by gradio when it is imported: nothing may leave this machine.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from mcp.server.transport_security import TransportSecuritySettings

from stores.artifacts import ArtifactNotFoundError
from stores.catalog import ProductNotFoundError
from ui.assembly import Parts
from ui.door_guard import DoorGuard, allowed_hosts, cookie_header
from ui.identity import Identity
from ui.mcp_server import build_mcp

_HERE = Path(__file__).parent
_KEEP = "private, max-age=86400, immutable"


def build_app(parts: Parts) -> FastAPI:
    """Build the application over an assembled house; its lifespan runs MCP's session manager."""
    settings = parts.settings
    identity = Identity(settings.tokens)
    hosts = () if settings.allow_anonymous and not settings.is_local else allowed_hosts(settings)

    async def source() -> Parts:
        return parts

    mcp = build_mcp(source, identity, address=f"http://{settings.host}:{settings.port}/mcp")
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(hosts),
        allowed_hosts=sorted(hosts),
        allowed_origins=sorted(f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")),
    )
    mcp_app = mcp.streamable_http_app(
        streamable_http_path="/",
        transport_security=security,
        max_request_body_size=(settings.max_upload_mb * 4 // 3 + 2) * 1024 * 1024,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with mcp.session_manager.run():
            yield

    app = FastAPI(title="FashionM3", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    _add_health(app, parts)
    _add_pictures(app, parts, identity)
    _add_login(app, identity, settings.secure_cookies)
    app.mount("/mcp", mcp_app)
    _mount_page(app, parts, identity)
    app.add_middleware(DoorGuard, identity=identity, hosts=hosts, secure=settings.secure_cookies)
    return app


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the house is open, and what of it is not ready."""
        failure = parts.model.failure
        state = "failed" if failure else ("ready" if parts.model.loaded else "loading")
        products = await asyncio.to_thread(parts.services.catalog.count)
        return {"status": "degraded" if failure else "ok", "model": state, "products": products}


def _add_pictures(app: FastAPI, parts: Parts, identity: Identity) -> None:
    @app.get("/pictures/items/{product_id}")
    async def item_picture(product_id: str) -> Response:
        """A product's picture."""
        try:
            product = await asyncio.to_thread(parts.services.catalog.get, product_id)
        except ProductNotFoundError as error:
            raise HTTPException(404, str(error)) from error
        path = await asyncio.to_thread(parts.services.catalog.picture_path, product)
        if path is None:
            raise HTTPException(404, "This product has no picture.")
        return FileResponse(path, headers={"cache-control": _KEEP})

    @app.get("/pictures/{artifact_id}")
    async def artifact_picture(artifact_id: str, request: Request) -> Response:
        """A picture that somebody sent or that was made for somebody, for that person only."""
        user = identity.user_of(request) or ""
        try:
            artifact = await asyncio.to_thread(parts.services.artifacts.get_for, user, artifact_id)
        except ArtifactNotFoundError as error:
            raise HTTPException(404, "There is no such picture.") from error
        headers = {"cache-control": _KEEP, "x-content-type-options": "nosniff"}
        return FileResponse(artifact.path, media_type=artifact.media_type, headers=headers)


def _add_login(app: FastAPI, identity: Identity, secure: bool) -> None:
    page = (_HERE / "page" / "login.html").read_text(encoding="utf-8")

    @app.get("/login", include_in_schema=False)
    async def login_page() -> Response:
        """The page that asks for a token, where tokens are used at all."""
        if not identity.guarded:
            return RedirectResponse("/", 303)
        return HTMLResponse(page.replace("{{problem}}", ""))

    @app.post("/login", include_in_schema=False)
    async def login(token: Annotated[str, Form(max_length=512)]) -> Response:
        """Check a token and remember who it belongs to."""
        subject = identity.subject_of(token.strip())
        if subject is None:
            return HTMLResponse(page.replace("{{problem}}", "That token is not known here."), 401)
        cookie = cookie_header(identity.login_cookie(subject), secure)
        return RedirectResponse("/", 303, headers={"set-cookie": cookie})


def _mount_page(app: FastAPI, parts: Parts, identity: Identity) -> None:
    # Gradio keeps uploads in a folder of its own until the page has passed them through the gate.
    os.environ["GRADIO_TEMP_DIR"] = str(parts.settings.home / "uploads")
    import gradio as gr

    from ui.page.blocks import build_page, theme

    gr.mount_gradio_app(
        app,
        build_page(parts, identity),
        path="/",
        server_name=parts.settings.host,
        server_port=parts.settings.port,
        footer_links=[],
        run_history=False,
        auth_dependency=identity.user_of,
        max_file_size=f"{parts.settings.max_upload_mb}mb",
        show_error=False,
        ssr_mode=False,
        theme=theme(),
        css_paths=_HERE / "page" / "style.css",
        head_paths=_HERE / "page" / "head.html",
        favicon_path=str(_HERE / "page" / "favicon.png"),
    )
