"""A plan put right by its thread: what was shown, what the message lifts, and what only one of two routes can serve."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.contracts import RoutePlan, RouteRequest, Slots
from agents.cues import held
from fashion.lexicon import tokenize
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.asides import slots_for
from graphs.codes import is_white_mourning
from graphs.references import pattern
from graphs.state import Json, TurnState
from graphs.wishes import ASKING, goes_with_something

_BARE_WORDS = 3
"""An opinion of so few words that names nothing is of all that was shown."""
_CHEAP = (
    "cheaper",
    "cheap",
    "cheapest",
    "less",
    "affordable",
    "expensive",
    "pricey",
    "dear",
    "inexpensive",
    "costly",
)
_KINDS = ("categories", "groups")


def without_praise(
    state: TurnState, request: RouteRequest, decide: Callable[[RouteRequest], RoutePlan]
) -> RoutePlan | None:
    """The plan of a message that begins with praise or thanks and then asks for something; None for any other.

    "Nice. Now boots that go with the first one" asks for boots: the praise is for what was shown, of none in particular.
    """
    rest = re.sub(pattern("praise_first"), "", state["text"], count=1, flags=re.IGNORECASE)
    if not rest or rest == state["text"]:
        return None
    plan = decide(request.model_copy(update={"text": rest}))
    return plan if any(route in ASKING for route in plan.routes) and _wants(plan.slots) else None


def _wants(slots: Slots) -> bool:
    return bool(slots.model_dump(exclude_defaults=True, exclude={"item_ids", "feedback"}))


def in_context(plan: RoutePlan, state: TurnState, request: RouteRequest) -> RoutePlan:
    """The plan as this thread has it."""
    if plan.routes == ["search"] and re.search(pattern("with_shown"), state["text"], re.IGNORECASE):
        # "Boots that go with the first one" must match it.
        matched = slots_for(request, ["recommend"])
        if matched.item_ids and (matched.categories or matched.groups):
            plan = plan.model_copy(update={"routes": ["recommend"], "slots": matched})
    routes: list[str] = list(plan.routes)
    slots = _without_cheaper(plan.slots, state["text"])
    shown = state.get("shown") or []
    named = bool(slots.categories or slots.groups)
    if is_white_mourning(state) and not any(route in ASKING for route in routes):
        routes = ["recommend"]
        slots = Slots(
            colors=slots.colors,
            dress_code=slots.dress_code,
            whole_outfit=not shown or bool(state.get("outfit")),
        )
    if (
        state["image_ids"]
        and routes == ["alternatives"]
        and not slots.item_ids
        and not goes_with_something(state["text"])
    ):
        # "Something like this but cheaper" is about the picture, and not about what was shown before it.
        routes = ["search"]
    if "recommend" in routes and "alternatives" in routes and not slots.item_ids:
        routes.remove("alternatives" if named or not slots.directions else "recommend")
    elsewhere = slots.item_ids or state["image_ids"] or slots.shown_before
    if routes == ["search"] and not named and not elsewhere and (slots.occasion or slots.dress_code):
        # For an occasion an outfit is wanted, and not six of anything.
        routes = ["recommend"]
    if routes == ["clarify"] and shown and re.search(pattern("more"), state["text"], re.IGNORECASE):
        routes, slots = ["alternatives"], Slots(direction="different", directions=["different"])
    words = [token for token in tokenize(state["text"]) if token.isalnum()]
    if (
        routes == ["feedback"]
        and slots.feedback == "dislike"
        and shown
        and len(words) <= _BARE_WORDS
        and not _about(slots)
    ):
        # "Ugly!" asks for others.
        routes, slots = ["alternatives"], Slots(direction="different", directions=["different"])
    if routes == ["feedback"] and not slots.item_ids and (meant := pointed_group(state, slots)):
        slots = slots.model_copy(
            update={name: [] for name in ("categories", "groups", "not_categories", "not_groups")}
            | {"item_ids": meant}
        )
    if not set(routes) & {"feedback", "try_on", "generate_image"} and (
        again := shown_again_of_kind(state, slots)
    ):
        routes, slots = ["search"], Slots(item_ids=again, shown_before="previous")
    if routes == list(plan.routes) and slots == plan.slots:
        return plan
    changes = {"routes": routes, "slots": slots}
    return plan.model_copy(
        update=changes | ({} if routes == list(plan.routes) else {"question": None, "readings": []})
    )


def _about(slots: Slots) -> bool:
    return bool(slots.model_dump(exclude_defaults=True, exclude={"feedback"}))


def _without_cheaper(slots: Slots, text: str) -> Slots:
    """The slots without "cheaper" where only the word "budget" says so: a limit named or lifted is no comparison."""
    limited = "price" in slots.lifted or slots.max_price is not None or slots.max_total is not None
    if "cheaper" not in slots.directions or not limited or held(tokenize(text), _CHEAP):
        return slots
    left = [name for name in slots.directions if name != "cheaper"]
    return slots.model_copy(update={"directions": left, "direction": next(iter(left), None)})


def pointed_group(state: TurnState, slots: Slots) -> list[str]:
    """The items shown that "the bag" or "those shoes" means: of the latest answer that had any; empty for none."""
    groups = [*slots.groups, *slots.not_groups]
    if not groups or not re.search(pattern("pointed_group"), state["text"], re.IGNORECASE):
        return []
    kinds = {name for group in groups for name in GROUPS.get(group, ())}
    worn = [card["id"] for card in state.get("look") or [] if card["category"] in kinds]
    return worn or _latest(state, kinds)


def shown_again_of_kind(state: TurnState, slots: Slots) -> list[str]:
    """The items that "show me the coats again" means; empty for any other message."""
    if (
        not re.search(pattern("show_again"), state["text"], re.IGNORECASE)
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
    pick = min if re.search(pattern("first_again"), state["text"], re.IGNORECASE) else max
    last = pick((card.get("turn") or 0 for card in of_kind), default=None)
    found = [
        card["id"] for card in of_kind if (card.get("turn") or 0) == last and card["category"] in CATEGORIES
    ]
    return list(dict.fromkeys(found))
