"""What the weather that a message names rules out ("shoes for rain": no suede)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.cues import holds_any
from agents.tables import load_table


def without_what_rain_spoils(values: dict[str, Any], tokens: Sequence[str]) -> None:
    """Ban what water spoils where a message names rain, in place; what the message itself asks for stays."""
    if not holds_any(tokens, "rain") or holds_any(tokens, "no_rain"):
        return
    spoiled: list[str] = load_table("weather")["spoiled_by_rain"]
    banned, wanted = values["not_materials"], values["materials"]
    values["not_materials"] = [*banned, *(one for one in spoiled if one not in banned and one not in wanted)]
