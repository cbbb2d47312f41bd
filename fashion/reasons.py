"""Reasons for a recommendation: the clauses that the outfit rules make true, and the checking of a written answer.

Every clause has a fixed shape (harmony, formality, pattern, season, occasion, taste, change, plain). `true_reasons` lists
those that hold; `reason_is_true` finds the shapes in any text, a model's included, and holds each against that list. What
has no known shape is not found and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fashion.color import COLORS, harmony
from fashion.garment import Garment
from fashion.language import agreeing, is_pair
from fashion.occasions import OCCASIONS, formality, occasion_named, suits_occasion, suits_season, warmth
from fashion.reason_shapes import ReasonKind, claims_in, plain
from fashion.tables import load_table
from fashion.vocabulary import SEASONS, category_of

__all__ = [
    "Claim",
    "Reason",
    "ReasonKind",
    "ReasonVerdict",
    "Setting",
    "comparison",
    "differences",
    "reason_is_true",
    "true_reasons",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One true clause: which rule it rests on, and its words without a full stop."""

    kind: ReasonKind
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One clause found in an answer.

    Attributes:
        kind: The rule that it invokes.
        text: Its words, lower case.
        true: Whether the rules bear it out.
    """

    kind: ReasonKind
    text: str
    true: bool


@dataclass(frozen=True, slots=True)
class ReasonVerdict:
    """What the reasons of an answer are worth; true in a condition when there is one and all are true."""

    claims: tuple[Claim, ...]

    @property
    def true(self) -> bool:
        """Whether at least one reason is given and every one given is true."""
        return bool(self.claims) and all(claim.true for claim in self.claims)

    def __bool__(self) -> bool:
        """As `true`."""
        return self.true


@dataclass(frozen=True, slots=True)
class Setting:
    """What a recommendation is judged by.

    Attributes:
        target: The thing recommended.
        beside: What it is worn with; what it replaces is not among them.
        occasion: The occasion asked for, a name of `OCCASIONS`, or None; likewise `season`.
        liked: What the person is known to like.
        replaced: What it stands in for; may be several where that is not known.
    """

    target: Garment
    beside: tuple[Garment, ...] = ()
    occasion: str | None = None
    season: str | None = None
    liked: tuple[Garment, ...] = ()
    replaced: tuple[Garment, ...] = ()


def reason_is_true(
    answer: str,
    items: Sequence[Garment],
    target: Garment,
    occasion: str | None = None,
    season: str | None = None,
    *,
    liked: Sequence[Garment] = (),
    changed: Garment | None = None,
) -> ReasonVerdict:
    """Check the reasons that an answer gives against the outfit rules.

    Args:
        answer: The answer's text, by a template or a model.
        items: What was shown.
        target: The garment that the answer names (`fashion.captions.parse_caption`), or the full one.
        occasion: The occasion asked for; where None, a true word about any occasion counts.
        season: The season asked for; where None, a true word about any season counts.
        liked: What the person is known to like.
        changed: The item that the target replaces; where None, a comparison may be with any item of that noun.

    Returns:
        The claims found in order, each true or false. An answer without a known clause has none, and is not true.

    Raises:
        ValueError: An unknown occasion, season, category or color.
    """
    beside = tuple(item for item in items if item != changed)
    setting = Setting(
        target, beside, occasion, season, tuple(liked), tuple(items) if changed is None else (changed,)
    )
    true = {reason.text for reason in true_reasons(setting)}
    for name in () if occasion else OCCASIONS:
        true |= {reason.text for reason in _occasion(replace(setting, occasion=name))}
    for name in () if season else SEASONS:
        true |= {reason.text for reason in _season(replace(setting, season=name))}
    known = {plain(text) for text in true}
    return ReasonVerdict(tuple(Claim(kind, text, text in known) for kind, text in claims_in(answer)))


def true_reasons(setting: Setting) -> tuple[Reason, ...]:
    """Every clause in favor of the target that the rules bear out, for the occasion and season asked for."""
    found: list[Reason] = []
    for judge in (_harmony, _formality, _pattern, _season, _occasion, _taste, _change, _alone):
        found += judge(setting)
    return tuple(dict.fromkeys(found))


def _harmony(setting: Setting) -> Iterator[Reason]:
    color = setting.target.color
    others = {item.color for item in setting.beside}
    for other in sorted(others):
        if other == color and COLORS[color].family == "neutral" and len(others) > 1:
            # "Head to toe" is only true where nothing else is there.
            continue
        for found in (harmony(color, other), harmony(other, color)):
            if found.score >= 0.6:
                yield Reason("harmony", found.reason)


def _formality(setting: Setting) -> Iterator[Reason]:
    levels = [formality(item) for item in (setting.target, *setting.beside)]
    middle = sum(levels) / len(levels)
    if len(levels) > 1 and max(levels) - min(levels) <= 1.2:
        words = load_table("rules")["style_words"][round(middle)]
        yield Reason("formality", f"{'both are' if len(levels) == 2 else 'all of it is'} {words}")


def _pattern(setting: Setting) -> Iterator[Reason]:
    reasons = load_table("rules")["pattern_reasons"]
    patterned = [item for item in (setting.target, *setting.beside) if item.pattern != "solid"]
    if not setting.beside or len(patterned) > 1:
        return
    if not patterned:
        yield Reason("pattern", reasons["none"])
    else:
        clause = reasons["one_pair" if is_pair(patterned[0]) else "one"]
        yield Reason("pattern", clause.format(pattern=patterned[0].pattern, noun=_noun(patterned[0])))


def _season(setting: Setting) -> Iterator[Reason]:
    if setting.season is not None:
        verdict = suits_season(setting.target, setting.season)
        if verdict.score >= 0.75:
            yield Reason("season", verdict.reason)


def _occasion(setting: Setting) -> Iterator[Reason]:
    if setting.occasion is None:
        return
    occasion, target = occasion_named(setting.occasion), setting.target
    verdict = suits_occasion(target, setting.occasion)
    if verdict.score < 0.6 or verdict.reason != agreeing(target, occasion.reason):
        return
    yield Reason("occasion", verdict.reason)
    if target.color in occasion.favor_colors:
        yield Reason(
            "occasion_color", _table()["occasion_color"].format(color=target.color, say=occasion.say)
        )


def _taste(setting: Setting) -> Iterator[Reason]:
    words = _table()["taste"]
    for name in ("color", "material", "pattern"):
        value = getattr(setting.target, name)
        if value not in (None, "solid", *_table()["unloved"]) and any(
            getattr(item, name) == value for item in setting.liked
        ):
            yield Reason("taste", words[name].format(**{name: value}))


def _change(setting: Setting) -> Iterator[Reason]:
    for other in setting.replaced:
        for name in differences(setting.target, other):
            yield Reason("change", _compared(setting.target, other, name))


def _alone(setting: Setting) -> Iterator[Reason]:
    color = setting.target.color
    words = _table()["neutral" if COLORS[color].family == "neutral" else "chromatic"]
    yield Reason("plain", words.format(color=color))


def comparison(setting: Setting, direction: str) -> str:
    """How the target is said to differ from what it replaces in a direction; empty where the direction has no words."""
    if direction not in _table()["change"] or not setting.replaced:
        return ""
    return _compared(setting.target, setting.replaced[0], direction)


def _compared(target: Garment, other: Garment, direction: str) -> str:
    clause: str = _table()["change"][direction].format(noun=_noun(other))
    return agreeing(target, clause)


def differences(one: Garment, other: Garment) -> tuple[str, ...]:
    """In which directions one garment plainly differs from another: keys of ``change`` in reasons.yaml."""
    margins = _table()["margins"]
    warm = (warmth(one), warmth(other))
    measures = [
        ("dressier", "casual", formality(one) - formality(other), margins["formality"]),
        ("lighter", "darker", COLORS[one.color].lab[0] - COLORS[other.color].lab[0], margins["lightness"]),
        ("patterned", "plainer", (one.pattern != "solid") - (other.pattern != "solid"), 1),
    ]
    if warm[0] is not None and warm[1] is not None:
        measures.append(("warmer", "cooler", warm[0] - warm[1], margins["warmth"]))
    return tuple(up if gap > 0 else down for up, down, gap, margin in measures if abs(gap) >= margin)


def _noun(garment: Garment) -> str:
    return category_of(garment).nouns(garment.style)[0]


def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_table("reasons")
    return table
