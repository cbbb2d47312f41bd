"""What a dialogue is about: outfits to show, kinds to ask for, and the best garment of those kinds."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from fashion.color import harmony
from fashion.garment import Garment
from fashion.language import article
from fashion.occasions import OCCASIONS
from fashion.rules import missing_slots, same_place, score_pairing
from fashion.sampling import Split, combination_is_held_out, sample_garment
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, GROUPS, category_of

_CANDIDATES = 20
_SCORED = 8
_HARMONIOUS = 0.7
_HELD_OUT_PERCENT = 10
_TRIES = 20
_SUITED = 0.85
"""Share of outfits whose kinds suit the occasion and season that are named."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for.

    Attributes:
        plural: Without article: ``"shoes"``; empty where the kind is left open. Likewise `one`.
        one: With article: ``"a pair of shoes"``.
        categories: The categories that answer it.
    """

    plural: str
    one: str
    categories: tuple[str, ...]


def outfit_is_held_out(items: Sequence[Garment]) -> bool:
    """Whether an outfit is kept out of training: by its combinations, or by chance (10 in 100), whatever its order."""
    triples = sorted((item.category, item.color, item.pattern) for item in items)
    if any(combination_is_held_out(*triple) for triple in triples):
        return True
    return zlib.crc32(f"outfit|{triples}".encode()) % 100 < _HELD_OUT_PERCENT


def sample_outfit(
    rng: random.Random,
    split: Split,
    occasion: str | None,
    season: str | None,
    *,
    more: Sequence[int] = (9, 6, 4, 2),
) -> tuple[Garment, ...]:
    """One to four garments that can be worn together, most of them close in formality.

    Args:
        rng: The source of chance.
        split: ``train`` gives no held-out outfit, ``heldout`` only such.
        occasion: What they are worn for, if that is known.
        season: When they are worn, if that is known.
        more: Weights of one, two, three and four pieces.
    """
    for _ in range(_TRIES):
        items = _outfit(rng, split, occasion, season, rng.choices(range(len(more)), more)[0])
        if split == "any" or outfit_is_held_out(items) == (split == "heldout"):
            return items
    raise RuntimeError(f"no outfit of split {split!r} in {_TRIES} tries")


def _outfit(
    rng: random.Random, split: Split, occasion: str | None, season: str | None, more: int
) -> tuple[Garment, ...]:
    rare = load_table("dialogues")["rare_in_outfits"]
    everyday = [name for name in CATEGORIES if name not in rare]
    if rng.random() < _SUITED:
        everyday = [name for name in everyday if can_serve(name, occasion, season)] or everyday
    items = [sample_garment(rng, rng.choice(everyday if rng.random() < 0.97 else rare), split=split)]
    for _ in range(more):
        free = [name for name in everyday if is_free(name, items)]
        if free:
            items.append(
                best_candidate(
                    rng, tuple(free), tuple(items), occasion=occasion, season=season, split=split, tries=6
                )
            )
    return tuple(items)


def is_free(category: str, items: Sequence[Garment]) -> bool:
    """Whether a garment of that category finds a free place beside the items."""
    return all(category not in _taken(item.category, item.style) for item in items)


@cache
def _taken(category: str, style: str | None) -> frozenset[str]:
    """The categories that have no place beside a garment; its own is one of them."""
    worn = Garment(category, "black", style=style)
    return frozenset(
        name for name in CATEGORIES if name == category or same_place(Garment(name, "black"), worn)
    )


@cache
def can_serve(category: str, occasion: str | None, season: str | None) -> bool:
    """Whether some garment of a category suits an occasion and a season; None asks nothing."""
    kind, rules = CATEGORIES[category], load_table("rules")
    if occasion is not None:
        low, high = OCCASIONS[occasion].level
        if kind.formality[0] > high or kind.formality[1] < low:
            return False
        if occasion not in rules["purpose"].get(category, [occasion]):
            return False
        if category not in rules["only"].get(occasion, [category]):
            return False
    if season is None or kind.warmth is None:
        return True
    low_warmth, high_warmth = rules["seasons"][season]["warmth"]
    return bool(kind.warmth[0] <= high_warmth and kind.warmth[1] >= low_warmth)


def sample_ask(
    rng: random.Random,
    items: Sequence[Garment],
    occasion: str | None = None,
    season: str | None = None,
    *,
    is_open: bool = False,
) -> Ask:
    """Something to add to the items that can suit: a group, a category, or (`is_open`) whatever they lack."""
    table = load_table("dialogues")
    free = [name for name in CATEGORIES if is_free(name, items)]
    free = [name for name in free if can_serve(name, occasion, season)] or free
    everyday = [name for name in free if name not in table["rare_in_outfits"]] or free
    if is_open:
        return Ask("", "", tuple(everyday))
    shown = {category_of(item).group for item in items}
    groups = [
        group
        for group in table["group_asks"]
        if group not in shown
        and all(is_free(name, items) for name in GROUPS[group])
        and any(name in free for name in GROUPS[group])
    ]
    if groups and rng.random() < 0.5:
        group = rng.choice(groups)
        plural, one = rng.choice(table["group_asks"][group])
        return Ask(plural, one, GROUPS[group])
    return kind_ask(rng, rng.choice(everyday if rng.random() < 0.97 else free))


def kind_ask(rng: random.Random, category: str) -> Ask:
    """One category in words, now and then by another name for it."""
    kind = CATEGORIES[category]
    others: list[list[str]] = load_table("dialogues")["kind_asks"].get(category, [])
    if others and rng.random() < 0.25:
        plural, one = rng.choice(others)
        return Ask(plural, one, (category,))
    if kind.pair:
        one = rng.choice((f"a pair of {kind.plural}", kind.plural, f"some {kind.plural}"))
        return Ask(kind.plural, one, (category,))
    return Ask(kind.plural, f"{article(kind.singular)} {kind.singular}", (category,))


def likely_categories(asked: Sequence[str], items: Sequence[Garment]) -> tuple[str, ...]:
    """Of the categories asked for, those that the outfit lacks; all of them when it lacks none."""
    missing = missing_slots(items) if items else ()
    wanted = tuple(name for name in asked if CATEGORIES[name].slot in missing)
    return wanted or tuple(asked)


def goes_with_all(garment: Garment, items: Sequence[Garment]) -> bool:
    """Whether a garment's color fights with none of the items' colors."""
    return colors_agree(garment.color, tuple(item.color for item in items))


def colors_agree(color: str, others: Sequence[str]) -> bool:
    """Whether a color fights with none of the others."""
    return all(harmony(color, other).score >= _HARMONIOUS for other in others)


def best_candidate(
    rng: random.Random,
    asked: tuple[str, ...],
    items: tuple[Garment, ...],
    *,
    occasion: str | None = None,
    season: str | None = None,
    split: Split = "any",
    tries: int = _CANDIDATES,
    fondness: Callable[[Garment], float] | None = None,
) -> Garment:
    """The best of some sampled garments of the asked categories beside the items.

    Args:
        rng: The source of chance.
        asked: At least one category.
        items: What it is worn with.
        occasion: What it is worn for, if that is known.
        season: When it is worn, if that is known.
        split: Passed to `fashion.sampling.sample_garment`.
        tries: How many garments are sampled.
        fondness: What a person thinks of a garment, 0..1; a third of it is added to the score.
    """
    found = candidates(rng, asked, items, split=split, tries=tries)
    return best_of(found, items, occasion, season, fondness)


def candidates(
    rng: random.Random,
    asked: tuple[str, ...],
    items: tuple[Garment, ...],
    *,
    split: Split,
    tries: int = _CANDIDATES,
) -> list[Garment]:
    """Sampled garments of the asked categories; where some fight with no item's color, only those."""
    found = [sample_garment(rng, rng.choice(asked), split=split) for _ in range(tries)]
    return [one for one in found if goes_with_all(one, items)] or found


def best_of(
    found: Sequence[Garment],
    items: tuple[Garment, ...],
    occasion: str | None,
    season: str | None,
    fondness: Callable[[Garment], float] | None = None,
) -> Garment:
    """The one that scores best beside the items; with a taste, the dearest of them are looked at first."""
    if fondness is None:
        return max(found[:_SCORED], key=lambda one: score_pairing(one, items, occasion, season).total)
    dearest = sorted(found, key=fondness, reverse=True)[:_SCORED]
    return max(dearest, key=lambda one: score_pairing(one, items, occasion, season).total + fondness(one) / 3)
