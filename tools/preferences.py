"""What a person's history says: explicit rules, which nothing breaks, apart from what they like and dislike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fashion.implied import implied_bans
from fashion.lexicon import tokenize
from fashion.mentions import find_mentions
from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from stores.history import HistoryEvent
from tools.prompts import load_data
from tools.rule_words import CUTS, budget_words, rule_words
from tools.sight import Seen
from tools.wishes import Wishes, has_size, made_of

FOND = ("like", "own", "bought", "worn")
RULING = ("avoid", "rule")
"""What nothing shown may break: kinds of thing to leave out, a size, a budget."""
ALLOWING = "allow"
"""A rule taken back."""
MOST = 5
"""Descriptions in the "I prefer …" sentence."""

_RULE_FIELDS = {
    "category": "not_categories", "color": "not_colors", "pattern": "not_patterns", "material": "not_materials",
    "style": "not_styles",
}  # fmt: skip
_WISHED = {
    "category": "categories", "color": "colors", "pattern": "patterns", "material": "materials", "style": "styles",
}  # fmt: skip
_VERBS = {"like": "liked", "own": "own", "bought": "bought", "worn": "wear", "dislike": "did not like"}


@dataclass(frozen=True, slots=True)
class Liked:
    """A thing a person likes, owns, bought or wears, or (among the disliked) one they do not like.

    Attributes:
        words: What it is, for example ``"white leather sneakers"``.
        traits: Its attributes by name, as far as known.
        verb: ``liked``, ``own``, ``bought``, ``wear`` or ``did not like``.
        count: How often it was noted.
        at: When it was noted last.
        worn_with: The categories it was noted together with, one entry a note.
        item_id: The catalog item it is; None for a kind of thing.
    """

    words: str
    traits: dict[str, str]
    verb: str
    count: int
    at: datetime
    worn_with: tuple[frozenset[str], ...] = ()
    item_id: str | None = None

    @property
    def category(self) -> str | None:
        """Its category; None where a trait was liked whatever the category ("I love navy")."""
        return self.traits.get("category")


@dataclass(frozen=True)
class Known:
    """What the notes about one person come to.

    Attributes:
        liked: Things liked, owned, bought or worn, the newest last.
        disliked: Things not liked, the newest last.
        refused_ids: Items never to show.
        rules: Traits never to show together, for example ``{"category": "Sneakers", "color": "yellow"}``.
        implied: Those of the rules that no note names: "I'm vegan" implies all of them.
        sizes: The person's sizes: the size and the group it is of (empty for all that come in it).
        budget: The price never to go beyond, or None.
    """

    liked: list[Liked] = field(default_factory=list)
    disliked: list[Liked] = field(default_factory=list)
    refused_ids: frozenset[str] = frozenset()
    rules: tuple[dict[str, str], ...] = ()
    implied: tuple[dict[str, str], ...] = ()
    sizes: tuple[tuple[str, str], ...] = ()
    budget: float | None = None

    def forbids(self, product: Product, wishes: Wishes | None = None) -> bool:
        """Whether showing a product would break a rule, or bring what was refused.

        Args:
            product: The item.
            wishes: What is asked right now: a size stated there stands in for the person's own, and what is merely not
                liked is shown when it is asked for by name.
        """
        asked = wishes or Wishes()
        if product.id in self.refused_ids or any(_has(product, rule) for rule in self.rules):
            return True
        if self.budget is not None and product.price > self.budget:
            return True
        if not asked.size and any(not _fits(product, size, group) for size, group in self.sizes):
            return True
        return any(
            _has(product, one.traits)
            for one in self.disliked
            if one.item_id is None and one.traits and not _names(asked, one.traits)
        )

    def narrow(self, wishes: Wishes) -> Wishes:
        """Lay the rules over the wishes: what goes against one is taken out, and what one forbids is added."""
        changed: dict[str, object] = {}
        for rule in self.rules:
            if len(rule) != 1 or not set(rule) <= set(_RULE_FIELDS):
                continue
            ((name, value),) = rule.items()
            banned, wished = _RULE_FIELDS[name], _WISHED[name]
            bans = list(changed.get(banned, getattr(wishes, banned)))  # type: ignore[call-overload]
            wants = list(changed.get(wished, getattr(wishes, wished)))  # type: ignore[call-overload]
            changed[banned] = list(dict.fromkeys([*bans, value]))
            changed[wished] = [want for want in wants if want not in _meant(name, value)]
            if name == "category" and wants and not changed[wished]:
                # Nothing that was asked for may be shown: what is worn in its stead is looked for.
                groups = dict.fromkeys([*wishes.groups, *(CATEGORIES[want].group for want in wants)])
                changed["groups"] = list(groups)
        if self.budget is not None:
            limit = wishes.max_price
            changed["max_price"] = self.budget if limit is None else min(limit, self.budget)
            if wishes.min_price is not None and wishes.min_price > self.budget:
                changed["min_price"] = None
        return wishes.model_copy(update=changed)

    def held_against(self, wishes: Wishes) -> list[str]:
        """The rules that the wishes go against, in words."""
        held = [rule_words(rule) for rule in self.rules if _names(wishes, rule)]
        if self.budget is not None and (
            (wishes.max_price or 0) > self.budget or (wishes.min_price or 0) > self.budget
        ):
            held.append(budget_words(self.budget))
        return held

    def rules_in_words(self) -> list[str]:
        """Every rule in words, the newest last."""
        words = [rule_words(rule) for rule in self.rules]
        words += [
            f"anything but size {size}" + (f" in {group}" if group else "") for size, group in self.sizes
        ]
        return [*words, budget_words(self.budget)] if self.budget is not None else words


def _names(wishes: Wishes, traits: dict[str, str]) -> bool:
    """Whether the wishes ask for every one of some traits by name."""
    cuts = {name: value for name, value in traits.items() if name in CUTS}
    if any(getattr(wishes, name) not in _meant(name, value) for name, value in cuts.items()):
        return False
    return all(
        not set(_meant(name, value)).isdisjoint(getattr(wishes, _WISHED[name], ()))
        for name, value in traits.items()
        if name in _WISHED
    )


def _has(product: Product, traits: dict[str, str]) -> bool:
    return all(
        getattr(product, name) in _meant(name, value)
        for name, value in traits.items()
        if name in _RULE_FIELDS or name in CUTS
    )


def _meant(name: str, value: str) -> list[str]:
    """The values that a trait stands for: leather is also suede, and a long dress a maxi dress."""
    if name == "length":
        return [value, *load_data("materials")["lengths"].get(value, [])]
    return made_of(value) if name == "material" else [value]


def _fits(product: Product, size: str, group: str) -> bool:
    if group and CATEGORIES[product.category].group != group:
        return True
    return has_size(product, size)


def _only_implied(words: str, rule: dict[str, str]) -> bool:
    """Whether the words of a note imply a rule and do not name what it is about."""
    implied = [{"material": one} for one in implied_bans(tokenize(words), (), about="person")]
    return rule in implied and rule["material"] not in find_mentions(words).not_materials


class _Reading:
    """The notes read so far: what is said later wins over what was said before."""

    def __init__(self) -> None:
        self.liked: dict[tuple[str, ...], Liked] = {}
        self.disliked: dict[tuple[str, ...], Liked] = {}
        self.refused: dict[str, None] = {}
        self.rules: dict[tuple[tuple[str, str], ...], bool] = {}
        """Each with whether it is only implied by the words that made it."""
        self.sizes: dict[tuple[bool, str], str] = {}
        self.budget: float | None = None

    def take(self, event: HistoryEvent) -> None:
        """Read one note."""
        ruling = event.item_id is None and event.kind in (*RULING, ALLOWING, "dislike")
        names = (*_RULE_FIELDS, *CUTS) if ruling else tuple(_RULE_FIELDS)
        traits = {name: event.attributes[name] for name in names if name in event.attributes}
        rule = tuple(sorted(traits.items()))
        key = (event.item_id,) if event.item_id else tuple(v for pair in rule for v in pair) or (event.text,)
        if event.kind == ALLOWING:
            self._allow(traits, event)
        elif event.kind in RULING:
            self._rule(event, rule, key)
        elif event.kind == "dislike":
            self.liked.pop(key, None)
            self.disliked[key] = _thing(event, self.disliked.pop(key, None))
            if event.item_id:
                self.refused[event.item_id] = None
        elif event.kind in FOND:
            self.refused.pop(event.item_id or "", None)
            self.disliked.pop(key, None)
            if not event.item_id:
                self.rules.pop(rule, None)
            self.liked[key] = _thing(event, self.liked.pop(key, None))

    def _allow(self, traits: dict[str, str], event: HistoryEvent) -> None:
        if event.item_id:
            # One item is allowed again, not everything that is like it.
            self.refused.pop(event.item_id, None)
            self.disliked.pop((event.item_id,), None)
            return
        wanted = set(traits.items())
        ruled = [*map(set, self.rules), *(set(one.traits.items()) for one in self.disliked.values())]
        if wanted and not any(wanted <= one for one in ruled):
            # There is no rule to take back: a liking is ("forget that I like pink").
            self.liked = {key: one for key, one in self.liked.items() if set(one.traits.items()) != wanted}
        self.rules = {
            rule: implied for rule, implied in self.rules.items() if not (wanted and wanted <= set(rule))
        }
        self.disliked = {
            key: one
            for key, one in self.disliked.items()
            if not (wanted and wanted <= set(one.traits.items()))
        }
        if "max_price" in event.attributes:
            self.budget = None
        if "size" in event.attributes:
            self.sizes = {}

    def _rule(self, event: HistoryEvent, rule: tuple[tuple[str, str], ...], key: tuple[str, ...]) -> None:
        facts = event.attributes
        if event.item_id:
            self.liked.pop(key, None)
            self.refused[event.item_id] = None
            return
        if size := facts.get("size"):
            self.sizes[size[:1].isdigit(), facts.get("group", "")] = size
        if limit := facts.get("max_price"):
            self.budget = float(limit)
        if rule and not size:
            self.liked.pop(key, None)
            self.rules[rule] = self.rules.get(rule, True) and _only_implied(event.text, dict(rule))


def read_notes(events: Iterable[HistoryEvent]) -> Known:
    """Sum up a person's notes, oldest first."""
    reading = _Reading()
    for event in events:
        reading.take(event)
    return Known(
        liked=[one for one in reading.liked.values() if one.words],
        disliked=[one for one in reading.disliked.values() if one.traits],
        refused_ids=frozenset(reading.refused),
        rules=tuple(dict(rule) for rule in reading.rules),
        implied=tuple(dict(rule) for rule, implied in reading.rules.items() if implied),
        sizes=tuple((size, group) for (_, group), size in reading.sizes.items()),
        budget=reading.budget,
    )


