"""Pointers in a sentence to something shown or said before: "the second one", "that one", "the loafers", "the red one"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fashion.lexicon import Match
from fashion.mention_words import ordinals, word_set

_BEHIND_A_COLOR = frozenset(
    {"one", "ones", "pair", "pairs", "version", "", ".", ",", "!", "?", "and", "or", "but", "only", "just", "please",
     "is", "are", "on", "with", "without", "looks", "look"}
)  # fmt: skip
"""Behind "the green" these show that something green is pointed at, with no noun said."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to something shown or said before.

    Attributes:
        kind: ``ordinal`` ("the second one"), ``that`` ("that one"), ``category`` ("the loafers") or
            ``color`` ("the red one").
        value: ``"1"``, ``"2"``, … or ``"-1"`` for the last; ``"that"``; a category; a color.
    """

    kind: Literal["ordinal", "that", "category", "color"]
    value: str


def find_references(tokens: list[str], matches: list[Match]) -> tuple[Reference, ...]:
    """Find what a sentence points back at.

    Args:
        tokens: The sentence's words (`fashion.lexicon.tokenize`).
        matches: What of them is wanted (`fashion.lexicon.scan`), denied things left out.

    Returns:
        The pointers, each once.
    """
    found: list[Reference] = []
    things = {match.start for match in matches if match.kind in ("category", "group", "color", "material")}
    numbers = ordinals()
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        before = tokens[at - 1] if at else ""
        if token in numbers:
            if (
                after in ("one", "ones", "two", "item", "option", "pair", "picture")
                or at + 1 in things
                or (
                    before in ("the", "my", "that", "and", "or")
                    and after not in word_set("not_an_item_after_ordinal")
                )
            ):
                found.append(Reference("ordinal", numbers[token]))
        elif token in ("number", "option", "item") and after in (
            "1",
            "2",
            "3",
            "4",
            "5",
            "one",
            "two",
            "three",
        ):
            found.append(Reference("ordinal", {"one": "1", "two": "2", "three": "3"}.get(after, after)))
        elif (token in ("that", "this", "the", "same") and after == "one") or (
            token in ("it", "those", "them")
            and before in ("like", "love", "buy", "take", "want", "hate", "own", "about")
        ):
            found.append(Reference("that", "that"))
    nouns = {match.start for match in matches if match.kind in ("category", "group", "material", "pattern")}
    for match in matches:
        before = tokens[match.start - 1] if match.start else ""
        after = tokens[match.end] if match.end < len(tokens) else ""
        if match.kind == "category" and _pointed_at(tokens, match, matches):
            found.append(Reference("category", match.value))
        elif match.kind == "color" and (
            (before in ("the", "that", "those", "this", "these") and after in _BEHIND_A_COLOR)
            or (after == "one" and before in ("", ".", ",", "?", "!", "and", "or"))
            or (match.end in nouns and _pointed_at(tokens, match, matches))
        ):
            found.append(Reference("color", match.value))
    return tuple(dict.fromkeys(found))


def _pointed_at(tokens: list[str], match: Match, matches: list[Match]) -> bool:
    """Whether "the", "that" or "those" stands before the noun and its adjectives."""
    inner = {
        at
        for m in matches
        if m.kind in ("color", "material", "pattern", "style")
        for at in range(m.start, m.end)
    }
    at = match.start - 1
    while at >= 0 and (at in inner or tokens[at] in ordinals()):
        at -= 1
    return at >= 0 and tokens[at] in ("the", "that", "those")
