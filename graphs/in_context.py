"""A plan put right by its thread: what was shown, what the message lifts, and what only one of two routes can serve."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.contracts import MOMENTARY, Route, RoutePlan, RouteRequest, Slots
from agents.cues import asks_for_the_extreme, asks_to_be_forgotten, directions_of, feedback_of
from agents.item_questions import place_named
from agents.owned import asks_behind, asks_for_something, owned_in, sizes_told
from fashion.lexicon import tokenize
from graphs.asides import slots_for
from graphs.codes import is_white_mourning
from graphs.constraints import BANS, CUTS, PLACES, PRICES, TRAITS
from graphs.drawn import like_drawing, redrawn_words, slots_like_drawing
from graphs.likeness import others_like
from graphs.pictured import PICTURED
from graphs.pointed import pointed_group, shown_again_of_kind
from graphs.questions import asks_own_taste, only_asks
from graphs.references import pattern
from graphs.rules import stated_rule
from graphs.slots_mended import kind_wanted, without_cheaper
from graphs.spelled import spelled
from graphs.state import TurnState
from graphs.wishes import ASKING, goes_with_something

_BARE_WORDS = 3
"""An opinion of so few words that names nothing is of all that was shown."""
_KINDS = ("categories", "groups", "not_categories", "not_groups")


def without_praise(
    state: TurnState, request: RouteRequest, decide: Callable[[RouteRequest], RoutePlan]
) -> RoutePlan | None:
    """The plan of a message that begins with praise or thanks and then asks for something; None for any other.

    "Nice. Now boots that go with the first one" asks for boots: the praise is for what was shown, of none in particular.
    """
    rest = re.sub(pattern("praise_first"), "", spelled(state), count=1, flags=re.IGNORECASE)
    if not rest or rest == spelled(state):
        return None
    plan = decide(request.model_copy(update={"text": rest}))
    return plan if any(route in ASKING for route in plan.routes) and _wants(plan.slots) else None


def _wants(slots: Slots) -> bool:
    return bool(slots.model_dump(exclude_defaults=True, exclude={"item_ids", "feedback"}))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a message comes to so far."""

    routes: tuple[str, ...]
    slots: Slots


_Step = Callable[[_Reading, TurnState, RouteRequest], _Reading]
_DIFFERENT = _Reading(("alternatives",), Slots(direction="different", directions=["different"]))


def in_context(plan: RoutePlan, state: TurnState, request: RouteRequest) -> RoutePlan:
    """The plan as this thread has it."""
    before = reading = _Reading(tuple(plan.routes), plan.slots)
    for step in _STEPS:
        reading = step(reading, state, request)
    if reading == before:
        return plan
    changes: dict[str, object] = {"routes": list(reading.routes), "slots": reading.slots}
    if reading.routes != before.routes:
        changes |= {"question": None, "readings": []}
    return plan.model_copy(update=changes)


