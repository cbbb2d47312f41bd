"""The constraints in force in a thread: what each one is, where it came from, and how a message changes them.

A constraint is one value of one field of `Slots`, with the turn and the words it came from. Bans, for whom, season and
occasion hold for everything that follows. A trait that was wished for ("black boots") holds for the kinds of thing it was
said of: it sleeps while another kind is asked for, and holds again when that kind comes back. So does a price named with a
kind of thing ("jeans for 30", for all bottoms) and a size (for all that comes in such sizes); a price named alone holds for
everything. The newest word wins; whatever it changes or ends is told as a `Change`. What a change of subject ends is in
`graphs.subjects`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from agents.contracts import Slots
from agents.reply_contracts import Change
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.state import Json

PLACES = ("categories", "groups")
TRAITS = ("colors", "patterns", "materials", "styles")
CUTS = ("sleeve", "neckline", "length", "fit")
BANS = {
    "not_colors": "colors", "not_patterns": "patterns", "not_materials": "materials", "not_styles": "styles",
    "not_categories": "categories", "not_groups": "groups", "not_lengths": "length",
}  # fmt: skip
PRICES = ("max_price", "min_price")
LIMITS = (*PRICES, "max_total", "size", "gender", "season", "occasion", "dress_code", "modest")
MODEST = "modest"
BOUND = (*PRICES, "size")
"""Limits that may hold for some kinds of thing only."""
LISTS = (*PLACES, *TRAITS, *BANS)
FIELDS = (*LISTS, *CUTS, *LIMITS)

LIFTS: dict[str, tuple[str, ...]] = {
    "everything": FIELDS,
    "price": (*PRICES, "max_total"),
    "size": ("size",),
    "color": ("colors", "not_colors"),
    "pattern": ("patterns", "not_patterns"),
    "material": ("materials", "not_materials"),
    "category": ("categories", "groups", "not_categories", "not_groups"),
    "style": ("styles", "not_styles"),
    "cut": (*CUTS, "not_lengths"),
    "occasion": ("occasion", "dress_code", "modest"),
    "season": ("season",),
    "gender": ("gender",),
}
"""The fields that each name of `agents.contracts.Lift` ends."""

_LIFTED_VALUES = {
    "lifted_colors": "not_colors", "lifted_patterns": "not_patterns",
    "lifted_materials": "not_materials", "lifted_categories": "not_categories",
    "lifted_lengths": "not_lengths",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint.

    Attributes:
        field: A field of `Slots`, one of `FIELDS`.
        value: Its value, or one value of a list.
        turn: The turn that said it.
        words: What was said.
        about: The categories it was said of; empty where it holds for all.
    """

    field: str
    value: Any
    turn: int
    words: str
    about: tuple[str, ...] = ()


def load(rows: Iterable[Json]) -> list[Constraint]:
    """Constraints from the thread's state."""
    return [Constraint(**(row | {"about": tuple(row.get("about", ()))})) for row in rows]


def dump(constraints: Iterable[Constraint]) -> list[Json]:
    """Constraints as the thread's state keeps them."""
    return [asdict(one) | {"about": list(one.about)} for one in constraints]


