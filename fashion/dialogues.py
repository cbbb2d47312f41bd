"""Composes recommendation dialogues from the tables and the outfit rules, to train and test with.

Three tasks, as in FashionRec: ``basic`` (what goes with these?), ``personalized`` (the same, with what the person
prefers) and ``alternative`` (one thing of the outfit changed). Words are in ``fashion/data/dialogues*.yaml``; later
rounds are written in `fashion.dialogue_followups`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fashion.dialogue_answers import compose_answer
from fashion.dialogue_changes import alike, in_colors, options, relatives
from fashion.dialogue_choices import (
    Ask,
    best_candidate,
    best_of,
    candidates,
    goes_with_all,
    is_free,
    likely_categories,
    sample_ask,
    sample_outfit,
)
from fashion.dialogue_followups import follow_up
from fashion.dialogue_rounds import Round
from fashion.dialogue_words import fill, patterns, slots_of, typed
from fashion.garment import Garment
from fashion.language import is_pair, join_words, phrase
from fashion.occasions import OCCASIONS
from fashion.people import Person, sample_person, wardrobe
from fashion.reasons import ReasonKind, Setting
from fashion.sampling import Split
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, SEASONS, category_of

__all__ = [
    "TASKS",
    "Dialogue",
    "RecommendationSample",
    "Round",
    "Task",
    "best_candidate",
    "compose_dialogue",
    "compose_recommendation",
]

Task = Literal["basic", "personalized", "alternative"]
TASKS: tuple[Task, ...] = ("basic", "personalized", "alternative")

_MOST_PREFERRED = 5
_TRIES = 40
_ROUND_WEIGHTS = (11, 6, 3)
_UNSEEN: tuple[ReasonKind, ...] = ("pattern", "formality")
"""Rules that say nothing about items of which only category and color are known."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation about an outfit.

    Attributes:
        task: ``basic``, ``personalized`` or ``alternative``.
        items: The garments shown, 1..4.
        rounds: One to three rounds; the first is about the items, later ones follow up.
        person: Personalized: whose taste it is.
        history: Personalized: what this person has.
        preferred: Personalized: those of the history that the request names, 1..5.
        changed: Alternative: the item to replace, one of `items`.
    """

    task: Task
    items: tuple[Garment, ...]
    rounds: tuple[Round, ...]
    person: Person | None = None
    history: tuple[Garment, ...] = ()
    preferred: tuple[Garment, ...] = ()
    changed: Garment | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The categories that answer the first request."""
        return self.rounds[0].asked

    @property
    def occasion(self) -> str | None:
        """The occasion that the first request names, if any."""
        return self.rounds[0].occasion

    @property
    def season(self) -> str | None:
        """The season that the first request names, if any."""
        return self.rounds[0].season


@dataclass(frozen=True, slots=True)
class RecommendationSample:
    """One request about one to four shown items, and its answer.

    Attributes:
        items: The garments shown, 1..4.
        request: What the person asks.
        target: The garment that is recommended.
        answer: At most 40 words: names the target by its phrase, then a true reason.
        occasion: The occasion the request names, if any.
        season: The season the request names, if any.
        asked: The categories that would answer the request.
    """

    items: tuple[Garment, ...]
    request: str
    target: Garment
    answer: str
    occasion: str | None
    season: str | None
    asked: tuple[str, ...]


def compose_recommendation(
    rng: random.Random, *, split: Split = "any", items: tuple[Garment, ...] | None = None
) -> RecommendationSample:
    """Compose one sample: a basic dialogue of one round.

    Args:
        rng: The source of chance.
        split: As in `compose_dialogue`.
        items: The garments shown, of which category and color are known; composed by the outfit rules when None.
    """
    made = compose_dialogue(rng, "basic", split=split, rounds=1, items=items)
    first = made.rounds[0]
    return RecommendationSample(
        made.items, first.request, first.target, first.answer, first.occasion, first.season, first.asked
    )


