"""``fashionm3 serve``: the page, the MCP endpoint and the health check in one process."""

from __future__ import annotations

import asyncio
import socket
from typing import Annotated

import typer

from ui.cli.door import building, careful, load_settings
from ui.failures import BadInputError
from ui.settings import Settings


@careful
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks one.")
    ] = None,
) -> None:
    """Serve the page at /, MCP at /mcp and the health check at /health."""
    settings = load_settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=changes)
    check_exposure(settings)
    listening = bind(settings.host, settings.port)
    try:
        asyncio.run(_serve(settings, listening))
    except KeyboardInterrupt:
        typer.echo("FashionM3 has stopped.", err=True)
    finally:
        listening.close()


def check_exposure(settings: Settings) -> None:
    """Refuse to open the house to a network without tokens, unless the operator says that is meant.

    Raises:
        BadInputError: The address is not localhost, there are no tokens, and anonymous use was not allowed.
    """
    if not settings.is_local and not settings.tokens and not settings.allow_anonymous:
        raise BadInputError(
            f"Listening on {settings.host} lets everyone who reaches this machine in. Set FASHIONM3_TOKENS "
            "(name=token,…) to say who may use it, or FASHIONM3_ALLOW_ANONYMOUS=true if you mean that."
        )


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything is built, so that a taken one is told at once.

    Raises:
        BadInputError: The port is taken, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise BadInputError(
            f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --port."
        ) from error
    return listening


async def _serve(settings: Settings, listening: socket.socket) -> None:
    from ui.assembly import open_assistant

    port = listening.getsockname()[1]
    settings = settings.model_copy(update={"port": port})
    with building() as on_progress:
        opened = open_assistant(settings, on_progress)
        parts = await opened.__aenter__()
    try:
        # Not before: what cannot be opened is told without waiting for these.
        import uvicorn

        from ui.http import build_app

        app = build_app(parts)
        config = uvicorn.Config(
            app,
            log_level=settings.log_level,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        typer.echo(f"FashionM3 is open at http://{shown}:{port}/ (MCP at /mcp). Ctrl-C closes it.")
        await uvicorn.Server(config).serve(sockets=[listening])
    finally:
        await opened.__aexit__(None, None, None)
