"""``fashionm3 history``: rebuild the index from the journal, or export what is kept about somebody."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.door import building, careful, load_settings, reserved_stdout, write_line
from ui.settings import Settings

if TYPE_CHECKING:
    from stores.history import History

app = typer.Typer(no_args_is_help=True, help="What is remembered about people.")


@app.command()
@careful
def rebuild() -> None:
    """Make the search index again from the journal, which is the truth."""
    history = _open(load_settings())
    try:
        with building() as on_progress:
            count = history.rebuild(lambda done, total: on_progress("the history index", done, total))
    finally:
        history.close()
    typer.echo(f"The index is built again from the journal: {count} {'note' if count == 1 else 'notes'}.")


@app.command()
@careful
def export(
    user: Annotated[str | None, typer.Option(help="Whose; the local user where left out.")] = None,
) -> None:
    """Write everything kept about a person, one JSON object a line: notes, oldest first, then messages, then pictures.

    Messages have the kind ``message``, pictures ``picture``; any other kind is a note's.
    """
    settings = load_settings()
    whose = user or settings.user
    with reserved_stdout() as out:
        history = _open(settings)
        try:
            for event in history.export(whose):
                write_line(out, json.dumps(event.model_dump(mode="json"), ensure_ascii=False))
        finally:
            history.close()
        for line in (*asyncio.run(_messages(settings, whose)), *_pictures(settings, whose)):
            write_line(out, json.dumps(line, ensure_ascii=False))


async def _messages(settings: Settings, user: str) -> list[dict[str, Any]]:
    """What a person said in their conversations; nothing where there has been none."""
    from graphs.checkpoints import Checkpoints
    from graphs.journal import TurnJournal

    path = settings.home / "conversations.sqlite"
    if not path.is_file():
        return []
    async with Checkpoints.from_conn_string(str(path)) as saver:
        kept = await TurnJournal(saver).kept(user)
    return [{"kind": "message"} | one.model_dump(mode="json") for one in kept]


def _pictures(settings: Settings, user: str) -> list[dict[str, Any]]:
    """The pictures a person sent, and those made for them."""
    from stores.artifacts import Artifacts

    artifacts = Artifacts(settings.home / "pictures")
    try:
        owned = artifacts.owned(user)
    finally:
        artifacts.close()
    return [{"kind": "picture", "id": one.id, "origin": one.origin, "path": str(one.path)} for one in owned]


def _open(settings: Settings) -> History:
    from stores.history import History
    from vlm.embeddings.opening import LazySpace

    # An export needs no embedding and should not wait for one.
    return History(settings.home / "history", LazySpace(settings.embedding))
