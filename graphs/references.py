"""Opens the patterns of `graphs/data/references.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def _table() -> dict[str, str]:
    path = Path(__file__).parent / "data" / "references.yaml"
    table: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return table


def pattern(name: str) -> str:
    """A regular expression by its name in the table."""
    return _table()[name]
