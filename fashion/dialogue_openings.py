"""First rounds: what goes with these, for whom, and what to wear instead of one of them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from fashion.dialogue_answers import compose_answer
from fashion.dialogue_changes import alike, in_colors, options, relatives
from fashion.dialogue_choices import (
    Ask,
    best_of,
    candidates,
    goes_with_all,
    is_free,
    likely_categories,
    sample_ask,
    sample_outfit,
)
from fashion.dialogue_rounds import Dialogue, Round
from fashion.dialogue_words import fill, patterns, slots_of, typed
from fashion.garment import Garment
from fashion.language import is_pair, join_words, phrase
from fashion.occasions import OCCASIONS
from fashion.people import Person, wardrobe
from fashion.reasons import ReasonKind, Setting
from fashion.sampling import Split
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, SEASONS, category_of

_MOST_PREFERRED = 5
_TRIES = 40
_VERBS = {"goes": "go", "matches": "match", "works": "work", "fits": "fit"}


def addition(
    rng: random.Random,
    split: Split,
    items: tuple[Garment, ...] | None,
    person: Person | None,
    without: Sequence[ReasonKind],
    is_open: bool = False,
    left_out: float = 0.0,
) -> Dialogue:
    """The first round of a basic dialogue, or of a personalized one where there is a person."""
    rows = load_table("dialogues_personalized" if person and rng.random() < 0.4 else "dialogues_basic")
    pattern = rng.choice([one for one in patterns(rows, split) if not is_open or _leaves_open(one)])
    wanted = slots_of(pattern)
    occasion = rng.choice(tuple(OCCASIONS)) if "occasion" in wanted else None
    season = rng.choice(SEASONS) if "season" in wanted else None
    items = items or sample_outfit(rng, split, occasion, season)
    ask = sample_ask(rng, items, occasion, season, is_open=_leaves_open(pattern))
    likely = ask.categories if ask.plural else likely_categories(ask.categories, items)
    history, preferred = _history(rng, person, likely, split) if person else ((), ())
    pool = candidates(rng, likely, items, split=split)
    if person:
        pool += [one for one in in_colors(rng, pool, preferred, split) if goes_with_all(one, items)]
        target = best_of(pool, items, occasion, season, lambda one: _likeness(one, preferred))
    else:
        target = best_of(pool, items, occasion, season)
    request = typed(rng, fill(rng, pattern, _slots(rng, items, ask, occasion, season, pattern), left_out))
    if person:
        request = _with_preferences(rng, request, preferred, split)
    setting = Setting(target, items, occasion, season, preferred)
    answer = compose_answer(rng, "personal" if person else "answer", setting, without=without)
    first = Round("ask", request, answer, target, ask.categories, items, occasion, season, preferred)
    return Dialogue("personalized" if person else "basic", items, (first,), person, history, preferred)


def _leaves_open(pattern: str) -> bool:
    """Whether a request does not say what kind of thing is wanted."""
    return not slots_of(pattern) & {"asks", "an_ask"}


def _history(
    rng: random.Random, person: Person, asked: Sequence[str], split: Split
) -> tuple[tuple[Garment, ...], tuple[Garment, ...]]:
    """What a person has, and the up to five of the asked kind that the request names."""
    wanted = [rng.choice(asked) for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5)))]
    others = [rng.choice(tuple(CATEGORIES)) for _ in range(rng.choice((2, 3, 4)))]
    named = {phrase(one): one for one in wardrobe(rng, person, wanted, split=split)}
    preferred = tuple(named.values())[:_MOST_PREFERRED]
    return tuple(dict.fromkeys((*wardrobe(rng, person, others, split=split), *preferred))), preferred


def _likeness(garment: Garment, preferred: Sequence[Garment]) -> float:
    """How much a garment is like those that a person prefers, 0..1."""
    count = len(preferred)
    return (
        0.5 * (garment.color in {one.color for one in preferred})
        + 0.2 * (garment.material in {one.material for one in preferred})
        + 0.15 * sum(garment.category == one.category for one in preferred) / count
        + 0.15 * sum(garment.pattern == one.pattern for one in preferred) / count
    )


def _with_preferences(rng: random.Random, request: str, preferred: Sequence[Garment], split: Split) -> str:
    table = load_table("dialogues_personalized")
    sentences = table["preferences_aside" if split == "heldout" and rng.random() < 0.3 else "preferences"]
    said = rng.choice(sentences).format(list=join_words([phrase(one, style="bare") for one in preferred]))
    if rng.random() < 0.15:
        return f"{said} {request}"
    return f"{request if request[-1] in '?.!' else request + '.'} {said}"


def _slots(
    rng: random.Random,
    items: Sequence[Garment],
    ask: Ask,
    occasion: str | None,
    season: str | None,
    pattern: str,
) -> dict[str, str]:
    these = "these" if len(items) > 1 or is_pair(items[0]) else "this"
    if len(items) > 1 and rng.random() < 0.2:
        whole = rng.choice(("this outfit", "this look"))
        # "Make an outfit with this outfit" is said by nobody.
        these = these if re.search(r"\b(outfit|look)\b", pattern) else whole
    return {
        "asks": ask.plural,
        "an_ask": ask.one,
        "these": these,
        "item": _called(rng, rng.choice(items)),
        "occasion": OCCASIONS[occasion].say if occasion else "",
        "season": season or "",
    } | _verbs(ask.one)


def _verbs(one: str) -> dict[str, str]:
    """Verbs that agree with "a bag", or with "some shoes"."""
    several = one.endswith("s") and not one.startswith(("a ", "an "))
    return {verb: plural if several else verb for verb, plural in _VERBS.items()}


def _called(rng: random.Random, item: Garment) -> str:
    """What people call a thing that is shown: color and noun, the noun alone, or all they see."""
    chance = rng.random()
    noun = category_of(item).nouns(item.style)[0]
    if chance < 0.2:
        return noun
    return phrase(item, style="bare") if chance < 0.4 else f"{item.color} {noun}"


def alternative(
    rng: random.Random, split: Split, items: tuple[Garment, ...] | None, without: Sequence[ReasonKind]
) -> Dialogue:
    """The first round of a dialogue about changing one item."""
    shown = items
    for _ in range(_TRIES):
        items = shown or sample_outfit(rng, split, None, None, more=(2, 5, 4, 3))
        made = _changed_outfit(rng, split, items, without)
        if made is not None:
            return made
    raise RuntimeError(f"nothing to change in {_TRIES} tries")


def _changed_outfit(
    rng: random.Random, split: Split, items: tuple[Garment, ...], without: Sequence[ReasonKind]
) -> Dialogue | None:
    """One item of an outfit changed; None where chance brings nothing for its place."""
    changed = rng.choice(items)
    beside = tuple(item for item in items if item != changed)
    table = load_table("dialogues_alternative")
    pattern, occasion, season = _reason_to_change(rng, table, split)
    for_a_day = occasion is not None or season is not None
    same_kind = "kinds" in slots_of(pattern) or (not for_a_day and rng.random() < 0.3)
    asked = (
        (changed.category,)
        if same_kind
        else tuple(name for name in relatives(changed) if name == changed.category or is_free(name, beside))
    )
    slots = _change_slots(rng, changed)
    pool = [one for one in candidates(rng, asked, beside, split=split) if not alike(one, changed)]
    found = options(rng, changed, pool, beside, split)
    if not found or not pool:
        return None
    name = "occasion" if occasion else "season"
    if for_a_day:
        slots |= {"occasion": OCCASIONS[occasion].say if occasion else "", "season": season or ""}
        target = best_of(pool, beside, occasion, season)
    else:
        name = rng.choice(sorted(found))
        target = best_of(found[name], beside, None, None)
        words = table["directions"][name]
        shown = {"color": target.color, "material": target.material or ""}
        slots |= {key: rng.choice(words[key]).format(**shown) for key in ("dir", "too")}
    request = typed(rng, fill(rng, pattern, slots))
    setting = Setting(target, beside, occasion, season, replaced=(changed,))
    answer = compose_answer(rng, "change", setting, direction=name, without=without)
    first = Round(name, request, answer, target, asked, beside, occasion, season, (), changed)
    return Dialogue("alternative", items, (first,), changed=changed)


def _reason_to_change(
    rng: random.Random, table: dict[str, Any], split: Split
) -> tuple[str, str | None, str | None]:
    chance = rng.random()
    if chance < 0.12:
        return rng.choice(patterns(table["occasion"], split)), rng.choice(tuple(OCCASIONS)), None
    if chance < 0.22:
        return rng.choice(patterns(table["season"], split)), None, rng.choice(SEASONS)
    return rng.choice(patterns(table, split)), None, None


def _change_slots(rng: random.Random, changed: Garment) -> dict[str, str]:
    pair = is_pair(changed)
    return {
        "changed": _called(rng, changed),
        "is": "are" if pair else "is",
        "it": "them" if pair else "it",
        "kinds": CATEGORIES[changed.category].nouns(changed.style)[1],
    }
