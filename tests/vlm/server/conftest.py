"""A running server over the small engine: real uvicorn, real sockets, a free port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from tests.vlm.server.small_engine import SmallEngine
from vlm.server.app import build_app
from vlm.server.options import ServerOptions
from vlm.server.running import DrainingServer, server_config
from vlm.server.service import Service


@dataclass
class Running:
    url: str
    service: Service
    server: DrainingServer
    serving: asyncio.Task[None]
    http: httpx.AsyncClient


@asynccontextmanager
async def run_server(
    load: Callable[[], object], options: ServerOptions | None = None
) -> AsyncIterator[Running]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = build_app(load, options)
    server = DrainingServer(server_config(app, "error"), app.state.service)
    # Signals belong to the test run.
    serving = asyncio.create_task(server._serve([listening]))
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        try:
            yield Running(url, app.state.service, server, serving, http)
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def engine() -> SmallEngine:
    return SmallEngine()


@pytest.fixture
async def running(engine: SmallEngine) -> AsyncIterator[Running]:
    async with run_server(lambda: engine) as running:
        await running.service.settled.wait()
        yield running
