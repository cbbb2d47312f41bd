"""Ways in which a thing can be exchanged for another: in a direction, in another color, material or pattern."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fashion.dialogue_choices import colors_agree
from fashion.garment import Garment
from fashion.reasons import differences
from fashion.sampling import Split, combination_is_held_out
from fashion.vocabulary import CATEGORIES, GROUPS, category_of, slot_of

Options = dict[str, list[Garment]]
_RECOLORED = 8


def options(
    rng: random.Random, old: Garment, pool: Iterable[Garment], beside: tuple[Garment, ...], split: Split
) -> Options:
    """What could take an item's place, by direction (keys of ``directions`` in dialogues_alternative.yaml).

    Args:
        rng: The source of chance.
        old: What is to be replaced.
        pool: Other garments that may replace it.
        beside: What the replacement is worn with.
        split: The side that variants of `old` must belong to.

    Returns:
        Only directions in which there is something.
    """
    found: Options = {}
    for one in pool:
        if not alike(one, old):
            for name in differences(one, old):
                found.setdefault(name, []).append(one)
    worn = tuple(item.color for item in beside)
    varied = {name: variants(old, name, split) for name in ("material", "pattern")}
    varied["color"] = variants(old, "color", split, lambda color: colors_agree(color, worn))
    for name in ("color", "material"):
        if varied[name]:
            found[name] = [rng.choice(varied[name])]
    plain = [one for one in varied["pattern"] if one.pattern == "solid"]
    lively = [one for one in varied["pattern"] if one.pattern != "solid"]
    if old.pattern != "solid" and plain:
        found["plainer"] = [*found.get("plainer", ()), *plain]
    if old.pattern == "solid" and lively and all(item.pattern == "solid" for item in beside):
        found["patterned"] = [rng.choice(lively)]
    else:
        found.pop("patterned", None)
    return found


def alike(one: Garment, other: Garment) -> bool:
    """Whether two garments would be named alike."""
    return (one.category, one.color, one.pattern) == (other.category, other.color, other.pattern)


def variants(
    garment: Garment, attribute: str, split: Split, allows: Callable[[str], bool] = lambda value: True
) -> list[Garment]:
    """The same garment with another color, material or pattern that its category and style, and `allows`, allow."""
    kind = category_of(garment)
    tables = {"color": kind.colors, "material": kind.materials, "pattern": kind.patterns}
    allowed: Sequence[str] = kind.when.get(garment.style or "", {}).get(attribute, tuple(tables[attribute]))
    return [
        replace(garment, **{attribute: value})
        for value in allowed
        if value != getattr(garment, attribute)
        and value in tables[attribute]
        and allows(value)
        and _fits(garment, attribute, value, split)
    ]


def _fits(garment: Garment, attribute: str, value: str, split: Split) -> bool:
    """Whether the garment with that value is of the split; metals have no pattern."""
    color = value if attribute == "color" else garment.color
    pattern = value if attribute == "pattern" else garment.pattern
    if color in ("gold", "silver") and pattern != "solid":
        return False
    return split == "any" or combination_is_held_out(garment.category, color, pattern) == (split == "heldout")


def in_colors(
    rng: random.Random, pool: Sequence[Garment], liked: Sequence[Garment], split: Split
) -> list[Garment]:
    """Some of a pool in the colors of what a person likes, where their kind comes in them."""
    colors = {one.color for one in liked}
    found = []
    for garment in pool[:_RECOLORED]:
        fitting = variants(garment, "color", split, lambda color: color in colors)
        if fitting:
            found.append(rng.choice(fitting))
    return found


def relatives(garment: Garment) -> tuple[str, ...]:
    """The categories of its group that are worn in the same place, its own among them."""
    own = slot_of(garment)
    group = GROUPS[category_of(garment).group]
    return tuple(
        name
        for name in group
        if name == garment.category
        or (CATEGORIES[name].slot == own and CATEGORIES[name].layer == category_of(garment).layer)
    )
