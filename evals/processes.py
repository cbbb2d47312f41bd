"""Work for FashionVLM in processes that share nothing, each of one thread of torch.

On a CPU these get more done together than one process of as many threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import torch

from fashion.pool_workers import end_with_parent
from vlm.client import FashionVLMClient
from vlm.local import LocalFashionVLM

_PART = 20
"""Rows that a process works on before it tells of them."""

Row = TypeVar("Row")
Found = TypeVar("Found")
Work = Callable[[FashionVLMClient, Mapping[int, Row]], Awaitable[Mapping[int, Found]]]
"""Finds something for each of some rows by number; a function of a module, or a partial of one, since it is sent."""


def work_apart(
    work: Work[Row, Found],
    rows: Mapping[int, Row],
    model: Path | None,
    processes: int,
    on_found: Callable[[int, Found], None] | None = None,
) -> dict[int, Found]:
    """What `work` finds for each row, by number and in the order of `rows`; blocking.

    Args:
        work: Given some rows at a time.
        rows: By number.
        model: Model folder; the shipped one if None. Every process loads it once.
        processes: How many at most.
        on_found: Given what was found for each row when its part is there.

    Raises:
        ValueError: As `LocalFashionVLM.from_pretrained`; whatever `work` raises is raised here too.
    """
    numbers = [*rows]
    parts = [numbers[start : start + _PART] for start in range(0, len(numbers), _PART)]
    jobs = [(work, {number: rows[number] for number in part}, model) for part in parts]
    everything: dict[int, Found] = {}
    if not jobs:
        return everything
    with ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=get_context("spawn"), initializer=end_with_parent
    ) as pool:
        for found in pool.map(_worked, jobs):
            everything |= {number: found[number] for number in found}
            if on_found is not None:
                for number, one in found.items():
                    on_found(number, one)
    return {number: everything[number] for number in numbers}


def _worked(job: tuple[Work[Row, Found], Mapping[int, Row], Path | None]) -> dict[int, Found]:
    work, rows, model = job
    runner, vlm = _serving(model)

    async def worked() -> dict[int, Found]:
        return {**await work(vlm, rows)}

    return runner.run(worked())


@cache
def _serving(model: Path | None) -> tuple[asyncio.Runner, LocalFashionVLM]:
    """This process's model, and the event loop that it is used in; both end with the process."""
    torch.set_num_threads(1)
    return asyncio.Runner(), LocalFashionVLM.from_pretrained(model)
