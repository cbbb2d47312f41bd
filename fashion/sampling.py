"""Draws plausible garments from the tables, and sets some combinations aside for testing."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from typing import Literal

from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, Category, validate_garment

Split = Literal["train", "heldout", "any"]

_HELD_OUT_PERCENT = 8
# Chosen so that every category has some combinations on both sides (the test holds it).
_HELD_OUT_SALT = 1201
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
    for _ in range(4000):
        kind = CATEGORIES[category or rng.choice(tuple(CATEGORIES))]
        garment = _draw(rng, kind, fixed)
        held_out = combination_is_held_out(garment.category, garment.color, garment.pattern)
        if split == "any" or held_out == (split == "heldout"):
            validate_garment(garment)
            return garment
    raise ValueError(f"no {split} combination of {category or 'any category'} fits {fixed}")


def _draw(rng: random.Random, kind: Category, fixed: Mapping[str, str | None]) -> Garment:
    style = fixed["style"] if "style" in fixed else _weighted(rng, _fitting_styles(kind, fixed))
    implied = kind.when.get(style or "", {})

    def pick(attribute: str, table: Mapping[str, float] | Sequence[str]) -> str | None:
        if attribute in fixed:
            return fixed[attribute]
        if attribute in implied:
            allowed = implied[attribute]
            if isinstance(table, Mapping):
                return _weighted(rng, {value: table.get(value, 1.0) for value in allowed})
            return rng.choice([value for value in table if value in allowed])
        if isinstance(table, Mapping):
            return _weighted(rng, table)
        return rng.choice(table) if table else None

    color = pick("color", kind.colors) or "black"
    pattern = pick("pattern", kind.patterns) or "solid"
    return Garment(
        category=kind.name,
        color=color,
        pattern="solid" if color in ("gold", "silver") and "pattern" not in fixed else pattern,
        material=pick("material", kind.materials),
        style=style,
        sleeve=pick("sleeve", kind.sleeves),
        neckline=pick("neckline", kind.necklines),
        length=pick("length", kind.lengths),
        fit=pick("fit", kind.fits),
    )


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