def compose_dialogue(
    rng: random.Random,
    task: Task = "basic",
    *,
    split: Split = "train",
    rounds: int | None = None,
    person: Person | None = None,
    items: tuple[Garment, ...] | None = None,
) -> Dialogue:
    """Compose one dialogue.

    Args:
        rng: The source of chance; the same state gives the same dialogue.
        task: Which of the three tasks.
        split: ``train`` and ``heldout`` share no (category, color, pattern), no outfit, no person and no pattern of
            a request; ``any`` draws from all garments and people, with the sentences of ``train``.
        rounds: 1..3; by chance when None (mostly one).
        person: Personalized: whose taste counts; drawn from the split when None.
        items: The garments shown, of which category and color are known; composed by the outfit rules when None.

    Returns:
        A dialogue in which every answer names its target so that `fashion.captions.parse_caption` reads it, and gives
        a reason that `fashion.reasons.reason_is_true` confirms.

    Raises:
        ValueError: A number of rounds out of range, or an unknown task.
    """
    if task not in TASKS:
        raise ValueError(f"unknown task {task!r}; expected one of: {', '.join(TASKS)}")
    if rounds is not None and not 1 <= rounds <= 3:
        raise ValueError(f"a dialogue has 1 to 3 rounds, not {rounds}")
    count = rounds or rng.choices((1, 2, 3), _ROUND_WEIGHTS)[0]
    without = _UNSEEN if items is not None else ()
    if task == "alternative":
        made = _alternative(rng, split, items, without)
    else:
        someone = (person or sample_person(rng, split)) if task == "personalized" else None
        made = _addition(rng, split, items, someone, without)
    done = list(made.rounds)
    for _ in range(count - 1):
        done.append(follow_up(rng, split, made.items, done, without))
    return Dialogue(task, made.items, tuple(done), made.person, made.history, made.preferred, made.changed)


def _addition(
    rng: random.Random,
    split: Split,
    items: tuple[Garment, ...] | None,
    person: Person | None,
    without: Sequence[ReasonKind],
) -> Dialogue:
    """The first round of a basic dialogue, or of a personalized one where there is a person."""
    rows = load_table("dialogues_personalized" if person and rng.random() < 0.4 else "dialogues_basic")
    pattern = rng.choice(patterns(rows, split))
    wanted = slots_of(pattern)
    occasion = rng.choice(tuple(OCCASIONS)) if "occasion" in wanted else None
    season = rng.choice(SEASONS) if "season" in wanted else None
    items = items or sample_outfit(rng, split, occasion, season)
    ask = sample_ask(rng, items, occasion, season, is_open=not wanted & {"asks", "an_ask"})
    likely = ask.categories if ask.plural else likely_categories(ask.categories, items)
    history, preferred = _history(rng, person, likely, split) if person else ((), ())
    pool = candidates(rng, likely, items, split=split)
    if person:
        pool += [one for one in in_colors(rng, pool, preferred, split) if goes_with_all(one, items)]
        target = best_of(pool, items, occasion, season, lambda one: _likeness(one, preferred))
    else:
        target = best_of(pool, items, occasion, season)
    request = typed(rng, fill(rng, pattern, _slots(rng, items, ask, occasion, season)))
    if person:
        request = _with_preferences(rng, request, preferred, split)
    setting = Setting(target, items, occasion, season, preferred)
    answer = compose_answer(rng, "personal" if person else "answer", setting, without=without)
    first = Round("ask", request, answer, target, ask.categories, items, occasion, season, preferred)
    return Dialogue("personalized" if person else "basic", items, (first,), person, history, preferred)


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
    rng: random.Random, items: Sequence[Garment], ask: Ask, occasion: str | None, season: str | None
) -> dict[str, str]:
    these = "these" if len(items) > 1 or is_pair(items[0]) else "this"
    if len(items) > 1 and rng.random() < 0.2:
        these = rng.choice(("this outfit", "this look"))
    return {
        "asks": ask.plural,
        "an_ask": ask.one,
        "these": these,
        "item": _called(rng, rng.choice(items)),
        "occasion": OCCASIONS[occasion].say if occasion else "",
        "season": season or "",
    }


def _called(rng: random.Random, item: Garment) -> str:
    """What people call a thing that is shown: color and noun, the noun alone, or all they see."""
    chance = rng.random()
    noun = category_of(item).nouns(item.style)[0]
    if chance < 0.2:
        return noun
    return phrase(item, style="bare") if chance < 0.4 else f"{item.color} {noun}"


def _alternative(
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
