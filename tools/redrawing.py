"""The words of a drawing with a change: "a blue denim jacket", made yellow, is "a yellow denim jacket"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from fashion.lexicon import Match, forgive, scan, tokenize
from fashion.mentions import Mentions, find_mentions
from tools.prompts import load_data

_Before = Literal["color", "pattern", "material", "fit", "length"]
_Behind = Literal["sleeve", "neckline"]
_PLAIN = "plain"
_JOINTS = frozenset({"and", "or", ","})


def changes(text: str) -> bool:
    """Whether a message names a trait that a drawn piece could have."""
    said = find_mentions(text)
    return _length_said(forgive(tokenize(text))) is not None or any(
        _wanted(said, kind) for kind in (*get_args(_Before), *get_args(_Behind))
    )


def redrawn(words: str, text: str) -> str:
    """The words of a drawing with the traits that a message names in place of their own.

    Args:
        words: What was drawn, for example ``"a blue denim jacket"``.
        text: The message that asks for the change ("now make it yellow"); what it denies is not put in.

    Returns:
        The new words; the old ones where the message names no trait.
    """
    said, told = find_mentions(text), forgive(tokenize(text))
    for kind in (*get_args(_Before), *get_args(_Behind)):
        wanted = _wanted(said, kind)
        spans = [one for one in scan(told) if one.kind == kind and one.value in wanted]
        if spans:
            new = _said_as(spans[0], told)
            words = _in_place(words, kind, new, behind=kind in get_args(_Behind))
    if said.length is None and (length := _length_said(told)):
        words = _in_place(words, "length", length, behind=False)
    return words


def _length_said(told: Sequence[str]) -> str | None:
    """As in "make it shorter", which names no length of the vocabulary."""
    table = load_data("redrawing")
    for at, token in enumerate(told):
        if token in table["lengths"] and not set(told[at + 1 : at + 2]) & set(table["sleeves"]):
            length: str = table["lengths"][token]
            return length
    return None


def _wanted(said: Mentions, kind: str) -> tuple[str, ...]:
    many = {"color": said.colors, "pattern": said.patterns, "material": said.materials}
    if kind in many:
        return many[kind]
    one: str | None = getattr(said, kind)
    return (one,) if one else ()


def _said_as(match: Match, told: Sequence[str]) -> str:
    """A pattern as an adjective, since "polka dots jacket" is no English, and "longer" as "long"; else as it was said."""
    if match.kind == "pattern":
        return _PLAIN if match.value == "solid" else match.value
    words = " ".join(told[match.start : match.end])
    lengths: dict[str, str] = load_data("redrawing")["lengths"]
    return lengths.get(words, words)


def _in_place(words: str, kind: str, new: str, *, behind: bool) -> str:
    tokens = tokenize(words)
    found = scan(tokens)
    old = [one for one in found if one.kind == kind]
    if kind == "length" and not old and (said := _length_said(tokens)) in tokens:
        # "A long green dress": so far from its noun the word is none of the vocabulary.
        at = tokens.index(said)
        old = [Match(kind, said, at, at + 1)]
    if old:
        start, stop = old[0].start, old[0].end
        for one in old[1:]:
            if set(tokens[stop : one.start]) <= _JOINTS:
                stop = max(stop, one.end)
        return " ".join([*tokens[:start], new, *tokens[stop:]])
    noun = next((one.start for one in found if one.kind in ("category", "group")), None)
    if behind or noun is None:
        return " ".join([*tokens, "with" if behind or kind == "pattern" else "in", new])
    at = noun
    while kind in ("color", "length"):
        # These stand before the other traits: "a long red silk dress".
        before = [one.start for one in found if one.end == at and one.kind in get_args(_Before)]
        if not before:
            break
        at = min(before)
    return " ".join([*tokens[:at], new, *tokens[at:]])
