"""Draws plausible garments from the tables, and sets some combinations aside for testing."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Literal

from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, Category, validate_garment

Split = Literal["train", "heldout", "any"]

_HELD_OUT_PERCENT = 8
# Chosen so that every category has some combinations on both sides (the test holds it).
_HELD_OUT_SALT = 1201
_TRIES = 4000
_TABLES = {
    "color": "colors",
    "pattern": "patterns",
    "material": "materials",
    "sleeve": "sleeves",
    "neckline": "necklines",
    "length": "lengths",
    "fit": "fits",
}
_ATTRIBUTES = ("style", "color", "pattern", "material", "sleeve", "neckline", "length", "fit")


def combination_is_held_out(category: str, color: str, pattern: str) -> bool:
    """Whether a (category, color, pattern) triple is kept out of training (about 8 in 100 are)."""
    return zlib.crc32(f"{_HELD_OUT_SALT}|{category}|{color}|{pattern}".encode()) % 100 < _HELD_OUT_PERCENT


def sample_garment(
    rng: random.Random, category: str | None = None, *, split: Split = "any", **fixed: str | None
) -> Garment:
    """Draw one garment.

    Args:
        rng: The source of chance.
        category: One of the 51 names; drawn evenly when None.
        split: ``train`` never gives a held-out combination, ``heldout`` gives only those.
        **fixed: Attributes to keep as given (``color="red"``).

    Returns:
        A garment that passes `validate_garment`.

    Raises:
        ValueError: Unknown category or attribute, a value the category cannot have, or no combination
            of the wanted split fits the fixed values.
    """
    unknown = sorted(set(fixed) - set(_ATTRIBUTES))
    if unknown:
        raise ValueError(f"unknown attribute {unknown[0]!r}; expected one of: {', '.join(_ATTRIBUTES)}")
    if category is not None and category not in CATEGORIES:
        raise ValueError(f"unknown category {category!r}; expected one of: {', '.join(CATEGORIES)}")
    for _ in range(_TRIES):
        kind = CATEGORIES[category or rng.choice(tuple(CATEGORIES))]
        garment = _draw(rng, kind, fixed, split)
        if garment is not None:
            if fixed:
                validate_garment(garment)
            return garment
    raise ValueError(f"no {split} combination of {category or 'any category'} fits {fixed}")


def _draw(
    rng: random.Random, kind: Category, fixed: Mapping[str, str | None], split: Split
) -> Garment | None:
    """One garment; None where chance gives a combination of the other split."""
    if "style" in fixed:
        style = fixed["style"]
    else:
        style = _weighted(rng, _fitting_styles(kind, fixed)) if fixed else _picked(rng, _styles(kind.name))

    def pick(attribute: str) -> str | None:
        return fixed[attribute] if attribute in fixed else _picked(rng, _choices(kind.name, style, attribute))

    color = pick("color") or "black"
    pattern = pick("pattern") or "solid"
    if color in ("gold", "silver") and "pattern" not in fixed:
        pattern = "solid"
    if split != "any" and combination_is_held_out(kind.name, color, pattern) != (split == "heldout"):
        return None
    return Garment(
        category=kind.name,
        color=color,
        pattern=pattern,
        material=pick("material"),
        style=style,
        sleeve=pick("sleeve"),
        neckline=pick("neckline"),
        length=pick("length"),
        fit=pick("fit"),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """Values to draw from, with their running sums of weights; without them each is as likely."""

    values: tuple[str, ...]
    sums: tuple[float, ...] | None = None


@cache
def _choices(category: str, style: str | None, attribute: str) -> _Choice:
    """What a category allows for an attribute, narrowed to what the style implies."""
    kind = CATEGORIES[category]
    table: Mapping[str, float] | Sequence[str] = getattr(kind, _TABLES[attribute])
    implied = kind.when.get(style or "", {}).get(attribute)
    if isinstance(table, Mapping):
        return _choice(table if implied is None else {value: table.get(value, 1.0) for value in implied})
    return _Choice(tuple(value for value in table if implied is None or value in implied))


@cache
def _styles(category: str) -> _Choice:
    return _choice(CATEGORIES[category].styles)


def _choice(table: Mapping[str, float]) -> _Choice:
    return _Choice(tuple(table), tuple(accumulate(table.values())))


def _picked(rng: random.Random, choice: _Choice) -> str | None:
    if choice.sums is not None:
        return rng.choices(choice.values, cum_weights=choice.sums)[0]
    return rng.choice(choice.values) if choice.values else None


def _fitting_styles(kind: Category, fixed: Mapping[str, str | None]) -> Mapping[str, float]:
    """Styles that allow the fixed values; all of them when none does."""
    fitting = {
        style: weight
        for style, weight in kind.styles.items()
        if all(fixed.get(key, values[0]) in values for key, values in kind.when.get(style, {}).items())
    }
    return fitting or kind.styles


def _weighted(rng: random.Random, table: Mapping[str, float]) -> str:
    return rng.choices(tuple(table), weights=tuple(table.values()))[0]
