"""Which items a picture of what was found or shown must show: one piece, or the whole outfit."""

from __future__ import annotations

import re

from agents.contracts import Slots
from fashion.mentions import find_mentions
from graphs.references import pattern
from graphs.shown import pieces_of, shown_ids, slots_of
from graphs.spelled import spelled
from graphs.state import TurnState

PICTURED = ("generate_image", "try_on")
"""Routes that may picture an item which another route of the same turn finds."""


def found_ids(state: TurnState) -> list[str]:
    """The items that this turn found so far, in order."""
    return [
        card["id"]
        for outcome in state.get("outcomes") or []
        for card in (outcome["result"] or {}).get("items", [])
    ]


def found_outfit(state: TurnState) -> list[str]:
    """The pieces of the outfit that this turn found, behind the items it was built around; empty for none."""
    for outcome in state.get("outcomes") or []:
        result = outcome["result"] or {}
        if result.get("outfit"):
            pieces = [card["id"] for card in result.get("items", []) if card["id"] != result.get("bolder")]
            return list(dict.fromkeys([*(outcome["arguments"].get("item_ids") or []), *pieces]))
    return []


def shown_outfit(state: TurnState, slots: Slots) -> list[str]:
    """The pieces of the outfit at work, where a message means it and no piece of it; empty for any other message."""
    worn = [card["id"] for card in state.get("look") or []]
    if not worn and state.get("outfit"):
        worn = pieces_of(state)
    if not worn or _names_a_thing(state):
        return []
    return worn if all_meant(state) or (state.get("outfit") and points_barely(state, slots)) else []


def all_meant(state: TurnState) -> bool:
    """Whether all that was shown or found is to be pictured ("all of it", "the whole look")."""
    return re.search(pattern("whole_shown"), spelled(state), re.IGNORECASE) is not None


def points_barely(state: TurnState, slots: Slots) -> bool:
    """Whether a message picks none of the items shown: it says "it" or "that", or nothing at all."""
    text = spelled(state)
    if slots.item_ids and slots.item_ids != shown_ids(state)[:1]:
        return False
    if re.search(pattern("picks_one"), text, re.IGNORECASE):
        return False
    titles = [card.get("title", "") for card in state.get("shown") or []]
    named = any(title and title.lower() in text.lower() for title in titles)
    return not named and all(reference.kind == "that" for reference in find_mentions(text).references)


def _names_a_thing(state: TurnState) -> bool:
    asked, said = slots_of(state), find_mentions(spelled(state))
    traits = said.colors or said.patterns or said.materials
    return bool(asked.categories or asked.groups or said.categories or said.groups or traits)
