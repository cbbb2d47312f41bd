"""Messages about what was shown that no route is made for, put on the route that can answer them.

To buy an item and to ask for its size become a look at its record, to ask how many there are a count of the catalog, and a
place that was not shown ("the tenth one" of six) a question back. The router cannot tell these: it knows twelve routes.
"""

from __future__ import annotations

from agents.contracts import Route, RoutePlan, RouteRequest, Slots
from agents.features import understood
from agents.item_questions import (
    asks_for_size,
    asks_how_many,
    asks_to_buy,
    asks_what_stands,
    asks_why,
    place_named,
    place_word,
)
from agents.phrasing import Phrases, listed, number
from agents.slots import fill_slots
from graphs.spelled import spelled
from graphs.state import TurnState

MOST_SIZED = 3
"""So many items are told the sizes of, where a question about sizes names none."""
MOST_NAMED = 4
"""So many items are named in a question."""
_CHANGING = (
    "colors", "materials", "patterns", "styles", "directions", "max_price", "min_price", "size", "length", "sleeve"
)  # fmt: skip
_POINTED_ROUTES: frozenset[Route] = frozenset(
    (
        "feedback",
        "try_on",
        "generate_image",
        "describe",
        "alternatives",
        "clarify",
        "out_of_scope",
        "recommend",
        "chat",
    )
)


def read_aside(plan: RoutePlan, state: TurnState, request: RouteRequest) -> RoutePlan | None:
    """The plan of such a message; None for any other."""
    text = spelled(state)
    if state["image_ids"] or state.get("pending"):
        return None
    if question := _not_shown(plan, state):
        routes: list[Route] = ["feedback"] if plan.routes == ["feedback"] else ["clarify"]
        return plan.model_copy(update={"routes": routes, "question": question, "readings": []})
    if asks_what_stands(text):
        return _planned(plan, ["history"], Slots(history_action="show"))
    pointing = slots_for(request, ["describe"])
    meant = pointing.item_ids
    if asks_to_buy(text, pointed=bool(meant)) and not any(getattr(pointing, name) for name in _CHANGING):
        routes = ["describe"] if meant else ["out_of_scope"]
        return _planned(plan, routes, Slots(item_ids=meant[:1]))
    shown_ids = [card["id"] for card in state.get("shown") or []]
    if asks_why(text) and shown_ids and "chat" not in plan.routes:
        return _planned(plan, ["describe"], Slots(item_ids=(meant or shown_ids)[:1]))
    if asks_for_size(text, pointed=bool(meant)):
        shown = meant or shown_ids
        if shown and not (pointing.categories or pointing.groups):
            return _planned(plan, ["describe"], Slots(item_ids=shown[:MOST_SIZED], size=pointing.size))
        return None
    wanted = slots_for(request, ["search"])
    if asks_how_many(text, kind_named=bool(wanted.categories or wanted.groups)):
        return _planned(plan, ["search"], wanted.model_copy(update={"item_ids": [], "count": None}))
    return None


def _not_shown(plan: RoutePlan, state: TurnState) -> str | None:
    """The question back where a place is named that the last answer did not have."""
    shown = state.get("shown") or []
    place = place_named(spelled(state))
    if place is None or not shown or place <= len(shown) or not set(plan.routes) & _POINTED_ROUTES:
        return None
    if plan.slots.item_ids or plan.slots.shown_before:
        return None
    things = [f"the {card['title']}" for card in shown]
    named = things[:MOST_NAMED] + (["another one"] if len(things) > MOST_NAMED else [])
    return Phrases(state["text"]).say(
        "not_shown",
        "one" if len(things) == 1 else "several",
        count=number(len(things)),
        place=place_word(place),
        things=listed(named, "or"),
    )


def slots_for(request: RouteRequest, routes: list[Route]) -> Slots:
    """The slots that a message would have on other routes than the router's."""
    mentions, tokens = understood(request)
    return fill_slots(request, mentions, tokens, routes)


def _planned(plan: RoutePlan, routes: list[Route], slots: Slots) -> RoutePlan:
    return plan.model_copy(update={"routes": routes, "slots": slots, "question": None, "readings": []})
