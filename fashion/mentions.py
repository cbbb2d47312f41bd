"""What a person's free sentence mentions, as typed slots.

Works by the tables alone: no model, no network, well under 2 ms a sentence. It does not decide what the
person wants; that is the router's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fashion.captions import parse_caption
from fashion.lexicon import Match, forgive, scan, tokenize
from fashion.limits import find_limits
from fashion.mention_words import guards, phrase_at, word_set
from fashion.references import Reference, find_references
from fashion.vocabulary import CATEGORIES

__all__ = ["Mentions", "Reference", "find_mentions", "parse_caption"]

_LONGEST_TEXT = 4000
_NEGATION_REACH = 7
_RANGE = re.compile(r"(\d)\s*[-–—]\s*(?=[\d€$£])")
_SIGNS = {
    "<=": " at most ",
    "≤": " at most ",
    "<": " under ",
    ">=": " at least ",
    "≥": " at least ",
    ">": " over ",
    "~": " about ",
}
_LISTED = ("color", "material", "pattern", "category", "group")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The slots of one sentence. Every tuple holds house names in the order of the text, each once."""

    categories: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    not_colors: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    not_materials: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    not_patterns: tuple[str, ...] = ()
    not_groups: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    not_styles: tuple[str, ...] = ()
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None
    occasion: str | None = None
    season: str | None = None
    warmth: str | None = None
    max_price: float | None = None
    min_price: float | None = None
    target_price: float | None = None
    size: str | None = None
    gender: str | None = None
    references: tuple[Reference, ...] = ()


def find_mentions(text: str) -> Mentions:
    """Find what a sentence mentions.

    Args:
        text: Anything a person may type; only the first 4,000 characters are read.

    Returns:
        The slots; empty ones for a text about something else. Never raises.
    """
    tokens = forgive(tokenize(_signs_written_out(text[:_LONGEST_TEXT])))
    denied = _denied(tokens)
    matches = [match for match in scan(tokens) if _meant(match, tokens)]
    matches = _settle(matches)
    wanted = [match for match in matches if match.start not in denied]
    unwanted = [match for match in matches if match.start in denied]
    limits = find_limits(tokens)
    return Mentions(
        categories=_values(wanted, "category"),
        not_categories=_values(unwanted, "category"),
        groups=_values(wanted, "group"),
        colors=_values(wanted, "color"),
        not_colors=tuple(name for name in _values(unwanted, "color") if name not in _values(wanted, "color")),
        materials=_values(wanted, "material"),
        not_materials=_values(unwanted, "material"),
        patterns=_values(wanted, "pattern"),
        not_patterns=_values(unwanted, "pattern"),
        not_groups=_values(unwanted, "group"),
        styles=_values(wanted, "style"),
        not_styles=_values(unwanted, "style"),
        sleeve=_first(matches, "sleeve"),
        neckline=_first(wanted, "neckline"),
        length=_first(wanted, "length"),
        fit=_first(wanted, "fit"),
        occasion=_first(wanted, "occasion"),
        season=_first(wanted, "season"),
        warmth=_first(wanted, "warmth"),
        gender=_first(wanted, "gender"),
        max_price=limits.max_price,
        min_price=limits.min_price,
        target_price=limits.target_price,
        size=limits.size or _size_behind(tokens, wanted),
        references=find_references(tokens, wanted),
    )


def _signs_written_out(text: str) -> str:
    """Signs that `tokenize` drops, as words: "50-80", "<60", "~70"."""
    text = _RANGE.sub(r"\1 to ", text)
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    return text


def _size_behind(tokens: list[str], wanted: Sequence[Match]) -> str | None:
    """A bare size behind a kind of thing or a color, at a clause's end or before a color: "jeans 32", "boots 40 red"."""
    ends = {
        match.end for match in wanted if match.kind in ("category", "group", "color", "gender", "material")
    }
    colors = {match.start for match in wanted if match.kind == "color"}
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else "."
        closes = following in (*".,;!?", "please", "thanks") or at + 1 in colors
        if at in ends and token.isdigit() and 24 <= int(token) <= 62 and closes:
            return token
    return None


