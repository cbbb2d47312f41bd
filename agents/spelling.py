"""Mends spelling before a message is read: short forms written out, slips of the finger put right.

A slip is a word that is no English word, one letter or one swap away from a word that the router knows. Words of
`fashion` are mended by `fashion.lexicon.forgive` first. Numbers, sizes and anything with a digit stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from agents.tables import DATA, load_table
from fashion.lexicon import forgive, index

_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)?")
_SHORTEST = 4
"""Shorter words have too many neighbors to be put right."""
_LONGEST = 24
"""Longer ones are no slip of a known word, and have neighbors by the thousand to try."""
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "r", "est", "st", "ly", "y", "able", "less", "ness", "ish")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")


@lru_cache(maxsize=256)
def mend(text: str) -> str:
    """The same message with its words spelled as the router knows them; punctuation and spaces stay.

    Args:
        text: Anything a person may type. The result is as long as the text, give or take the words written out.
    """
    text = text.replace("’", "'").replace("`", "'")
    for pattern, words in load_table("short_forms")["patterns"]:
        text = re.sub(pattern, words, text, flags=re.IGNORECASE)
    return _WORD.sub(lambda match: _mended(match.group()), text)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    lower = word.lower()
    written_out: str | None = load_table("short_forms")["words"].get(lower)
    if written_out is not None:
        return written_out
    if (
        not lower.isalpha()
        or not _SHORTEST <= len(lower) <= _LONGEST
        or lower in english_words()
        or lower in _fashion_words()
    ):
        return word
    fashionable = forgive([lower])[0]
    if fashionable != lower:
        return fashionable
    if any(lower.endswith(ending) and lower.removesuffix(ending) in english_words() for ending in _ENDINGS):
        return word
    short = _DRAWN_OUT.sub(r"\1", lower)
    if short != lower and (short in vocabulary() or short in english_words()):
        return short
    for neighbors in (_swapped(lower), _neighbors(lower)):
        near = [known for known in neighbors if known in vocabulary()]
        if near:
            return min(near, key=vocabulary().__getitem__)
    return word


def _swapped(word: str) -> Iterator[str]:
    """Words with two neighboring letters swapped: the likeliest slip."""
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _neighbors(word: str) -> Iterator[str]:
    """Words with one letter dropped, changed or added; the first letter stays, as people rarely get it wrong."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield from (word[:at] + letter + word[at + 1 :] for letter in letters)
    for at in range(1, len(word) + 1):
        yield from (word[:at] + letter + word[at:] for letter in letters)


@cache
def english_words() -> frozenset[str]:
    """English words of three letters or more, lower case."""
    return frozenset((DATA / "english.txt").read_text(encoding="utf-8").split())


@cache
def vocabulary() -> dict[str, int]:
    """The words that slips are mended to, with their rank in the training sentences: 0 is the most frequent."""
    words = (DATA / "vocabulary.txt").read_text(encoding="utf-8").split()
    return {word: rank for rank, word in enumerate(words)}


@cache
def _fashion_words() -> frozenset[str]:
    return frozenset(token for phrases in index().values() for phrase in phrases for token in phrase)
