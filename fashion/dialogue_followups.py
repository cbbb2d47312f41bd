"""Second and third rounds: something else, another color, dressier, for another day, one more piece, or why."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fashion.dialogue_answers import compose_answer
from fashion.dialogue_changes import alike, options, relatives
from fashion.dialogue_choices import best_candidate, best_of, can_serve, candidates, is_free, sample_ask
from fashion.dialogue_rounds import Round
from fashion.dialogue_words import fill, patterns, typed
from fashion.garment import Garment
from fashion.language import is_pair
from fashion.occasions import OCCASIONS
from fashion.reasons import ReasonKind, Setting
from fashion.sampling import Split
from fashion.tables import load_table
from fashion.vocabulary import SEASONS

_POOL = 14
_WEIGHTS = {
    "another": 4, "color": 3, "not_color": 2, "dressier": 2, "casual": 2, "warmer": 2, "cooler": 2,
    "plainer": 2, "patterned": 2, "material": 2, "occasion": 2, "season": 2, "also": 5, "why": 3,
}  # fmt: skip
_MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Step:
    """What a follow-up comes to: the round but for its words, the slots of its request, and the answer's skeletons."""

    round: Round
    slots: dict[str, str]
    skeletons: str


def follow_up(
    rng: random.Random,
    split: Split,
    items: Sequence[Garment],
    before: Sequence[Round],
    without: Sequence[ReasonKind] = (),
) -> Round:
    """The next round of a dialogue.

    Args:
        rng: The source of chance.
        split: As in `fashion.dialogues.compose_dialogue`.
        items: What was shown.
        before: The rounds so far, at least one.
        without: Rules not to argue with.
    """
    last = before[-1]
    kinds = _in_random_order(rng, [name for name in _WEIGHTS if name != "why" or last.kind != "why"])
    if before[0].replaced is not None:
        # Who changes an outfit asks for one more piece only where nothing else can be asked.
        kinds.sort(key=lambda name: name == "also")
    steps = (found for name in kinds if (found := _step(rng, name, split, before)) is not None)
    step = next(steps, None) or _why(last)
    bare = step.round
    slots = step.slots | {
        "it": "them" if is_pair(last.target) else "it",
        "is": "are" if is_pair(last.target) else "is",
    }
    pattern = rng.choice(patterns(load_table("dialogues_followups")[bare.kind], split))
    setting = Setting(
        bare.target,
        bare.beside,
        bare.occasion,
        bare.season,
        bare.liked,
        () if bare.replaced is None else (bare.replaced,),
    )
    answer = compose_answer(
        rng,
        step.skeletons,
        setting,
        said=last.answer if bare.kind == "why" else "",
        direction=bare.kind,
        without=without,
    )
    return replace(bare, request=typed(rng, fill(rng, pattern, slots), manners=False), answer=answer)


def _in_random_order(rng: random.Random, names: Sequence[str]) -> list[str]:
    """Weighted, without replacement."""
    return sorted(names, key=lambda name: rng.random() ** (1 / _WEIGHTS[name]), reverse=True)


def _step(rng: random.Random, name: str, split: Split, before: Sequence[Round]) -> _Step | None:
    last = before[-1]
    if name == "why":
        return _why(last)
    if name == "also":
        return _also(rng, split, last)
    if name == "occasion" and last.occasion is None:
        serving = [one for one in OCCASIONS if can_serve(last.target.category, one, last.season)]
        if not serving:
            return None
        made = replace(last, kind=name, occasion=rng.choice(serving))
        return _anew(rng, split, before, made, {"occasion": OCCASIONS[made.occasion or ""].say})
    if name == "season" and last.season is None:
        season = rng.choice(SEASONS)
        return _anew(rng, split, before, replace(last, kind=name, season=season), {"season": season})
    if name == "another":
        return _anew(rng, split, before, replace(last, kind=name), {})
    if name == "not_color":
        color = last.target.color
        return _anew(
            rng, split, before, replace(last, kind=name), {"color": color}, lambda one: one.color != color
        )
    if name in ("occasion", "season"):
        return None
    return _changed(rng, name, split, last)


def _why(last: Round) -> _Step:
    return _Step(replace(last, kind="why", replaced=None), {}, "why")


def _also(rng: random.Random, split: Split, last: Round) -> _Step | None:
    worn = (*last.beside, last.target)
    if len(worn) > _MOST_SHOWN:
        return None
    ask = sample_ask(rng, worn, last.occasion, last.season)
    target = best_candidate(
        rng, ask.categories, worn, occasion=last.occasion, season=last.season, split=split, tries=_POOL
    )
    made = replace(last, kind="also", target=target, asked=ask.categories, beside=worn, replaced=None)
    return _Step(made, {"asks": ask.plural, "an_ask": ask.one}, "also")


def _anew(
    rng: random.Random,
    split: Split,
    before: Sequence[Round],
    made: Round,
    slots: dict[str, str],
    allows: Callable[[Garment], bool] = lambda one: True,
) -> _Step | None:
    """Something of the same kind that was not shown before; None where chance brings none."""
    kinds = tuple(
        name for name in relatives(made.target) if name in made.asked and is_free(name, made.beside)
    )
    asked = kinds or (made.target.category,)
    pool = [
        one
        for one in candidates(rng, asked, made.beside, split=split, tries=_POOL)
        if allows(one) and not any(alike(one, earlier.target) for earlier in before)
    ]
    if not pool:
        return None
    target = best_of(pool, made.beside, made.occasion, made.season)
    return _Step(replace(made, target=target, asked=asked, replaced=None), slots, "change")


def _changed(rng: random.Random, name: str, split: Split, last: Round) -> _Step | None:
    """The last answer, changed in a direction; None where there is nothing in it."""
    old = last.target
    varied = name in ("color", "material", "plainer", "patterned")
    pool = [] if varied else candidates(rng, (old.category,), last.beside, split=split, tries=_POOL)
    found = options(rng, old, pool, last.beside, split).get(name)
    if not found:
        return None
    target = best_of(found, last.beside, last.occasion, last.season)
    slots = {"color": target.color, "material": target.material or ""}
    made = replace(last, kind=name, target=target, asked=(target.category,), replaced=old)
    return _Step(made, slots, "change")
