"""Which slot of the key/value memory holds what: pure bookkeeping, no tensors.

A slot whose request has ended keeps its contents until it is needed, so that the next question about the same picture
finds its keys and values there; the slot left alone for longest is overwritten first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Slot:
    """One slot: the key of the picture its prefix was made from, how many positions that takes, and the words after it."""

    picture: str | None = None
    shared: int = 0
    words: list[int] = field(default_factory=list)
    busy: bool = False
    touched: int = 0

    @property
    def length(self) -> int:
        """Positions held."""
        return self.shared + len(self.words)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a request goes.

    Attributes:
        slot: Its slot.
        source: The slot whose first `held` positions are the request's; `slot` itself where nothing is to be copied.
        held: Positions that are there already.
    """

    slot: int
    source: int
    held: int


class SlotTable:
    """Gives slots to requests and remembers what lies in them."""

    def __init__(self, count: int) -> None:
        """All slots are empty and free."""
        self.slots = [Slot() for _ in range(count)]
        self._clock = 0

    @property
    def free(self) -> int:
        """How many slots no request holds."""
        return sum(not slot.busy for slot in self.slots)

    def place(self, picture: str, words: Sequence[int]) -> Placement | None:
        """Take the best slot for a request, or None where all are busy.

        A free slot that holds the longest beginning of the request is taken over. Where only a busy one does, its
        positions are to be copied to the slot that was left alone for longest. The last word is never counted as held:
        its state is what the first new word is chosen from.
        """
        free = [number for number, slot in enumerate(self.slots) if not slot.busy]
        if not free:
            return None
        held = [self._held(slot, picture, words) for slot in self.slots]
        own = max(free, key=lambda number: (held[number], -self.slots[number].touched))
        best = max(range(len(self.slots)), key=lambda number: held[number])
        if held[best] == 0 or held[own] == held[best]:
            source = slot = own if held[own] else min(free, key=lambda number: self.slots[number].touched)
        else:
            source, slot = best, min(free, key=lambda number: self.slots[number].touched)
        kept = held[source]
        shared = self.slots[source].shared if kept else 0
        self._clock += 1
        self.slots[slot] = Slot(
            picture, shared, list(words[: kept - shared]) if kept else [], True, self._clock
        )
        return Placement(slot, source, kept)

    def write(self, slot: int, shared: int, words: Sequence[int]) -> None:
        """A busy slot holds this by now, behind a prefix of `shared` positions."""
        self.slots[slot].shared, self.slots[slot].words = shared, list(words)

    def append(self, slot: int, word: int) -> None:
        """A busy slot holds one word more."""
        self.slots[slot].words.append(word)

    def release(self, slot: int, *, keep: bool = True) -> None:
        """A request has ended; without `keep` its contents are not to be trusted."""
        self._clock += 1
        if keep:
            self.slots[slot].busy, self.slots[slot].touched = False, self._clock
        else:
            self.slots[slot] = Slot()

    def swap(self, one: int, other: int) -> None:
        """Exchange what is known of two slots, after their contents were."""
        self.slots[one], self.slots[other] = self.slots[other], self.slots[one]

    @staticmethod
    def _held(slot: Slot, picture: str, words: Sequence[int]) -> int:
        if slot.picture != picture or slot.shared == 0:
            return 0
        common = 0
        for mine, theirs in zip(slot.words, words[:-1], strict=False):
            if mine != theirs:
                break
            common += 1
        return slot.shared + common
