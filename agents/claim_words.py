"""Words that a claim is made of and the lexicon does not hold: other materials, brands, and words of another sense."""

from __future__ import annotations

import re
from functools import cache

from agents.tables import load_table
from fashion.tables import load_table as fashion_table


@cache
def other_materials() -> re.Pattern[str]:
    """Finds materials that the lexicon does not know."""
    words = (re.escape(word).replace(r"\ ", "[ -]") for word in load_table("claims")["other_materials"])
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


@cache
def fashion_words() -> frozenset[str]:
    """Words of the attribute lists that a reply also uses in another sense."""
    return frozenset(load_table("claims")["other_senses"])


@cache
def known_brands() -> tuple[str, ...]:
    """The brands of the boutique, in lower case."""
    levels = fashion_table("boutique")["brands"].values()
    return tuple(row["name"].casefold() for rows in levels for row in rows)
