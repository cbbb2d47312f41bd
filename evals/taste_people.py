"""Invented people with hidden tastes: how well an item suits one, and the notes such a person would leave."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from fashion.product import Product
from stores.history import History
from tools.record_feedback import item_attributes

PEOPLE = Path(__file__).parent / "data" / "people.yaml"
_WEIGHTS = {"color": 1.0, "material": 0.8, "pattern": 0.7}
_NOISE = 0.35
"""People are not consistent: the spread of what they say about what suits them."""
_LOOKED_AT, _LIKED, _DISLIKED = 60, 8, 4


class Person(BaseModel):
    """One invented person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    colors: list[str]
    materials: list[str]
    patterns: list[str] = Field(default_factory=list)
    not_colors: list[str]
    not_materials: list[str]
    not_patterns: list[str] = Field(default_factory=list)

    def suits(self, product: Product) -> float:
        """How well an item suits the hidden taste: the weighted sum of what is liked less what is not, -2.5..2.5."""
        total = 0.0
        for name, weight in _WEIGHTS.items():
            value = getattr(product, name)
            total += weight * (value in getattr(self, f"{name}s"))
            total -= weight * (value in getattr(self, f"not_{name}s"))
        return total

    def alike(self, other: Person) -> float:
        """How far two hidden tastes agree: what both like or both do not, less what one likes and the other does not."""
        total = 0.0
        for name, weight in _WEIGHTS.items():
            likes, hates = set(getattr(self, f"{name}s")), set(getattr(self, f"not_{name}s"))
            theirs, not_theirs = set(getattr(other, f"{name}s")), set(getattr(other, f"not_{name}s"))
            total += weight * (len(likes & theirs) + len(hates & not_theirs))
            total -= weight * (len(likes & not_theirs) + len(hates & theirs))
        return total


def load_people(path: Path = PEOPLE) -> list[Person]:
    """All invented people."""
    return [Person.model_validate(row) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]


def notes_of(person: Person, stock: Sequence[Product], seed: int) -> list[tuple[str, Product]]:
    """What the person would say of some items they came across: (kind of note, item), in the order said."""
    rng = random.Random(f"{seed}/{person.name}")
    seen = rng.sample(list(stock), min(_LOOKED_AT, len(stock)))
    felt = sorted(seen, key=lambda product: person.suits(product) + rng.gauss(0, _NOISE))
    notes = [("dislike", product) for product in felt[:_DISLIKED]]
    notes += [(rng.choice(("like", "like", "own", "bought")), product) for product in felt[-_LIKED:]]
    rng.shuffle(notes)
    return notes


def keep_notes(history: History, user: str, notes: Sequence[tuple[str, Product]]) -> None:
    """Write notes into a user's history."""
    for number, (kind, product) in enumerate(notes):
        history.record(
            user,
            kind,
            text=f"{kind} the {product.title}",
            item_id=product.id,
            attributes=item_attributes(product),
            effect_key=f"{user}/{number}",
        )
