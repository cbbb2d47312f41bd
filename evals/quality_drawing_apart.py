"""Drawings of many prompts by processes that share nothing, each of one thread: faster than one process of many threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from fashion.pool_workers import end_with_parent
from tools.drawing_tries import draw_in_tries
from vlm.client import Drawing
from vlm.local import LocalFashionVLM

_CHUNK = 25
"""Prompts for which a process loads the model once; short against the drawing of them."""


def draw_apart(
    model: Path | None,
    prompts: Sequence[str],
    candidates: int,
    processes: int,
    on_done: Callable[[int], None] | None = None,
) -> list[Drawing]:
    """The drawing of each prompt as people get it (`tools.drawing_tries`), seeds counting up from 0; blocking.

    Args:
        model: Model folder; the shipped one if None. Every process loads it.
        prompts: What to draw.
        candidates: Drawn in each try, of which the best is taken.
        processes: How many draw at once, with one thread of torch each.
        on_done: Told how many are drawn.
    """
    jobs = [
        (model, start, prompts[start : start + _CHUNK], candidates)
        for start in range(0, len(prompts), _CHUNK)
    ]
    drawings: list[Drawing] = []
    if not jobs:
        return drawings
    with ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=get_context("spawn"), initializer=end_with_parent
    ) as pool:
        for drawn in pool.map(_drawn, jobs):
            drawings += drawn
            if on_done is not None:
                on_done(len(drawings))
    return drawings


def _drawn(job: tuple[Path | None, int, Sequence[str], int]) -> list[Drawing]:
    model, first, prompts, candidates = job
    torch.set_num_threads(1)

    async def run() -> list[Drawing]:
        vlm = await asyncio.to_thread(LocalFashionVLM.from_pretrained, model)
        try:
            return [
                await draw_in_tries(vlm, prompt, seed=seed, candidates=candidates)
                for seed, prompt in enumerate(prompts, first)
            ]
        finally:
            await vlm.close()

    return asyncio.run(run())
