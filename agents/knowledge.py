"""A stylist's knowledge: dress codes, care, fit and history by heart; color pairs, formality and materials by the tables.

Found by key words alone, so that the same question always gets the same answer, and an unknown one an honest no.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from agents.phrasing import capital, listed
from agents.tables import load_table
from fashion.color import COLORS, harmony
from fashion.garment import Garment
from fashion.lexicon import scan, tokenize
from fashion.mentions import Mentions, find_mentions
from fashion.occasions import formality, occasion_named, suits_season
from fashion.vocabulary import CATEGORIES

_GOOD, _BAD = 0.75, 0.5
"""Harmony scores from and below which two colors are called good and bad together."""


def answer(text: str) -> str | None:
    """An answer to a question about clothes, or None where nothing is known.

    Args:
        text: The question in free words.
    """
    words = [_stem(token) for token in tokenize(text)]
    mentions = find_mentions(text)
    told = _by_heart(words)
    if told is not None:
        return told
    if not _asks(words):
        return None
    return (
        _colors(mentions, _named_colors(text))
        or _for_occasion(mentions)
        or _for_season(mentions, words)
        or _material(mentions, words)
        or _definitions(mentions)
    )


def _asks(words: Sequence[str]) -> bool:
    table = load_table("answers")
    return bool(set(words) & {_stem(word) for word in (*table["ask_words"], *table["care_words"])})


def _by_heart(words: Sequence[str]) -> str | None:
    """The entry whose best phrase stands wholly in the words; rare words weigh more than common ones."""
    weights, have = _weights(), set(words)
    best, score = None, 0.0
    for phrases, said in _entries():
        for phrase in phrases:
            if have.issuperset(phrase):
                worth = sum(weights[word] for word in phrase)
                if worth > score:
                    best, score = said, worth
    return best


@cache
def _entries() -> tuple[tuple[tuple[frozenset[str], ...], str], ...]:
    return tuple(
        (tuple(frozenset(_stem(token) for token in tokenize(phrase)) for phrase in row["ask"]), row["say"])
        for row in load_table("knowledge")
    )


@cache
def _weights() -> dict[str, float]:
    counts = Counter(word for phrases, _ in _entries() for word in frozenset().union(*phrases))
    return {word: 1.0 + math.log(len(_entries()) / count) for word, count in counts.items()}


def _stem(word: str) -> str:
    """The word without a plural s."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _named_colors(text: str) -> list[str]:
    """The colors named. Unlike in a wish, "olive" or "rose" alone is a color in a question."""
    return list(dict.fromkeys(match.value for match in scan(tokenize(text)) if match.kind == "color"))


def _colors(mentions: Mentions, colors: Sequence[str]) -> str | None:
    """How two colors go together, or what one color goes with."""
    table = load_table("answers")
    if len(colors) >= 2:
        judged = harmony(colors[0], colors[1])
        verdict = "yes" if judged.score >= _GOOD else "no" if judged.score < _BAD else "careful"
        return str(table["color_pair"]).format(verdict=table["verdicts"][verdict], reason=judged.reason)
    if colors and not (mentions.categories or mentions.occasion or mentions.materials):
        color = colors[0]
        friends = sorted(
            (name for name in COLORS if name != color), key=lambda name: -harmony(color, name).score
        )
        return str(table["color_friends"]).format(
            Color=capital(color), friends=listed(friends[:5]), Tip=table["color_tip"]
        )
    return None


def _for_occasion(mentions: Mentions) -> str | None:
    """Whether a kind of piece suits an occasion, by formality."""
    if not (mentions.categories and mentions.occasion):
        return None
    table, occasion = load_table("answers"), occasion_named(mentions.occasion)
    category = CATEGORIES[mentions.categories[0]]
    level = formality(Garment(category.name, "black"))
    low, high = occasion.level
    facts: dict[str, Any] = {"things": category.plural, "occasion": occasion.say}
    if low - 0.3 <= level <= high + 0.3:
        return str(table["formality"]["yes"]).format(**facts)
    others = (one for one in CATEGORIES.values() if one.group == category.group and one.name != category.name)
    nearest = sorted(others, key=lambda one: abs(formality(Garment(one.name, "black")) - occasion.ideal))
    side = table["too_casual"] if level < low else table["too_formal"]
    better = listed([one.plural for one in nearest[:2]], "or")
    return str(table["formality"]["no"]).format(**facts, side=side, instead=better)


def _for_season(mentions: Mentions, words: Sequence[str]) -> str | None:
    """Whether a material, or a piece of it, suits a season; None for any other question about the two."""
    table = load_table("answers")
    said = set(words)
    other = said & {_stem(word) for word in (*table["care_words"], *table["no_verdict"])}
    if not (mentions.season and len(mentions.materials) == 1) or other or not said & set(table["judging"]):
        return None
    material, season = mentions.materials[0], mentions.season
    # Of a belt the weight is not judged, only the material.
    kind = mentions.categories[0] if mentions.categories else "Belts"
    verdict = suits_season(Garment(kind, "black", material=material), season)
    key = "no" if verdict.score < _BAD else "yes"
    if not mentions.categories and key == "yes" and not verdict.reason.startswith(material):
        key = "either"
    told = "" if mentions.categories else load_table("materials").get(material, {}).get("is", "")
    return str(table["season"][key]).format(reason=verdict.reason, season=season, more=told and f" {told}")


def _material(mentions: Mentions, words: Sequence[str]) -> str | None:
    """What a material is or how it is cared for; two of them side by side."""
    known = load_table("materials")
    care = {_stem(word) for word in load_table("answers")["care_words"]}
    named = [name for name in mentions.materials if name in known]
    if not named or (mentions.categories and not care & set(words)):
        return None
    key = "care" if care & set(words) else "is"
    return " ".join(known[name][key] for name in named[:2])


def _definitions(mentions: Mentions) -> str | None:
    """What a category is; two of them side by side."""
    known: dict[str, str] = load_table("definitions")
    return " ".join(known[name] for name in mentions.categories[:2] if name in known) or None
