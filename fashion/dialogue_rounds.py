"""A dialogue and its rounds: requests, answers, and what the answers are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fashion.garment import Garment
from fashion.people import Person
from fashion.reasons import ReasonVerdict, reason_is_true

Task = Literal["basic", "personalized", "alternative"]


@dataclass(frozen=True, slots=True)
class Round:
    """One request and its answer.

    Attributes:
        kind: ``ask`` in the first round of an addition; otherwise the change asked for: a direction of
            dialogues_alternative.yaml, or a key of dialogues_followups.yaml.
        request: What the person says.
        answer: At most 40 words: names the target, then one or two true reasons.
        target: The garment that is recommended.
        asked: The categories that would answer.
        beside: What the target is worn with.
        occasion: The occasion asked for by now, if any; likewise `season`.
        liked: What the person is known to like.
        replaced: What the target stands in for, if anything.
    """

    kind: str
    request: str
    answer: str
    target: Garment
    asked: tuple[str, ...]
    beside: tuple[Garment, ...]
    occasion: str | None = None
    season: str | None = None
    liked: tuple[Garment, ...] = ()
    replaced: Garment | None = None

    def verdict(self, answer: str, target: Garment) -> ReasonVerdict:
        """Check another answer to the same request, a model's, which names `target`."""
        items = self.beside if self.replaced is None else (*self.beside, self.replaced)
        return reason_is_true(
            answer, items, target, self.occasion, self.season, liked=self.liked, changed=self.replaced
        )


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation about an outfit.

    Attributes:
        task: ``basic``, ``personalized`` or ``alternative``.
        items: The garments shown, 1..4.
        rounds: One to three rounds; the first is about the items, later ones follow up.
        person: Personalized: whose taste it is.
        history: Personalized: what this person has.
        preferred: Personalized: those of the history that the request names, 1..5.
        changed: Alternative: the item to replace, one of `items`.
    """

    task: Task
    items: tuple[Garment, ...]
    rounds: tuple[Round, ...]
    person: Person | None = None
    history: tuple[Garment, ...] = ()
    preferred: tuple[Garment, ...] = ()
    changed: Garment | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The categories that answer the first request."""
        return self.rounds[0].asked

    @property
    def occasion(self) -> str | None:
        """The occasion that the first request names, if any."""
        return self.rounds[0].occasion

    @property
    def season(self) -> str | None:
        """The season that the first request names, if any."""
        return self.rounds[0].season
