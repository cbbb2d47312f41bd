"""Prices and sizes in a free sentence: "under 80", "around fifty euros", "size 38", "in M"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fashion.lexicon import tokenize
from fashion.tables import load_table

_MOST_MONEY = 100_000.0
_SIZE_RANGE = (24.0, 62.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sentence limits; None where it does not.

    Attributes:
        min_price: Lowest price wanted, EUR.
        max_price: Highest price wanted, EUR.
        size: ``"M"``, ``"38"``, ….
    """

    min_price: float | None = None
    max_price: float | None = None
    size: str | None = None


def find_limits(tokens: list[str]) -> Limits:
    """Read price limits and size from tokens of `fashion.lexicon.tokenize`."""
    size = _size(tokens)
    minimum: float | None = None
    maximum: float | None = None
    at = 0
    while at < len(tokens):
        amount, end = _amount(tokens, at)
        if amount is None:
            at += 1
            continue
        low, high, end = _price(tokens, at, end, amount, size)
        minimum = low if low is not None else minimum
        maximum = high if high is not None else maximum
        at = end
    if minimum is not None and maximum is not None and minimum > maximum:
        minimum, maximum = maximum, minimum
    return Limits(minimum, maximum, size)


def _price(
    tokens: list[str], start: int, end: int, amount: float, size: str | None
) -> tuple[float | None, float | None, int]:
    before = start - 1 if start and tokens[start - 1] in _words("currency") else start
    money = before < start
    if end < len(tokens) and tokens[end] in _words("currency"):
        money, end = True, end + 1
    if not money and end < len(tokens) and tokens[end] in _words("not_money"):
        return None, None, end
    second = _second_amount(tokens, before, end)
    if second is not None:
        return amount, second[0], second[1]
    if not money and size is not None and size == f"{amount:g}":
        return None, None, end
    if _ends_with(tokens, before, "below") or _starts_with(tokens, end, "after_is_below"):
        return None, amount, end
    if _ends_with(tokens, before, "above") and (money or tokens[before - 1] in ("than", "least")):
        return amount, None, end
    if _ends_with(tokens, before, "about") and (money or amount >= 15):
        return round(amount * 0.7, 2), round(amount * 1.2, 2), end
    return (None, amount, end) if money else (None, None, end)


def _second_amount(tokens: list[str], before: int, end: int) -> tuple[float, int] | None:
    """The upper end of "between 50 and 80" or "50 to 80 euros"."""
    joint = tokens[end] if end < len(tokens) else ""
    opens = tokens[before - 1] if before else ""
    if joint not in ("and", "to") or (joint == "and" and opens != "between"):
        return None
    at = end + 1
    if at < len(tokens) and tokens[at] in _words("currency"):
        at += 1
    amount, stop = _amount(tokens, at)
    if amount is None:
        return None
    money = stop < len(tokens) and tokens[stop] in _words("currency")
    if opens in ("between", "from") or money or at > end + 1:
        return amount, stop + money
    return None


def _amount(tokens: list[str], at: int) -> tuple[float | None, int]:
    """The number at a position (digits or words) and the position behind it."""
    if at >= len(tokens):
        return None, at
    if tokens[at][0].isdigit() and tokens[at][0].isascii():
        value = _digits(tokens[at])
        return (value, at + 1) if value <= _MOST_MONEY else (None, at + 1)
    numbers: dict[str, int] = load_table("numbers")["words"]
    start, total = at, 0
    if tokens[at] == "a" and at + 1 < len(tokens) and tokens[at + 1] in ("hundred", "thousand"):
        total, at = 1, at + 1
    while at < len(tokens) and (tokens[at] in numbers or (tokens[at] == "and" and total >= 100)):
        if tokens[at] == "and" and (at + 1 >= len(tokens) or tokens[at + 1] not in numbers):
            break
        value = numbers.get(tokens[at], 0)
        total = max(total, 1) * value if value >= 100 else total + value
        at += 1
        if total > _MOST_MONEY:
            return None, at
    return (float(total), at) if at > start and total >= 5 else (None, start)


def _digits(token: str) -> float:
    head, comma, tail = token.partition(",")
    if comma and len(tail) == 3:
        return float(head + tail)
    return float(token.replace(",", "."))


def _size(tokens: list[str]) -> str | None:
    for at, word in enumerate(tokens):
        if word in ("size", "sized", "sizes", "eu"):
            after = at + 1
            while after < len(tokens) and tokens[after] in ("is", "eu", "a", "an", "of", ":", "in"):
                after += 1
            found = _letters(tokens, after) or _number_size(tokens, after)
            if found:
                return found
        elif word == "in":
            after = at + 1 + (tokens[at + 1 : at + 2] in (["a"], ["an"]))
            found = _letters(tokens, after)
            if found and tokens[after + 1 : after + 2] != ["bag"]:
                return found
            if tokens[at + 1 : at + 2] == ["a"] and _number_size(tokens, after):
                return _number_size(tokens, after)
        elif word in ("wear", "take", "m", "am") and tokens[at + 1 : at + 2] == ["a"]:
            found = _letters(tokens, at + 2) or _number_size(tokens, at + 2)
            if found:
                return found
        elif word in ("xs", "xl", "xxl", "xxs"):
            return word.upper()
    return None


def _letters(tokens: list[str], at: int) -> str | None:
    table: dict[str, str] = load_table("numbers")["letter_sizes"]
    return table.get(" ".join(tokens[at : at + 2])) or table.get(" ".join(tokens[at : at + 1]))


def _number_size(tokens: list[str], at: int) -> str | None:
    if at >= len(tokens) or not (tokens[at][0].isascii() and tokens[at][0].isdigit()):
        return None
    value = _digits(tokens[at])
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if following in _words("currency") or following in _words("not_money"):
        return None
    return f"{value:g}" if _SIZE_RANGE[0] <= value <= _SIZE_RANGE[1] else None


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(load_table("numbers")[key])


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokenize(words)) for words in load_table("numbers")[key])


def _ends_with(tokens: list[str], end: int, key: str) -> bool:
    return any(tuple(tokens[max(0, end - len(words)) : end]) == words for words in _phrases(key))


def _starts_with(tokens: list[str], at: int, key: str) -> bool:
    return any(tuple(tokens[at : at + len(words)]) == words for words in _phrases(key))
