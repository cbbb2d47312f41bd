"""What an engine has done so far."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from vlm.engine.jobs import DrawJob, Job
from vlm.engine.pressure import Pace


@dataclass(slots=True)
class Tally:
    """Counters that only rise, and the pace of the latest requests."""

    tokens: int = 0
    pictures: int = 0
    failed: int = 0
    canceled: int = 0
    first_tokens: deque[float] = field(default_factory=lambda: deque(maxlen=256))
    """Seconds to the first token of the latest answers, newest last."""
    pace: Pace = field(default_factory=Pace)

    def ended(self, job: Job) -> None:
        """A request has its last event."""
        if job.failed:
            self.failed += 1
            return
        self.pictures += job.candidates if isinstance(job, DrawJob) else 0
        self.pace.ended(job.asked_at, time.monotonic())
