"""Messages about the last drawing: the same drawn with a change, or something like it looked up in the shop."""

from __future__ import annotations

import re

from agents.contracts import RouteRequest, Slots
from fashion.lexicon import forgive, scan, tokenize
from fashion.mentions import find_mentions
from graphs.asides import slots_for
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import Drawn, Outcome, TurnState
from tools.drawable import names_another_thing
from tools.redrawing import changes, redrawn

MOST_WORDS = 14
"""A longer message says more than how a drawing is to change."""
_BARE_WORDS = 4
"""A message of so few words that names traits and nothing else is of the drawing just made."""
_LIMITS = ("max_price", "min_price", "target_price", "size", "directions", "direction")


def drawn_after(turn: int, outcomes: list[Outcome]) -> Drawn | None:
    """What a turn drew last, for the thread to keep; None where it drew nothing (a board is not drawn)."""
    for outcome in reversed(outcomes):
        result = outcome["result"] or {}
        if outcome["tool"] == "generate_image" and result.get("images") and not result.get("items"):
            return Drawn(words=result["prompt"], item_id=outcome["arguments"].get("item_id"), turn=turn)
    return None


def redrawn_words(state: TurnState) -> str | None:
    """The words to draw where a message asks for the last drawing again or with a change; None for any other."""
    drawn, text = state.get("drawn"), spelled(state)
    if not drawn or state["image_ids"] or len(text.split()) > MOST_WORDS:
        return None
    again = _says("draws_again", text)
    if not (changes(text) or again) or _says("seeks_in_shop", text) or _names_another(drawn["words"], text):
        return None
    said = find_mentions(text)
    if said.max_price or said.occasion or said.size or said.not_categories:
        return None
    asked_to_draw = _says("draws", text) and (again or _says("drawn_pointed", text))
    if not _is_latest(drawn, state):
        # Items were shown since, which "make it yellow" may mean as well.
        return redrawn(drawn["words"], text) if asked_to_draw and again else None
    bare = len(text.split()) <= _BARE_WORDS and not _says("drawn_no_change", text)
    bare = bare and (again or not names_another_thing(text))
    return redrawn(drawn["words"], text) if asked_to_draw or _says("changes_drawing", text) or bare else None


def like_drawing(state: TurnState) -> str | None:
    """The words to search by where a message wants something like the drawing just made; None for any other."""
    drawn, text = state.get("drawn"), spelled(state)
    if not drawn or drawn["item_id"] or state["image_ids"] or not _is_latest(drawn, state):
        return None
    if _says("draws_it", text) and not _says("seeks_in_shop", text):
        return None
    if not _says("like_drawing", text) or _names_another(drawn["words"], text):
        return None
    return redrawn(drawn["words"], text)


def with_drawing(state: TurnState) -> str | None:
    """The request with the drawing's words where it says "with it" of the drawing just made; None for any other."""
    drawn, text = state.get("drawn"), spelled(state)
    if not drawn or drawn["item_id"] or state["image_ids"] or not _is_latest(drawn, state):
        return None
    if not (found := re.search(pattern("with_this"), text, re.IGNORECASE)):
        return None
    joint = found.group().rsplit(" ", 1)[0]
    return f"{text[: found.start()]}{joint} {drawn['words']}{text[found.end() :]}"


def slots_like_drawing(state: TurnState, request: RouteRequest, words: str) -> Slots:
    """What a search for something like the drawing looks for: what was drawn, within the message's own limits."""
    slots = slots_for(request.model_copy(update={"text": words}), ["search"])
    own = slots_for(request, ["search"])
    return slots.model_copy(
        update={"item_ids": []} | {name: value for name in _LIMITS if (value := getattr(own, name))}
    )


def _is_latest(drawn: Drawn, state: TurnState) -> bool:
    return drawn["turn"] > (state.get("shown_turn") or 0)


def _says(name: str, text: str) -> bool:
    return re.search(pattern(name), text, re.IGNORECASE) is not None


def _names_another(words: str, text: str) -> bool:
    """Whether a message names a thing, unless it points at what was drawn ("the jacket again", "that dress")."""
    told = forgive(tokenize(text))
    things = [one for one in scan(told) if one.kind in ("category", "group")]
    drawn = {token.removesuffix("s") for token in tokenize(words)} | set(find_mentions(words).categories)
    same = all(one.value in drawn or told[one.end - 1].removesuffix("s") in drawn for one in things)
    return bool(things) and not (same and _says("points_at_thing", text))
