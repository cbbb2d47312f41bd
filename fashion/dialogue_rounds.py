"""One round of a dialogue: a request, its answer, and what the answer is judged by."""

from __future__ import annotations

from dataclasses import dataclass

from fashion.garment import Garment
from fashion.reasons import ReasonVerdict, reason_is_true


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
