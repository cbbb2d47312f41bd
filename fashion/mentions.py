"""What a person's free sentence mentions, as typed slots.

Works by the tables alone: no model, no network, well under 2 ms a sentence. It does not decide what the
person wants; that is the router's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fashion.captions import parse_caption
from fashion.color_words import is_a_color, without_repeats, without_withdrawn
from fashion.denials import denied_in
from fashion.length_bounds import length_bounds
from fashion.lexicon import Match, forgive, scan, tokenize
from fashion.limits import find_limits
from fashion.mention_words import guards, lengths_ruled_out
from fashion.references import Reference, find_references
from fashion.vocabulary import CATEGORIES

__all__ = ["Mentions", "Reference", "find_mentions", "parse_caption"]

_LONGEST_TEXT = 4000
_RANGE = re.compile(r"(\d)\s*[-–—]\s*(?=[\d€$£])")
_EITHER = re.compile(r"(?<=[a-z]{3})/(?=[a-z]{3})", re.IGNORECASE)
_PLUS = re.compile(r"(\d)\s*\+")
_ROUGHLY = re.compile(
    r"\b(ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)ish\b", re.IGNORECASE
)
_SIGNS = {
    "<=": " at most ",
    "≤": " at most ",
    "<": " under ",
    ">=": " at least ",
    "≥": " at least ",
    ">": " over ",
    "~": " about ",
}


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
    not_lengths: tuple[str, ...] = ()
    """Denied ("no minis"), or what "not too short" and "not too long" rule out."""
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
    denied_references: tuple[Reference, ...] = ()
    """What is pointed at by a denial: "I don't like the red one"."""


@lru_cache(maxsize=512)
def find_mentions(text: str) -> Mentions:
    """Find what a sentence mentions; one that was read lately is not read again.

    Args:
        text: Anything a person may type; only the first 4,000 characters are read.

    Returns:
        The slots; empty ones for a text about something else. Never raises.
    """
    tokens = forgive(tokenize(_signs_written_out(text[:_LONGEST_TEXT])))
    denied = denied_in(tokens)
    matches = [match for match in scan(tokens) if _meant(match, tokens)]
    matches = without_withdrawn(without_repeats(_settle(matches), tokens), tokens)
    out_of_bounds, compared = length_bounds(tokens, matches)
    matches = [match for match in matches if match not in compared]
    wanted = [match for match in matches if match.start not in denied]
    unwanted = [match for match in matches if match.start in denied]
    limits = find_limits(tokens)
    return Mentions(
        categories=_values(wanted, "category"),
        not_categories=_values(unwanted, "category"),
        groups=_values(wanted, "group"),
        colors=_last_said(wanted, unwanted),
        not_colors=_last_said(unwanted, wanted),
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
        not_lengths=tuple(
            dict.fromkeys([*_lengths_alone(unwanted), *lengths_ruled_out(tokens), *out_of_bounds])
        ),
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
        denied_references=tuple(
            r for r in find_references(tokens, unwanted) if r.kind in ("category", "color")
        ),
    )


def _signs_written_out(text: str) -> str:
    """Signs that `tokenize` drops, as words: "50-80", "<60", "~70"."""
    text = _EITHER.sub(" or ", text)
    text = _ROUGHLY.sub(r"\1 ish", _PLUS.sub(r"\1 plus ", _RANGE.sub(r"\1 to ", text)))
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


def _lengths_alone(matches: Sequence[Match]) -> list[str]:
    """The lengths among matches that are no part of a kind of thing: "no mini bags" says nothing of lengths."""
    kinds = [match for match in matches if match.kind == "category"]
    return [
        match.value
        for match in matches
        if match.kind == "length" and not any(one.start <= match.start < one.end for one in kinds)
    ]


def _last_said(some: Sequence[Match], others: Sequence[Match]) -> tuple[str, ...]:
    """The colors among some matches that the others do not name again behind them: "black again? not black"."""
    last = {match.value: match.start for match in others if match.kind == "color"}
    here = {match.value: match.start for match in some if match.kind == "color"}
    return tuple(name for name in _values(some, "color") if here[name] > last.get(name, -1))


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
    return match.kind != "color" or is_a_color(match, tokens)


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
        if match.kind in ("category", "color", "style") and inside(match, occasions):
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
