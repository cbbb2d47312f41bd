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
        target_price: The price that "around fifty" names; the two ends then lie around it.
        size: ``"M"``, ``"38"``, ….
    """

    min_price: float | None = None
    max_price: float | None = None
    target_price: float | None = None
    size: str | None = None


def find_limits(tokens: list[str]) -> Limits:
    """Read price limits and size from tokens of `fashion.lexicon.tokenize`."""
    size = _size(tokens)
    minimum: float | None = None
    maximum: float | None = None
    target: float | None = None
    at = 0
    while at < len(tokens):
        amount, end = _amount(tokens, at)
        if amount is None:
            at += 1
            continue
        low, high, end = _price(tokens, at, end, amount, size)
        if low == round(amount * 0.7, 2) and high == round(amount * 1.2, 2):
            target = amount
        minimum = low if low is not None else minimum
        maximum = high if high is not None else maximum
        at = end
    if minimum is not None and maximum is not None and minimum > maximum:
        minimum, maximum = maximum, minimum
    return Limits(minimum, maximum, target, size)


def _price(
    tokens: list[str], start: int, end: int, amount: float, size: str | None
) -> tuple[float | None, float | None, int]:
    before = start - 1 if start and tokens[start - 1] in _words("currency") else start
    money = before < start
    if end < len(tokens) and tokens[end] in _words("currency"):
        money, end = True, end + 1
    if not money and end < len(tokens) and tokens[end] in _words("not_money"):
        return None, None, end
    before = _without_points(tokens, before)
    second = _second_amount(tokens, before, end, amount)
    if second is not None:
        return amount, second[0], second[1]
    if not money and size is not None and size == f"{amount:g}":
        return None, None, end
    low, high = _limits_of(tokens, before, end, amount, money=money)
    return low, high, end


def _limits_of(
    tokens: list[str], before: int, end: int, amount: float, *, money: bool
) -> tuple[float | None, float | None]:
    """The lowest and highest price that the words around an amount make of it."""
    below = _length_before(tokens, before, "below")
    above = _length_before(tokens, before, "above")
    if below >= above and below:
        # "nothing cheaper than 30" sets the lower end; "no more than 30" is a phrase of its own.
        comparing = tokens[before - 1] == "than" or tokens[before - below] in ("under", "below")
        return (amount, None) if comparing and _denied(tokens, before - below) else (None, amount)
    if above and (money or _plainly_price(tokens, before, above, end, amount)):
        return (None, amount) if _denied(tokens, before - above) else (amount, None)
    if _starts_with(tokens, end, "after_is_below"):
        return None, amount
    about = _ends_with(tokens, before, "about") or _starts_with(tokens, end, "after_is_about")
    if about and (money or amount >= 15):
        return round(amount * 0.7, 2), round(amount * 1.2, 2)
    return (None, amount) if money else (None, None)


def _plainly_price(tokens: list[str], before: int, above: int, end: int, amount: float) -> bool:
    """Whether "over 100" without a currency can only be a price: not an age, nothing counted behind it."""
    if tokens[before - 1] in ("than", "least"):
        return True
    person = tokens[before - above - 1] if before > above else ""
    ends = end >= len(tokens) or not tokens[end].isalpha() or tokens[end] in _words("after_a_price")
    return amount >= 15 and ends and person not in _words("aged")


def _denied(tokens: list[str], at: int) -> bool:
    """Whether a denial stands a few words before a position, in the same wish: not in "no black and under 60"."""
    for word in reversed(tokens[max(0, at - 5) : at]):
        if word in ".,;!?" or word in _words("denial_ends"):
            return False
        if word in _words("denials"):
            return True
    return False


def _without_points(tokens: list[str], end: int) -> int:
    """Steps back over the point of "max." and the colon of "budget:"."""
    return end - 1 if end > 1 and tokens[end - 1] in (".", ":") and tokens[end - 2].isalpha() else end


def _second_amount(tokens: list[str], before: int, end: int, first: float) -> tuple[float, int] | None:
    """The upper end of "between 50 and 80", "50 to 80 euros" or "from 50 up to 80", and the position behind it."""
    joint = next(
        (words for words in _phrases("joints") if tuple(tokens[end : end + len(words)]) == words), None
    )
    opens = tokens[before - 1] if before else ""
    if joint is None or (joint == ("and",) and opens != "between"):
        return None
    at = start = end + len(joint)
    if at < len(tokens) and tokens[at] in _words("currency"):
        at += 1
    amount, stop = _amount(tokens, at)
    if amount is None:
        return None
    behind = tokens[stop] if stop < len(tokens) else ""
    money = behind in _words("currency")
    bare = (
        min(amount, first) >= 10 and behind not in _words("not_money") and opens not in _words("not_a_range")
    )
    if opens in ("between", "from") or money or at > start or bare:
        return amount, stop + money
    return None


def _amount(tokens: list[str], at: int) -> tuple[float | None, int]:
    """The number at a position (digits or words) and the position behind it."""
    if at >= len(tokens):
        return None, at
    if tokens[at][0].isdigit() and tokens[at][0].isascii():
        value, end = _digits(tokens[at]), at + 1
        if tokens[end : end + 1] in (["k"], ["thousand"], ["hundred"]):
            value, end = value * (100 if tokens[end] == "hundred" else 1000), end + 1
        return (value, end) if value <= _MOST_MONEY else (None, end)
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
    head, _, tail = token.replace(",", ".").partition(".")
    if len(tail) == 3:  # thousands, in either notation
        return float(head + tail)
    return float(token.replace(",", "."))


def _size(tokens: list[str]) -> str | None:
    for at, word in enumerate(tokens):
        if word in ("size", "sized", "sizes", "eu"):
            after = at + 1
            while after < len(tokens) and tokens[after] in ("is", "eu", "a", "an", "of", ":", "in"):
                after += 1
            found = _letters(tokens, after) or _number_size(tokens, after, stated=word != "eu")
            if found:
                return found
        elif word in ("waist", "w") and _number_size(tokens, at + 1):
            return _number_size(tokens, at + 1)
        elif word == "in":
            after = at + 1 + (tokens[at + 1 : at + 2] in (["a"], ["an"]))
            found = _letters(tokens, after)
            if found and tokens[after + 1 : after + 2] != ["bag"]:
                return found
            if tokens[at + 1 : at + 2] == ["a"] and _number_size(tokens, after):
                return _number_size(tokens, after)
        elif word in ("wear", "take", "m", "am", "need"):
            after = at + 1 + (tokens[at + 1 : at + 2] == ["a"])
            found = _letters(tokens, after) if after > at + 1 else None
            found = found or (
                _number_size(tokens, after) if after > at + 1 or word in ("wear", "take") else None
            )
            if found:
                return found
        elif word in ("xs", "xl", "xxl", "xxs"):
            return word.upper()
        elif word == "extra" and tokens[at + 1 : at + 2] in (["large"], ["small"]):
            return _letters(tokens, at)
    return None


def _letters(tokens: list[str], at: int) -> str | None:
    table: dict[str, str] = load_table("numbers")["letter_sizes"]
    return table.get(" ".join(tokens[at : at + 2])) or table.get(" ".join(tokens[at : at + 1]))


def _number_size(tokens: list[str], at: int, *, stated: bool = False) -> str | None:
    """The number at a position where it can be a size; after the word "size" smaller ones can be too."""
    if at >= len(tokens) or not (tokens[at][0].isascii() and tokens[at][0].isdigit()):
        return None
    value = _digits(tokens[at])
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    if following in _words("currency") or following in _words("not_money"):
        return None
    return f"{value:g}" if (4 if stated else _SIZE_RANGE[0]) <= value <= _SIZE_RANGE[1] else None


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(load_table("numbers")[key])


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokenize(words)) for words in load_table("numbers")[key])


def _ends_with(tokens: list[str], end: int, key: str) -> bool:
    return _length_before(tokens, end, key) > 0


def _length_before(tokens: list[str], end: int, key: str) -> int:
    """How many tokens the longest phrase of a list has that ends right before a position; 0 for none."""
    here = (len(words) for words in _phrases(key) if tuple(tokens[max(0, end - len(words)) : end]) == words)
    return max(here, default=0)


def _starts_with(tokens: list[str], at: int, key: str) -> bool:
    return any(tuple(tokens[at : at + len(words)]) == words for words in _phrases(key))
