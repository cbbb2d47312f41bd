"""What makes an outfit: one scored function that also says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from fashion.color import COLORS, Harmony, harmony
from fashion.garment import Garment
from fashion.language import agreeing, is_pair
from fashion.occasions import Verdict, formality, occasion_named, suits_occasion, suits_season
from fashion.tables import load_table
from fashion.vocabulary import SEASONS, Slot, category_of, slot_of


@dataclass(frozen=True, slots=True)
class Part:
    """One aspect of an outfit: its name, its score 0..1 and the reason in words."""

    name: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class OutfitScore:
    """The verdict on an outfit.

    Attributes:
        total: Weighted mean of the parts, 0..1, lowered by each violation.
        parts: ``slots``, ``layering``, ``formality``, ``occasion``, ``season``, ``color``, ``pattern``;
            an occasion that was not asked for is absent, and without a season the best one is taken.
        violations: What is plainly wrong, one clause each.
    """

    total: float
    parts: tuple[Part, ...]
    violations: tuple[str, ...]

    def part(self, name: str) -> Part | None:
        """The part of that name, if it was scored."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class _Worn:
    """What the rules ask of a garment again and again, looked up once."""

    category: str
    slot: Slot
    layer: bool
    noun: str
    pair: bool
    formality: float


@lru_cache(maxsize=1 << 14)
def _worn(garment: Garment) -> _Worn:
    category = category_of(garment)
    noun = category.nouns(garment.style)[0]
    return _Worn(
        category.name, slot_of(garment), bool(category.layer), noun, is_pair(garment), formality(garment)
    )


def missing_slots(items: Sequence[Garment]) -> tuple[str, ...]:
    """The slots an outfit still needs, by the shorter way to completeness; empty when complete."""
    return _missing({_worn(item).slot for item in items})


def _missing(worn: set[Slot]) -> tuple[str, ...]:
    ways = [tuple(slot for slot in way if slot not in worn) for way in load_table("rules")["needed"]]
    whole, parts = ways
    if worn & {"torso", "legs"} and "body" not in worn:
        return parts
    return whole if len(whole) <= len(parts) else parts


def score_outfit(
    items: Sequence[Garment], *, occasion: str | None = None, season: str | None = None
) -> OutfitScore:
    """Score a whole outfit.

    Args:
        items: At least one garment.
        occasion: A name of `fashion.occasions.OCCASIONS`, or None.
        season: spring, summer, autumn, winter, or None.

    Raises:
        ValueError: No items, or an unknown name.
    """
    if not items:
        raise ValueError("an outfit needs at least one item")
    worn = [_worn(item) for item in items]
    slots, doubled = _slots(worn)
    layering, layer_faults = _layering(worn)
    parts = [slots, layering, _formality(items), _color(combinations(items, 2)), _pattern(items)]
    parts += _asked(items, occasion, season)
    if season is None:
        parts.append(_one_season(items))
    return _total(parts, doubled + layer_faults)


def score_pairing(
    candidate: Garment, others: Sequence[Garment], occasion: str | None = None, season: str | None = None
) -> OutfitScore:
    """Score one more piece beside the others; an unfinished outfit costs nothing.

    Raises:
        ValueError: An unknown occasion or season.
    """
    everything = [candidate, *others]
    faults = tuple(
        f"{_noun(candidate)} and {_noun(other)} are worn in the same place"
        for other in others
        if same_place(candidate, other)
    )
    parts = [_formality(everything), _pattern(everything)]
    if others:
        parts.append(_color((candidate, other) for other in others))
    parts += _asked([candidate], occasion, season)
    if season is None:
        parts.append(_one_season(everything))
    return _total(parts, faults)


def goes_with_reason(
    candidate: Garment, others: Sequence[Garment], occasion: str | None = None, season: str | None = None
) -> str:
    """The best true reason for the candidate, as a clause without a full stop."""
    reasons: list[tuple[float, str]] = []
    if others:
        best = max((harmony(candidate.color, other.color) for other in others), key=lambda found: found.score)
        if best.score >= 0.6:
            reasons.append((best.score, best.reason))
        level = _formality([candidate, *others])
        if level.score >= 0.75:
            reasons.append((0.7 * level.score, level.reason))
    if season is not None:
        fit = suits_season(candidate, season)
        if fit.score >= 0.75:
            reasons.append((fit.score, fit.reason))
    if occasion is not None:
        fit = suits_occasion(candidate, occasion)
        if fit.score >= 0.6:
            reasons.append((fit.score + 0.1, fit.reason))
    if not reasons:
        return (
            f"{candidate.color} keeps the look simple"
            if _neutral(candidate)
            else f"{candidate.color} adds color"
        )
    strongest = sorted(reasons, reverse=True)[:2]
    return " and ".join(entry[1] for entry in reasons if entry in strongest)


def _neutral(garment: Garment) -> bool:
    return COLORS[garment.color].family == "neutral"


def _noun(garment: Garment) -> str:
    return _worn(garment).noun


def same_place(first: Garment, second: Garment) -> bool:
    """Whether two garments are worn in the same place, so that one has to go."""
    return _same_place(_worn(first), _worn(second))


def _same_place(first: _Worn, second: _Worn) -> bool:
    a, b = first.slot, second.slot
    if a != b:
        body = (a == "body" and b in ("legs", "torso")) or (b == "body" and a in ("legs", "torso"))
        return body and not (first.layer or second.layer)
    if a in load_table("rules")["many"]:
        return first.category == second.category
    return first.layer == second.layer


