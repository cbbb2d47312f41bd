"""Numbers as people write prices and sizes: digits or words ("a hundred and fifty", "one twenty")."""

from __future__ import annotations

from functools import cache

from fashion.lexicon import tokenize
from fashion.tables import load_table

MOST_MONEY = 100_000.0
_COUPLE_OF_HUNDRED = ("couple", "of", "hundred")


def amount_at(tokens: list[str], at: int) -> tuple[float | None, int]:
    """The number at a position (digits or words) and the position behind it; None for no number or one too large.

    Words alone count from 5 on: "one" and "two" are seldom prices.
    """
    if at >= len(tokens):
        return None, at
    if tokens[at][0].isdigit() and tokens[at][0].isascii():
        value, end = digits(tokens[at]), at + 1
        if tokens[end : end + 1] in (["k"], ["thousand"], ["hundred"]):
            value, end = value * (100 if tokens[end] == "hundred" else 1000), end + 1
        return (value, end) if value <= MOST_MONEY else (None, end)
    if tuple(tokens[at : at + 3]) == _COUPLE_OF_HUNDRED:
        return 200.0, at + 3
    return _in_words(tokens, at)


def _in_words(tokens: list[str], start: int) -> tuple[float | None, int]:
    numbers: dict[str, int] = load_table("numbers")["words"]
    at, total = start, 0
    if tokens[at] == "a" and at + 1 < len(tokens) and tokens[at + 1] in ("hundred", "thousand"):
        total, at = 1, at + 1
    while at < len(tokens) and (tokens[at] in numbers or (tokens[at] == "and" and total >= 100)):
        if tokens[at] == "and" and (at + 1 >= len(tokens) or tokens[at + 1] not in numbers):
            break
        value = numbers.get(tokens[at], 0)
        if 20 <= value < 100 and 0 < total < 10:
            # "One twenty" is a hundred and twenty.
            total *= 100
        total = max(total, 1) * value if value >= 100 else total + value
        at += 1
        if total > MOST_MONEY:
            return None, at
    return (float(total), at) if at > start and total >= 5 else (None, start)


def digits(token: str) -> float:
    """The value of a token of digits, with a decimal or thousands sign in either notation."""
    head, _, tail = token.replace(",", ".").partition(".")
    if len(tail) == 3:
        return float(head + tail)
    return float(token.replace(",", "."))


@cache
def words(key: str) -> frozenset[str]:
    """A word list of ``numbers.yaml``."""
    return frozenset(load_table("numbers")[key])


@cache
def phrases(key: str) -> tuple[tuple[str, ...], ...]:
    """A list of ``numbers.yaml`` as token sequences."""
    return tuple(tuple(tokenize(words)) for words in load_table("numbers")[key])
