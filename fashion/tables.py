"""The one place that opens the YAML tables of `fashion/data`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"


class _PlainWords(yaml.CSafeLoader):
    """YAML in which `no`, `on`, `off` and `yes` are words, as they are in a word list."""


_PlainWords.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rows if letter in "tTfF" or not tag.endswith(":bool")]
    for letter, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@cache
def load_table(name: str) -> Any:
    """Read `fashion/data/<name>.yaml` once.

    Args:
        name: File name without its ending.

    Returns:
        The parsed content; shared between callers, so it must not be changed.

    Raises:
        FileNotFoundError: The table does not exist.
    """
    return yaml.load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_PlainWords)  # noqa: S506
