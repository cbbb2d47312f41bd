"""What holds of a message whatever the router says: it is read beside what was shown, asked and sent before."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.contracts import RoutePlan, RouteRequest, Slots
from agents.cues import feedback_of
from agents.phrasing import Phrases, listed
from fashion.implied import implied_ended
from fashion.lexicon import tokenize
from graphs.asides import MOST_NAMED, read_aside
from graphs.codes import with_codes
from graphs.in_context import in_context, without_praise
from graphs.pointed import pointed_group
from graphs.references import pattern
from graphs.rules import stated_rule
from graphs.spelled import spelled
from graphs.state import TurnState
from graphs.totals import with_total
from graphs.wishes import ASKING, goes_with_something

MOST_WORDS = 10
"""A longer message says more than which of several it means, or that it likes one."""
SHOWN_WORN = 3
"""So many items are found for one that is to be shown worn: it, and two others to change to."""
_OPINIONS = ("like", "dislike", "bought")
_NAMING = (
    "colors", "not_colors", "patterns", "not_patterns", "materials", "not_materials", "styles", "not_styles",
    "categories", "not_categories", "groups", "not_groups", "item_ids", "size", "max_price", "lifted_colors",
    "lifted_patterns", "lifted_materials", "lifted_categories", "lifted_lengths", "not_lengths",
)  # fmt: skip


def read(state: TurnState, request: RouteRequest, decide: Callable[[RouteRequest], RoutePlan]) -> RoutePlan:
    """The plan of a message in its thread; blocking.

    Args:
        state: The thread, and the message.
        request: The message as the router is given it.
        decide: The router's judgment.
    """
    plan = _answered(state, request, decide) or without_praise(state, request, decide) or decide(request)
    if aside := read_aside(plan, state, request):
        return aside
    plan = in_context(_settled(plan, state), state, request)
    plan = plan.model_copy(update={"slots": with_codes(with_total(plan.slots, state), state)})
    if question := _what_to_wear(plan, state):
        return plan.model_copy(update={"routes": ["clarify"], "question": question})
    if question := _what_is_meant(plan, state):
        return plan.model_copy(update={"routes": ["clarify"], "question": question})
    question = _which_one(plan, state)
    return plan.model_copy(update={"question": question}) if question else plan


def _answered(
    state: TurnState, request: RouteRequest, decide: Callable[[RouteRequest], RoutePlan]
) -> RoutePlan | None:
    """The plan of a message that says which of the items shown was meant ("love it" - "the second")."""
    if state.get("asked") != ["feedback"] or len(state["text"].split()) > MOST_WORDS:
        return None
    plan = decide(request.model_copy(update={"text": f"{state.get('asked_text', '')}: {state['text']}"}))
    return plan if list(plan.routes) == ["feedback"] and plan.slots.item_ids else None


def _which_one(plan: RoutePlan, state: TurnState) -> str | None:
    """The question back where a liking could be of any of the items shown."""
    slots, shown, text = plan.slots, state.get("shown") or [], spelled(state)
    if list(plan.routes) != ["feedback"] or len(shown) < 2 or state["image_ids"]:
        return None
    if (
        slots.lifted
        or (slots.feedback or "like") not in _OPINIONS
        or any(getattr(slots, name) for name in _NAMING)
    ):
        return None
    pointing = re.search(pattern("pointing"), text, re.IGNORECASE)
    every = re.search(pattern("all_of_them"), text, re.IGNORECASE)
    if not pointing or every or len(text.split()) > MOST_WORDS or stated_rule(slots, text):
        return None
    things = [f"the {card['title']}" for card in shown]
    named = things[:MOST_NAMED] + (["another one"] if len(things) > MOST_NAMED else [])
    kind = "like" if slots.feedback == "like" else "other"
    return Phrases(text).say("which_one", kind, things=listed(named, "or"))


def _what_to_wear(plan: RoutePlan, state: TurnState) -> str | None:
    """The question back where something is to be shown worn, and nothing was named or shown."""
    if list(plan.routes) != ["try_on"] or plan.slots.item_ids or state.get("shown"):
        return None
    return Phrases(state["text"]).say("what_to_wear")


def _what_is_meant(plan: RoutePlan, state: TurnState) -> str | None:
    """The question back where something else than "these" is wanted, and nothing was shown, sent or named."""
    seen = state.get("shown") or state.get("earlier") or state["image_ids"] or state.get("pictures")
    if list(plan.routes) != ["alternatives"] or seen or any(getattr(plan.slots, name) for name in _NAMING):
        return None
    pointing = re.search(pattern("pointing"), spelled(state), re.IGNORECASE)
    return Phrases(state["text"]).say("what_is_meant") if pointing else None


def _settled(plan: RoutePlan, state: TurnState) -> RoutePlan:
    if state.get("pending") == "forget" and plan.slots.confirmed is True:
        # A yes means what waits for it.
        slots = plan.slots.model_copy(update={"history_action": "forget"})
        return plan.model_copy(update={"routes": ["history"], "slots": slots, "question": None})
    routes: list[str] = list(plan.routes)
    slots = plan.slots
    if state["image_ids"] and "search" in routes and goes_with_something(spelled(state)):
        # What must go with the picture is no look-up of things like it.
        routes = ["recommend" if route == "search" else route for route in routes]
    if "search" in routes and ("recommend" in routes or "personalize" in routes):
        # Both would look for the same things.
        routes.remove("search")
    erases = "history" in routes and slots.history_action == "forget"
    told = spelled(state).replace("’", "'")
    forgets = re.search(pattern("forgets_a_rule"), told, re.IGNORECASE) is not None
    forgets = forgets and bool({"feedback", "clarify", "chat"} & set(routes))
    if (erases or forgets) and (lifted := _taken_back(slots)):
        # "Forget that I avoid leather" is about that rule; it erases nothing else.
        routes = ["feedback" if route in ("history", "clarify", "chat") else route for route in routes]
        slots = slots.model_copy(update=lifted)
    asking = {"clarify", "chat", "history"} & set(routes)
    if (erases or asking) and implied_ended(tokenize(spelled(state))):
        # So is "forget that I'm vegan" about what that implied.
        routes = ["feedback" if route in asking else route for route in routes]
        slots = slots.model_copy(update={"history_action": None})
    if "try_on" in routes and not slots.item_ids and (meant := pointed_group(state, slots)):
        # "The shoes" to be shown worn are those of what was shown.
        slots = slots.model_copy(update={"item_ids": meant, "groups": []})
    named = (slots.categories or slots.groups) and not slots.item_ids
    if "try_on" in routes and named and not any(route in ASKING for route in routes):
        # The thing that is named is found first; what was shown before is another.
        routes.insert(routes.index("try_on"), "search")
        slots = slots.model_copy(update={"count": SHOWN_WORN})
    if slots.whole_outfit and "alternatives" in routes and not slots.item_ids and not slots.directions:
        routes = ["recommend" if route == "alternatives" else route for route in routes]
    no_opinion = routes == ["feedback"] and feedback_of(tokenize(spelled(state))) is None
    doubtful = "clarify" in routes or no_opinion or (routes == ["alternatives"] and not _wishing(slots))
    if doubtful:
        slots = _going_back(slots, spelled(state))
    if doubtful and slots.shown_before and (state.get("shown") or state.get("earlier")):
        # What was shown is shown again.
        routes = ["search"]
    elif no_opinion and slots.item_ids and _asks(spelled(state)):
        # A question about an item is no opinion of it.
        routes = ["describe"]
    routes, slots = _with_board(routes, slots, state)
    if routes == list(plan.routes) and slots is plan.slots:
        return plan
    changes = {"routes": list(dict.fromkeys(routes)), "slots": slots, "question": None, "readings": []}
    return plan.model_copy(update=changes)


def _taken_back(slots: Slots) -> dict[str, object]:
    """What a message that forgets something names, as what it lifts; empty where it names nothing."""
    changes: dict[str, object] = {}
    for name in ("colors", "patterns", "materials", "categories"):
        if values := list(dict.fromkeys([*getattr(slots, name), *getattr(slots, f"not_{name}")])):
            changes |= {f"lifted_{name}": values, name: [], f"not_{name}": []}
    if lengths := [*([slots.length] if slots.length else []), *slots.not_lengths]:
        changes |= {"lifted_lengths": lengths, "length": None, "not_lengths": []}
    return changes | {"history_action": None} if changes else {}


def _wishing(slots: Slots) -> bool:
    """Whether a message states anything but which items it is about."""
    return bool(slots.model_dump(exclude_defaults=True, exclude={"item_ids", "shown_before"}))


def _going_back(slots: Slots, text: str) -> Slots:
    """What "go back to the first ones" means is no item of the last answer."""
    match = re.search(pattern("going_back"), text, re.IGNORECASE)
    if match is None:
        return slots
    first = "first" in match.group().lower()
    return Slots(shown_before="first" if first else "previous")


def _asks(text: str) -> bool:
    return re.search(pattern("asking"), text, re.IGNORECASE) is not None


def _with_board(routes: list[str], slots: Slots, state: TurnState) -> tuple[list[str], Slots]:
    """A board is a drawing of what was shown; with nothing shown, of an outfit that is found first."""
    if not (slots.board or re.search(pattern("board"), spelled(state), re.IGNORECASE)):
        return routes, slots
    slots = slots.model_copy(update={"board": True})
    routes = [route for route in routes if route not in ("clarify", "out_of_scope", "chat", "describe")]
    if not state.get("shown") and not any(route in ASKING for route in routes):
        routes.append("recommend")
        slots = slots.model_copy(update={"whole_outfit": True})
    return [*routes, *([] if "generate_image" in routes else ["generate_image"])], slots


def shown_again(state: TurnState, slots: Slots) -> list[str]:
    """The ids of items that a message only asks to see again ("what you showed first"); empty for any other message."""
    asked = slots.model_dump(exclude_defaults=True, exclude={"item_ids", "shown_before", "confirmed"})
    if slots.shown_before is None or asked:
        return []
    known = {card["id"] for card in [*(state.get("earlier") or []), *(state.get("shown") or [])]}
    if slots.item_ids and set(slots.item_ids) <= known:
        return slots.item_ids
    earlier = [card for card in state.get("earlier") or [] if card.get("turn") is not None]
    turns = sorted({card["turn"] for card in earlier})
    if not turns:
        return [card["id"] for card in state.get("shown") or []]
    meant = turns[0] if slots.shown_before == "first" else turns[-1]
    ids = [card["id"] for card in earlier if card["turn"] == meant]
    return [one for one in ids if one in slots.item_ids] or ids
