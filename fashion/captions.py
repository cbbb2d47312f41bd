"""Reads captions back: category, color and pattern of the first garment that a text names."""

from __future__ import annotations

import re
from functools import cache

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, PATTERNS

# A hyphen joins words, so that "cap-toe" is no cap.
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def parse_caption(text: str) -> Garment | None:
    """Recover category, color and pattern (and style or material where named) from a caption.

    Args:
        text: A caption or `fashion.language.phrase`; free sentences are for `find_mentions`.

    Returns:
        The first garment named, or None when there is no canonical noun or no color before it.
    """
    words = _WORD.findall(text.lower())
    nouns, colors, patterns = _nouns(), _names(tuple(COLORS)), _names(PATTERNS)
    color: str | None = None
    pattern = "solid"
    material: str | None = None
    at = 0
    while at < len(words):
        found, length = _longest(words, at, nouns)
        if found is not None and color is not None:
            category, style = found
            return Garment(category, color, pattern, material, style or _style_before(words, at, category))
        if found is None:
            name, length = _longest(words, at, colors)
            color = color or (None if name is None else name[0])
            if name is None:
                name, length = _longest(words, at, patterns)
                pattern = pattern if name is None else name[0]
            if name is None and words[at] in load_table("attributes")["materials"]:
                material = words[at]
        at += max(length, 1)
    return None


def _style_before(words: list[str], at: int, category: str) -> str | None:
    """The style that is said directly before the noun, as `fashion.language` says it."""
    said: dict[str, str] = load_table("wording")["styles"].get(category, {})
    for style, word in said.items():
        parts = word.split()
        if words[max(0, at - len(parts)) : at] == parts:
            return style
    return None


Names = dict[tuple[str, ...], tuple[str, str | None]]


def _longest(words: list[str], at: int, names: Names) -> tuple[tuple[str, str | None] | None, int]:
    for length in (3, 2, 1):
        found = names.get(tuple(words[at : at + length]))
        if found is not None and at + length <= len(words):
            return found, length
    return None, 0


@cache
def _names(values: tuple[str, ...]) -> Names:
    return {tuple(value.split()): (value, None) for value in values}


@cache
def _nouns() -> Names:
    names: Names = {("shirt", "dress"): ("Dresses", "shirt dress")}
    for category in CATEGORIES.values():
        for noun in (category.singular, category.plural):
            names[tuple(noun.split())] = (category.name, None)
        for style, nouns in category.style_nouns.items():
            for noun in nouns:
                names[tuple(noun.split())] = (category.name, style)
    return names
