"""Sizes in a free sentence: "size 38", "in M", "I wear thirty-eight", "sz 40", "2XL"."""

from __future__ import annotations

from fashion.amounts import amount_at, digits, words
from fashion.tables import load_table

_RANGE = (24.0, 62.0)
_SHOES_AND_CLOTHES = (32, 50)
"""A bare "in 40" can be a size within this range alone."""


def size_in(tokens: list[str]) -> str | None:
    """The first size in tokens of `fashion.lexicon.tokenize`: ``"M"``, ``"38"``, …; None for none."""
    return next((found for at in range(len(tokens)) if (found := _size_at(tokens, at))), None)


def _size_at(tokens: list[str], at: int) -> str | None:
    word, after = tokens[at], at + 1
    if word in words("size_words"):
        while after < len(tokens) and tokens[after] in words("beside_a_size"):
            after += 1
        return _letters(tokens, after) or _number(tokens, after, stated=word != "eu")
    if word in ("waist", "w"):
        return _number(tokens, after)
    if (
        word == "number"
        and _closes(tokens, after + 1)
        and _whole(tokens, after) in range(*_SHOES_AND_CLOTHES)
    ):
        return _number(tokens, after)
    if word == "in":
        return _after_in(tokens, after)
    if word in ("wear", "take", "m", "am", "need"):
        return _after_verb(tokens, after, word)
    if word in ("a", "an") and _closes(tokens, after + 1):
        return _letters(tokens, after)
    if word == "extra" and tokens[after : after + 1] in (["large"], ["small"]):
        return _letters(tokens, at)
    if word == "2" and tokens[after : after + 1] == ["xl"]:
        return "XXL"
    return word.upper() if word in ("xs", "xl", "xxl", "xxs") else None


def _after_in(tokens: list[str], at: int) -> str | None:
    article = tokens[at : at + 1] in (["a"], ["an"])
    after = at + article
    found = _letters(tokens, after)
    if found and tokens[after + 1 : after + 2] != ["bag"]:
        return found
    closes = _closes(tokens, after + 1) or tokens[after + 1] in words("after_a_size")
    bare = closes and _whole(tokens, after) in range(*_SHOES_AND_CLOTHES)
    return _number(tokens, after) if article or bare else None


def _after_verb(tokens: list[str], at: int, verb: str) -> str | None:
    article = tokens[at : at + 1] in (["a"], ["an"])
    found = _letters(tokens, at + article) if article else None
    return found or (_number(tokens, at + article) if article or verb in ("wear", "take") else None)


def _letters(tokens: list[str], at: int) -> str | None:
    table: dict[str, str] = load_table("numbers")["letter_sizes"]
    return table.get(" ".join(tokens[at : at + 2])) or table.get(" ".join(tokens[at : at + 1]))


def _number(tokens: list[str], at: int, *, stated: bool = False) -> str | None:
    """The number at a position where it can be a size; after the word "size" smaller ones can be too."""
    if at >= len(tokens):
        return None
    if tokens[at][0].isascii() and tokens[at][0].isdigit():
        value, end = digits(tokens[at]), at + 1
    else:
        written, end = amount_at(tokens, at)
        if written is None:
            return None
        value = written
    following = tokens[end] if end < len(tokens) else ""
    if following in words("currency") or following in words("not_money"):
        return None
    return f"{value:g}" if (4 if stated else _RANGE[0]) <= value <= _RANGE[1] else None


def _whole(tokens: list[str], at: int) -> int:
    """The whole number that stands at a position in digits, 0 for none."""
    return int(tokens[at]) if at < len(tokens) and tokens[at].isascii() and tokens[at].isdigit() else 0


def _closes(tokens: list[str], at: int) -> bool:
    return (
        at >= len(tokens) or not tokens[at].isalnum() or tokens[at] in ("please", "thanks", "or", "and", "if")
    )
