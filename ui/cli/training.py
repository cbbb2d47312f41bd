"""What training commands share: live progress, a stop that waits for the step to end, failures in plain words."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ui.failures import BadInputError

_LINE_SECONDS = 30.0


class Display:
    """Progress on standard error: bars on a terminal, elsewhere a line now and then."""

    def __init__(self, bars: Progress) -> None:
        """Draw with these bars."""
        self._bars, self._live = bars, bars.console.is_terminal
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int, note: str) -> None:
        """Tell how far a stage is."""
        if self._live:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total, note="")
            self._bars.update(self._tasks[stage], completed=done, total=total, note=note)
        elif done >= total or time.monotonic() - self._told.get(stage, -_LINE_SECONDS) >= _LINE_SECONDS:
            self._told[stage] = time.monotonic()
            self.line(f"{stage}: {done} of {total} {note}".rstrip())

    def line(self, text: str) -> None:
        """Say something that stays."""
        self._bars.console.print(text, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def display() -> Iterator[Display]:
    """Show progress on standard error."""
    columns = (
        TextColumn("{task.description:18}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield Display(bars)


@contextlib.contextmanager
def stop_asked() -> Iterator[Callable[[], bool]]:
    """Tells whether Ctrl-C or SIGTERM came; the second Ctrl-C interrupts at once."""
    asked = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked = True
        typer.echo("Stopping after this step. Ctrl-C again stops at once, without a checkpoint.", err=True)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def plain_failures() -> Iterator[None]:
    """Let what a person can put right fail as bad input, in the words that it comes with."""
    import torch

    from fashion.fashionrec import FashionRecError
    from vlm.published.files import CheckpointError
    from vlm.training.compute import NoDeviceError
    from vlm.training.full.adapters import MissingPackageError
    from vlm.training.full.checkpoint import OtherRunError

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BadInputError(
            "The GPU's memory is too small for this run. Train with --lora, or on a larger GPU."
        ) from error
    except (FashionRecError, CheckpointError, NoDeviceError, MissingPackageError, OtherRunError) as error:
        raise BadInputError(str(error)) from error
    except FileNotFoundError as error:
        # The system's own name the file apart and have no sentence.
        if error.filename is not None:
            raise
        raise BadInputError(str(error)) from error
