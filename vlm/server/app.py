"""The FastAPI application: every route of the server over one engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlm.engine.protocol import ServingEngine
from vlm.server.chat import chat_routes
from vlm.server.errors import EXPECTED, ApiError, api_error
from vlm.server.guard import Guard
from vlm.server.images import image_routes
from vlm.server.options import ServerOptions
from vlm.server.service import Service


def build_app(
    load: Callable[[], ServingEngine], options: ServerOptions | None = None, *, load_first: bool = False
) -> FastAPI:
    """Build the application; its lifespan loads the engine and closes it.

    Args:
        load: Builds the engine; blocking, runs once in a thread.
        options: Keys and limits.
        load_first: Begin to serve only once the engine is there, and not at all where it cannot be loaded; else
            ``/ready`` tells how far it is, and other routes answer 503 until then.

    Returns:
        The application; its ``state.service`` is the `Service`.
    """
    service = Service(load, options or ServerOptions())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(service.load())
        # Told by `/ready` and by whoever awaits the task; asyncio would complain of it a second time.
        loading.add_done_callback(lambda task: task.cancelled() or task.exception())
        if load_first:
            await loading
        try:
            yield
        finally:
            loading.cancel()
            await service.close()

    app = FastAPI(title="FashionVLM", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.service = service
    _add_state_routes(app, service)
    app.include_router(chat_routes(service))
    app.include_router(image_routes(service))
    _add_errors(app)
    app.add_middleware(Guard, service=service)
    return app


def _add_state_routes(app: FastAPI, service: Service) -> None:
    @app.get("/health")
    async def health() -> Response:
        """Whether the process is well (200; it is while it loads, too) or needs to be started anew (503)."""
        phase = service.phase
        failed = phase == "failed"
        told = {"status": "failed" if failed else "ok", "model": phase}
        return JSONResponse(told, 503 if failed else 200)

    @app.get("/ready")
    async def ready() -> Response:
        """Whether requests are served now: 200 or 503."""
        if service.phase == "ready":
            return JSONResponse({"status": "ready"})
        return service.not_ready().response()

    @app.get("/metrics")
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        """The one model that is served here."""
        return {"object": "list", "data": [_card(service.engine)]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        """The model, by its name."""
        return _card(service.engine_called(name))


def _card(engine: ServingEngine) -> dict[str, Any]:
    """A model in the API's words, and what a client of ours has to know of it."""
    ours = {"resolution": engine.resolution, "color_hint": engine.color_hint}
    return {"id": engine.model_name, "object": "model", "created": 0, "owned_by": "fashionm3", **ours}


def _add_errors(app: FastAPI) -> None:
    async def expected(request: Request, error: Exception) -> Response:
        return api_error(error).response()

    async def by_the_framework(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        word = {404: "There is no such route here.", 405: "This route takes another method."}
        return ApiError(status, word.get(status, "The request cannot be served."), "no_route").response()

    for kind in EXPECTED:
        app.add_exception_handler(kind, expected)
    app.add_exception_handler(HTTPException, by_the_framework)
    app.add_exception_handler(Exception, expected)
