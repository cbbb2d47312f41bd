"""The one place that opens the YAML tables of `agents/data`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


@cache
def load_table(name: str) -> Any:
    """Read ``agents/data/<name>.yaml`` once.

    Args:
        name: File name without its ending, with its folder where it has one (``utterances/chat``).

    Returns:
        The parsed content; shared between callers, so it must not be changed.

    Raises:
        FileNotFoundError: The table does not exist.
    """
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
