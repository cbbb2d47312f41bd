"""Threads in which torch computes with one thread each.

Matrices of a small network are too small to be shared among cores: two of them, a core each, take less time than one
after the other on both. Not covered: work that itself uses lanes, which would wait for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from threading import Barrier
from typing import TypeVar

import torch

_START_SECONDS = 60.0
Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes:
    """Some such threads, which live as long as the process."""

    def __init__(self, count: int) -> None:
        """Start `count` threads; the caller's own number of torch threads stays what it is.

        Raises:
            BrokenBarrierError: They did not start within a minute.
        """
        before, all_started = torch.get_num_threads(), Barrier(count + 1, timeout=_START_SECONDS)

        def start() -> None:
            torch.set_num_threads(1)
            # A thread takes the number over when it is first asked or computes, and keeps it; later it would be another.
            torch.get_num_threads()
            all_started.wait()

        self._pool = ThreadPoolExecutor(count, "lane", start)
        for _ in range(count):
            self._pool.submit(int)
        all_started.wait()
        torch.set_num_threads(before)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """What `function` gives for each item, in their order; the first error is raised when all are done."""
        futures = [self._pool.submit(function, item) for item in items]
        wait(futures)
        return [future.result() for future in futures]


@cache
def lanes(count: int) -> Lanes:
    """The process's lanes of this number."""
    return Lanes(count)
