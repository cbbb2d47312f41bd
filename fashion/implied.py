"""Bans that words imply without naming a material: "shoes for rain" (no suede), "vegan shoes" (no leather)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from fashion.lexicon import tokenize
from fashion.tables import load_table

Phrase = tuple[str, ...]


def implied_bans(tokens: Sequence[str], wanted: Collection[str], *, lasting: bool = False) -> list[str]:
    """The materials that go against what a sentence says, less those that it asks for by name.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
        wanted: The materials asked for.
        lasting: Only what holds for a person as such, not for a day: vegan, but no rain.
    """
    text = tuple(tokens)
    bans = [
        material
        for words, exceptions, materials in _rules(lasting)
        if _holds(text, words) and not _holds(text, exceptions)
        for material in materials
        if material not in wanted
    ]
    return list(dict.fromkeys(bans))


def _holds(text: Phrase, phrases: Sequence[Phrase]) -> bool:
    return any(
        text[at : at + len(phrase)] == phrase
        for phrase in phrases
        for at in range(len(text) - len(phrase) + 1)
    )


@cache
def _rules(lasting: bool) -> tuple[tuple[tuple[Phrase, ...], tuple[Phrase, ...], tuple[str, ...]], ...]:
    def phrases(words: Sequence[str]) -> tuple[Phrase, ...]:
        return tuple(tuple(tokenize(one)) for one in words)

    rows = [row for row in load_table("implied").values() if row.get("lasting") or not lasting]
    return tuple((phrases(row["words"]), phrases(row["but_not"]), tuple(row["materials"])) for row in rows)
