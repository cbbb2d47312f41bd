"""The engine's work on answers: slots filled, words chosen. Runs on the engine's thread only."""

from __future__ import annotations

from collections.abc import Sequence

from vlm.engine.jobs import TextJob
from vlm.engine.slots import SlotTable
from vlm.picture_prefix import PicturePrefixes
from vlm.sampling import choose
from vlm.text_generation import TextRunner


class TextWork:
    """Begins answers and advances several of them by a word."""

    def __init__(self, runner: TextRunner, prefixes: PicturePrefixes) -> None:
        """All slots of the runner's memory are free."""
        self._runner, self._prefixes = runner, prefixes
        self.table = SlotTable(runner.memory.slots)

    def begin(self, job: TextJob) -> None:
        """Give a job its slot, run what of the request is not there already, and choose the first word.

        Raises:
            RuntimeError: Out of memory, or no slot is free, which the scheduler rules out.
        """
        place = self.table.place(job.look.key, job.ids)
        if place is None:
            raise RuntimeError("an answer was begun while no slot was free")
        job.slot, job.cached, held = place.slot, place.held, place.held
        if place.source != place.slot:
            self._runner.memory.copy(place.source, place.slot, held)
        shared = job.prompt - len(job.ids)
        if held == 0:
            rows = self._prefixes.rows(job.look)
            self._runner.prefix(place.slot, rows)
            held = shared
            self.table.write(place.slot, shared, [])
        states = self._runner.words(place.slot, held, job.ids[held - shared :], shared)
        self.table.write(place.slot, shared, job.ids)
        job.take(choose(self._runner.logits(states), [job.settings], [job.generator])[0])

    def step(self, jobs: Sequence[TextJob]) -> None:
        """Add the latest word of each job to its slot and choose the next."""
        if self._runner.first_slots_only:
            self._gather(jobs)
            jobs = sorted(jobs, key=self._slot)
        slots = [self._slot(job) for job in jobs]
        logits = self._runner.decode(
            slots, [self.table.slots[slot].length for slot in slots], [job.token for job in jobs]
        )
        chosen = choose(logits, [job.settings for job in jobs], [job.generator for job in jobs])
        for job, slot, token in zip(jobs, slots, chosen, strict=True):
            self.table.append(slot, job.token)
            job.take(token)

    def _gather(self, jobs: Sequence[TextJob]) -> None:
        """Bring the slots of these jobs, which are all that run, to the front; what they displace goes to the back."""
        front = {self._slot(job) for job in jobs if self._slot(job) < len(jobs)}
        holes = iter(sorted(set(range(len(jobs))) - front))
        for job in jobs:
            slot = self._slot(job)
            if slot >= len(jobs):
                hole = next(holes)
                self._runner.memory.swap(slot, hole)
                self.table.swap(slot, hole)
                job.slot = hole

    def release(self, job: TextJob, *, keep: bool = True) -> None:
        """A job has ended; its slot is free, and its contents stay of use unless `keep` is False."""
        if job.slot is not None:
            self.table.release(job.slot, keep=keep)
            job.slot = None

    @staticmethod
    def _slot(job: TextJob) -> int:
        if job.slot is None:
            raise RuntimeError("an answer that was not begun cannot be advanced")
        return job.slot
