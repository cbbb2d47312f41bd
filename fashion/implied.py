"""Bans that words imply without naming a material: "shoes for rain" (no suede), "vegan shoes" (no leather)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Literal

from fashion.denials import denied_in
from fashion.lexicon import forgive, tokenize
from fashion.tables import load_table

Phrase = tuple[str, ...]
_DENYING = ("not", "t", "dont", "never", "didnt", "cannot")
About = Literal["anything", "person", "day"]


def implied_bans(tokens: Sequence[str], wanted: Collection[str], *, about: About = "anything") -> list[str]:
    """The materials that go against what a sentence says, less those that it asks for by name.

    Words that are denied ("it isn't raining"), stand within an exception ("purple rain") or say that something has ended
    ("I'm no longer vegan") imply nothing.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
        wanted: The materials asked for.
        about: ``person``: only what they say of themselves ("I'm vegan"); ``day``: only what passes (rain).
    """
    text = list(tokens)
    denied = denied_in(forgive(text))
    bans = [
        material
        for words, exceptions, ended, materials in _rules(about)
        if (said := _places(text, words) - _places(text, exceptions) - _ended(text, ended))
        and not said <= denied
        for material in materials
        if material not in wanted
    ]
    return list(dict.fromkeys(bans))


def implied_ended(tokens: Sequence[str]) -> list[str]:
    """The materials of what a sentence says to hold of its speaker no more: "I'm not vegan any more".

    Args:
        tokens: From `fashion.lexicon.tokenize`.
    """
    text = list(tokens)
    ended = [
        material
        for row in load_table("implied").values()
        if _ended(text, _phrases(row.get("ended", ())))
        for material in row["materials"]
    ]
    return list(dict.fromkeys(ended))


def _places(
    text: Sequence[str], phrases: Sequence[Phrase], *, unless_behind: Collection[str] = ()
) -> set[int]:
    """The positions that phrases take, save right behind some words."""
    return {
        at + offset
        for phrase in phrases
        for at in range(len(text) - len(phrase) + 1)
        if tuple(text[at : at + len(phrase)]) == phrase
        and not set(text[max(0, at - 1) : at]) & set(unless_behind)
        for offset in range(len(phrase))
    }


def _ended(text: Sequence[str], phrases: Sequence[Phrase]) -> set[int]:
    """The positions of phrases that say that something has ended; "don't forget that I'm vegan" says the opposite."""
    return _places(text, phrases, unless_behind=_DENYING)


@cache
def _rules(
    about: About,
) -> tuple[tuple[tuple[Phrase, ...], tuple[Phrase, ...], tuple[Phrase, ...], tuple[str, ...]], ...]:
    key = "of_the_person" if about == "person" else "words"
    return tuple(
        (
            _phrases(row[key]),
            _phrases(row["but_not"]),
            _phrases(row.get("ended", ())),
            tuple(row["materials"]),
        )
        for row in load_table("implied").values()
        if key in row and not (about == "day" and "of_the_person" in row)
    )


def _phrases(words: Sequence[str]) -> tuple[Phrase, ...]:
    return tuple(tuple(tokenize(one)) for one in words)
