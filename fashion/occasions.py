"""Occasions with their dress codes, and what a season asks of a garment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from fashion.garment import Garment
from fashion.language import agreeing
from fashion.tables import load_table
from fashion.vocabulary import SEASONS, category_of


@dataclass(frozen=True)
class Occasion:
    """One occasion and its dress code.

    Attributes:
        name: For example ``"job interview"``.
        say: How it is said after "for": ``"a job interview"``.
        level: Lowest and highest formality that is welcome, 0..4.
        ideal: The formality to aim at.
        favor_colors: Colors that suit; likewise `favor_patterns` and `favor_materials`.
        avoid_colors: Colors that do not; likewise `avoid_patterns` and `avoid_materials`.
        reason: Completes "…, and <reason>" for a piece that suits.
        words: What people call the occasion, lower case.
    """

    name: str
    say: str
    level: tuple[int, int]
    ideal: float
    favor_colors: tuple[str, ...]
    avoid_colors: tuple[str, ...]
    favor_patterns: tuple[str, ...]
    avoid_patterns: tuple[str, ...]
    favor_materials: tuple[str, ...]
    avoid_materials: tuple[str, ...]
    reason: str
    words: tuple[str, ...]


def _occasion(name: str, row: dict[str, Any]) -> Occasion:
    lists = {key: tuple(row[key]) for key in row if key.startswith(("favor_", "avoid_")) or key == "words"}
    return Occasion(
        name=name,
        say=row["say"],
        level=(row["level"][0], row["level"][1]),
        ideal=float(row["ideal"]),
        reason=row["reason"],
        **lists,
    )


OCCASIONS: Mapping[str, Occasion] = MappingProxyType(
    {name: _occasion(name, row) for name, row in load_table("occasions").items()}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score 0..1 and the clause that explains it."""

    score: float
    reason: str


def occasion_named(name: str) -> Occasion:
    """Look an occasion up. Raises ValueError, naming the known ones."""
    try:
        return OCCASIONS[name]
    except KeyError:
        raise ValueError(f"unknown occasion {name!r}; expected one of: {', '.join(OCCASIONS)}") from None


@lru_cache(maxsize=1 << 14)
def formality(garment: Garment) -> float:
    """How formal a garment is, 0 (beach) .. 4 (black tie), within its category's range."""
    table = load_table("rules")
    low, high = category_of(garment).formality
    level = (low + high) / 2
    level += float(table["formality_of_material"].get(garment.material, 0.0))
    level += float(table["formality_of_style"].get(garment.style, 0.0))
    if garment.pattern == "animal print":
        level -= 0.2
    return min(max(level, float(low)), float(high))


@lru_cache(maxsize=1 << 14)
def warmth(garment: Garment) -> float | None:
    """How warm it is, about -0.6 .. 4.7; None where warmth says nothing (a bag, a ring)."""
    span = category_of(garment).warmth
    if span is None:
        return None
    level = (span[0] + span[1]) / 2 + float(
        load_table("rules")["warmth_of_material"].get(garment.material, 0.0)
    )
    if garment.sleeve == "sleeveless":
        level -= 0.4
    elif garment.sleeve == "short":
        level -= 0.2
    return level


@lru_cache(maxsize=1 << 14)
def suits_occasion(garment: Garment, name: str) -> Verdict:
    """How well one garment suits an occasion. Raises ValueError for an unknown occasion."""
    occasion = occasion_named(name)
    table = load_table("rules")
    if name not in table["purpose"].get(garment.category, [name]) or garment.category not in table[
        "only"
    ].get(name, [garment.category]):
        return Verdict(0.1, agreeing(garment, f"it is not made for {occasion.say}"))
    level = formality(garment)
    low, high = occasion.level
    gap = max(low - level, level - high, 0.0)
    score = max(0.0, 0.8 - 0.55 * gap - 0.1 * abs(level - occasion.ideal))
    for value, avoided in (
        (garment.color, occasion.avoid_colors),
        (garment.pattern, occasion.avoid_patterns),
        (garment.material, occasion.avoid_materials),
    ):
        if value in avoided:
            return Verdict(min(score, 0.3), f"{value} is a risk for {occasion.say}")
    score += 0.1 * (garment.color in occasion.favor_colors) + 0.1 * (
        garment.material in occasion.favor_materials
    )
    score += 0.05 * (garment.pattern in occasion.favor_patterns)
    if gap > 0.4:
        too = "casual" if level < low else "dressy"
        return Verdict(min(score, 0.6), agreeing(garment, f"it is a little {too} for {occasion.say}"))
    return Verdict(min(score, 1.0), agreeing(garment, occasion.reason))


@lru_cache(maxsize=1 << 14)
def suits_season(garment: Garment, season: str) -> Verdict:
    """How well one garment suits a season. Raises ValueError for a name that is no season."""
    if season not in SEASONS:
        raise ValueError(f"unknown season {season!r}; expected one of: {', '.join(SEASONS)}")
    table = load_table("rules")
    row, reasons = table["seasons"][season], table["season_reasons"]
    level = warmth(garment)
    gap = 0.0 if level is None else max(row["warmth"][0] - level, level - row["warmth"][1], 0.0)
    words = {"material": garment.material, "season": season}
    if gap > 0.3:
        side = "cold" if level is not None and level < row["warmth"][0] else "warm"
        return Verdict(max(0.0, 0.6 - 0.4 * gap), agreeing(garment, reasons[side].format(**words)))
    if garment.material in row["bad"]:
        return Verdict(0.35, reasons["bad"].format(**words))
    if garment.material in row["good"]:
        return Verdict(1.0, reasons["good"].format(**words))
    return Verdict(0.8, agreeing(garment, reasons["fits"].format(**words)))
