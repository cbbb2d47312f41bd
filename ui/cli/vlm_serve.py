"""``fashionm3 vlm serve``: FashionVLM for other machines and programs, in the words of the OpenAI API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.door import careful, load_settings
from ui.cli.serve import bind
from ui.door_guard import own_hosts
from ui.failures import BadInputError
from ui.settings import LOCAL_HOSTS, Settings
from vlm.shipped import named_directory

if TYPE_CHECKING:
    import socket

    from vlm.engine.protocol import ServingEngine
    from vlm.server.options import ServerOptions


@careful
def serve(
    model: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a FashionVLM, or mini or small for one in the package; FASHIONM3_VLM_DIR, or mini."
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks one.")
    ] = None,
) -> None:
    """Serve FashionVLM at /v1 as the OpenAI API does, with /health, /ready and /metrics; SIGTERM drains it."""
    settings = load_settings()
    changes = {
        "vlm_dir": None if model is None else named_directory(model),
        "vlm_host": host,
        "vlm_port": port,
    }
    settings = settings.model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )
    check_exposure(settings)
    listening = bind(settings.vlm_host, settings.vlm_port)
    try:
        asyncio.run(_serve(settings, listening))
    finally:
        listening.close()


def check_exposure(settings: Settings) -> None:
    """Refuse to open the model to a network without keys, unless the operator says that is meant.

    Raises:
        BadInputError: The address is not localhost, there are no keys, and anonymous use was not allowed.
    """
    if settings.vlm_host not in LOCAL_HOSTS and not settings.vlm_keys and not settings.allow_anonymous:
        raise BadInputError(
            f"Listening on {settings.vlm_host} lets everyone who reaches this machine use the model. Set "
            "FASHIONM3_VLM_KEYS to say who may, or FASHIONM3_ALLOW_ANONYMOUS=true if you mean that."
        )


def server_options(settings: Settings, port: int) -> ServerOptions:
    """The server's options, from the settings."""
    from vlm.server.options import ServerOptions

    keyless_network = settings.vlm_host not in LOCAL_HOSTS and not settings.vlm_keys
    hosts = frozenset() if keyless_network else own_hosts(settings.vlm_host, port, settings.public_hosts)
    return ServerOptions(
        keys=tuple(key.get_secret_value() for key in settings.vlm_keys),
        hosts=hosts,
        max_open=settings.vlm_max_open,
        request_seconds=settings.vlm_request_seconds,
        grace_seconds=settings.vlm_grace_seconds,
    )


def load_engine(settings: Settings) -> ServingEngine:
    """The engine of the model that the settings name; errors are those of `vlm.engine.engine.Engine.from_pretrained`."""
    from vlm.engine.engine import Engine

    return Engine.from_pretrained(settings.vlm_dir, device=settings.vlm_device, dtype=settings.vlm_dtype)


async def _serve(settings: Settings, listening: socket.socket) -> None:
    from vlm.server.app import build_app
    from vlm.server.running import run_app

    port = listening.getsockname()[1]

    shown = f"[{settings.vlm_host}]" if ":" in settings.vlm_host else settings.vlm_host
    typer.echo(f"FashionVLM answers at http://{shown}:{port}/v1 once /ready says so. Ctrl-C ends it.")
    app = build_app(lambda: load_engine(settings), server_options(settings, port))
    await run_app(app, listening, settings.log_level)