def _values(matches: Iterable[Match], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.value for match in matches if match.kind == kind))


def _first(matches: Iterable[Match], kind: str) -> str | None:
    return next((match.value for match in matches if match.kind == kind), None)


def _meant(match: Match, tokens: list[str]) -> bool:
    """False where the words are there but mean something else ("does this suit me")."""
    word = " ".join(tokens[match.start : match.end])
    before = tokens[match.start - 1] if match.start else ""
    after = tokens[match.end] if match.end < len(tokens) else ""
    if match.kind in ("category", "group", "pattern", "material"):
        guard = guards().get(word)
        if guard is not None and (before in guard["before"] or after in guard["after"]):
            return False
    if match.kind == "color" and word in word_set("shy_colors"):
        return _colors_something(match, tokens, before)
    return True


def _colors_something(match: Match, tokens: list[str], before: str) -> bool:
    if tokens[match.end : match.end + 1] in (["colored"], ["color"]):
        return True
    if before in (
        "in",
        "not",
        "no",
        "nor",
        "or",
        "and",
        "color",
        "colour",
        "the",
        "like",
        "love",
        "of",
        "than",
        "but",
    ):
        following = tokens[match.end : match.end + 1]
        if (
            before == "in"
            or not following
            or following[0] in ("one", "ones", ".", ",", "?", "!", "or", "and")
        ):
            return True
    rest = scan(tokens[match.end : match.end + 5])
    return any(found.kind in ("category", "group", "material", "pattern", "style") for found in rest)


def _settle(matches: list[Match]) -> list[Match]:
    """Drop meanings that a longer or better phrase at the same place makes wrong."""
    categories = [m for m in matches if m.kind == "category"]

    def inside(match: Match, others: list[Match]) -> bool:
        return any(
            o.start <= match.start and match.end <= o.end and (o.end - o.start) > (match.end - match.start)
            for o in others
        )

    occasions = [m for m in matches if m.kind == "occasion"]
    kept = []
    for match in matches:
        if match.kind in ("group", "color", "occasion", "gender") and inside(match, categories):
            continue
        if match.kind in ("category", "color") and inside(match, occasions):
            # "Black tie" is a dress code and no color.
            continue
        if match.kind == "material" and match.value == "wool" and inside(match, categories):
            continue
        if (
            match.kind == "style"
            and categories
            and not any(match.value in CATEGORIES[category.value].styles for category in categories)
        ):
            continue
        kept.append(match)
    return kept


def _denied(tokens: list[str]) -> frozenset[int]:
    """Positions under a negation: "not black or brown", "anything but red", "leather-free"."""
    denied: set[int] = set()
    at = 0
    while at < len(tokens):
        skipped = phrase_at(tokens, at, "not_a_negation")
        if skipped:
            at += skipped
            continue
        length = phrase_at(tokens, at, "negation_phrases") or int(tokens[at] in word_set("negations"))
        if not length:
            if tokens[at] in ("free", "less") and at:
                denied.add(at - 1)
            if tokens[at] == "non" and at + 1 < len(tokens):
                denied.add(at + 1)
            at += 1
            continue
        at += length
        reach = at
        while reach < min(at + _NEGATION_REACH, len(tokens)):
            if tokens[reach] == "," and (listed := _list_after(tokens, reach)):
                denied.update(range(reach, listed))
                reach = listed
                continue
            if tokens[reach] in ".,;:?!" or tokens[reach] in word_set("negation_ends"):
                break
            denied.add(reach)
            reach += 1
    return frozenset(denied)


def _list_after(tokens: list[str], comma: int) -> int:
    """Where a list that goes on after a comma ends ("no black, brown or white"); 0 where it does not go on."""
    at, things = comma, {match.start: match.end for match in scan(tokens) if match.kind in _LISTED}
    while at < len(tokens) and tokens[at] == ",":
        at = things.get(at + 1, 0)
        if not at:
            return 0
    joined = at + 1 if tokens[at : at + 1] in (["or"], ["nor"]) else 0
    return things.get(joined, 0) if joined else 0
