"""What a person's history says: things they like, things never to show, and the published preference score.

The score of a liked thing, as published: cos(thing, centroid of the liked things of the wanted category that
were worn with what is at hand, weighted by how often) x (1 + 2 x count / highest count).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fashion.mentions import find_mentions
from fashion.product import Product
from stores.history import HistoryEvent
from tools.sight import Seen
from tools.wishes import Wishes

FOND = ("like", "own", "bought")
AVERSE = ("dislike", "avoid")
MOST = 5
"""Descriptions in the "I prefer …" sentence."""

Vectors = npt.NDArray[np.float32]
_RULE_FIELDS = {
    "category": "not_categories",
    "color": "not_colors",
    "pattern": "not_patterns",
    "material": "not_materials",
}


@dataclass(frozen=True, slots=True)
class Liked:
    """A thing a person likes, owns or bought.

    Attributes:
        words: What it is, for example ``"white leather sneakers"``.
        category: Its category; None where a trait was liked whatever the category ("I love navy").
        verb: ``liked``, ``own`` or ``bought``.
        count: How often it was noted.
        worn_with: The categories it was noted together with, one entry a note.
    """

    words: str
    category: str | None
    verb: str
    count: int
    worn_with: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Known:
    """What the notes about one person come to.

    Attributes:
        liked: Things liked, owned or bought, the newest last.
        refused_ids: Items never to show.
        rules: Traits never to show together, for example ``{"category": "Sneakers", "color": "yellow"}``.
    """

    liked: list[Liked] = field(default_factory=list)
    refused_ids: frozenset[str] = frozenset()
    rules: tuple[dict[str, str], ...] = ()

    def forbids(self, product: Product) -> bool:
        """Whether showing a product would break a rule or repeat a refused item."""
        return product.id in self.refused_ids or any(
            all(getattr(product, name) == value for name, value in rule.items()) for rule in self.rules
        )

    def asked_anyway(self, wishes: Wishes) -> Known:
        """The same without the rules that the wishes of this very moment go against."""
        asked = {
            "category": wishes.categories, "color": wishes.colors,
            "pattern": wishes.patterns, "material": wishes.materials,
        }  # fmt: skip
        kept = tuple(rule for rule in self.rules if not all(v in asked[name] for name, v in rule.items()))
        return Known(self.liked, self.refused_ids, kept)

    def narrow(self, wishes: Wishes) -> Wishes:
        """Add the rules about one trait alone to the wishes' ``not_…`` fields."""
        added: dict[str, list[str]] = {name: list(getattr(wishes, name)) for name in _RULE_FIELDS.values()}
        for rule in self.rules:
            if len(rule) == 1:
                ((name, value),) = rule.items()
                if value not in added[_RULE_FIELDS[name]]:
                    added[_RULE_FIELDS[name]].append(value)
        return wishes.model_copy(update=added)


def read_notes(events: Iterable[HistoryEvent]) -> Known:
    """Sum up a person's notes, oldest first: what is said later wins over what was said before."""
    liked: dict[tuple[str, ...], Liked] = {}
    refused: dict[str, None] = {}
    rules: dict[tuple[tuple[str, str], ...], None] = {}
    for event in events:
        traits = {name: event.attributes[name] for name in _RULE_FIELDS if name in event.attributes}
        rule = tuple(sorted(traits.items()))
        key = (
            (event.item_id,)
            if event.item_id
            else tuple(value for pair in rule for value in pair) or (event.text,)
        )
        if event.kind in AVERSE:
            liked.pop(key, None)
            if event.item_id:
                refused[event.item_id] = None
            elif rule:
                rules[rule] = None
        elif event.kind in FOND:
            refused.pop(event.item_id or "", None)
            if not event.item_id:
                rules.pop(rule, None)
            before = liked.pop(key, None)
            liked[key] = _liked(event, traits, before)
    return Known(
        [one for one in liked.values() if one.words], frozenset(refused), tuple(dict(rule) for rule in rules)
    )


def _liked(event: HistoryEvent, traits: dict[str, str], before: Liked | None) -> Liked:
    with_ = frozenset(find_mentions(event.attributes.get("worn_with", "")).categories)
    category = traits.get("category")
    words = Seen(**traits).words() if category else " ".join(traits.values()) or event.text[:80]
    verb = {"like": "liked", "own": "own", "bought": "bought"}[event.kind]
    return Liked(
        words=words,
        category=category,
        verb=verb,
        count=1 + (before.count if before else 0),
        worn_with=(*(before.worn_with if before else ()), with_),
    )


def relevant(known: Known, wanted: Collection[str]) -> list[Liked]:
    """The liked things of the wanted categories (of all, where none is wanted), and traits liked anywhere."""
    return [one for one in known.liked if one.category is None or not wanted or one.category in wanted]


def score_liked(liked: Sequence[Liked], vectors: Vectors, at_hand: Collection[str]) -> list[float]:
    """The published score of each liked thing.

    Args:
        liked: Things of the wanted category.
        vectors: Their normalized embeddings, shape ``(len(liked), d)``.
        at_hand: The categories of what is at hand; things noted together with one of them co-occur with it.
        Where nothing does, every note counts.

    Returns:
        A score for each, in order; empty for none.
    """
    if not liked:
        return []
    hand = set(at_hand)
    together = [sum(bool(note & hand) for note in one.worn_with) for one in liked]
    counts = np.asarray(together if any(together) else [one.count for one in liked], np.float32)
    centroid = (vectors * counts[:, None]).sum(0)
    centroid /= max(float(np.linalg.norm(centroid)), 1e-12)
    scores = (vectors @ centroid) * (1 + 2 * counts / counts.max())
    return [float(score) for score in scores]


def summary(known: Known) -> str:
    """One sentence on what a person likes and avoids; empty where nothing is known."""
    parts = []
    if known.liked:
        parts.append("likes " + ", ".join(one.words for one in known.liked[: -MOST - 1 : -1]))
    if known.rules:
        parts.append("avoids " + ", ".join(rule_words(rule) for rule in known.rules[-MOST:]))
    return "; ".join(parts)


def rule_words(rule: dict[str, str]) -> str:
    """A rule in words: ``"yellow sneakers"``."""
    return Seen(**rule).words() if "category" in rule else " ".join(rule.values())
