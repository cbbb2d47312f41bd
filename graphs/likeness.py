"""Others like an item that was shown and is named by its whole title: "something similar to the Green Wool Coat"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.contracts import RouteRequest, Slots
from fashion.lexicon import scan, tokenize
from graphs.asides import slots_for
from graphs.references import pattern
from graphs.state import Json, TurnState

_SOUGHT_BY = {"search", "alternatives", "recommend", "personalize", "describe", "clarify", "out_of_scope"}
_STAND_IN = " it "


def others_like(state: TurnState, request: RouteRequest, routes: Sequence[str]) -> Slots | None:
    """The slots of a message that asks for others like an item shown; None for any other message.

    The words of the title say which item is meant. They are no wishes: as filters they would find that very item.
    """
    if not set(routes) <= _SOUGHT_BY or state["image_ids"]:
        return None
    meant = _titled(state, request.text)
    if not meant:
        return None
    text = request.text
    for title in {card["title"] for card in meant}:
        text = re.sub(rf"(?:\b(?:the|that|this|your) )?{re.escape(title)}", _STAND_IN, text, flags=re.I)
    rest = " ".join(text.split())
    if not _asks_for_likes(rest) or re.search(pattern("denied"), rest, re.IGNORECASE):
        return None
    slots = slots_for(request.model_copy(update={"text": rest}), ["alternatives"])
    return slots.model_copy(update={"item_ids": list(dict.fromkeys(card["id"] for card in meant))})


def _titled(state: TurnState, text: str) -> list[Json]:
    """The items shown whose whole title is in the text, without those whose title is only part of a longer one."""
    cards = [*(state.get("shown") or []), *(state.get("earlier") or [])]
    named = [card for card in cards if card["title"] and card["title"].lower() in text.lower()]
    longest = {card["title"] for card in named}
    parts = {one for one in longest for other in longest if one != other and one.lower() in other.lower()}
    return [card for card in named if card["title"] not in parts]


def _asks_for_likes(rest: str) -> bool:
    if re.search(pattern("like_it"), rest, re.IGNORECASE):
        return True
    tokens = tokenize(rest)
    kinds = [match for match in scan(tokens) if match.kind in ("category", "group")]
    return any(tokens[match.end : match.end + 2] == ["like", _STAND_IN.strip()] for match in kinds)
