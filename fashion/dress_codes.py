"""Dress codes and customs (black tie, modest dress, mourning, Diwali, …): what keeps them and what breaks them.

The table says what is customary in broad strokes; families and places differ, which is why a note is told with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from fashion.garment import Garment
from fashion.language import agreeing
from fashion.occasions import Verdict, formality
from fashion.tables import load_table

_SLACK = 0.4
"""So far a piece may lie outside the welcome formality."""


@dataclass(frozen=True, slots=True)
class Never:
    """What breaks a code: garments that have one of the values of every attribute named.

    Attributes:
        values: Attribute name to its values; ``not_color`` holds the only colors that do not break it.
        clause: What is said of such a piece.
    """

    values: Mapping[str, tuple[str, ...]]
    clause: str

    def holds_for(self, garment: Garment) -> bool:
        """Whether a garment is one of these."""
        return all(
            garment.color not in values if name == "not_color" else getattr(garment, name) in values
            for name, values in self.values.items()
        )


@dataclass(frozen=True, slots=True)
class DressCode:
    """One code.

    Attributes:
        name: As `agents.contracts.DressCode` has it.
        say: How it is said after "for".
        note: One sentence on what it asks for; may be empty.
        reason: Completes "…, and <reason>" for a piece that keeps it.
        level: The formality that is welcome, 0..4; None where the code does not care.
        favor_colors: What is welcome; likewise `favor_materials` and `favor_patterns`.
        never: What breaks it.
    """

    name: str
    say: str
    note: str
    reason: str
    level: tuple[float, float] | None
    favor_colors: tuple[str, ...]
    favor_materials: tuple[str, ...]
    favor_patterns: tuple[str, ...]
    never: tuple[Never, ...]


def _code(name: str, row: dict[str, Any]) -> DressCode:
    never = tuple(
        Never(
            MappingProxyType({key: tuple(values) for key, values in one.items() if key != "clause"}),
            one["clause"],
        )
        for one in row["never"]
    )
    level = row.get("level")
    return DressCode(
        name=name,
        say=row["say"],
        note=row["note"],
        reason=row["reason"],
        level=None if level is None else (float(level[0]), float(level[1])),
        favor_colors=tuple(row["favor_colors"]),
        favor_materials=tuple(row["favor_materials"]),
        favor_patterns=tuple(row["favor_patterns"]),
        never=never,
    )


DRESS_CODES: Mapping[str, DressCode] = MappingProxyType(
    {name: _code(name, row) for name, row in load_table("dress_codes").items()}
)


def code_named(name: str) -> DressCode:
    """Look a code up. Raises ValueError, naming the known ones."""
    try:
        return DRESS_CODES[name]
    except KeyError:
        raise ValueError(f"unknown dress code {name!r}; expected one of: {', '.join(DRESS_CODES)}") from None


@lru_cache(maxsize=1 << 14)
def broken_code(garment: Garment, name: str) -> str:
    """Why a garment breaks a code, as a clause; empty where it keeps it. Raises ValueError for an unknown code."""
    code = code_named(name)
    for never in code.never:
        if never.holds_for(garment):
            return agreeing(garment, never.clause)
    if code.level is not None:
        level = formality(garment)
        if level < code.level[0] - _SLACK:
            return agreeing(garment, f"it is too casual for {code.say}")
        if level > code.level[1] + _SLACK:
            return agreeing(garment, f"it is too dressy for {code.say}")
    return ""


@lru_cache(maxsize=1 << 14)
def suits_code(garment: Garment, name: str) -> Verdict:
    """How well a garment keeps a code, 0..1, and why. Raises ValueError for an unknown code."""
    code = code_named(name)
    if clause := broken_code(garment, name):
        return Verdict(0.0, clause)
    welcome = (garment.color in code.favor_colors) + 0.5 * (garment.material in code.favor_materials)
    welcome += 0.5 * (garment.pattern in code.favor_patterns)
    if not (code.favor_colors or code.favor_materials):
        return Verdict(0.9, agreeing(garment, code.reason))
    by_color = code.reason.startswith("its color")
    if by_color and garment.color not in code.favor_colors:
        return Verdict(0.6, f"{garment.color} is welcome at {code.say}")
    return Verdict(0.6 + 0.2 * welcome, agreeing(garment, code.reason))
