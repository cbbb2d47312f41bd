"""Bans that words imply without naming a material: "shoes for rain" (no suede), "vegan shoes" (no leather)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Literal

from fashion.denials import denied_in
from fashion.lexicon import forgive, tokenize
from fashion.tables import load_table

Phrase = tuple[str, ...]
About = Literal["anything", "person", "day"]


def implied_bans(tokens: Sequence[str], wanted: Collection[str], *, about: About = "anything") -> list[str]:
    """The materials that go against what a sentence says, less those that it asks for by name.

    Words that are denied ("it isn't raining") or stand within an exception ("purple rain") imply nothing.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
        wanted: The materials asked for.
        about: ``person``: only what they say of themselves ("I'm vegan"); ``day``: only what passes (rain).
    """
    text = list(tokens)
    denied = denied_in(forgive(text))
    bans = [
        material
        for words, exceptions, materials in _rules(about)
        if (said := _places(text, words) - _places(text, exceptions)) and not said <= denied
        for material in materials
        if material not in wanted
    ]
    return list(dict.fromkeys(bans))


def _places(text: Sequence[str], phrases: Sequence[Phrase]) -> set[int]:
    """The positions that phrases take."""
    return {
        at + offset
        for phrase in phrases
        for at in range(len(text) - len(phrase) + 1)
        if tuple(text[at : at + len(phrase)]) == phrase
        for offset in range(len(phrase))
    }


@cache
def _rules(about: About) -> tuple[tuple[tuple[Phrase, ...], tuple[Phrase, ...], tuple[str, ...]], ...]:
    def phrases(words: Sequence[str]) -> tuple[Phrase, ...]:
        return tuple(tuple(tokenize(one)) for one in words)

    key = "of_the_person" if about == "person" else "words"
    return tuple(
        (phrases(row[key]), phrases(row["but_not"]), tuple(row["materials"]))
        for row in load_table("implied").values()
        if key in row and not (about == "day" and "of_the_person" in row)
    )
