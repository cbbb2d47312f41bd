"""Reasons for a recommendation: the clauses that the outfit rules make true, and the checking of a written answer.

Every clause has a fixed shape (harmony, formality, pattern, season, occasion, taste, change, plain). `true_reasons` lists
those that hold; `reason_is_true` finds the shapes in any text, a model's included, and holds each against that list. What
has no known shape is not found and counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from fashion.color import COLORS, harmony
from fashion.garment import Garment
from fashion.language import agreeing, is_pair
from fashion.occasions import OCCASIONS, formality, occasion_named, suits_occasion, suits_season, warmth
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS, SEASONS, category_of

ReasonKind = Literal[
    "harmony", "formality", "pattern", "season", "occasion", "occasion_color", "taste", "change", "plain"
]
_PAIR = Garment("Boots", "black")


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
    known = {_plain(text) for text in true}
    return ReasonVerdict(tuple(Claim(kind, text, text in known) for kind, text in _claims(answer)))


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


def _claims(answer: str) -> list[tuple[ReasonKind, str]]:
    """The known clauses in a text, in order; of two that overlap the longer one, at the same start."""
    text = _plain(answer)
    found = sorted(
        ((match.start(), -match.end(), kind) for kind, shape in _shapes() for match in shape.finditer(text)),
    )
    claims: list[tuple[ReasonKind, str]] = []
    after = 0
    for start, minus_end, kind in found:
        if start >= after:
            claims.append((kind, text[start:-minus_end]))
            after = -minus_end
    return claims


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


@cache
def _shapes() -> tuple[tuple[ReasonKind, re.Pattern[str]], ...]:
    rules, table, harmonies = load_table("rules"), _table(), load_table("harmony")
    kinds = harmonies["kinds"].values()
    color_clauses = {harmonies["classic_reason"]} | {
        row[key] for row in kinds for key in ("reason", "same_reason", "accent_reason")
    }
    shapes: list[tuple[ReasonKind, str]] = [("harmony", clause) for clause in sorted(color_clauses)]
    shapes += [
        ("formality", f"{verb} {words}")
        for verb in ("both are", "all of it is")
        for words in rules["style_words"]
    ]
    shapes += [("pattern", clause) for clause in rules["pattern_reasons"].values()]
    shapes += [("season", form) for clause in rules["season_reasons"].values() for form in _forms(clause)]
    shapes += [("occasion", form) for one in OCCASIONS.values() for form in _forms(one.reason)]
    shapes += [("occasion_color", table["occasion_color"])]
    shapes += [("taste", clause) for clause in table["taste"].values()]
    shapes += [("change", form) for clause in table["change"].values() for form in _forms(clause)]
    shapes += [("plain", table["neutral"]), ("plain", table["chromatic"])]
    return tuple((kind, re.compile(_shape(clause))) for kind, clause in shapes)


def _forms(clause: str) -> tuple[str, str]:
    """A clause about one thing, and about a pair."""
    return clause, agreeing(_PAIR, clause)


def _shape(clause: str) -> str:
    color, nouns = _any(COLORS), _any({noun for c in CATEGORIES.values() for noun in _nouns(c.name)})
    slots = {"color": color, "accent": color, "pair": f"{color} and {color}", "noun": nouns}
    slots |= {"pattern": _any(PATTERNS), "first": _any(PATTERNS), "second": _any(PATTERNS)}
    slots |= {"material": _any(MATERIALS), "season": _any(SEASONS)}
    slots["say"] = _any({occasion.say for occasion in OCCASIONS.values()})
    parts = re.split(r"\{(\w+)\}", _plain(clause))
    return (
        r"(?<![\w-])"
        + "".join(slots[part] if place % 2 else re.escape(part) for place, part in enumerate(parts))
        + r"(?![\w-])"
    )


def _any(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(re.escape(word) for word in longest_first)})"


def _nouns(category: str) -> set[str]:
    kind = CATEGORIES[category]
    return {kind.singular} | {singular for singular, _ in kind.style_nouns.values()}


def _noun(garment: Garment) -> str:
    return category_of(garment).nouns(garment.style)[0]


def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_table("reasons")
    return table
