"""How the wishes of one message meet those that stand in the thread, and become tool arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.contracts import MOMENTARY, RoutePlan, Slots
from tools.wishes import Wishes

MOST = 16
"""So many values of one wish are passed on, as `tools.wishes` allows."""

_PLACES = ("categories", "groups")
_FORBIDDING = {
    "not_colors": "colors",
    "not_patterns": "patterns",
    "not_materials": "materials",
    "not_categories": "categories",
}


def standing(slots: Slots) -> dict[str, Any]:
    """The wishes of a message that may stay in force."""
    return slots.model_dump(exclude_defaults=True, exclude=set(MOMENTARY))


def merge(before: Mapping[str, Any], slots: Slots) -> Slots:
    """Lay a message over the wishes in force.

    What it names replaces what stood there; what it forbids is added, and a thing wanted now is forbidden no
    more (and the other way round). A place named now (category or group) replaces both kinds of place.
    """
    now = slots.model_dump(exclude_defaults=True)
    merged = {name: value for name, value in before.items() if name in Slots.model_fields}
    if any(now.get(name) for name in _PLACES):
        merged = {name: value for name, value in merged.items() if name not in _PLACES}
    for forbidden, wanted in _FORBIDDING.items():
        banned = [*merged.get(forbidden, []), *now.get(forbidden, [])]
        allowed_now = now.get(wanted, [])
        merged[forbidden] = [name for name in dict.fromkeys(banned) if name not in allowed_now]
        if forbidden in now:
            merged[wanted] = [name for name in merged.get(wanted, []) if name not in now[forbidden]]
    if now.get("max_price") is not None and merged.get("min_price", 0) > now["max_price"]:
        merged.pop("min_price")
    if now.get("min_price") is not None and merged.get("max_price", now["min_price"]) < now["min_price"]:
        merged.pop("max_price")
    merged |= {name: value for name, value in now.items() if name not in _FORBIDDING}
    return Slots(**merged)


def without_hated(plan: RoutePlan) -> Slots:
    """The slots for the other routes of a message that also says what the person dislikes.

    "I hate leather, show me shoes" names leather as something hated, which is nothing to look for.
    """
    slots = plan.slots
    if "feedback" not in plan.routes or slots.feedback not in ("dislike", "avoid"):
        return slots
    changes: dict[str, list[str]] = {}
    for forbidden, wanted in _FORBIDDING.items():
        if wanted != "categories":
            banned = [*getattr(slots, forbidden), *getattr(slots, wanted)]
            changes |= {wanted: [], forbidden: list(dict.fromkeys(banned))}
    return slots.model_copy(update=changes)


def arguments_of(slots: Slots) -> dict[str, Any]:
    """The wishes among the slots, as arguments that every wishing tool takes."""
    wanted = slots.model_dump(exclude_defaults=True, include=set(Wishes.model_fields))
    return {name: value[:MOST] if isinstance(value, list) else value for name, value in wanted.items()}
