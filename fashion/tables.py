"""The one place that opens the YAML tables of `fashion/data`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"


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
    return yaml.load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506