def _slots(items: Sequence[_Worn]) -> tuple[Part, tuple[str, ...]]:
    doubled = tuple(
        f"{a.noun} and {b.noun} are worn in the same place"
        for a, b in combinations(items, 2)
        if _same_place(a, b)
    )
    missing = _missing({item.slot for item in items})
    names = {"torso": "a top", "legs": "bottoms", "feet": "shoes", "body": "a dress or suit"}
    if missing:
        wanted = " and ".join(names[slot] for slot in missing)
        return Part("slots", max(0.0, 1 - 0.3 * len(missing)), f"{wanted} would complete it"), doubled
    return Part("slots", 1.0, "the outfit is complete"), doubled


def _layering(items: Sequence[_Worn]) -> tuple[Part, tuple[str, ...]]:
    outer = [item for item in items if item.slot == "outer"]
    base = [item for item in items if item.slot in ("torso", "body") and not item.layer]
    if len(outer) > 1:
        return Part("layering", 0.3, "two outer layers are one too many"), ("two outer layers",)
    over = outer or [item for item in items if item.layer]
    if over and not base:
        return Part("layering", 0.7, f"the {over[0].noun} needs something under it"), ()
    if over:
        return Part("layering", 1.0, f"the {over[0].noun} layers over the {base[0].noun}"), ()
    return Part("layering", 0.9, "one layer keeps it simple"), ()


def _formality(items: Sequence[Garment]) -> Part:
    worn = [_worn(item) for item in items]
    levels = sorted((one.formality, index) for index, one in enumerate(worn))
    spread = levels[-1][0] - levels[0][0]
    words = load_table("rules")["style_words"]
    if spread <= 1.2:
        middle = round(sum(level for level, _ in levels) / len(levels))
        verb = "both are" if len(items) == 2 else "all of it is" if len(items) > 2 else "it is"
        clause = f"{verb} {words[middle]}"
        return Part("formality", 1 - spread * 0.15, agreeing(items[0], clause) if len(items) == 1 else clause)
    casual, smart = worn[levels[0][1]], worn[levels[-1][1]]
    verb = "are" if smart.pair else "is"
    reason = f"the {smart.noun} {verb} dressier than the {casual.noun}"
    return Part("formality", max(0.0, 1 - spread / 3), reason)


def _color(pairs: Iterable[tuple[Garment, Garment]]) -> Part:
    found: list[Harmony] = [harmony(a.color, b.color) for a, b in pairs]
    if not found:
        return Part("color", 0.8, "one color speaks for itself")
    worst, best = min(found, key=lambda f: f.score), max(found, key=lambda f: f.score)
    score = 0.5 * worst.score + 0.5 * sum(f.score for f in found) / len(found)
    return Part("color", score, worst.reason if worst.kind == "clash" else best.reason)


def _pattern(items: Sequence[Garment]) -> Part:
    reasons = load_table("rules")["pattern_reasons"]
    patterned = [item for item in items if item.pattern != "solid"]
    counts = Counter(item.pattern for item in patterned)
    if not patterned:
        return Part("pattern", 0.9, reasons["none"])
    if len(patterned) == 1:
        words = {"pattern": patterned[0].pattern, "noun": _noun(patterned[0])}
        clause = reasons["one_pair" if is_pair(patterned[0]) else "one"]
        return Part("pattern", 1.0, clause.format(**words))
    if len(counts) == 1 and len(patterned) == 2:
        return Part("pattern", 0.6, reasons["same"].format(pattern=patterned[0].pattern))
    if len(patterned) == 2:
        return Part(
            "pattern", 0.35, reasons["two"].format(first=patterned[0].pattern, second=patterned[1].pattern)
        )
    return Part("pattern", 0.15, reasons["many"])


def _asked(items: Sequence[Garment], occasion: str | None, season: str | None) -> list[Part]:
    parts = []
    if occasion is not None:
        occasion_named(occasion)
        parts.append(_lowest_and_mean("occasion", [suits_occasion(item, occasion) for item in items]))
    if season is not None:
        parts.append(_lowest_and_mean("season", [suits_season(item, season) for item in items]))
    return parts


def _lowest_and_mean(name: str, verdicts: Sequence[Verdict]) -> Part:
    lowest = min(verdicts, key=lambda verdict: verdict.score)
    mean = sum(verdict.score for verdict in verdicts) / len(verdicts)
    return Part(name, 0.5 * lowest.score + 0.5 * mean, lowest.reason)


def _one_season(items: Sequence[Garment]) -> Part:
    """Whether there is a season for all of it at once, when none was asked for."""
    worst = [min(scores) for scores in zip(*(_season_scores(item) for item in items), strict=True)]
    score = max(worst)
    season = SEASONS[worst.index(score)]
    if score >= 0.6:
        return Part("season", 0.7 + 0.3 * score, f"all of it can be worn in {season}")
    return Part("season", score, "warm and light pieces are mixed")


@lru_cache(maxsize=1 << 14)
def _season_scores(garment: Garment) -> tuple[float, ...]:
    return tuple(suits_season(garment, season).score for season in SEASONS)


def _total(parts: Sequence[Part], violations: tuple[str, ...]) -> OutfitScore:
    weights = load_table("rules")["weights"]
    weight = sum(weights[part.name] for part in parts)
    mean = sum(weights[part.name] * part.score for part in parts) / weight
    return OutfitScore(total=mean * 0.5 ** len(violations), parts=tuple(parts), violations=violations)
