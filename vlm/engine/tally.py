"""What an engine has done so far."""

from __future__ import annotations

import time
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
    pace: Pace = field(default_factory=Pace)

    def ended(self, job: Job) -> None:
        """A request has its last event."""
        if job.failed:
            self.failed += 1
            return
        self.pictures += job.candidates if isinstance(job, DrawJob) else 0
        self.pace.ended(job.asked_at, time.monotonic())
