"""How facts are put into words: a template chosen by the message, its places filled from records."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from agents.tables import load_table
from tools.contracts import ItemCard

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


class Phrases:
    """Templates of ``replies.yaml``, chosen by a seed that the message gives: the same message, the same words."""

    def __init__(self, seed_text: str) -> None:
        """Seed the choices with the person's words."""
        self._seed = zlib.crc32(seed_text.encode("utf-8", "replace"))

    def say(self, *path: str, **facts: str) -> str:
        """Choose a template and fill it; a place with a capital gets its value capitalized.

        Args:
            path: Where the templates stand, for example ``"feedback", "like"``.
            facts: What fills the places.
        """
        node: Any = load_table("replies")
        for key in path:
            node = node[key]
        choices: Sequence[str] = [node] if isinstance(node, str) else node
        pick = choices[(self._seed ^ zlib.crc32("/".join(path).encode())) % len(choices)]
        return pick.format_map(_Places(facts))


class _Places(dict[str, str]):
    """Facts by name; ``{Name}`` is ``{name}`` with a capital first letter."""

    def __init__(self, facts: Mapping[str, str]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return capital(self[key[0].lower() + key[1:]])


def capital(words: str) -> str:
    """The words with a capital first letter."""
    return words[:1].upper() + words[1:]


def price_of(card: ItemCard) -> str:
    """The price of a record in words, to the cent, never rounded further: ``€79`` or ``€79.50``."""
    return money(card.price, card.currency)


def money(price: float, currency: str) -> str:
    """An amount of a currency in words, to the cent."""
    amount = f"{price:.2f}".removesuffix(".00")
    sign = _SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def number(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)


def listed(words: Sequence[str], joint: str = "and") -> str:
    """``"a"``, ``"a and b"``, ``"a, b and c"``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last."""
    words = words.strip()
    return capital(words) if not words or words[-1] in ".!?…:" else f"{capital(words)}."
