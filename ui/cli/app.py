"""``fashionm3``: the command that opens every front door."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from ui.cli import (
    catalog,
    chat,
    data,
    describe,
    doctor,
    draw,
    evaluate,
    history,
    mcp,
    route,
    serve,
    train,
    vlm,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"fashionm3 {metadata.version('fashionm3')}")
        raise typer.Exit()


app = typer.Typer(
    name="fashionm3",
    help="A fashion assistant to chat with and to call.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_tell_version),
    ] = False,
) -> None:
    """A fashion assistant to chat with and to call."""


app.command("chat")(chat.chat)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("route")(route.route)
app.command("describe")(describe.describe)
app.command("draw")(draw.draw)
app.command("doctor")(doctor.doctor)
app.add_typer(catalog.app, name="catalog")
app.add_typer(history.app, name="history")
app.add_typer(evaluate.app, name="eval")
app.add_typer(data.app, name="data")
app.add_typer(train.app, name="train")
app.add_typer(vlm.app, name="vlm")


def main() -> None:
    """Run the command line; every failure ends in one sentence and an exit status."""
    app()


if __name__ == "__main__":
    main()
