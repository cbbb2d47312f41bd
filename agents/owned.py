"""What a person has beside what they ask for ("too many black bags, find me red ones"), and sizes told by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agents.tables import load_table
from fashion.lexicon import forgive, scan, tokenize
from fashion.tables import load_table as fashion_table

_SIZES = range(24, 63)
_TWO = 2


@dataclass(frozen=True, slots=True)
class Owned:
    """A stretch of words about what a person has.

    Attributes:
        start: The first token of the thing.
        end: The position behind the last.
        plenty: Whether there is enough of it, which is no liking.
    """

    start: int
    end: int
    plenty: bool


@dataclass(frozen=True, slots=True)
class SizeTold:
    """A size and the kind of thing it is for.

    Attributes:
        size: ``"38"``, ``"M"``, ….
        kind: ``category`` or ``group``.
        name: The category or group.
    """

    size: str
    kind: str
    name: str


def owned_in(tokens: Sequence[str]) -> list[Owned]:
    """Where a message tells of what the person has, in order; each with a color or kind of thing behind it."""
    words, found = list(tokens), list[Owned]()
    for at in range(len(words)):
        for key in ("plenty", "had"):
            length = next((len(one) for one in _phrases(key) if tuple(words[at : at + len(one)]) == one), 0)
            if not length or any(one.end > at for one in found):
                continue
            if key == "had" and any(_at(words, at + length, one) for one in _phrases("plenty")):
                continue
            start = end = at + length
            while end < len(words) and words[end] not in _words("ends"):
                end += 1
            if end > start:
                found.append(Owned(start, end, key == "plenty"))
    return found


def sizes_told(tokens: Sequence[str]) -> list[SizeTold]:
    """Two or more sizes, each with its kind of thing ("38 in shoes and M in tops"); empty for any other message."""
    if sum(_size(tokens, at) is not None for at in range(len(tokens))) < _TWO:
        return []
    words, used, told = forgive(list(tokens)), set[int](), list[SizeTold]()
    for match in sorted(scan(words), key=lambda one: one.start):
        if match.kind not in ("category", "group"):
            continue
        before = match.start - (match.start > 0 and words[match.start - 1] in _words("determiners"))
        places = [before - 2] if before > 1 and words[before - 1] in _words("size_before") else []
        after = match.end
        while after < len(words) and words[after] in _words("size_after"):
            after += 1
        for at in (*places, after):
            size = _size(words, at)
            if size and at not in used:
                used.add(at)
                told.append(SizeTold(size, match.kind, match.value))
                break
    return told if len({one.size for one in told}) > 1 else []


def asks_for_something(tokens: Sequence[str]) -> bool:
    """Whether a message has a word of asking."""
    return not _words("asking").isdisjoint(tokens)


def asks_behind(tokens: Sequence[str], owned: Owned) -> bool:
    """Whether more is asked for behind what a person has: "find me red ones", or just "red ones please"."""
    behind = list(tokens[owned.end :])
    if asks_for_something(behind):
        return True
    if not _words("asking_a_question").isdisjoint(behind):
        return False
    return not _words("asking_politely").isdisjoint(behind) and bool(scan(forgive(behind)))


def _size(words: Sequence[str], at: int) -> str | None:
    if not 0 <= at < len(words):
        return None
    word = words[at]
    letters: dict[str, str] = fashion_table("numbers")["letter_sizes"]
    return letters.get(word) or (word if word.isascii() and word.isdigit() and int(word) in _SIZES else None)


def _at(words: Sequence[str], at: int, phrase: tuple[str, ...]) -> bool:
    return tuple(words[at : at + len(phrase)]) == phrase


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(load_table("owned")[key])


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    phrases = [tuple(tokenize(words)) for words in load_table("owned")[key]]
    return tuple(sorted(phrases, key=len, reverse=True))
