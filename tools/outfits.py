"""A whole outfit from candidates: a beam search over the places on the body, judged by the outfit rules as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fashion.garment import Garment
from fashion.rules import score_outfit
from fashion.vocabulary import slot_of
from tools.prompts import load_data
from tools.ranking import Ranked, Setting

_BEAM = 4
_EACH = 5
"""Candidates tried for each place."""


@dataclass(frozen=True, slots=True)
class _Partial:
    pieces: tuple[Ranked, ...]
    score: float


def compose_outfit(ranked: Sequence[Ranked], setting: Setting, most: int) -> list[Ranked]:
    """The best pieces for the places that what is at hand leaves free, in the order of dressing.

    Args:
        ranked: The candidates, best first.
        setting: What is at hand, and what it is for.
        most: How many pieces at most, at least 1.

    Returns:
        One piece a place: a top and bottoms or one piece for both, shoes, then a bag and a coat as far as there is room;
        fewer where a place has no candidate.
    """
    taken: set[str] = {slot_of(garment) for garment in setting.others}
    by_slot: dict[str, list[Ranked]] = {}
    for one in ranked:
        row = by_slot.setdefault(slot_of(one.product.garment), [])
        if len(row) < _EACH:
            row.append(one)
    finished = [
        _search([slot for slot in way if slot not in taken], by_slot, setting, most) for way in _ways(taken)
    ]
    best = max(finished, key=lambda one: (len(one.pieces) > 0, one.score), default=_Partial((), 0.0))
    return list(best.pieces)


def _ways(taken: set[str]) -> list[list[str]]:
    """The ways to be dressed that what is at hand leaves open."""
    ways: list[list[str]] = load_data("complements")["ways"]
    if "body" in taken:
        return [[slot for slot in way if slot not in ("torso", "legs")] for way in ways if "body" in way]
    if taken & {"torso", "legs"}:
        return [way for way in ways if "body" not in way]
    return ways


def _search(slots: Sequence[str], by_slot: dict[str, list[Ranked]], setting: Setting, most: int) -> _Partial:
    beam = [_Partial((), 0.0)]
    filled = 0
    for slot in slots:
        candidates = by_slot.get(slot, [])
        if not candidates or filled >= most:
            continue
        filled += 1
        grown = [_judged((*partial.pieces, one), setting) for partial in beam for one in candidates]
        beam = sorted(grown, key=lambda one: -one.score)[:_BEAM]
    return beam[0]


def _judged(pieces: tuple[Ranked, ...], setting: Setting) -> _Partial:
    garments: list[Garment] = [*setting.others, *(one.product.garment for one in pieces)]
    whole = score_outfit(garments, occasion=setting.occasion, season=setting.season or setting.season_now)
    own = sum(one.score for one in pieces) / len(pieces)
    return _Partial(pieces, whole.total + load_data("complements")["own_score"] * own)
