"""A whole outfit from candidates: a beam search over the places on the body, judged by the outfit rules as a whole."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fashion.garment import Garment
from fashion.rules import score_outfit
from fashion.vocabulary import slot_of
from tools.prompts import load_data
from tools.ranking import Ranked, Setting

_BEAM = 4
_WIDE_BEAM = 8
"""The same where the sum is limited, so that not all of it is spent on the first pieces."""
_EACH = 5
"""Candidates tried for each place."""


@dataclass(frozen=True, slots=True)
class _Partial:
    pieces: tuple[Ranked, ...]
    score: float


def compose_outfit(
    ranked: Sequence[Ranked],
    setting: Setting,
    most: int,
    max_total: float | None = None,
    taken: Collection[str] = (),
) -> list[Ranked]:
    """The best pieces for the places that what is at hand leaves free, in the order of dressing.

    Args:
        ranked: The candidates, best first.
        setting: What is at hand, and what it is for.
        most: How many pieces at most, at least 1.
        max_total: What all pieces together may cost; None for any sum.
        taken: Places on the body that are not free, beside those of what is at hand.

    Returns:
        One piece a place: a top and bottoms or one piece for both, shoes, then a bag and a coat as far as there is room and
        money; fewer where a place has no candidate.
    """
    worn: set[str] = {*taken, *(slot_of(garment) for garment in setting.others)}
    by_slot = _candidates(ranked, cheap=max_total is not None)
    ways = [[slot for slot in way if slot not in worn] for way in _ways(worn)]
    finished = [_search(way, by_slot, setting, most, max_total) for way in ways]
    found = [(_filled(one, way), one) for way, one in zip(ways, finished, strict=True)]
    _, best = max(found, key=lambda pair: (pair[0], pair[1].score), default=(0.0, _Partial((), 0.0)))
    return list(best.pieces)


def total_of(pieces: Sequence[Ranked]) -> float:
    """What pieces cost together."""
    return round(sum(one.product.price for one in pieces), 2)


def _candidates(ranked: Sequence[Ranked], *, cheap: bool) -> dict[str, list[Ranked]]:
    """The best of each place, and where the sum is limited its cheapest, too."""
    by_slot: dict[str, list[Ranked]] = {}
    for one in ranked:
        by_slot.setdefault(slot_of(one.product.garment), []).append(one)
    found = {}
    for slot, row in by_slot.items():
        cheapest = sorted(row, key=lambda one: one.product.price)[: _EACH if cheap else 0]
        found[slot] = list({one.product.id: one for one in [*row[:_EACH], *cheapest]}.values())
    return found


def _filled(partial: _Partial, way: Sequence[str]) -> float:
    """The share of the places one cannot go without that are filled, 0..1; 0 for no piece at all."""
    needed = [slot for slot in way if slot not in load_data("complements")["optional"]]
    have = {slot_of(one.product.garment) for one in partial.pieces}
    if not needed:
        return float(bool(have))
    return sum(slot in have for slot in needed) / len(needed)


def _ways(taken: set[str]) -> list[list[str]]:
    """The ways to be dressed that what is at hand leaves open."""
    ways: list[list[str]] = load_data("complements")["ways"]
    if "body" in taken:
        return [[slot for slot in way if slot not in ("torso", "legs")] for way in ways if "body" in way]
    if taken & {"torso", "legs"}:
        return [way for way in ways if "body" not in way]
    return ways


def _search(
    slots: Sequence[str],
    by_slot: dict[str, list[Ranked]],
    setting: Setting,
    most: int,
    max_total: float | None,
) -> _Partial:
    beam = [_Partial((), 0.0)]
    filled = 0
    for at, slot in enumerate(slots):
        candidates = by_slot.get(slot, [])
        if not candidates or filled >= most:
            continue
        left = math.inf if max_total is None else max_total - _least(slots[at + 1 :], by_slot)
        grown = [
            _judged((*partial.pieces, one), setting)
            for partial in beam
            for one in candidates
            if total_of((*partial.pieces, one)) <= left
        ]
        if grown:
            filled += 1
            beam = sorted(grown, key=lambda one: -one.score)[: _BEAM if max_total is None else _WIDE_BEAM]
    return beam[0]


def _least(slots: Sequence[str], by_slot: dict[str, list[Ranked]]) -> float:
    """What the places still to be filled, and not to go without, cost at least."""
    optional = load_data("complements")["optional"]
    return sum(
        min(one.product.price for one in by_slot[slot])
        for slot in slots
        if slot in by_slot and slot not in optional
    )


def _judged(pieces: tuple[Ranked, ...], setting: Setting) -> _Partial:
    garments: list[Garment] = [*setting.others, *(one.product.garment for one in pieces)]
    whole = score_outfit(garments, occasion=setting.occasion, season=setting.season or setting.season_now)
    own = sum(one.score for one in pieces) / len(pieces)
    return _Partial(pieces, whole.total + load_data("complements")["own_score"] * own)
