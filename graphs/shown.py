"""What was shown last, and whether a message is about it."""

from __future__ import annotations

import re

from agents.contracts import Slots
from fashion.vocabulary import CATEGORIES
from graphs.references import pattern
from graphs.state import TurnState

MOST_MATCHED = 3
"""So many pieces of an outfit are looked at together when something must match it."""


def slots_of(state: TurnState) -> Slots:
    """The slots of the message alone."""
    return Slots(**state["plan"]["slots"])


def shown_ids(state: TurnState) -> list[str]:
    """The items shown last, in order."""
    return [card["id"] for card in state.get("shown") or []]


def pieces_of(state: TurnState) -> list[str]:
    """The items shown last, without the bolder choice that stands beside an outfit."""
    beside = state.get("bolder") if state.get("outfit") else None
    return [item_id for item_id in shown_ids(state) if item_id != beside]


def to_match(state: TurnState, slots: Slots) -> list[str]:
    """The items shown last that the answer must go with ("and a bag to match"), where nothing else is at hand."""
    if state["image_ids"] or state.get("pictures") or not (slots.categories or slots.groups):
        return []
    if not re.search(pattern("matching_shown"), state["text"], re.IGNORECASE):
        return []
    wanted = {*slots.groups, *(CATEGORIES[name].group for name in slots.categories if name in CATEGORIES)}
    shown = state.get("shown") or []
    pieces = pieces_of(state)
    others = [
        card["id"]
        for card in shown
        if card["id"] in pieces and CATEGORIES[card["category"]].group not in wanted
    ]
    return others[:MOST_MATCHED] if state.get("outfit") else others[:1]


def same_outfit(state: TurnState, slots: Slots) -> bool:
    """Whether a message changes what an outfit must keep to, and no piece of it ("nothing over 150")."""
    asked = slots_of(state)
    named = asked.item_ids or asked.categories or asked.groups or asked.replaced_categories
    return bool(state.get("outfit") and not named and not asked.directions and not slots.item_ids)
