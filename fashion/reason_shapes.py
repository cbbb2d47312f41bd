"""The shapes that reasons have, and the finding of them in any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.language import agreeing
from fashion.occasions import OCCASIONS
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS, SEASONS

ReasonKind = Literal[
    "harmony", "formality", "pattern", "season", "occasion", "occasion_color", "taste", "change", "plain"
]

_PAIR = Garment("Boots", "black")


def claims_in(answer: str) -> list[tuple[ReasonKind, str]]:
    """The known clauses in a text, in order; of two that overlap the longer one, at the same start."""
    text = plain(answer)
    found = sorted(
        ((match.start(), -match.end(), kind) for kind, shape in _shapes() for match in shape.finditer(text)),
    )
    claims: list[tuple[ReasonKind, str]] = []
    after = 0
    for start, minus_end, kind in found:
        if start >= after:
            claims.append((kind, text[start:-minus_end]))
            after = -minus_end
    return claims


def plain(text: str) -> str:
    """Lower case, single spaces, straight apostrophes."""
    return " ".join(text.lower().replace("’", "'").split())


@cache
def _shapes() -> tuple[tuple[ReasonKind, re.Pattern[str]], ...]:
    rules, table, harmonies = load_table("rules"), load_table("reasons"), load_table("harmony")
    kinds = harmonies["kinds"].values()
    color_clauses = {harmonies["classic_reason"]} | {
        row[key] for row in kinds for key in ("reason", "same_reason", "accent_reason")
    }
    shapes: list[tuple[ReasonKind, str]] = [("harmony", clause) for clause in sorted(color_clauses)]
    shapes += [
        ("formality", f"{verb} {words}")
        for verb in ("both are", "all of it is")
        for words in rules["style_words"]
    ]
    shapes += [("pattern", clause) for clause in rules["pattern_reasons"].values()]
    shapes += [("season", form) for clause in rules["season_reasons"].values() for form in _forms(clause)]
    shapes += [("occasion", form) for one in OCCASIONS.values() for form in _forms(one.reason)]
    shapes += [("occasion_color", table["occasion_color"])]
    shapes += [("taste", clause) for clause in table["taste"].values()]
    shapes += [("change", form) for clause in table["change"].values() for form in _forms(clause)]
    shapes += [("plain", table["neutral"]), ("plain", table["chromatic"])]
    return tuple((kind, re.compile(_shape(clause))) for kind, clause in shapes)


def _forms(clause: str) -> tuple[str, str]:
    """A clause about one thing, and about a pair."""
    return clause, agreeing(_PAIR, clause)


def _shape(clause: str) -> str:
    color, nouns = _any(COLORS), _any({noun for c in CATEGORIES.values() for noun in _nouns(c.name)})
    slots = {"color": color, "accent": color, "pair": f"{color} and {color}", "noun": nouns}
    slots |= {"pattern": _any(PATTERNS), "first": _any(PATTERNS), "second": _any(PATTERNS)}
    slots |= {"material": _any(MATERIALS), "season": _any(SEASONS)}
    slots["say"] = _any({occasion.say for occasion in OCCASIONS.values()})
    parts = re.split(r"\{(\w+)\}", plain(clause))
    return (
        r"(?<![\w-])"
        + "".join(slots[part] if place % 2 else re.escape(part) for place, part in enumerate(parts))
        + r"(?![\w-])"
    )


def _any(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(re.escape(word) for word in longest_first)})"


def _nouns(category: str) -> set[str]:
    kind = CATEGORIES[category]
    return {kind.singular} | {singular for singular, _ in kind.style_nouns.values()}
