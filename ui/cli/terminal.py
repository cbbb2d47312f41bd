"""The conversation of ``fashionm3 chat``: streamed words, cards as a table, pictures by their paths."""

from __future__ import annotations

import asyncio
import shlex
import uuid
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graphs.turn import TurnRecord
from ui.assembly import Parts, open_assistant
from ui.cli.door import building
from ui.failures import BadInputError, report
from ui.incoming import make_turn, with_paths
from ui.settings import Settings
from ui.wording import doing, price

_PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
_HELP = (
    "Write what you want; a photo named in the line is sent along: jeans.jpg what shoes go with these?\n"
    "/new starts a new conversation, /quit leaves. Ctrl-C stops an answer."
)


def talk(settings: Settings, thread: str) -> None:
    """Hold a conversation until the person leaves."""
    console = Console(highlight=False)
    with asyncio.Runner() as runner:
        with building() as on_progress:
            opened = open_assistant(settings, on_progress)
            parts = runner.run(opened.__aenter__())
        console.print(
            f"[bold]FashionM3[/] · {parts.services.catalog.count()} products · synthetic demo boutique"
        )
        console.print(_HELP, style="dim")
        try:
            _converse(console, runner, parts, thread)
        finally:
            runner.run(opened.__aexit__(None, None, None))


def _converse(console: Console, runner: asyncio.Runner, parts: Parts, thread: str) -> None:
    while True:
        try:
            said = console.input("\n[bold]you ›[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print("\nGoodbye.")
            return
        if said in {"/quit", "/exit"}:
            console.print("Goodbye.")
            return
        if said == "/new":
            thread = uuid.uuid4().hex[:12]
            console.print("A new conversation.", style="dim")
        elif said == "/help":
            console.print(_HELP, style="dim")
        elif said:
            try:
                runner.run(_answer(console, parts, thread, said))
            except KeyboardInterrupt:
                console.print("\nStopped.", style="dim")


async def _answer(console: Console, parts: Parts, thread: str, said: str) -> None:
    text, pictures = split_pictures(said)
    if missing := missing_pictures(said):
        names = ", ".join(repr(name) for name in missing)
        console.print(f"There is no file {names}, so nothing was sent.", style="red", markup=False)
        return
    try:
        turn = await make_turn(parts, user=parts.settings.user, thread=thread, text=text, pictures=pictures)
        words = False
        async for event in parts.assistant.stream(turn):
            if event.kind == "tool_start":
                console.print(f"  · {doing(event.text)} …", style="dim")
            elif event.kind == "token":
                console.print(event.text, end="", markup=False, soft_wrap=True)
                words = True
            elif event.kind == "record" and event.record is not None:
                console.print("" if words else event.record.reply, markup=False)
                _show(console, with_paths(parts, event.record))
    except BadInputError as error:
        console.print(str(error), style="red", markup=False)
    except Exception as error:
        console.print("\n" + report(error, "a turn of chat"), style="red", markup=False)


def _show(console: Console, record: TurnRecord) -> None:
    if record.items:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for number, item in enumerate(record.items, 1):
            stock = "" if item.in_stock else " [red]sold out[/]"
            table.add_row(
                f"{number}.",
                f"[bold]{escape(item.title)}[/]{stock}\n[dim]{escape(item.reason)}[/]",
                price(item.price, item.currency),
                f"[dim]{item.id}[/]",
            )
        console.print(table)
    for image in record.images:
        console.print(f"  picture: {image}", markup=False, soft_wrap=True)
    if record.error:
        console.print(record.error, style="red", markup=False)


def split_pictures(said: str) -> tuple[str, list[Path]]:
    """Part a typed line into its words and the picture files it names (files that exist, by their ending)."""
    pieces = _pieces(said)
    pictures = [Path(piece).expanduser() for piece in pieces if _is_picture(piece)]
    if not pictures:
        return said, []
    return " ".join(piece for piece in pieces if not _is_picture(piece)), pictures


def missing_pictures(said: str) -> list[str]:
    """The picture files that a typed line names and that are not there."""
    return [
        piece
        for piece in _pieces(said)
        if Path(piece).suffix.lower() in _PICTURE_ENDINGS and len(Path(piece).stem) and not _is_picture(piece)
    ]


def _pieces(said: str) -> list[str]:
    try:
        return shlex.split(said)
    except ValueError:
        # An apostrophe is no open quotation mark to a person.
        return said.split()


def _is_picture(piece: str) -> bool:
    path = Path(piece).expanduser()
    return path.suffix.lower() in _PICTURE_ENDINGS and path.is_file()
