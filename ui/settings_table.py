"""The table of settings in ``docs/settings.md``, made from `Settings` so that the two cannot differ.

Run ``python -m ui.settings_table > docs/settings.md`` after a change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic.fields import FieldInfo

from ui.settings import Settings

_HEAD = """# Settings

Each setting is an environment variable; a `.env` file in the working folder is read too, and the environment
wins. `fashionm3 doctor` shows the values in force, with secrets hidden. This file is made from
`ui/settings.py` by `python -m ui.settings_table`; a test holds the two equal.

| variable | default | meaning |
| --- | --- | --- |
"""


def settings_table() -> str:
    """The whole text of ``docs/settings.md``."""
    rows = [
        f"| `FASHIONM3_{name.upper()}` | {_default(name, field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return _HEAD + "".join(rows)


def _default(name: str, field: FieldInfo) -> str:
    if name == "home":
        return "the user data folder of the system"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ({}, ()):
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"


if __name__ == "__main__":
    sys.stdout.write(settings_table())
