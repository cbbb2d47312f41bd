"""The log of a run: one JSON object a line, in the order of the steps, equal for a broken and an unbroken run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Journal:
    """Appends lines to a file."""

    def __init__(self, path: Path) -> None:
        """The file is made with the first line."""
        self._path = path

    def write(self, row: Mapping[str, Any]) -> None:
        """Append one line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def keep_until(self, step: int) -> None:
        """Drop the lines of later steps, which will be done again; a new run drops all."""
        if not self._path.is_file():
            return
        kept = [
            line for line in self._path.read_text(encoding="utf-8").splitlines() if _is_within(line, step)
        ]
        self._path.write_text("".join(f"{line}\n" for line in kept if step), encoding="utf-8")


def _is_within(line: str, step: int) -> bool:
    try:
        return bool(json.loads(line)["step"] <= step)
    except ValueError:
        # The last line of a process that was killed while it wrote.
        return False
