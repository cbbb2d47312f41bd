"""Which items of this thread a group or kind of thing means: "the bag", "those shoes", "the coats again"."""

from __future__ import annotations

import re

from agents.contracts import Slots
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import Json, TurnState


def pointed_group(state: TurnState, slots: Slots) -> list[str]:
    """The items shown that "the bag" or "those shoes" means: of the latest answer that had any; empty for none."""
    groups = [*slots.groups, *slots.not_groups]
    if not groups or not re.search(pattern("pointed_group"), spelled(state), re.IGNORECASE):
        return []
    kinds = {name for group in groups for name in GROUPS.get(group, ())}
    worn = [card["id"] for card in state.get("look") or [] if card["category"] in kinds]
    return worn or _latest(state, kinds)


def shown_again_of_kind(state: TurnState, slots: Slots) -> list[str]:
    """The items that "show me the coats again" means; empty for any other message."""
    if (
        not re.search(pattern("show_again"), spelled(state), re.IGNORECASE)
        or slots.shown_before
        or slots.directions
    ):
        return []
    groups = {name for group in slots.groups for name in GROUPS.get(group, ())}
    kinds = {*slots.categories, *groups}
    traits = (slots.colors, slots.materials, slots.patterns, slots.max_price, slots.size, slots.lifted)
    return [] if any(traits) else _latest(state, kinds)


def _latest(state: TurnState, kinds: set[str]) -> list[str]:
    """The items of some kinds (of any, for none) that were shown last."""
    now: list[Json] = [card | {"turn": state.get("shown_turn") or 0} for card in state.get("shown") or []]
    cards = [*(state.get("earlier") or []), *now]
    of_kind = [card for card in cards if not kinds or card["category"] in kinds]
    pick = min if re.search(pattern("first_again"), spelled(state), re.IGNORECASE) else max
    last = pick((card.get("turn") or 0 for card in of_kind), default=None)
    found = [
        card["id"] for card in of_kind if (card.get("turn") or 0) == last and card["category"] in CATEGORIES
    ]
    return list(dict.fromkeys(found))
