"""From routes to tool calls, as pure functions of the state: what runs side by side, with what."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.contracts import Slots
from agents.cues import directions_of
from agents.item_questions import asks_for_size, asks_how_many
from fashion.garment import Garment
from fashion.lexicon import tokenize
from fashion.vocabulary import CATEGORIES, GROUPS, slot_of
from graphs.drawn import like_drawing, redrawn_words, with_drawing
from graphs.noting import notes_of
from graphs.pictured import PICTURED, all_meant, found_ids, found_outfit, points_barely, shown_outfit
from graphs.readings import shown_again
from graphs.references import pattern
from graphs.rules import ALLOW
from graphs.shown import (
    pieces_of,
    points,
    same_outfit,
    seen_of,
    shown_ids,
    shown_of_kind,
    slots_of,
    to_match,
    whole_outfit_meant,
)
from graphs.spelled import spelled
from graphs.state import Call, Json, TurnState
from graphs.totals import left_for
from graphs.wishes import arguments_of
from tools.redrawing import redrawn
from tools.sight import Seen
from tools.targets import split_anchor
from tools.try_on import MOST_GIVEN as MOST_WORN
from tools.wishes import Wishes

OUTFIT_PIECES = 6
"""A whole outfit: five places and a bolder choice."""
MOST_EXCLUDED = 24
MOST_RECALLED = 100
"""What is known of a person is summed up from so many notes, the latest."""
MOST_REQUESTED = 2000
"""So many characters of a message are passed on to a tool, as `tools.wishes` allows."""
WRITES = ("history", "feedback")
"""Routes served first, one after the other: what follows may rest on what they wrote."""
TALK = ("chat", "clarify", "out_of_scope")
"""Routes that need no tool."""


def waves_of(routes: Sequence[str], slots: Slots) -> list[list[str]]:
    """Order routes into waves; the routes of one wave do not depend on each other."""
    working = [route for route in dict.fromkeys(routes) if route not in TALK]
    waves = [[route] for route in working if route in WRITES]
    readers = [route for route in working if route not in WRITES and route not in PICTURED]
    pictured = [route for route in working if route in PICTURED]
    if readers and pictured and (slots.whole_outfit or not slots.item_ids):
        return [*waves, readers, pictured]
    return [*waves, [*readers, *pictured]] if readers or pictured else waves


def calls_of(state: TurnState, routes: list[str]) -> list[Call]:
    """The tool calls of one wave, numbered on from those made before."""
    first = len(state.get("outcomes") or [])
    slots = Slots(**state["slots"])
    calls: list[Call] = []
    requests = [(route, *one) for route in routes for one in _requests(route, state, slots)]
    for origin, tool, arguments in requests:
        index = first + len(calls)
        key = f"{state['turn_key']}/{index}"
        if tool == "generate_image":
            # The same words later give another picture; the same turn run again gives the same one.
            words = f"{state['turn']}/{index}/{state['text']}"
            arguments["seed"] = zlib.crc32(words.encode()) & 0x7FFFFFFF
        calls.append(Call(index=index, tool=tool, route=origin, arguments=arguments, effect_key=key))
    return calls


def pictures_at_hand(state: TurnState, call: Call) -> list[str]:
    """The pictures a call is about: this turn's, else the thread's latest where they are still meant."""
    if state["image_ids"] or call["tool"] not in ("recommend", "personalize"):
        return state["image_ids"] or state.get("pictures") or []
    if call["arguments"].get("item_ids") or with_drawing(state):
        return []
    if points(spelled(state)) or slots_of(state).about_picture:
        return state.get("pictures") or []
    asked = slots_of(state)
    _, named = split_anchor(spelled(state), Wishes())
    if named and not {one.category for one in named} & {one.category for one in seen_of(state)}:
        return []
    return [] if asked.occasion or _same_place(asked, seen_of(state)) else state.get("pictures") or []


def _same_place(asked: Slots, seen: list[Seen]) -> bool:
    """Whether what is asked is worn where the things seen are: then it is not meant to go with them."""
    wanted = {*asked.categories, *(name for group in asked.groups for name in GROUPS.get(group, ()))}
    places = {slot_of(Garment(name, "black")) for name in wanted}
    known = [one.category for one in seen if one.category]
    taken = {slot_of(Garment(name, "black")) for name in known if name in CATEGORIES}
    return bool(places & taken) or bool("body" in places and taken & {"torso", "legs"})


def request_of(state: TurnState) -> str:
    """The words of a request; the answer to a question of ours comes with the message that was asked about.

    They are as typed, so that names stay as they are, but for a misspelled word of what the answer must go with.
    """
    routes = state["plan"]["routes"]
    answered = state.get("asked_text") and any(route in (state.get("asked") or []) for route in routes)
    if answered:
        return f"{state['asked_text']} {state['text']}"[-MOST_REQUESTED:]
    typed, mended = state["text"], spelled(state)
    slipped = split_anchor(typed, Wishes()) != split_anchor(mended, Wishes())
    return (mended if slipped else typed)[:MOST_REQUESTED]


def _recommend(tool: str) -> Callable[[TurnState, Slots], tuple[str, Json]]:
    def arguments(state: TurnState, slots: Slots) -> tuple[str, Json]:
        ids = slots.item_ids or to_match(state, slots)
        call: Json = {"request": request_of(state), "item_ids": ids} | arguments_of(slots)
        if beside := with_drawing(state):
            call |= {"request": beside[:MOST_REQUESTED], "item_ids": []}
        if slots.whole_outfit:
            call |= {"whole_outfit": True, "limit": OUTFIT_PIECES}
        if slots.count:
            call["limit"] = slots.count
        if slots.max_total is not None:
            call |= _within_total(slots, state)
        return tool, call

    return arguments


def _within_total(slots: Slots, state: TurnState) -> Json:
    """The limit for the sum, and for one more piece beside the outfit shown what the sum leaves."""
    total = slots.max_total or 0.0
    if slots.whole_outfit or not (slots.categories or slots.groups):
        return {"max_total": total}
    groups = {*slots.groups, *(CATEGORIES[name].group for name in slots.categories if name in CATEGORIES)}
    cards = state.get("look") or []
    changed = {card["id"] for card in cards if CATEGORIES[card["category"]].group in groups}
    left = left_for(total, state, changed)
    return {} if left is None else {"max_price": min(left, slots.max_price or left)}


def _alternatives(state: TurnState, slots: Slots) -> tuple[str, Json]:
    if same_outfit(state, slots) and slots_of(state).model_dump(exclude_defaults=True):
        tool, call = _recommend("recommend")(state, slots.model_copy(update={"whole_outfit": True}))
        return tool, call | {"exclude_ids": (state.get("refused") or [])[-MOST_EXCLUDED:]}
    meant = slots.item_ids or shown_of_kind(state) or shown_ids(state)
    if not meant:
        # Nothing was shown that could be changed, so that this is a first recommendation.
        return _recommend("recommend")(state, slots)
    asked = slots_of(state)
    wishes = arguments_of(slots) | {"categories": asked.categories, "groups": asked.groups}
    whole = whole_outfit_meant(state, slots)
    if whole:
        meant = pieces_of(state)
    elif slots.max_total is not None and (left := left_for(slots.max_total, state, meant)) is not None:
        wishes["max_price"] = min(left, slots.max_price or left)
    refused = list(dict.fromkeys([*(state.get("refused") or []), *shown_ids(state)]))
    return "suggest_alternatives", {
        "item_ids": meant,
        "direction": slots.direction,
        "directions": slots.directions,
        "request": request_of(state),
        "refused_ids": [item_id for item_id in refused if item_id not in meant][-200:],
        "goes_with": (state.get("seen") or [])[:8],
        "whole_outfit": whole,
        "max_total": slots.max_total if whole else None,
    } | wishes


def _generate_image(state: TurnState, slots: Slots) -> tuple[str, Json]:
    if words := redrawn_words(state):
        return "generate_image", {"prompt": words[:400]}
    found = found_ids(state)
    if slots.board:
        bolder = {(outcome["result"] or {}).get("bolder") for outcome in state.get("outcomes") or []}
        look = [card["id"] for card in state.get("look") or []]
        pieces = [one for one in found if one not in bolder] or look or pieces_of(state)
        picked = [] if points_barely(state, slots) else slots.item_ids
        if laid := (found_outfit(state) or picked or pieces)[:8]:
            return "generate_image", {"board_of": laid}
    outfit = found_outfit(state) or (shown_outfit(state, slots) if points(spelled(state)) else [])
    if outfit:
        # Single pieces are drawn; an outfit is laid out.
        return "generate_image", {"board_of": outfit[:8]}
    if slots.item_ids:
        return "generate_image", {"item_id": slots.item_ids[0], "prompt": state["text"][:400]}
    asked = slots_of(state)
    if found and any(
        route in state["plan"]["routes"] for route in ("recommend", "personalize", "alternatives", "search")
    ):
        return "generate_image", {"item_id": found[0], "prompt": ""}
    if not (asked.categories or asked.groups) and (shown := shown_ids(state)) and points(spelled(state)):
        return "generate_image", {"item_id": shown[0], "prompt": state["text"][:400]}
    if re.search(pattern("this_thing"), spelled(state), re.IGNORECASE):
        if of_kind := shown_of_kind(state):
            return "generate_image", {"item_id": of_kind[0], "prompt": state["text"][:400]}
        if words := next((one.words() for one in seen_of(state) if one.category in asked.categories), None):
            # The thing in the picture that was sent before.
            return "generate_image", {"prompt": redrawn(words, spelled(state))[:400]}
    return "generate_image", {"prompt": state["text"][:400]}


def _try_on(state: TurnState, slots: Slots) -> tuple[str, Json]:
    if not (worn := found_outfit(state) or shown_outfit(state, slots)):
        every = found_ids(state) or shown_ids(state)
        worn = slots.item_ids or (every if all_meant(state) else every[:1])
    call: Json = {"item_ids": worn[:MOST_WORN]}
    if re.search(pattern("mannequin"), spelled(state), re.IGNORECASE):
        call["on"] = "mannequin"
    return "try_on", call


def _search(state: TurnState, slots: Slots) -> tuple[str, Json]:
    asked = slots_of(state)
    if asks_how_many(spelled(state), kind_named=bool(asked.categories or asked.groups)):
        # What the shop has is counted, whatever was wished for before.
        return "search_catalog", {"count": True, "limit": 6} | arguments_of(asked)
    call: Json = {
        "text": like_drawing(state) or _without_shop(request_of(state)),
        "like_picture": _like_picture(state),
        "limit": slots.count or 6,
    }
    if call["like_picture"] and "cheaper" in directions_of(tokenize(spelled(state))):
        call |= {"cheaper": True, "cheaper_than_ids": shown_ids(state)[:MOST_EXCLUDED]}
    return "search_catalog", call | arguments_of(slots)


def _without_shop(request: str) -> str:
    """As in "a bag in the shop": where it is looked for is no word of the thing, and a shopper is another one."""
    return re.sub(pattern("in_the_shop"), "", request, flags=re.IGNORECASE).strip() or request


def _like_picture(state: TurnState) -> bool:
    """Whether things like those in the picture are meant; a photo to try something on in shows the person."""
    return bool(state["image_ids"]) and "try_on" not in state["plan"]["routes"]


def _describe(state: TurnState, slots: Slots) -> tuple[str, Json]:
    meant = slots.item_ids if not state["image_ids"] else []
    return "describe_item", {"item_id": meant[0]} if meant else {}


def _requests(route: str, state: TurnState, slots: Slots) -> list[tuple[str, Json]]:
    """The calls of one route."""
    if route == ALLOW:
        return [("record_feedback", dict(one)) for one in state.get("allowances") or []]
    if route == "search" and (again := shown_again(state, slots_of(state))):
        left_out = {one["id"] for one in state.get("left_out") or []}
        return [("get_product", {"item_id": item_id}) for item_id in again if item_id not in left_out]
    if route == "describe" and not state["image_ids"] and _asks_for_size(state):
        return [("get_product", {"item_id": item_id}) for item_id in slots_of(state).item_ids]
    return notes_of(state) if route == "feedback" else [_ROUTES[route](state, slots)]


def _asks_for_size(state: TurnState) -> bool:
    return asks_for_size(spelled(state), pointed=bool(slots_of(state).item_ids))


def _history(state: TurnState, slots: Slots) -> tuple[str, Json]:
    action = slots.history_action or ("forget" if slots.confirmed else "show")
    if action == "forget":
        return "forget_history", {"confirm": state.get("pending") == "forget" and slots.confirmed is True}
    return "recall_history", {"action": action} | ({"limit": MOST_RECALLED} if action == "show" else {})


_ROUTES: Mapping[str, Callable[[TurnState, Slots], tuple[str, dict[str, Any]]]] = {
    "recommend": _recommend("recommend"),
    "personalize": _recommend("personalize"),
    "alternatives": _alternatives,
    "generate_image": _generate_image,
    "try_on": _try_on,
    "search": _search,
    "describe": _describe,
    "history": _history,
}
