"""What every command shares: settings, output, progress bars, and failures told in one sentence."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from typing import IO, ParamSpec, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ui.failures import BadInputError, sentence_of, wants_trace
from ui.logs import set_up_logging
from ui.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def load_settings() -> Settings:
    """Read the settings and set up logging.

    Raises:
        BadInputError: A setting has a value that cannot be used; the message names the variable.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [
            f"FASHIONM3_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}."
            for problem in error.errors(include_input=False)
        ]
        raise BadInputError("\n".join(lines)) from error
    set_up_logging(settings.log_level)
    return settings


def careful(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command fail with one sentence on standard error instead of a stack trace.

    Exit status 2: the input or a setting cannot be used. 1: something else failed. 130: Ctrl-C.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt as stop:
            raise typer.Exit(130) from stop
        except BrokenPipeError as closed:
            # The reader went away (`| head`): point the final flush at nothing and leave.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from closed
        except Exception as error:
            if wants_trace():
                raise
            typer.echo(f"fashionm3: {sentence_of(error)}", err=True)
            raise typer.Exit(2 if isinstance(error, BadInputError) else 1) from error

    return guarded


@contextlib.contextmanager
def reserved_stdout() -> Iterator[IO[str]]:
    """Keep standard output for records; whatever else is printed, even by C code, goes to standard error."""
    records = sys.stdout
    sys.stdout.flush()
    try:
        kept = os.dup(records.fileno())
    except (OSError, ValueError):
        # No real file behind it (a test's buffer): only Python's own prints need turning away.
        with contextlib.redirect_stdout(sys.stderr):
            yield records
        return
    target = records.fileno()
    os.dup2(sys.stderr.fileno(), target)
    try:
        with (
            os.fdopen(kept, "w", encoding="utf-8", closefd=False) as stream,
            contextlib.redirect_stdout(sys.stderr),
        ):
            yield stream
    finally:
        os.dup2(kept, target)
        os.close(kept)


def write_line(stream: IO[str], line: str) -> None:
    """Write one line and flush it, so that a reader on a pipe gets it at once."""
    stream.write(line + "\n")
    stream.flush()


@contextlib.contextmanager
def building() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error that appears with the first report and goes when all is done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("Building {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def on_progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield on_progress
