"""Drawings of many prompts as people get them, and the folder that keeps them.

On a CPU processes draw that share nothing, each of one thread, which is faster than one process of many threads; on a GPU
one process draws many at once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image

from evals.processes import work_apart
from tools.drawing_tries import CONTRAST, TRIES, draw_in_tries
from vlm.client import Drawing, FashionVLMClient
from vlm.model_folder import WEIGHTS_FILE
from vlm.precision import Precision

_AT_ONCE = 16
"""Drawings under way on a GPU; the engine takes as many together as it has room for."""


def kept(folder: Path, count: int) -> dict[int, Image.Image]:
    """The drawings of a folder by number, below `count`; none where it is not there."""
    files = {int(file.stem): file for file in folder.glob("*.webp") if file.stem.isdecimal()}
    return {number: Image.open(file).convert("RGB") for number, file in files.items() if number < count}


def claim(folder: Path, model: Path, candidates: int, dtype: str) -> None:
    """Make sure that a folder keeps drawings of this model, in this way; an empty one does from now on.

    Raises:
        ValueError: It keeps others.
    """
    weights = hashlib.sha256((model / WEIGHTS_FILE).read_bytes()).hexdigest()
    of = f"{weights} {candidates} in the first try, 1 in others, of {TRIES} at contrast {CONTRAST}; {dtype}\n"
    mark = folder / "drawn_by.txt"
    if any(folder.glob("*.webp")) and (not mark.is_file() or mark.read_text(encoding="utf-8") != of):
        raise ValueError(
            f"{folder} keeps drawings of another model, number of candidates or precision: give another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(of, encoding="utf-8")


def keep(folder: Path, number: int, picture: Image.Image) -> None:
    """Write a drawing, without loss, into a folder that was claimed."""
    picture.save(folder / f"{number:03d}.webp", lossless=True)


async def draw_together(
    vlm: FashionVLMClient,
    prompts: Mapping[int, str],
    candidates: int,
    on_done: Callable[[int, Drawing], None] | None = None,
    at_once: int = _AT_ONCE,
) -> dict[int, Drawing]:
    """The drawing of each prompt (`tools.drawing_tries`), whose number is its seed, many under way at once.

    Args:
        vlm: The model.
        prompts: What to draw, by number.
        candidates: Drawn in the first try, of which the best is taken.
        on_done: Given each when it is there.
        at_once: How many are under way at most.
    """
    room = asyncio.Semaphore(at_once)

    async def one(number: int, prompt: str) -> tuple[int, Drawing]:
        async with room:
            drawing = await draw_in_tries(vlm, prompt, seed=number, candidates=candidates)
        if on_done is not None:
            on_done(number, drawing)
        return number, drawing

    return dict(await asyncio.gather(*(one(number, prompt) for number, prompt in prompts.items())))


def draw_apart(
    model: Path | None,
    prompts: Mapping[int, str],
    candidates: int,
    processes: int,
    on_done: Callable[[int, Drawing], None] | None = None,
    dtype: Precision | None = None,
) -> dict[int, Drawing]:
    """The same one after the other in each of some processes (`evals.processes`); blocking.

    Args:
        model: Model folder; the shipped one if None.
        prompts: What to draw, by number.
        candidates: Drawn in the first try, of which the best is taken.
        processes: How many draw at once.
        on_done: Given each when its part is there.
        dtype: What the network computes in (`vlm.precision`).
    """
    work = partial(draw_together, candidates=candidates, at_once=1)
    return work_apart(work, prompts, model, processes, on_done, dtype)
