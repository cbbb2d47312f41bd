"""Composes recommendation dialogues from the tables and the outfit rules, to train and test with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from fashion.garment import Garment
from fashion.language import article, is_pair, phrase
from fashion.occasions import OCCASIONS
from fashion.rules import goes_with_reason, score_pairing
from fashion.sampling import Split, sample_garment
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, GROUPS, SEASONS, category_of

_CANDIDATES = 24
_MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class RecommendationSample:
    """One request about one to three shown items, and its answer.

    Attributes:
        items: The garments shown, 1..3.
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
    """Compose one sample.

    Args:
        rng: The source of chance.
        split: Passed to `fashion.sampling.sample_garment` for every garment drawn.
        items: The garments shown; composed by the outfit rules when None.

    Returns:
        A sample whose target is the best of the candidates by `fashion.rules.score_pairing`.
    """
    table = load_table("dialogues")
    template = rng.choice(table["requests"])
    occasion = rng.choice(tuple(OCCASIONS)) if "{occasion}" in template else None
    season = rng.choice(SEASONS) if "{season}" in template else None
    items = items or _outfit(rng, split, occasion, season)
    asks, an_ask, asked = _ask(rng, items, table)
    target = best_candidate(rng, asked, items, occasion=occasion, season=season, split=split)
    shown = rng.choice(items)
    item = f"{shown.color} {category_of(shown).nouns(shown.style)[0]}"
    request = template.format(
        asks=asks,
        an_ask=an_ask,
        item=item,
        season=season,
        these="these" if len(items) > 1 or is_pair(items[0]) else "this",
        occasion=OCCASIONS[occasion].say if occasion else "",
    )
    answer = _answer(rng, target, items, item, occasion, season, table)
    return RecommendationSample(items, _typed(rng, request), target, answer, occasion, season, asked)


def best_candidate(
    rng: random.Random,
    asked: tuple[str, ...],
    items: tuple[Garment, ...],
    *,
    occasion: str | None = None,
    season: str | None = None,
    split: Split = "any",
) -> Garment:
    """The best of some sampled garments of the asked categories beside the items."""
    candidates = [sample_garment(rng, rng.choice(asked), split=split) for _ in range(_CANDIDATES)]
    return max(candidates, key=lambda candidate: score_pairing(candidate, items, occasion, season).total)


def _outfit(
    rng: random.Random, split: Split, occasion: str | None, season: str | None
) -> tuple[Garment, ...]:
    """One to three garments that can be worn together, most of them close in formality."""
    rare = load_table("dialogues")["rare_in_outfits"]
    everyday = [name for name in CATEGORIES if name not in rare]
    first = sample_garment(rng, rng.choice(everyday if rng.random() < 0.97 else rare), split=split)
    items = [first]
    for _ in range(rng.choices((0, 1, 2), (5, 3, 2))[0]):
        candidates = [sample_garment(rng, rng.choice(everyday), split=split) for _ in range(6)]
        best = max(candidates, key=lambda one: score_pairing(one, items, occasion, season).total)
        if not score_pairing(best, items).violations:
            items.append(best)
    return tuple(items)


def _ask(
    rng: random.Random, items: tuple[Garment, ...], table: dict[str, Any]
) -> tuple[str, str, tuple[str, ...]]:
    """What is asked for: plural words, words with article, and the categories that answer."""
    free = [name for name in CATEGORIES if _wearable(name, items)]
    groups = [
        group
        for group in table["group_asks"]
        if all(name in free for name in GROUPS[group])
        and group not in {category_of(item).group for item in items}
    ]
    if groups and rng.random() < 0.5:
        group = rng.choice(groups)
        asks, an_ask = rng.choice(table["group_asks"][group])
        return asks, an_ask, GROUPS[group]
    everyday = [name for name in free if name not in table["rare_in_outfits"]] or free
    kind = CATEGORIES[rng.choice(everyday if rng.random() < 0.97 else free)]
    if kind.pair:
        return (
            kind.plural,
            rng.choice((f"a pair of {kind.plural}", kind.plural, f"some {kind.plural}")),
            (kind.name,),
        )
    return kind.plural, f"{article(kind.singular)} {kind.singular}", (kind.name,)


def _wearable(name: str, items: tuple[Garment, ...]) -> bool:
    """Whether a garment of that category finds a free place beside the items."""
    stand_in = Garment(name, "black")
    return not score_pairing(stand_in, items).violations and all(item.category != name for item in items)


def _answer(
    rng: random.Random,
    target: Garment,
    items: tuple[Garment, ...],
    item: str,
    occasion: str | None,
    season: str | None,
    table: dict[str, Any],
) -> str:
    np = phrase(target, rng, "plain") if rng.random() < 0.4 else phrase(target)
    reason = goes_with_reason(target, items, occasion, season)
    template = rng.choice(table["answers"])
    for reason_words in (reason, reason.split(" and it ")[0].split(" and both ")[0]):
        answer: str = template.format(
            np=np, Np=_capital(np), reason=reason_words, Reason=_capital(reason_words), item=item
        )
        if len(answer.split()) <= _MOST_WORDS:
            return answer
    return f"I'd go with {np}: {target.color} works here."


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _typed(rng: random.Random, request: str) -> str:
    """People type with and without capitals and question marks."""
    if rng.random() < 0.25:
        request = request.rstrip("?.")
    return _capital(request) if rng.random() < 0.4 else request
