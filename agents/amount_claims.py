"""Finds amounts in a reply: prices, lowered prices, sizes and how many are left, in digits or words.

The words around them are listed in ``claims.yaml``. Not covered: amounts that neither a sign, a word of money nor a word
such as "costs" marks as a price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from agents.tables import load_table
from fashion.amounts import amount_at, digits
from fashion.lexicon import tokenize
from fashion.tables import load_table as fashion_table

_DIGITS = r"\d+(?:[.,]\d+)*"
_LETTER_SIZE = r"X{0,3}[SL]|M"
_EVERY = r"(?:EU\s?)?(?:{one})(?:(?:,| and| or| to)? ?(?:{one})\b)*"
_SIZE = re.compile(
    r"\b[Ss]izes?\s+(" + _EVERY.format(one=_LETTER_SIZE + r"|\d{2,3}") + r")\b"
    r"|\b[Cc]omes?(?: also| only)? in (" + _EVERY.format(one=_LETTER_SIZE + r"|\d{2}") + r")\b(?! \w+s\b)"
)
_ONE_SIZE = re.compile(rf"(?:{_LETTER_SIZE})\b|\d{{2,3}}")


def prices_in(text: str) -> Iterator[tuple[str, float]]:
    """Each amount of money that a text states, with the words that state it."""
    for match in _price().finditer(text):
        number = next(one for one in match.group("before", "behind", "bare") if one)
        value = _value(number)
        if value is not None:
            yield match.group().strip(), round(value, 2)


def price_cuts_in(text: str) -> Iterator[tuple[int, str]]:
    """Where a text says that a price was lowered, with its words."""
    for match in _phrases("price_cuts").finditer(text):
        yield match.start(), match.group()


def sizes_in(text: str) -> Iterator[tuple[int, str]]:
    """Each size that a text names, with where its phrase begins."""
    for match in _SIZE.finditer(text):
        for size in _ONE_SIZE.findall(match.group(1) or match.group(2)):
            yield match.start(), size


def every_size_in(text: str) -> Iterator[tuple[int, str]]:
    """Where a text says that a thing comes in every size, with its words."""
    for match in _phrases("every_size").finditer(text):
        yield match.start(), match.group()


def left_in(text: str) -> Iterator[tuple[str, int]]:
    """Each count of pieces that are left, with the words that state it."""
    for match in _left().finditer(text):
        number = match.group("number")
        count = 1 if number is None else int(number) if number.isdigit() else _words()[number.lower()]
        yield match.group().strip(), count


def spelled_amounts(text: str) -> set[float]:
    """The values of the English number words of a text, from two on: "one" is seldom a number."""
    tokens = tokenize(text)
    found, at = {float(_words()[token]) for token in tokens if _words().get(token, 0) > 1}, 0
    while at < len(tokens):
        value, end = amount_at(tokens, at)
        if value is not None and not tokens[at][0].isdigit():
            found.add(value)
        at = max(end, at + 1)
    return found


def percents_in(text: str) -> int:
    """How many percentages a text states, in the languages of ``claims.yaml``."""
    return len(re.findall(_any(load_table("claims")["percents"]), text, re.IGNORECASE))


def unmarked_money(text: str) -> int:
    """How many words and signs of money stand beside no digit, as in "eighty euros" or "achtzig Euro"."""
    table = load_table("claims")
    money = rf"(?:{_any(table['money_signs'])}|(?<!\w)(?:{_any(table['money_words'])})(?!\w))"
    return len(re.findall(rf"(?<!\d)(?<!\d[\s\xa0]){money}(?![\s\xa0]?\d)", text, re.IGNORECASE))


def _value(number: str) -> float | None:
    if number[0].isdigit():
        return float(number.replace(",", "")) if "," in number and "." in number else digits(number)
    tokens = tokenize(number)
    value, end = amount_at(tokens, 0)
    return value if end == len(tokens) else None


@cache
def _price() -> re.Pattern[str]:
    table = load_table("claims")
    signs, units = _any(table["money_signs"]), _any(table["money_words"])
    spelled = rf"(?:{_any(_words())}|a hundred|a thousand)(?:(?:[ -]| and )(?:{_any(_words())}))*"
    number = rf"{_DIGITS}|{spelled}"
    return re.compile(
        rf"(?:(?:{signs})|\b(?:{units})\b)\s?(?P<before>{_DIGITS})"
        rf"|\b(?P<behind>{number})[\s-]?(?:(?:{signs})|(?:{units})\b)"
        rf"|\b(?:{_any(table['priced'])})\s+(?:(?:{_any(table['priced_loosely'])})\s+)*(?P<bare>{number})\b(?!\s?%)",
        re.IGNORECASE,
    )


@cache
def _left() -> re.Pattern[str]:
    last = _any(load_table("claims")["last_of"])
    return re.compile(
        rf"\b(?:only|just)?\s*(?P<number>\d+|{_any(_words())})\s+(?:more\s+)?(?:pieces?\s+|pairs?\s+|items?\s+|of them\s+)?"
        rf"(?:are\s+|is\s+)?(?:left|remaining|in stock)\b|\b(?:the|our|my|a) (?:very )?last (?:{last})\b",
        re.IGNORECASE,
    )


@cache
def _phrases(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(load_table('claims')[name])})(?!\w)", re.IGNORECASE)


@cache
def _words() -> dict[str, int]:
    numbers: dict[str, int] = fashion_table("numbers")["words"]
    return numbers


def _any(words: Sequence[str] | dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
