"""Threads in which torch computes with one thread each.

Matrices of a small network are too small to be shared among cores: two of them, a core each, take less time than one
after the other on both. Not covered: results in the order in which they are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes:
    """Some such threads, which live as long as the process."""

    def __init__(self, count: int) -> None:
        """Start `count` threads; the caller's own number of torch threads stays what it is."""
        before, all_started = torch.get_num_threads(), Barrier(count + 1)

        def start() -> None:
            torch.set_num_threads(1)
            all_started.wait()

        self._pool = ThreadPoolExecutor(count, "lane", start)
        for _ in range(count):
            self._pool.submit(int)
        all_started.wait()
        # The number is the thread's own once it has computed; what is set last is what new threads begin with.
        torch.set_num_threads(before)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """What `function` gives for each item, in their order; the first error is raised."""
        return list(self._pool.map(function, items))


@cache
def lanes(count: int) -> Lanes:
    """The process's lanes of this number."""
    return Lanes(count)
