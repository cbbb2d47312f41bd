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
from vlm.precision import Precision

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
    dtype: Precision | None = None,
) -> dict[int, Found]:
    """What `work` finds for each row, by number and in the order of `rows`; blocking.

    Args:
        work: Given some rows at a time.
        rows: By number.
        model: Model folder; the shipped one if None. Every process loads it once.
        processes: How many at most.
        on_found: Given what was found for each row when its part, and those before it, are there.
        dtype: What the network computes in (`vlm.precision`).

    Raises:
        FileNotFoundError: The folder lacks a file.
        ValueError: Its weights do not fit its configuration. Whatever `work` raises is raised here, too.
    """
    numbers = [*rows]
    # Few rows are shared out, too.
    size = max(1, min(_PART, -(-len(numbers) // processes)))
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    jobs = [(work, {number: rows[number] for number in part}, model, dtype) for part in parts]
    everything: dict[int, Found] = {}
    if not jobs:
        return everything
    with ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=get_context("spawn"), initializer=end_with_parent
    ) as pool:
        for found in pool.map(_worked, jobs):
            everything |= found
            if on_found is not None:
                for number, one in found.items():
                    on_found(number, one)
    return {number: everything[number] for number in numbers}


def _worked(
    job: tuple[Work[Row, Found], Mapping[int, Row], Path | None, Precision | None],
) -> dict[int, Found]:
    work, rows, model, dtype = job
    runner, vlm = _serving(model, dtype)

    async def worked() -> dict[int, Found]:
        try:
            return {**await work(vlm, rows)}
        finally:
            # The loop outlives this part: what a failure left under way must not run beside the next one.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    return runner.run(worked())


@cache
def _serving(model: Path | None, dtype: Precision | None) -> tuple[asyncio.Runner, LocalFashionVLM]:
    """This process's model, and the event loop that it is used in; both end with the process."""
    torch.set_num_threads(1)
    return asyncio.Runner(), LocalFashionVLM.from_pretrained(model, device="cpu", dtype=dtype)
