"""A price for the whole outfit: when a message means that, and what it leaves for a piece that is to be changed."""

from __future__ import annotations

import re
from collections.abc import Collection

from agents.contracts import Slots
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import TurnState


def with_total(slots: Slots, state: TurnState) -> Slots:
    """The slots, with a highest price that is meant for the sum of an outfit as `max_total`.

    "An outfit for 200" and, with an outfit shown or no kind of thing named, "200 in total" mean the sum; "nothing over 80"
    and "80 each" mean each piece.
    """
    text = spelled(state)
    if re.search(pattern("each_piece"), text, re.IGNORECASE):
        return slots
    in_total = re.search(pattern("in_total"), text, re.IGNORECASE) is not None
    one_kind = slots.categories or slots.groups or slots.item_ids
    if one_kind or not (slots.whole_outfit or in_total):
        return slots
    stated = re.search(pattern("amount_in_total"), text, re.IGNORECASE)
    total = slots.max_price or (float(stated.group(1).replace(",", "")) if stated else None)
    if total is None:
        return slots
    return slots.model_copy(
        update={"max_total": total, "max_price": None, "min_price": None, "target_price": None}
    )


def left_for(total: float, state: TurnState, changed: Collection[str]) -> float | None:
    """What a limit for the sum leaves for the pieces of the outfit that are to be changed; None without an outfit."""
    pieces = state.get("look") or []
    if not pieces:
        return None
    kept = sum(float(card["price"]) for card in pieces if card["id"] not in changed)
    return max(0.0, round(total - kept, 2))
