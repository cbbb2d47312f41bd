"""Running the server as a process: it drains on SIGTERM, and ends where its model cannot be loaded."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from vlm.server.service import Service

_LAST_SECONDS = 5
_IDLE_SECONDS = 75
"""Longer than clients (5 s) and proxies (60 s) keep an idle connection: were ours to close first, it could do so in the
moment in which a request is on its way."""


class ModelNotLoadedError(RuntimeError):
    """Why there is nothing to serve, one sentence."""


class DrainingServer(uvicorn.Server):
    """A uvicorn server that keeps its port while it drains, so that new requests get a 503 and no closed door.

    The first SIGTERM (or Ctrl-C) begins to drain, a second one ends at once.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        """Serve `config`'s application, the one over `service`."""
        super().__init__(config)
        self._service = service
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop and drained."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal; called by the signal machinery, between any two instructions."""
        if self._draining is not None or self._loop is None:
            super().handle_exit(sig, frame)
            return
        self._loop.call_soon_threadsafe(self.drain)

    def drain(self) -> None:
        """Begin to drain; on the server's loop."""
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        await self._service.drain()
        self.should_exit = True


def server_config(app: FastAPI, log_level: str = "warning") -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        log_level=log_level,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


async def run_app(app: FastAPI, listening: socket.socket, log_level: str = "warning") -> None:
    """Serve `app` (of `vlm.server.app.build_app`) on a bound socket until SIGTERM, then drain.

    Raises:
        ModelNotLoadedError: The model could not be loaded; the server has ended for it.
    """
    service: Service = app.state.service
    server = DrainingServer(server_config(app, log_level), service)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    settled = asyncio.create_task(service.settled.wait())
    await asyncio.wait({serving, settled}, return_when=asyncio.FIRST_COMPLETED)
    settled.cancel()
    if service.failure is not None:
        server.should_exit = True
    await serving
    if service.failure is not None:
        raise ModelNotLoadedError(service.failure)
