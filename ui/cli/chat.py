"""``fashionm3 chat``: a conversation in the terminal, or line by line for scripts with ``--jsonl``."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from ui.cli.door import careful, load_settings


@careful
def chat(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read one JSON object a line, answer with one a line.")
    ] = False,
    user: Annotated[str | None, typer.Option(help="Whose history to use.")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on with the conversation of this name.")] = None,
) -> None:
    """Talk to the assistant."""
    settings = load_settings()
    if user:
        settings = settings.model_copy(update={"user": user})
    # The commands are all imported to show the help; what they need is imported when they run.
    if jsonl:
        from ui.cli.jsonl import serve_lines

        serve_lines(settings)
    else:
        from ui.cli.terminal import talk

        talk(settings, thread or uuid.uuid4().hex[:12])
