"""How long people wait for FashionVLM and what memory it takes, measured in a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median

import torch

from evals.quality_advice import heldout_requests, shown
from evals.quality_drawing import prompts_of
from evals.quality_reading import heldout_garments
from fashion.drawing import draw_garment
from fashion.pool_workers import end_with_parent
from tools.drawing_tries import draw_in_tries
from vlm.client import FashionVLMClient
from vlm.local import LocalFashionVLM
from vlm.precision import Precision

_STATUS = Path("/proc/self/status")
_PICTURES = 4
"""Times as many pictures are drawn as there are rounds of the others, since one in a few needs a second try."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Seconds (medians) and memory in MB, one request at a time, every picture and request new to the model.

    Attributes:
        describe: One picture of 512 px read.
        first_words: From a request with pictures to its first words.
        recommend: The same to its end.
        draw: One picture as people get it, all candidates, their ranking and second tries included: the mean.
        draw_median: The same, median; most pictures need one try.
        draw_longest: The same, of the one that took longest.
        candidates: How many are drawn in the first try.
        threads: Of torch.
        resident_mb: Resident memory after all that; None where the system does not tell.
        peak_mb: The most it was; None where the system does not tell.
    """

    describe: float
    first_words: float
    recommend: float
    draw: float
    draw_median: float
    draw_longest: float
    candidates: int
    threads: int
    resident_mb: int | None
    peak_mb: int | None


def measure_speeds(
    model: Path | None, *, rounds: int, candidates: int, device: str = "cpu", dtype: Precision | None = None
) -> Speeds:
    """Load the model in a fresh process and measure; blocking."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        return pool.submit(_measured, model, rounds, candidates, device, dtype).result()


def _measured(
    model: Path | None, rounds: int, candidates: int, device: str, dtype: Precision | None
) -> Speeds:
    return asyncio.run(_measure(model, rounds, candidates, device, dtype))


async def _measure(
    model: Path | None, rounds: int, candidates: int, device: str, dtype: Precision | None
) -> Speeds:
    vlm = await asyncio.to_thread(LocalFashionVLM.from_pretrained, model, device=device, dtype=dtype)
    try:
        describing, drawing = _describing(vlm, rounds), _drawing(vlm, rounds * _PICTURES, candidates)
        asking = _asking(vlm, rounds)
        seconds = [await _timed(work) for work in describing]
        waits = [await work() for work in asking]
        pictures = [await _timed(work) for work in drawing]
    finally:
        await vlm.close()
    # The first of each warms up.
    return Speeds(
        median(seconds[1:]),
        median(first for first, _ in waits[1:]),
        median(whole for _, whole in waits[1:]),
        mean(pictures[1:]),
        median(pictures[1:]),
        max(pictures[1:]),
        candidates,
        torch.get_num_threads(),
        _kilobytes("VmRSS"),
        _kilobytes("VmHWM"),
    )


def _describing(vlm: FashionVLMClient, rounds: int) -> list[Callable[[], Awaitable[object]]]:
    garments = heldout_garments(rounds + 1, 91)
    pictures = [draw_garment(garment, size=512, seed=index) for index, garment in enumerate(garments)]
    return [lambda picture=picture: vlm.describe(picture) for picture in pictures]  # type: ignore[misc]


def _drawing(vlm: FashionVLMClient, rounds: int, candidates: int) -> list[Callable[[], Awaitable[object]]]:
    prompts = prompts_of(heldout_garments(rounds + 1, 92))
    return [
        lambda seed=seed, prompt=prompt: draw_in_tries(vlm, prompt, seed=seed, candidates=candidates)  # type: ignore[misc]
        for seed, prompt in enumerate(prompts)
    ]


def _asking(vlm: FashionVLMClient, rounds: int) -> list[Callable[[], Awaitable[tuple[float, float]]]]:
    samples = heldout_requests(rounds + 1, 93)
    shows = [shown(sample, 5 * index) for index, sample in enumerate(samples)]
    return [
        lambda sample=sample, pictures=pictures: _waited(vlm.converse(sample.request, pictures))  # type: ignore[misc]
        for sample, pictures in zip(samples, shows, strict=True)
    ]


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _waited(words: AsyncIterator[str]) -> tuple[float, float]:
    """Seconds to the first words and to the last."""
    started, first = time.perf_counter(), None
    async for _ in words:
        first = first or time.perf_counter() - started
    whole = time.perf_counter() - started
    return first or whole, whole


def _kilobytes(name: str) -> int | None:
    if not _STATUS.is_file():
        return None
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1024)
    return None
