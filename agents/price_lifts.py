"""Where a message takes a price limit back: "forget the 80 limit", "ignore my budget", "no longer under 80"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from agents.tables import load_table
from fashion.amounts import amount_at, words
from fashion.lexicon import tokenize

_FARTHEST = 8
"""So many words may stand between the verb and the end of what it takes back."""


def price_lifts(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """The spans of words that take a price limit back, in order; none of them holds another wish.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
    """
    some = list(tokens)
    found = sorted({*_plain(some), *_undone(some), *_released(some), *_exceeded(some)})
    return [
        (start, end)
        for start, end in found
        if not _ends_with(some, start, "kept") and not _is_moved(some, end)
    ]


def without_spans(tokens: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    """The tokens with a full stop in the place of each span."""
    rest, at = [], 0
    for start, end in spans:
        rest += [*tokens[at:start], "."] if start >= at else []
        at = max(at, end)
    return [*rest, *tokens[at:]]


def _plain(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """As in "price doesn't matter"."""
    for start in range(len(tokens)):
        if length := _starts_with(tokens, start, "plain"):
            yield start, start + length


def _undone(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """As in "forget the 80 limit": a verb, and up to a noun for the limit or a price nothing else."""
    for start in range(len(tokens)):
        verb = _starts_with(tokens, start, "verbs")
        if not verb:
            continue
        at, end, below = start + verb, 0, False
        while at < min(start + verb + _FARTHEST, len(tokens)):
            if length := _starts_with(tokens, at, "limits"):
                at = end = at + length
            elif priced := _price_end(tokens, at):
                money = priced[1] or below
                end = priced[0] if money else end
                at = priced[0]
            elif length := _starts_with(tokens, at, "between"):
                below = below or bool(_starts_with(tokens, at, "below"))
                at += length
            else:
                break
        if end:
            yield start, end


def _released(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """As in "no longer under 80", "not under 80 any more"."""
    for start in range(len(tokens)):
        for key in ("released", "no_more"):
            length = _starts_with(tokens, start, key)
            below = _starts_with(tokens, start + length, "below") if length else 0
            priced = _price_end(tokens, start + length + below) if below else None
            if priced is None:
                continue
            end = priced[0]
            more = _starts_with(tokens, end, "any_more")
            if key == "released" or more:
                yield start, end + more


def _exceeded(tokens: list[str]) -> Iterator[tuple[int, int]]:
    """As in "over 80 is fine"."""
    for start in range(len(tokens)):
        above = _starts_with(tokens, start, "above")
        priced = _price_end(tokens, start + above) if above else None
        if priced and (length := _starts_with(tokens, priced[0], "allowed")):
            yield start, priced[0] + length


def _price_end(tokens: list[str], at: int) -> tuple[int, bool] | None:
    """The position behind an amount, and whether a currency stands beside it; None where no amount is."""
    signed = at < len(tokens) and tokens[at] in words("currency")
    amount, end = amount_at(tokens, at + signed)
    if amount is None:
        return None
    named = end < len(tokens) and tokens[end] in words("currency")
    return end + named, signed or named


def _is_moved(tokens: list[str], at: int) -> bool:
    """As in "drop the limit to 60": what stands behind a position names another limit."""
    length = _starts_with(tokens, at, "lowered")
    return bool(length) and _price_end(tokens, at + length) is not None


def _starts_with(tokens: list[str], at: int, key: str) -> int:
    """How many tokens the longest phrase of a list has that starts at a position; 0 for none."""
    here = (len(some) for some in _phrases(key) if tuple(tokens[at : at + len(some)]) == some)
    return max(here, default=0)


def _ends_with(tokens: list[str], end: int, key: str) -> bool:
    return any(tuple(tokens[max(0, end - len(some)) : end]) == some for some in _phrases(key))


@cache
def _phrases(key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokenize(words)) for words in load_table("price_lifts")[key])
