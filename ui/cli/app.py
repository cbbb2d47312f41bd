"""``fashionm3``: the command that opens every front door."""

from __future__ import annotations

import typer

from ui.cli import catalog, chat, describe, doctor, draw, evaluate, history, mcp, route, serve, train, vlm

app = typer.Typer(
    name="fashionm3",
    help="A fashion assistant to chat with and to call.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
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
app.add_typer(train.app, name="train")
app.add_typer(vlm.app, name="vlm")


def main() -> None:
    """Run the command line; every failure ends in one sentence and an exit status."""
    app()


if __name__ == "__main__":
    main()
