"""What was shown last, and whether a message is about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.contracts import Slots
from fashion.vocabulary import CATEGORIES
from graphs.constraints import place_of
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import Json, Outcome, TurnState
from tools.sight import Seen

MOST_MATCHED = 3
"""So many pieces of an outfit are looked at together when something must match it."""


def slots_of(state: TurnState) -> Slots:
    """The slots of the message alone."""
    return Slots(**state["plan"]["slots"])


def points(text: str) -> bool:
    """Whether the words point at a picture or an item instead of naming it."""
    return re.search(pattern("pointing"), text, re.IGNORECASE) is not None


def seen_of(state: TurnState) -> list[Seen]:
    """What the items shown go with."""
    return [Seen(**one) for one in state.get("seen") or []]


def shown_ids(state: TurnState) -> list[str]:
    """The items shown last, in order."""
    return [card["id"] for card in state.get("shown") or []]


def shown_of_kind(state: TurnState) -> list[str]:
    """The items shown last that are of the kind a message names ("the shoes are too expensive"); empty for none."""
    asked = slots_of(state)
    kinds = asked.replaced_categories or place_of(asked.categories, asked.groups)
    return [card["id"] for card in state.get("shown") or [] if card["category"] in kinds]


def pieces_of(state: TurnState) -> list[str]:
    """The items shown last, without the bolder choice that stands beside an outfit."""
    beside = state.get("bolder") if state.get("outfit") else None
    return [item_id for item_id in shown_ids(state) if item_id != beside]


def to_match(state: TurnState, slots: Slots) -> list[str]:
    """The items shown last that the answer must go with ("and a bag to match"), where nothing else is at hand."""
    if state["image_ids"] or state.get("pictures") or not (slots.categories or slots.groups):
        return []
    if not re.search(pattern("matching_shown"), spelled(state), re.IGNORECASE):
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


def whole_outfit_meant(state: TurnState, slots: Slots) -> bool:
    """Whether a direction of change is asked of a whole outfit, and of no piece of it ("cheaper", "more casual")."""
    asked = slots_of(state)
    named = asked.item_ids or asked.categories or asked.groups or asked.replaced_categories
    return bool(state.get("outfit") and asked.directions and not named and not slots.item_ids)


def look_after(state: TurnState, outcomes: Sequence[Outcome]) -> list[Json]:
    """The outfit at work after a turn that showed items: a new one, the old one with a piece exchanged, or none."""
    look = list(state.get("look") or [])
    results = [(one["tool"], one["result"]) for one in outcomes if one["result"]]
    for tool, result in results:
        items = result.get("items") or []
        if result.get("outfit"):
            return [card for card in items if card["id"] != result.get("bolder")]
        if tool != "suggest_alternatives" or not items:
            continue
        replaced = set(result.get("replaces") or [])
        at = next((at for at, card in enumerate(look) if card["id"] in replaced), None)
        if at is not None:
            kept = [card for card in look if card["id"] not in replaced]
            return [*kept[:at], items[0], *kept[at:]]
    return look if any(tool == "suggest_alternatives" for tool, _ in results) or not results else []
