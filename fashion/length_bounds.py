"""Lengths that a comparison rules out: "no shorter than midi", "I don't want it longer than knee length"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fashion.lexicon import Match
from fashion.mention_words import word_set
from fashion.tables import load_table


def length_bounds(
    tokens: Sequence[str], matches: Sequence[Match]
) -> tuple[tuple[str, ...], tuple[Match, ...]]:
    """The lengths that comparisons rule out, and the matches that are part of one, which name no wish of their own.

    Only what is denied in the comparison's own clause is ruled out: "shorter than midi is fine" asks for no length and
    bans none. The "longer" of "no longer" and "any longer" is part of nothing, and is given back among the matches too.

    Args:
        tokens: From `fashion.lexicon.tokenize`, with slips forgiven.
        matches: What was found in them.
    """
    hems: list[str] = load_table("mentions")["lengths_by_hem"]
    ruled_out: list[str] = []
    parts = [one for one in matches if one.kind == "length" and _is_of_time(tokens, one)]
    for at, named in _comparisons(tokens, matches, hems):
        place = hems.index(named.value)
        if _denied(tokens, at):
            ruled_out += hems[:place] if tokens[at] in word_set("shorter") else hems[place + 1 :]
        parts += [one for one in matches if one.kind == "length" and one.start in (at, named.start)]
    return tuple(dict.fromkeys(ruled_out)), tuple(parts)


def compares_lengths(tokens: Sequence[str]) -> bool:
    """Whether "shorter than" or "longer than" stands in a sentence."""
    return any(_compares(tokens, at) for at in range(len(tokens)))


def _compares(tokens: Sequence[str], at: int) -> bool:
    return tokens[at] in word_set("shorter") | word_set("longer") and tokens[at + 1 : at + 2] == ["than"]


def _comparisons(
    tokens: Sequence[str], matches: Sequence[Match], hems: Sequence[str]
) -> Iterator[tuple[int, Match]]:
    """The position of each "shorter" or "longer", and the length right behind its "than"."""
    named = {one.start: one for one in matches if one.kind == "length" and one.value in hems}
    for at in range(len(tokens)):
        if _compares(tokens, at):
            behind = at + 2
            while tokens[behind : behind + 1] and tokens[behind] in word_set("before_a_length"):
                behind += 1
            if behind in named:
                yield at, named[behind]


def _denied(tokens: Sequence[str], at: int) -> bool:
    """Whether a denial stands before a position, in the same clause."""
    clause: list[str] = []
    for token in reversed(tokens[:at]):
        if token in word_set("clause_ends"):
            break
        clause.append(token)
    if word_set("indifference") & set(clause):
        return False
    return bool(word_set("length_denials") & set(clause))


def _is_of_time(tokens: Sequence[str], match: Match) -> bool:
    """As in "I no longer need it" and "not any longer", which say nothing of a length."""
    longer = tokens[match.start] in word_set("longer") and not _compares(tokens, match.start)
    return longer and match.start > 0 and tokens[match.start - 1] in ("no", "any")
