"""The things that a refusal names, told apart: "no stripes, no silk and no heels" are three, "no striped pumps" is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fashion.lexicon import Match, forgive, scan, tokenize
from fashion.mention_words import word_set
from fashion.vocabulary import GROUPS
from graphs.constraints import CUTS

Named = dict[str, list[str]]
_FIELDS = {
    "category": "categories", "group": "categories", "color": "colors", "pattern": "patterns", "material": "materials",
    "style": "styles",
} | {name: name for name in CUTS}  # fmt: skip
_PLACE = "categories"
_LISTING = frozenset((",", ";", ".", "!", "or", "nor", "and", "but", "also", "plus"))


@dataclass(slots=True)
class Thing:
    """One thing that is refused.

    Attributes:
        named: Its values by list, ``categories``, ``colors``, ``patterns``, ``materials`` or ``styles``.
        words: The words that name it, with its length, sleeve, neckline and fit.
    """

    named: Named = field(default_factory=dict)
    words: str = ""


@dataclass(slots=True)
class _Stretch:
    """The words of one thing."""

    start: int
    named: Named = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    end: int = 0
    shares: bool = False
    """Whether the kind of thing behind the next one may be meant, too."""

    def take(self, name: str, values: Sequence[str], end: int) -> None:
        self.end = max(self.end, end)
        self.kinds.add(name)
        if values:
            self.named[name] = list(dict.fromkeys([*self.named.get(name, ()), *values]))


def things_refused(text: str, named: Mapping[str, Sequence[str]]) -> list[Thing]:
    """Tell apart what a refusal names.

    What is listed ("or", "and", a comma, a new denial) is a thing of its own, unless it goes on a list of its own kind
    ("black or white sneakers") or leaves out what it is of ("no pink sneakers, no yellow"). Traits alone come as one thing,
    and so do kinds of thing alone: each of their values is a rule by itself anyway.

    Args:
        text: The message.
        named: All that it refuses, by ``categories``, ``colors``, ``patterns``, ``materials`` and ``styles``.

    Returns:
        The things; all of `named` is in them.
    """
    whole = [Thing({name: list(values) for name, values in named.items() if values}, text)]
    if not named.get(_PLACE):
        return whole
    tokens = forgive(tokenize(text))
    stretches = _stretches(tokens, named)
    if len(stretches) < 2:
        return whole
    found = {(name, value) for one in stretches for name, values in one.named.items() for value in values}
    rest = {name: [one for one in values if (name, one) not in found] for name, values in named.items()}
    rest = {name: values for name, values in rest.items() if values}
    # What words imply ("I'm vegan") stands nowhere, and is a rule by itself.
    stretches += [_Stretch(0, rest, set(rest))] if rest else []
    return list(_merged(stretches, tokens))


def _stretches(tokens: list[str], named: Mapping[str, Sequence[str]]) -> list[_Stretch]:
    found: list[_Stretch] = []
    before: Match | None = None
    for match in _matches(tokens, named):
        name = _FIELDS[match.kind]
        if before is None or _begins(found[-1], _FIELDS[before.kind], name, tokens[before.end : match.start]):
            if before is not None:
                found[-1].shares = name != _PLACE and _may_share(found[-1], tokens, before, match)
            plain = match.start > 0 and tokens[match.start - 1] in ("long", "short")
            found.append(_Stretch(match.start - plain, kinds={"length"} if plain else set()))
        if tokens[match.end : match.end + 1] in (["one"], ["ones"]) and len(found) > 1:
            # "Dresses, above all floral ones."
            found[-1].take(_PLACE, found[-2].named.get(_PLACE, ()), match.end)
        found[-1].take(name, _values(match, named), match.end)
        before = match
    for one, behind in reversed(list(pairwise(found))):
        if one.shares and _PLACE in behind.named:
            one.take(_PLACE, behind.named[_PLACE], one.end)
    return found


def _begins(thing: _Stretch, last: str, name: str, between: Sequence[str]) -> bool:
    """Whether what comes next is another thing than the one before it."""
    denied = not word_set("negations").isdisjoint(between)
    if not denied and _LISTING.isdisjoint(between):
        return False
    if name == last:
        # "No striped pumps and no sandals" begins anew, "striped pumps or sandals" does not.
        return denied and name == _PLACE
    left_out = _PLACE in thing.kinds and name in thing.kinds
    return not left_out


def _may_share(thing: _Stretch, tokens: list[str], before: Match, match: Match) -> bool:
    """Whether a trait may be of the kind of thing behind the next: "pink or leather shoes", not "dots or leather shoes"."""
    plain = tokens[before.end : match.start] in (["or"], ["and"], ["nor"])
    noun = before.kind == "pattern" and tokens[before.end - 1].endswith("s")
    return plain and not noun and _PLACE not in thing.kinds


def _matches(tokens: list[str], named: Mapping[str, Sequence[str]]) -> list[Match]:
    found = [one for one in scan(tokens) if one.kind in CUTS or (one.kind in _FIELDS and _values(one, named))]
    return sorted(found, key=lambda one: (one.start, one.end))


def _values(match: Match, named: Mapping[str, Sequence[str]]) -> list[str]:
    meant = GROUPS.get(match.value, ()) if match.kind == "group" else (match.value,)
    return [value for value in meant if value in named.get(_FIELDS[match.kind], ())]


def _merged(stretches: Sequence[_Stretch], tokens: list[str]) -> Iterator[Thing]:
    """All traits alone as one thing, all kinds of thing alone as another, and each of the others by itself."""
    alone = [one for one in stretches if _PLACE not in one.kinds and one.named]
    bare = [one for one in stretches if one.kinds == {_PLACE}]
    for some in (alone, bare):
        if some:
            merged: Named = {}
            for one in some:
                for name, values in one.named.items():
                    merged[name] = list(dict.fromkeys([*merged.get(name, ()), *values]))
            yield Thing(merged)
    for one in stretches:
        if one not in alone and one not in bare:
            yield Thing(one.named, " ".join(tokens[one.start : one.end]))
