"""Invented people with tastes of their own, and what hangs in their wardrobes; each follows from a number."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from fashion.garment import Garment
from fashion.sampling import Split, sample_garment
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS

PEOPLE = 100_000
"""How many people there are: numbers 0 .. PEOPLE - 1."""

_HELD_OUT_PERCENT = 10
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a taste.

    Attributes:
        number: 0 .. `PEOPLE` - 1; the person follows from it.
        colors: The colors they wear most.
        patterns: The patterns they like; always with ``solid``.
        materials: The materials they like.
    """

    number: int
    colors: tuple[str, ...]
    patterns: tuple[str, ...]
    materials: tuple[str, ...]

    @property
    def user_id(self) -> str:
        """The name in tables: ``"u00042"``."""
        return f"u{self.number:05d}"

    def fondness(self, garment: Garment) -> float:
        """How much a garment is theirs, 0..1, by color, pattern and material."""
        return (
            0.5 * (garment.color in self.colors)
            + 0.25 * (garment.pattern in self.patterns)
            + 0.25 * (garment.material in self.materials)
        )


def person_is_held_out(number: int) -> bool:
    """Whether a person is kept out of training (about 10 in 100 are)."""
    return zlib.crc32(f"person|{number}".encode()) % 100 < _HELD_OUT_PERCENT


def invented_person(number: int) -> Person:
    """The person of a number. Raises ValueError for a number out of range."""
    if not 0 <= number < PEOPLE:
        raise ValueError(f"a person's number is 0 to {PEOPLE - 1}, got {number}")
    rng = random.Random(f"person/{number}")
    palette = list(CATEGORIES["Dresses"].colors)
    return Person(
        number,
        colors=tuple(rng.sample(palette, rng.choice((2, 3, 3, 4)))),
        patterns=("solid", *rng.sample([p for p in PATTERNS if p != "solid"], rng.choice((0, 1, 1, 2)))),
        materials=tuple(rng.sample(MATERIALS, rng.choice((2, 3, 4)))),
    )


def sample_person(rng: random.Random, split: Split = "any") -> Person:
    """Draw a person of a split."""
    while True:
        number = rng.randrange(PEOPLE)
        if split == "any" or person_is_held_out(number) == (split == "heldout"):
            return invented_person(number)


def wardrobe(
    rng: random.Random, person: Person, categories: Sequence[str], *, split: Split = "any"
) -> tuple[Garment, ...]:
    """What a person has, one garment a category named, by their taste; duplicates are left out."""
    garments = []
    for category in categories:
        tries = [sample_garment(rng, category, split=split) for _ in range(_TRIES)]
        garments.append(max(tries, key=person.fondness))
    return tuple(dict.fromkeys(garments))