def _at_a_place(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """The second of those shown is meant by "the 2nd one"."""
    place, cards = place_named(spelled(state)), state.get("shown") or []
    pointing = set(one.routes) & {"generate_image", "try_on", "describe", "feedback", "alternatives"}
    if not place or place > len(cards) or not pointing or one.slots.item_ids or state["image_ids"]:
        return one
    return replace(one, slots=one.slots.model_copy(update={"item_ids": [cards[place - 1]["id"]]}))


def _like_one_shown(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """Others like the one that is named by its title are alternatives to it, and no look-up of its traits."""
    slots = others_like(state, request, one.routes)
    return one if slots is None else _Reading(("alternatives",), slots)


def _goes_with(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "boots that go with the first one", "shoes for it": advice on what goes with a thing, and no look-up."""
    pictured = bool(state["image_ids"] or state.get("pictures"))
    if one.routes != ("search",) or not (pictured or state.get("shown")):
        return one
    matched = slots_for(request, ["recommend"])
    if not (matched.categories or matched.groups):
        return one
    if matched.item_ids and re.search(pattern("with_shown"), spelled(state), re.IGNORECASE):
        return _Reading(("recommend",), matched)
    if not re.search(pattern("for_shown"), spelled(state), re.IGNORECASE):
        return one
    return _Reading(("recommend",), matched.model_copy(update={"item_ids": []}) if pictured else matched)


def _like_shown(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "similar to the Red Wool Hat": other things like one that was shown, and not that one again."""
    if one.routes not in (("search",), ("describe",)) or not one.slots.item_ids or state["image_ids"]:
        return one
    if not re.search(pattern("like_shown"), spelled(state), re.IGNORECASE):
        return one
    return _Reading(("alternatives",), slots_for(request, ["alternatives"]))


def _slots_put_right(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    slots = kind_wanted(without_cheaper(one.slots, spelled(state)), spelled(state))
    told = re.search(pattern("shoe_size"), spelled(state), re.IGNORECASE)
    if told and slots.groups == ["footwear"] and not slots.categories:
        # The shoe size of somebody who wants to be dressed asks for no shoes alone.
        slots = slots.model_copy(update={"groups": [], "whole_outfit": True})
    return replace(one, slots=slots)


def _customs(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """That mourning is white asks for the outfit in white."""
    if not is_white_mourning(state) or any(route in ASKING for route in one.routes):
        return one
    whole = not state.get("shown") or bool(state.get("outfit"))
    return _Reading(
        ("recommend",), Slots(colors=one.slots.colors, dress_code=one.slots.dress_code, whole_outfit=whole)
    )


def _one_of_two(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """Of routes that would serve the same wish one stays, and nothing is noted without a word of liking."""
    routes, slots = list(one.routes), one.slots
    named = bool(slots.categories or slots.groups)
    beside = goes_with_something(spelled(state))
    if state["image_ids"] and routes == ["alternatives"] and not slots.item_ids and not beside:
        # "Something like this but cheaper" is about the picture, and not about what was shown before it.
        routes = ["search"]
    if "recommend" in routes and "alternatives" in routes:
        routes.remove("alternatives" if named or not slots.directions else "recommend")
    if routes == ["search"] and sizes_told(tokenize(spelled(state))):
        # "38 in shoes and M in tops" tells of the person, unless something is asked for.
        routes = ["search"] if asks_for_something(tokenize(spelled(state))) else ["feedback"]
    if routes in (["feedback"], ["chat"]) and _asks_beside(spelled(state)) and not slots.item_ids:
        routes, slots = ["feedback", "search"], slots_for(request, ["feedback", "search"])
    if "feedback" in routes and len(routes) > 1 and _is_silent(slots, spelled(state)):
        routes.remove("feedback")
    elsewhere = slots.item_ids or state["image_ids"] or slots.shown_before
    if routes == ["search"] and not named and not elsewhere and (slots.occasion or slots.dress_code):
        # For an occasion an outfit is wanted, and not six of anything.
        routes = ["recommend"]
    return replace(one, routes=tuple(routes), slots=slots)


def _for_good(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "never show me anything pink or over 100": who only rules things out with a never states a rule."""
    unsure = len(one.routes) == 1 and set(one.routes) <= {*ASKING, "clarify"}
    if (
        not unsure
        or state["image_ids"]
        or not re.search(pattern("never_shown"), spelled(state), re.IGNORECASE)
    ):
        return one
    slots = slots_for(request, ["feedback"])
    wanted = any(getattr(slots, name) not in (None, []) for name in (*PLACES, *TRAITS, *CUTS))
    ruled = slots.max_price is not None or any(getattr(slots, name) for name in BANS)
    if not ruled or wanted or slots.item_ids:
        return one
    said = feedback_of(tokenize(spelled(state)))
    return _Reading(("feedback",), slots.model_copy(update={"feedback": said or "avoid"}))


def _only_asked(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "what does ana like?", "who likes it?": a question that names no trait tells of no liking."""
    text, slots = spelled(state), one.slots
    named = slots.model_dump(exclude_defaults=True, exclude={"feedback", "item_ids"})
    if one.routes != ("feedback",) or state["image_ids"] or named or not only_asks(text):
        return one
    if slots.item_ids:
        opinion = slots.feedback in ("like", "dislike")
        return _Reading(("describe",), Slots(item_ids=slots.item_ids[:1])) if opinion else one
    if asks_own_taste(text):
        return _Reading(("history",), Slots(history_action="show"))
    return _Reading(("chat",), Slots())


def _asks_beside(text: str) -> bool:
    """As in "I already own black boots, show me brown ones": more is asked for behind what the person has."""
    tokens = tokenize(text)
    return any(asks_behind(tokens, owned) for owned in owned_in(tokens))


def _about_what_was_shown(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """Short messages that can only be of what was shown, however sure the router is of something else."""
    if not state.get("shown"):
        return one
    text = spelled(state)
    words = [token for token in tokenize(text) if token.isalnum()]
    short = len(words) <= _BARE_WORDS
    if one.routes == ("clarify",) and re.search(pattern("more"), text, re.IGNORECASE):
        return _DIFFERENT
    settled = state.get("asked") or state["image_ids"] or set(one.routes) & {"describe", "feedback", "try_on"}
    if not settled and asks_for_the_extreme(words):
        # "And the most expensive?"
        return _Reading(("describe",), slots_for(request, ["describe"]))
    if one.routes == ("clarify",) and short and directions_of(words):
        return _Reading(("alternatives",), slots_for(request, ["alternatives"]))
    if _is_a_wish(one.routes, one.slots, state):
        # "Not black or grey" is a wish, whatever else it may look like.
        return _Reading(("alternatives",), slots_for(request, ["alternatives"]))
    ugly = one.routes == ("feedback",) and one.slots.feedback == "dislike" and not _about(one.slots)
    return _DIFFERENT if ugly and short else one


def _taken_back(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "forget the 80 limit": what was shown is looked for again without it, and nothing else is forgotten."""
    limits = [kind for kind in one.slots.lifted if kind != "everything"]
    shown = bool(state.get("shown"))
    others = {*ASKING, "generate_image", "try_on"} - ({"alternatives"} if not shown else set())
    if not limits or set(one.routes) & others or state["image_ids"]:
        return one
    sought = any(row["field"] in PLACES for row in state.get("constraints") or [])
    route: Route = "alternatives" if shown else "search" if sought else "chat"
    slots = slots_for(request, [route])
    # What the router heard counts too: one that reads other languages hears more than the words here do.
    heard = one.slots.model_dump(exclude_defaults=True, exclude=set(MOMENTARY))
    named = slots.model_dump(exclude_defaults=True, exclude={"lifted", "item_ids"})
    return one if heard or named else _Reading((route,), slots)


def _afresh(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "start over": all that was asked for falls, and nothing is asked for yet."""
    tokens = tokenize(spelled(state))
    if "everything" not in one.slots.lifted or state.get("pending") or state["image_ids"]:
        return one
    wanted = slots_for(request, ["search"]).model_dump(exclude_defaults=True, exclude={"lifted", "item_ids"})
    heard = one.slots.model_dump(exclude_defaults=True, exclude=set(MOMENTARY))
    if wanted or heard or asks_to_be_forgotten(tokens):
        return one
    return _Reading(("chat",), Slots(lifted=["everything"]))


def _pointing(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """Kinds of thing that point: "I hate the bag" means the one shown, "the coats again" those shown before."""
    opinion = "feedback" in one.routes and not _is_silent(one.slots, spelled(state))
    if one.routes == ("feedback",) and opinion and not one.slots.item_ids:
        meant = pointed_group(state, one.slots)
        kinds: dict[str, list[str]] = {name: [] for name in _KINDS}
        return replace(one, slots=one.slots.model_copy(update=kinds | {"item_ids": meant})) if meant else one
    if opinion or set(one.routes) & {"try_on", "generate_image"}:
        return one
    again = shown_again_of_kind(state, one.slots)
    return _Reading(("search",), Slots(item_ids=again, shown_before="previous")) if again else one


def _of_the_drawing(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "now make it yellow" and "find something like it" after a drawing, which is neither shown nor sent."""
    if set(one.routes) & {"history", "try_on"}:
        return one
    if words := like_drawing(state):
        return _Reading(("search",), slots_like_drawing(state, request, words))
    return _Reading(("generate_image",), Slots()) if redrawn_words(state) else one


def _found_here(one: _Reading, state: TurnState, request: RouteRequest) -> _Reading:
    """As in "an outfit for a wedding, and draw it": "it" is what this message asks for, and not what was shown before."""
    if not one.slots.item_ids or not set(one.routes) & set(ASKING) or not set(one.routes) & set(PICTURED):
        return one
    asks = re.sub(pattern("pictured_behind"), "", spelled(state), count=1, flags=re.IGNORECASE | re.DOTALL)
    if asks == spelled(state) or not asks.strip():
        return one
    meant = slots_for(request.model_copy(update={"text": asks}), ["recommend"]).item_ids
    return replace(one, slots=one.slots.model_copy(update={"item_ids": meant}))


_STEPS: tuple[_Step, ...] = (
    _of_the_drawing, _found_here, _at_a_place, _like_one_shown, _like_shown, _goes_with, _slots_put_right, _customs,
    _for_good, _one_of_two, _about_what_was_shown, _taken_back, _afresh, _pointing, _only_asked,
)  # fmt: skip


def _is_silent(slots: Slots, text: str) -> bool:
    """Whether a message has no word of liking or disliking, and tells no size or budget."""
    return feedback_of(tokenize(text)) is None and not stated_rule(slots, text)


def _about(slots: Slots) -> bool:
    return bool(slots.model_dump(exclude_defaults=True, exclude={"feedback"}))


def _is_a_wish(routes: Sequence[str], slots: Slots, state: TurnState) -> bool:
    """Whether a message that was taken for something else only states a limit or what must not be."""
    if not set(routes) <= {"describe", "clarify", "out_of_scope"} or state["image_ids"] or slots.item_ids:
        return False
    if re.search(pattern("asking"), spelled(state), re.IGNORECASE):
        return False
    return any(getattr(slots, name) not in (None, []) for name in (*BANS, *PRICES, "size"))
