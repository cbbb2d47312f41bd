"""Answers: the thing recommended by its attributes, and a true reason, in at most 40 words."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace

from fashion.captions import parse_caption
from fashion.color import harmony
from fashion.dialogue_words import capital
from fashion.language import phrase
from fashion.reasons import Reason, ReasonKind, Setting, comparison, true_reasons
from fashion.tables import load_table

MOST_WORDS = 40

_SECOND_REASON = 0.3
_DETAILED = 0.4
_REPHRASED = 4
_ASKED_FOR = 4
"""How much more often the day that was just named is the reason."""
_WEIGHTS: dict[ReasonKind, float] = {
    "harmony": 6.0,
    "formality": 0.8,
    "pattern": 1.2,
    "season": 6.0,
    "occasion": 6.0,
    "occasion_color": 2.0,
    "taste": 5.0,
    "change": 14.0,
}


def compose_answer(
    rng: random.Random,
    skeletons: str,
    setting: Setting,
    *,
    said: str = "",
    direction: str = "",
    without: Collection[ReasonKind] = (),
) -> str:
    """Write one answer.

    Args:
        rng: The source of chance.
        skeletons: A key of dialogues_answers.yaml; ``why`` names the target as known, the others as new.
        setting: What is recommended, and what it is judged by.
        direction: The change asked for, if any: no other comparison with what is replaced is made.
        said: What was said before; its reasons are not given again where others are true.
        without: Rules not to argue with, where too little is known of the items.

    Returns:
        At most `MOST_WORDS` words. The first garment named is the target; each reason is true of the target as it is named
        as well as of the target with all its attributes.
    """
    target = setting.target
    if skeletons == "why":
        noun_phrase = phrase(target, style="definite")
    else:
        noun_phrase = phrase(target, rng, "plain") if rng.random() < _DETAILED else phrase(target)
    reasons = _common_reasons(setting, noun_phrase, direction, without)
    for _ in range(_REPHRASED):
        if skeletons == "why" or not comparison(setting, direction) or _compares(reasons):
            break
        # What makes it dressier may be its cut, which the short phrase leaves out.
        noun_phrase = phrase(target, rng, "plain")
        reasons = _common_reasons(setting, noun_phrase, direction, without)
    fresh = [reason for reason in reasons if reason.text not in said.lower()] or reasons
    first = _pick(rng, fresh, direction)
    others = [reason for reason in fresh if reason.kind not in (first.kind, "plain")]
    clauses = [first.text]
    if others and rng.random() < _SECOND_REASON:
        both = sorted((first, _pick(rng, others, direction)), key=lambda reason: reason.kind == "occasion")
        # "It does not mind …" comes last: what is said behind a "not" reads as denied.
        clauses.insert(0, " and ".join(reason.text for reason in both))
    skeleton: str = rng.choice(load_table("dialogues_answers")[skeletons])
    slots = {"np": noun_phrase, "Np": capital(noun_phrase), "the": noun_phrase}
    written = [skeleton.format(reason=clause, Reason=capital(clause), **slots) for clause in clauses]
    return next((answer for answer in written if len(answer.split()) <= MOST_WORDS), written[-1])


def _common_reasons(
    setting: Setting, noun_phrase: str, direction: str, without: Collection[ReasonKind]
) -> tuple[Reason, ...]:
    """Reasons true of the target both as it is and as it is named."""
    named = parse_caption(noun_phrase)
    if named is None:
        raise RuntimeError(f"{noun_phrase!r} cannot be read back")
    full = [reason for reason in true_reasons(setting) if reason.kind not in without]
    as_named = set(true_reasons(replace(setting, target=named)))
    compared = comparison(setting, direction)
    target_first = {harmony(setting.target.color, item.color).reason for item in setting.beside}
    return tuple(
        reason
        for reason in full
        if reason in as_named
        and (reason.kind != "harmony" or reason.text in target_first)
        and (reason.kind != "change" or reason.text == compared)
    )


def _compares(reasons: Collection[Reason]) -> bool:
    return any(reason.kind == "change" for reason in reasons)


def _pick(rng: random.Random, reasons: Collection[Reason], direction: str) -> Reason:
    """One reason, the telling rules and what was asked for more often; what is always true only for want of others."""
    telling = [reason for reason in reasons if reason.kind != "plain"]
    if not telling:
        return next(iter(reasons))
    kinds = list(dict.fromkeys(reason.kind for reason in telling))
    weights = [_WEIGHTS[name] * (_ASKED_FOR if name == direction else 1) for name in kinds]
    kind = rng.choices(kinds, weights)[0]
    return rng.choice([reason for reason in telling if reason.kind == kind])
