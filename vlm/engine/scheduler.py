"""What the engine does next: pure bookkeeping, no tensors, no threads, no clock of its own.

Words and pictures share the device by time: of two kinds with work, the one that has had less goes next. Within words,
a new request is begun between two decoding steps, so that neither starves; running drawings take turns.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

Kind = Literal["text", "draw"]
Action = Literal["begin", "step"]


class Job(Protocol):
    """What the scheduler knows of a request."""

    @property
    def kind(self) -> Kind:
        """Words or a picture."""
        ...


J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class Work(Generic[J]):
    """One thing to do: begin a single job, or advance several running ones of one kind."""

    action: Action
    kind: Kind
    jobs: tuple[J, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes on at once.

    Attributes:
        texts: Answers, one slot of the key/value memory each.
        drawings: Pictures begun and not finished.
        together: Drawings advanced in one pass; larger makes words wait longer between two passes.
        waiting: Requests not begun; more are refused.
    """

    texts: int
    drawings: int
    together: int
    waiting: int


class Scheduler(Generic[J]):
    """Queues and running jobs of both kinds."""

    def __init__(self, limits: Limits) -> None:
        """Nothing waits and nothing runs."""
        self.limits = limits
        self._waiting: dict[Kind, deque[J]] = {"text": deque(), "draw": deque()}
        self._running: dict[Kind, list[J]] = {"text": [], "draw": []}
        self._spent: dict[Kind, float] = {"text": 0.0, "draw": 0.0}
        self._stepped_last = True

    def waiting(self, kind: Kind | None = None) -> int:
        """How many jobs have not begun, of one kind or in all."""
        return sum(len(queue) for name, queue in self._waiting.items() if kind in (None, name))

    def running(self, kind: Kind) -> int:
        """How many jobs of a kind have begun."""
        return len(self._running[kind])

    @property
    def jobs(self) -> list[J]:
        """All that wait or run."""
        return [job for group in (*self._waiting.values(), *self._running.values()) for job in group]

    @property
    def full(self) -> bool:
        """Whether a further job is to be refused."""
        return self.waiting() >= self.limits.waiting

    def submit(self, job: J) -> None:
        """Queue a job; whether there is room is asked of `full` before."""
        if not self._waiting[job.kind] and not self._running[job.kind]:
            # A kind that had nothing to do has saved up no time.
            self._spent[job.kind] = max(self._spent.values())
        self._waiting[job.kind].append(job)

    def remove(self, job: J) -> bool:
        """Forget a job that ended or was canceled; whether it had begun."""
        if job in self._waiting[job.kind]:
            self._waiting[job.kind].remove(job)
            return False
        self._running[job.kind].remove(job)
        return True

    def charge(self, kind: Kind, seconds: float) -> None:
        """Tell what work of a kind took."""
        self._spent[kind] += seconds

    def next(self) -> Work[J] | None:
        """The next thing to do, or None where nothing waits or runs. A begun job counts as running from here on."""
        kinds: list[Kind] = [kind for kind in ("text", "draw") if self._has_work(kind)]
        if not kinds:
            return None
        kind = min(kinds, key=lambda name: self._spent[name])
        return self._next_text() if kind == "text" else self._next_drawing()

    def _has_work(self, kind: Kind) -> bool:
        return bool(self._running[kind]) or self._can_begin(kind)

    def _can_begin(self, kind: Kind) -> bool:
        room = self.limits.texts if kind == "text" else self.limits.drawings
        return bool(self._waiting[kind]) and len(self._running[kind]) < room

    def _begin(self, kind: Kind) -> Work[J]:
        job = self._waiting[kind].popleft()
        self._running[kind].append(job)
        return Work("begin", kind, (job,))

    def _next_text(self) -> Work[J]:
        if self._can_begin("text") and (self._stepped_last or not self._running["text"]):
            self._stepped_last = False
            return self._begin("text")
        self._stepped_last = True
        return Work("step", "text", tuple(self._running["text"]))

    def _next_drawing(self) -> Work[J]:
        if self._can_begin("draw"):
            return self._begin("draw")
        running = self._running["draw"]
        turn = running[: self.limits.together]
        # Those that were advanced go to the end, so that all get their turn.
        self._running["draw"] = running[len(turn) :] + turn
        return Work("step", "draw", tuple(turn))
