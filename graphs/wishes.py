"""How the wishes of one message meet those that stand in the thread, and become tool arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from agents.contracts import MOMENTARY, RoutePlan, Slots
from agents.item_questions import asks_how_many
from agents.owned import owned_in
from agents.reply_contracts import Change
from fashion.implied import implied_bans
from fashion.lexicon import tokenize
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.constraints import (
    BANS,
    FIELDS,
    LIMITS,
    PRICES,
    Constraint,
    holds_for,
    in_force,
    load,
    place_of,
    update,
    without_place,
)
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import Json, TurnState
from graphs.subjects import moved_on
from tools.targets import split_anchor
from tools.wishes import Wishes, comes_in

MOST = 60
"""So many values of one wish are passed on, as `tools.wishes` allows."""

FRESH = ("recommend", "personalize", "search")
"""Routes that may be after another kind of thing than before."""
ASKING = (*FRESH, "alternatives")
"""Routes that are after something: what they name stands from then on."""
_MONEY = (*PRICES, "max_total")
"""What a message that asks for nothing still limits ("up to 140 is okay")."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a message comes to in its thread.

    Attributes:
        slots: What holds for this turn: the constraints in force, and what steers this turn alone.
        constraints: What stands in the thread from now on.
        changes: What of the older ones ended or was replaced.
    """

    slots: Slots
    constraints: list[Constraint]
    changes: list[Change]


def settle(state: TurnState, plan: RoutePlan) -> Settled:
    """Lay a message over the constraints of its thread."""
    said = without_hated(plan)
    before = load(state.get("constraints") or [])
    if asks_how_many(spelled(state), kind_named=bool(said.categories or said.groups)):
        # A question about the shop is no wish.
        return Settled(said, before, [])
    asking = any(route in ASKING for route in plan.routes)
    fields = FIELDS if asking else (*BANS, *LIMITS) if "clarify" in plan.routes else _MONEY
    if not asking and not _lifts(said) and not any(getattr(said, name) not in (None, []) for name in fields):
        return Settled(said, before, [])
    fresh = any(route in FRESH for route in plan.routes)
    if fresh and not _continues(state, said):
        before = without_place(before)
    place = _place(state, said, before)
    before, ended = moved_on(before, said, spelled(state)) if asking else (before, [])
    after, changes = update(
        before,
        said,
        turn=state["turn"],
        words=state["text"],
        place=place,
        bounds=bounds_of(said, place, spelled(state)),
        fields=fields,
    )
    changes = ended + changes
    if not asking:
        return Settled(said, after, changes)
    if goes_on(spelled(state)):
        after = carried_on(after, _shown_kinds(state), place)
    standing = in_force(after, place)
    changes += _kept(before, after, state, place, fresh=fresh)
    steering = {name: getattr(said, name) for name in MOMENTARY}
    return Settled(standing.model_copy(update=steering), after, changes)


def bounds_of(said: Slots, place: tuple[str, ...], words: str = "") -> dict[str, tuple[str, ...]]:
    """What the limits that a message names are said of.

    A price named with a kind of thing ("jeans for 30") is of that group, named alone of everything; a size is of
    whatever comes in sizes of the same kind. What rain spoils and lengths are ruled out for that kind alone, and so is a
    color that there is enough of ("too many black bags").
    """
    bounds: dict[str, tuple[str, ...]] = {}
    if place and any(one.plenty for one in owned_in(tokenize(words))):
        bounds["not_colors"] = place
    if place and implied_bans(tokenize(words), said.materials, about="day"):
        # A rainy day's shoes are no word about an evening's dress.
        bounds["not_materials"] = place
    if place and said.not_lengths:
        bounds["not_lengths"] = place
    if said.categories or said.groups:
        groups = dict.fromkeys(CATEGORIES[name].group for name in place if name in CATEGORIES)
        bounds |= dict.fromkeys(PRICES, tuple(name for group in groups for name in GROUPS[group]))
    if said.size:
        scales = {
            CATEGORIES[name].sizes for name in place if name in CATEGORIES and comes_in(said.size, name)
        }
        bounds["size"] = tuple(name for name, kind in CATEGORIES.items() if kind.sizes in scales)
    return bounds


def carried_on(standing: list[Constraint], shown: set[str], place: tuple[str, ...]) -> list[Constraint]:
    """The same where a message goes on with what was shown ("and a bag to match"): its price holds for this, too."""
    return [
        replace(one, about=tuple(dict.fromkeys([*one.about, *place])))
        if one.field in PRICES and one.about and shown and shown <= set(one.about)
        else one
        for one in standing
    ]


def goes_on(text: str) -> bool:
    """Whether a message adds to what was shown ("and a bag", "shoes to match")."""
    return re.search(pattern("goes_on"), text, re.IGNORECASE) is not None


def _shown_kinds(state: TurnState) -> set[str]:
    return {card["category"] for card in state.get("shown") or []}


def _kept(
    before: list[Constraint],
    after: list[Constraint],
    state: TurnState,
    place: tuple[str, ...],
    *,
    fresh: bool,
) -> list[Change]:
    """The highest price of an earlier message, where it is kept to for another kind of thing than was shown."""
    groups = {CATEGORIES[name].group for name in place if name in CATEGORIES}
    known = {CATEGORIES[name].group for name in _shown_kinds(state) if name in CATEGORIES}
    if not fresh or not known or groups & known or state.get("outfit"):
        return []
    values = {one.value for one in before if one.field == "max_price"}
    held = [
        one for one in after if one.field == "max_price" and one.value in values and holds_for(one, place)
    ]
    return [Change(kind="kept", field=one.field, old=f"{one.value:g}") for one in held[-1:]]


def _lifts(said: Slots) -> bool:
    lists = (
        said.lifted,
        said.lifted_colors,
        said.lifted_patterns,
        said.lifted_materials,
        said.lifted_categories,
        said.lifted_lengths,
    )
    return any(lists)


def _continues(state: TurnState, said: Slots) -> bool:
    """Whether a message that names no kind of thing still means the kind sought before ("under 80, in green")."""
    if said.categories or said.groups or not state.get("shown"):
        return False
    elsewhere = said.occasion or said.dress_code or said.whole_outfit or said.board or said.item_ids
    if elsewhere or state["image_ids"] or said.about_picture or goes_with_something(spelled(state)):
        return False
    return _lifts(said) or any(getattr(said, name) not in (None, []) for name in FIELDS)


def goes_with_something(text: str) -> bool:
    """Whether the words say what the answer must go with ("with my blazer", "to wear with this")."""
    return (
        bool(split_anchor(text, Wishes())[1])
        or re.search(pattern("with_this"), text, re.IGNORECASE) is not None
    )


def _place(state: TurnState, said: Slots, before: list[Constraint]) -> tuple[str, ...]:
    """The kinds of thing that a message is after: those it names, else those sought or shown before."""
    if said.categories or said.groups:
        return place_of(said.categories, said.groups)
    sought = in_force(one for one in before if one.field in ("categories", "groups"))
    if sought.categories or sought.groups:
        return place_of(sought.categories, sought.groups)
    if "alternatives" in state_routes(state):
        shown = state.get("shown") or []
        meant = [card for card in shown if not said.item_ids or card["id"] in said.item_ids]
        return tuple(dict.fromkeys(card["category"] for card in meant if card["category"] in CATEGORIES))
    return ()


def state_routes(state: TurnState) -> list[str]:
    """The routes of the plan in the state; none before there is one."""
    return list((state.get("plan") or {}).get("routes", []))


def without_hated(plan: RoutePlan) -> Slots:
    """The slots for the other routes of a message that also says what the person dislikes.

    "I hate leather, show me shoes" names leather as something hated, which is nothing to look for.
    """
    slots = plan.slots
    if "feedback" not in plan.routes or slots.feedback not in ("dislike", "avoid"):
        return slots
    changes: dict[str, list[str]] = {}
    for wanted in ("colors", "patterns", "materials", "styles"):
        banned = [*getattr(slots, f"not_{wanted}"), *getattr(slots, wanted)]
        changes |= {wanted: [], f"not_{wanted}": list(dict.fromkeys(banned))}
    return slots.model_copy(update=changes)


def arguments_of(slots: Slots) -> Json:
    """The wishes among the slots, as arguments that every wishing tool takes."""
    wanted: dict[str, Any] = slots.model_dump(exclude_defaults=True, include=set(Wishes.model_fields))
    if slots.not_groups:
        spelled_out = [name for group in slots.not_groups for name in GROUPS.get(group, ())]
        banned = [*slots.not_categories, *spelled_out]
        wanted["not_categories"] = [name for name in dict.fromkeys(banned) if name not in slots.categories]
    low, high = slots.min_price, slots.max_price
    if low is not None and high is not None and low > high:
        wanted.pop("min_price")
    return {name: value[:MOST] if isinstance(value, list) else value for name, value in wanted.items()}
