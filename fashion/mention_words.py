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
def _by_first_word(key: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The phrases of a list under their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in (tuple(tokenize(words)) for words in load_table("mentions")[key]):
        found.setdefault(phrase[0], []).append(phrase)
    return {word: tuple(sorted(phrases, key=len, reverse=True)) for word, phrases in found.items()}


def lengths_ruled_out(tokens: list[str]) -> list[str]:
    """The lengths that words such as "not too short" rule out."""
    return [
        length
        for key, lengths in load_table("mentions")["too_short_or_long"].items()
        if any(
            (said := phrase_at(tokens, at, key))
            and tokens[at + said : at + said + 1] not in [[word] for word in word_set("not_of_a_length")]
            for at in range(len(tokens))
        )
        for length in lengths
    ]


def phrase_at(tokens: list[str], at: int, key: str) -> int:
    """Length of the longest phrase of a list that stands at a position, 0 for none."""
    if at >= len(tokens):
        return 0
    for phrase in _by_first_word(key).get(tokens[at], ()):
        if tuple(tokens[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0
