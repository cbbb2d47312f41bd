"""Lengths that a comparison rules out: "no shorter than midi", "nothing longer than knee length", "shorter than maxi"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fashion.lexicon import Match
from fashion.mention_words import word_set
from fashion.tables import load_table

_BETWEEN = 2
"""Words that may stand between "than" and the length: "than a real midi"."""


def length_bounds(
    tokens: Sequence[str], matches: Sequence[Match], denied: frozenset[int]
) -> tuple[tuple[str, ...], tuple[Match, ...]]:
    """The lengths that comparisons rule out, and the matches that are part of one, which name no wish of their own.

    Args:
        tokens: From `fashion.lexicon.tokenize`, with slips forgiven.
        matches: What was found in them.
        denied: The positions under a denial (`fashion.denials.denied_in`).
    """
    hems: list[str] = load_table("mentions")["lengths_by_hem"]
    ruled_out: list[str] = []
    parts: list[Match] = []
    for at, named in _comparisons(tokens, matches, hems):
        place, shorter = hems.index(named.value), tokens[at] in word_set("shorter")
        # "No longer" is no denial but where a length is compared.
        if at in denied or (at and tokens[at - 1] in word_set("negations")):
            ruled_out += hems[:place] if shorter else hems[place + 1 :]
        else:
            ruled_out += hems[place:] if shorter else hems[: place + 1]
        parts += [one for one in matches if one.kind == "length" and one.start in (at, named.start)]
    return tuple(dict.fromkeys(ruled_out)), tuple(parts)


def _comparisons(
    tokens: Sequence[str], matches: Sequence[Match], hems: Sequence[str]
) -> Iterator[tuple[int, Match]]:
    """The position of each "shorter" or "longer", and the length that it is compared with."""
    named = [one for one in matches if one.kind == "length" and one.value in hems]
    for at, token in enumerate(tokens[:-1]):
        if token in word_set("shorter") | word_set("longer") and tokens[at + 1] in word_set("compared"):
            yield from ((at, one) for one in named if 0 <= one.start - (at + 2) <= _BETWEEN)
