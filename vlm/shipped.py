"""Which models are in the box, and where they lie."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

SHIPPED = "mini"
"""Served where nothing else is said: on two CPU cores it answers within a second."""
LARGER = "small"
"""Four times the pixels and five times the parameters, for a GPU; ``vlm/weights/README.md`` compares the two."""
NAMES = (SHIPPED, LARGER)


def shipped_directory(name: str = SHIPPED) -> Path:
    """Where a model in the box lies; `name` is one of `NAMES`."""
    return Path(str(files("vlm"))) / "weights" / name


def named_directory(path: Path | str) -> Path:
    """A model's folder as people give it: ``mini`` and ``small`` are those in the box, unless such a folder is here."""
    given = Path(path).expanduser().absolute()
    named = str(path) in NAMES and not (given / "config.json").is_file()
    return shipped_directory(str(path)) if named else given
