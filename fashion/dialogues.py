"""Composes recommendation dialogues from the tables and the outfit rules, to train and test with.

Three tasks, as in FashionRec: ``basic`` (what goes with these?), ``personalized`` (the same, with what the person
prefers) and ``alternative`` (one thing of the outfit changed). Words are in ``fashion/data/dialogues*.yaml``; later
rounds are written in `fashion.dialogue_followups`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from fashion.dialogue_choices import best_candidate
from fashion.dialogue_followups import follow_up
from fashion.dialogue_openings import addition, alternative
from fashion.dialogue_rounds import Dialogue, Round, Task
from fashion.garment import Garment
from fashion.people import Person, sample_person
from fashion.reasons import ReasonKind
from fashion.sampling import Split

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

TASKS: tuple[Task, ...] = ("basic", "personalized", "alternative")

_ROUND_WEIGHTS = (11, 6, 3)
_UNSEEN: tuple[ReasonKind, ...] = ("pattern", "formality")
"""Rules that say nothing about items of which only category and color are known."""


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
    rng: random.Random,
    *,
    split: Split = "any",
    items: tuple[Garment, ...] | None = None,
    is_open: bool = False,
    left_out: float = 0.0,
) -> RecommendationSample:
    """Compose one sample: a basic dialogue of one round.

    Args:
        rng: The source of chance.
        split: As in `compose_dialogue`.
        items: The garments shown, of which category and color are known; composed by the outfit rules when None.
        is_open: Whether the request must leave open what kind of thing is wanted; by chance otherwise.
        left_out: Chance of each word of the request to be left out, 0..1, but for what it names.
    """
    made = compose_dialogue(
        rng, "basic", split=split, rounds=1, items=items, is_open=is_open, left_out=left_out
    )
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
    is_open: bool = False,
    left_out: float = 0.0,
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
        is_open: Whether the first request must leave open what kind of thing is wanted; not of alternatives.
        left_out: Chance of each word of the first request to be left out, 0..1, but for what it names; not of alternatives.

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
        made = alternative(rng, split, items, without)
    else:
        someone = (person or sample_person(rng, split)) if task == "personalized" else None
        made = addition(rng, split, items, someone, without, is_open, left_out)
    done = list(made.rounds)
    for _ in range(count - 1):
        done.append(follow_up(rng, split, made.items, done, without))
    return Dialogue(task, made.items, tuple(done), made.person, made.history, made.preferred, made.changed)
