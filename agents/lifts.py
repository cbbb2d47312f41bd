"""What a message takes back: a ban or wish that no longer holds ("actually black is fine", "price doesn't matter")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from agents.contracts import Lift
from agents.cues import held, named_in, phrases_of
from agents.price_lifts import price_lifts
from fashion.denials import denied_in
from fashion.lexicon import forgive, scan

_KINDS = {
    "color": "lifted_colors",
    "pattern": "lifted_patterns",
    "material": "lifted_materials",
    "category": "lifted_categories",
    "length": "lifted_lengths",
}
_WANTED = {"lifted_colors": "colors", "lifted_patterns": "patterns", "lifted_materials": "materials",
           "lifted_categories": "categories"}  # fmt: skip
_NOT_HAVE_TO = (("have", "to", "be"), ("need", "to", "be"), ("needs", "to", "be"), ("has", "to", "be"))


def lifts_of(tokens: Sequence[str]) -> dict[str, Any]:
    """The ``lifted…`` fields of `Slots` that a message fills.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
    """
    words = forgive(list(tokens))
    found: dict[str, list[str]] = {}
    kinds = cast("list[Lift]", named_in(tokens, "lifting"))
    if price_lifts(tokens):
        kinds.append("price")
    denied = denied_in(words)
    for match in scan(words):
        field = _KINDS.get(match.kind)
        if field is None:
            continue
        if _no_longer_needed(words, match.start):
            if match.kind == "length":
                found.setdefault(field, []).append(match.value)
            else:
                kinds.append(cast("Lift", match.kind))
        elif _allowed(words, match.start, match.end, denied=match.start in denied):
            found.setdefault(field, []).append(match.value)
    if kinds:
        found["lifted"] = cast("list[str]", list(dict.fromkeys(kinds)))
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def without_lifted(values: dict[str, Any], lifts: dict[str, Any]) -> None:
    """Take what is only allowed out of what is wanted or banned, in place."""
    for field, wanted in _WANTED.items():
        gone = set(lifts.get(field, ()))
        for name in (wanted, f"not_{wanted}"):
            values[name] = [value for value in values[name] if value not in gone]
    lengths = set(lifts.get("lifted_lengths", ()))
    values["not_lengths"] = [value for value in values["not_lengths"] if value not in lengths]
    if values["length"] in lengths:
        values["length"] = None
    for kind in lifts.get("lifted", ()):
        field = _WANTED.get(_KINDS.get(kind, ""), "")
        if field:
            values[field] = []


def _allowed(words: Sequence[str], start: int, end: int, *, denied: bool) -> bool:
    """Whether allowing words stand right around a thing; "one", "ones" and a noun may stand between.

    Behind a denied thing they are about all else: "anything but black is fine".
    """
    for behind in () if denied else (end, end + 1):
        if any(tuple(words[behind : behind + len(one)]) == one for one in phrases_of("allowing", "behind")):
            return behind == end or words[end] not in (",", ".", "and", "but")
    for before in (start, start - 1):
        if any(
            tuple(words[max(0, before - len(one)) : before]) == one
            for one in phrases_of("allowing", "before")
        ):
            return before == start or words[before] in ("the", "some", "a", "any")
    return False


def _no_longer_needed(words: Sequence[str], start: int) -> bool:
    """As in "it doesn't have to be black": the wish for it is taken back."""
    before = tuple(word for word in words[max(0, start - 4) : start] if word not in ("it", "them", "this"))[
        -3:
    ]
    return before in _NOT_HAVE_TO and held(
        words[max(0, start - 6) : start], ("t", "not", "no", "longer", "never")
    )
