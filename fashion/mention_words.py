"""The word lists behind `fashion.mentions`, read once from ``mentions.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Any

from fashion.lexicon import tokenize
from fashion.tables import load_table


@cache
def word_set(key: str) -> frozenset[str]:
    """A word list of ``mentions.yaml``."""
    return frozenset(load_table("mentions")[key])


@cache
def guards() -> dict[str, dict[str, Any]]:
    """Words that mean something else behind or before certain others, with those others."""
    rows = load_table("mentions")["guards"]
    return {word: {side: frozenset(words) for side, words in row.items()} for word, row in rows.items()}


@cache
def ordinals() -> dict[str, str]:
    """Words such as "first", "second" with the number they stand for; -1 is the last."""
    rows = load_table("mentions")["ordinals"]
    return {word: str(number) for number, words in rows.items() for word in words if " " not in word}


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokenize(words)) for words in load_table("mentions")[key])


def phrase_at(tokens: list[str], at: int, key: str) -> int:
    """Length of the longest phrase of a list that stands at a position, 0 for none."""
    here = (len(words) for words in _phrases(key) if tuple(tokens[at : at + len(words)]) == words)
    return max(here, default=0)