_KEPT_TRAITS = (*_RULE_FIELDS, *CUTS)


def _thing(event: HistoryEvent, before: Liked | None) -> Liked:
    facts = event.attributes
    traits = {name: facts[name] for name in _KEPT_TRAITS if facts.get(name)}
    named = {name: traits[name] for name in ("category", "color", "pattern", "material") if name in traits}
    words = Seen(**named).words() if "category" in traits else " ".join(named.values())
    with_ = frozenset(find_mentions(facts.get("worn_with", "")).categories)
    return Liked(
        words=words or traits.get("style", "") or event.text[:80],
        traits=traits,
        verb=_VERBS[event.kind],
        count=1 + (before.count if before else 0),
        at=event.at,
        worn_with=(*(before.worn_with if before else ()), with_),
        item_id=event.item_id,
    )


def relevant(liked: Sequence[Liked], wanted: Collection[str]) -> list[Liked]:
    """The liked things of the wanted categories (of all, where none is wanted), and traits liked anywhere."""
    return [one for one in liked if one.category is None or not wanted or one.category in wanted]


def summary(known: Known) -> str:
    """One sentence on what a person likes and avoids; empty where nothing is known."""
    parts = []
    if known.liked:
        parts.append("likes " + ", ".join(one.words for one in known.liked[: -MOST - 1 : -1]))
    if rules := known.rules_in_words():
        parts.append("avoids " + ", ".join(rules[-MOST:]))
    return "; ".join(parts)
