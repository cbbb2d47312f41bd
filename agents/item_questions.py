"""Questions about things shown that no route is made for: to buy one, its size, how many there are, one that was not shown.

Told by patterns on the words alone, the same for the graph, which decides what to look up, and for the stylist.
"""

from __future__ import annotations

import re
from functools import cache

from agents.tables import load_table
from fashion.tables import load_table as fashion_table


def asks_to_buy(text: str, *, pointed: bool) -> bool:
    """Whether a message wants to buy something shown; a purchase that is told of ("I bought it") is none.

    Args:
        text: The message.
        pointed: Whether the message means an item that was shown.
    """
    if _found("bought", text):
        return False
    if _found("checkout", text):
        return True
    return pointed and (_found("taking", text) or _found("buying", text))


def asks_for_size(text: str, *, pointed: bool) -> bool:
    """Whether a message asks which size to take, how something fits, or whether an item shown comes in a size.

    Args:
        text: The message.
        pointed: Whether the message means an item that was shown; "do you have boots in 39?" does not.
    """
    return _found("sizing", text) or (pointed and _found("has_size", text))


def size_asked(text: str) -> str | None:
    """The size that such a question names ("does it come in 42?"), as records have it; None for none."""
    match = _pattern("size_named").search(text.lower())
    if match is None:
        return None
    letters: dict[str, str] = fashion_table("numbers")["letter_sizes"]
    return letters.get(match.group(1), match.group(1))


def asks_how_many(text: str, *, kind_named: bool) -> bool:
    """Whether a message asks how many products there are.

    Args:
        text: The message.
        kind_named: Whether it names a kind of thing ("how many dresses"); else a word such as "products" must stand there.
    """
    if not _found("counting", text) or _found("not_counting", text):
        return False
    return kind_named or _found("countable", text) or not re.search(r"\bhow many\b", text, re.IGNORECASE)


def asks_why(text: str) -> bool:
    """Whether a message asks for the reason of a pick ("why the first one?")."""
    return _found("why", text)


def asks_what_stands(text: str) -> bool:
    """Whether a message asks what was asked for so far ("what are my limits?")."""
    return _found("what_stands", text)


def forgets_a_liking(text: str) -> bool:
    """Whether a message takes back a liking ("forget that I like pink"), and no rule."""
    return _found("forgotten_liking", text)


def place_named(text: str) -> int | None:
    """The place in a list that a message points at ("the tenth one": 10); None where it points at none."""
    match = _pattern("places").search(text.lower())
    if match is None:
        return None
    word = next(group for group in match.groups() if group)
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else int(load_table("item_questions")["ordinals"][word])


def place_word(place: int) -> str:
    """A place in words: ``tenth``, ``14th``."""
    words: list[str] = load_table("item_questions")["ordinal_words"]
    if 1 <= place <= len(words):
        return words[place - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place // 10 != 1 else 0, "th")
    return f"{place}{ending}"


def _found(name: str, text: str) -> bool:
    return _pattern(name).search(text.lower().replace("’", "'")) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(load_table("item_questions")[name])