def place_of(categories: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """The categories that a place means: a category named inside a group narrows that group to it."""
    narrowed = {CATEGORIES[name].group for name in categories if name in CATEGORIES}
    wide = [name for group in groups if group not in narrowed for name in GROUPS.get(group, ())]
    return tuple(dict.fromkeys([*categories, *wide]))


def update(
    before: Sequence[Constraint],
    said: Slots,
    *,
    turn: int,
    words: str,
    place: Sequence[str] = (),
    bounds: Mapping[str, Sequence[str]] | None = None,
    fields: Sequence[str] = FIELDS,
) -> tuple[list[Constraint], list[Change]]:
    """Lay a message over the constraints in force.

    Args:
        before: What stands.
        said: The slots of the message.
        turn: Its number.
        words: Its text.
        place: What traits named here are said of; empty for everything.
        bounds: What each of the limits of `BOUND` named here is said of; one that is not in it is of everything.
        fields: What of the message counts, besides what it lifts; fewer for a message that asks for nothing.

    Returns:
        What stands now, the newest last, and what of the old ended or was replaced.
    """
    standing, changes = _lift(list(before), said)
    if said.corrects:
        kinds = _kinds_named(said)
        standing = [one for one in standing if one.turn != turn - 1 or one.field not in kinds]
    about = dict.fromkeys((*TRAITS, *CUTS), tuple(place)) | {
        name: tuple(kinds) for name, kinds in (bounds or {}).items()
    }
    now = _named(said, turn, words[:200], about, fields=fields)
    if said.dress_code not in (None, MODEST):
        # Modest dress goes with any other code.
        standing = [
            replace(one, field="modest", value=True)
            if one.field == "dress_code" and one.value == MODEST
            else one
            for one in standing
        ]
    for ban, wanted in BANS.items():
        standing, more = _settle(standing, now, ban, wanted)
        changes += more
    for name in (*PLACES, *TRAITS, *CUTS, *LIMITS):
        standing, more = _replace(standing, now, name)
        changes += more
    standing, more = _prices_in_order(standing, now)
    changes += more
    if any(one.field in PLACES for one in now):
        standing = [one for one in standing if one.field not in PLACES]
    known = {(one.field, one.value, one.about) for one in now}
    return [*(one for one in standing if (one.field, one.value, one.about) not in known), *now], changes


def in_force(constraints: Iterable[Constraint], place: Sequence[str] = ()) -> Slots:
    """The constraints that hold for some kinds of thing, as slots; without a place, those that hold for all."""
    values: dict[str, Any] = {}
    for one in constraints:
        if not holds_for(one, place):
            continue
        if one.field in LISTS:
            values.setdefault(one.field, []).append(one.value)
        else:
            if one.field in PRICES and _out_of_order(one, values):
                # Of a limit for everything and one for this kind that leave no room, the newer one holds.
                values.pop("min_price" if one.field == "max_price" else "max_price")
            values[one.field] = one.value
    return Slots(**values)


def holds_for(one: Constraint, place: Sequence[str]) -> bool:
    """Whether a constraint is in force for some kinds of thing: a price if it is of all of them, the rest if of any."""
    if not one.about:
        return True
    common = set(one.about) & set(place)
    return bool(common) and (one.field not in PRICES or common == set(place))


def _out_of_order(one: Constraint, values: Mapping[str, Any]) -> bool:
    if one.field == "max_price":
        return bool(values.get("min_price", 0.0) > one.value)
    return bool(values.get("max_price", math.inf) < one.value)


def without_place(constraints: Iterable[Constraint]) -> list[Constraint]:
    """The same for a request that is after something else: the kind of thing sought before ends."""
    return [one for one in constraints if one.field not in PLACES]


def _lift(standing: list[Constraint], said: Slots) -> tuple[list[Constraint], list[Change]]:
    ended: list[Constraint] = []
    for kind in said.lifted:
        ended += [one for one in standing if one.field in LIFTS[kind]]
    for lifted, field in _LIFTED_VALUES.items():
        values = getattr(said, lifted)
        ended += [one for one in standing if one.field == field and one.value in values]
        if field == "not_categories":
            groups = {CATEGORIES[value].group for value in values if value in CATEGORIES}
            ended += [one for one in standing if one.field == "not_groups" and one.value in groups]
    unique = list(dict.fromkeys(ended))
    changes = [Change(kind="lifted", field=one.field, old=str(one.value)) for one in unique]
    return [one for one in standing if one not in unique], changes


def _kinds_named(said: Slots) -> set[str]:
    named = {name for name in FIELDS if getattr(said, name) not in (None, [])}
    named |= {BANS[name] for name in named if name in BANS}
    return named | (set(PLACES) if named & set(PLACES) else set())


def _named(
    said: Slots, turn: int, words: str, about: Mapping[str, tuple[str, ...]], *, fields: Sequence[str]
) -> list[Constraint]:
    """The constraints that a message states."""
    stated = []
    for name in FIELDS:
        if name not in fields:
            continue
        value = getattr(said, name)
        values = value if name in LISTS else [value] if value is not None else []
        stated += [Constraint(name, one, turn, words, about.get(name, ())) for one in dict.fromkeys(values)]
    banned = {(BANS[one.field], one.value) for one in stated if one.field in BANS}
    return [one for one in stated if (one.field, one.value) not in banned]


def _settle(
    standing: list[Constraint], now: Sequence[Constraint], ban: str, wanted: str
) -> tuple[list[Constraint], list[Change]]:
    """What is wanted now is banned no more, and the other way round; a category wanted lifts its group's ban."""
    asked = {one.value for one in now if one.field == wanted}
    if ban == "not_groups":
        asked |= {CATEGORIES[one.value].group for one in now if one.field == "categories"}
    banned = {one.value for one in now if one.field == ban}
    ended = [
        one
        for one in standing
        if (one.field == ban and one.value in asked) or (one.field == wanted and one.value in banned)
    ]
    changes = [
        Change(kind="lifted" if one.field == ban else "dropped", field=one.field, old=str(one.value))
        for one in ended
    ]
    return [one for one in standing if one not in ended], changes


def _replace(
    standing: list[Constraint], now: Sequence[Constraint], name: str
) -> tuple[list[Constraint], list[Change]]:
    """Of a single value and of what is wanted the newest stands, for the same kinds of thing."""
    new = [one for one in now if one.field == name]
    if not new:
        return standing, []
    about = set(new[0].about)
    replaced = [
        one
        for one in standing
        if one.field == name and (not one.about or not about or set(one.about) & about)
    ]
    fresh, old = _values(new), _values([one for one in replaced if one.value not in {n.value for n in new}])
    # A limit for jeans leaves the one for everything in force for all but jeans.
    ended = [one for one in replaced if one.about or not about or name not in BOUND]
    told = name not in PLACES and bool(old)
    changes = [Change(kind="replaced", field=name, old=old, new=fresh)] if told else []
    return [one for one in standing if one not in ended], changes


def _prices_in_order(
    standing: list[Constraint], now: Sequence[Constraint]
) -> tuple[list[Constraint], list[Change]]:
    """A limit that the newest one leaves no room for ends."""
    new = {one.field: float(one.value) for one in now if one.field in PRICES}
    about = {kind for one in now if one.field in PRICES for kind in one.about}

    def impossible(one: Constraint) -> bool:
        if about and not about & set(one.about):
            return False
        if one.field == "min_price" and "max_price" in new:
            return float(one.value) > new["max_price"]
        return one.field == "max_price" and "min_price" in new and float(one.value) < new["min_price"]

    ended = [one for one in standing if impossible(one)]
    changes = [Change(kind="dropped", field=one.field, old=f"{one.value:g}") for one in ended]
    return [one for one in standing if one not in ended], changes


def _values(constraints: Sequence[Constraint]) -> str:
    values = dict.fromkeys(
        f"{one.value:g}" if isinstance(one.value, float) else str(one.value) for one in constraints
    )
    return " or ".join(values)
