"""Drawn garments as training pictures, rendered once by worker processes into memory-mapped arrays."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fashion.dialogues import Dialogue, Task, compose_dialogue
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.pool_workers import end_with_parent
from fashion.sampling import Split, sample_garment
from fashion.vocabulary import CATEGORIES
from vlm.pictures import squared

RENDER_SIDE = 256
"""Pictures are drawn at this side and reduced, as pictures from outside are."""

_CHUNK = 64
_PATTERN_TRIES = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class OutfitSample:
    """A conversation to learn.

    Attributes:
        rows: The pictures shown, as rows of the pool's garments.
        rounds: Requests with their answers.
    """

    rows: tuple[int, ...]
    rounds: tuple[tuple[str, str], ...]


def pool_garment(seed: int, index: int, split: Split = "train") -> Garment:
    """A garment by its number: categories in turn, held-out combinations only where `split` allows them."""
    category = tuple(CATEGORIES)[index % len(CATEGORIES)]
    return sample_garment(random.Random(f"{seed}/garment/{index}"), category, split=split)


def single_garment(seed: int, index: int, split: Split = "train") -> Garment:
    """The garment of a row that shows it alone: every other round of the categories is patterned, where one can be.

    Chance alone makes three of four garments plain, and leaves a few hundred pictures to learn the rarer patterns from.
    """
    category = tuple(CATEGORIES)[index % len(CATEGORIES)]
    if index // len(CATEGORIES) % 2 == 0 or set(CATEGORIES[category].patterns) <= {"solid"}:
        return pool_garment(seed, index, split)
    rng = random.Random(f"{seed}/patterned/{index}")
    drawn = (sample_garment(rng, category, split=split) for _ in range(_PATTERN_TRIES))
    garment = next(drawn)
    while garment.pattern == "solid" and (other := next(drawn, None)) is not None:
        garment = other
    return garment


def pool_dialogue(seed: int, index: int) -> Dialogue:
    """The dialogue of a pool's row: half of them basic, a quarter each of the other tasks."""
    task: Task = ("basic", "personalized", "basic", "alternative")[index % 4]
    return compose_dialogue(random.Random(f"{seed}/outfit/{index}"), task, split="train")


def build_garments(
    folder: Path,
    *,
    count: int,
    seed: int,
    side: int,
    workers: int,
    on_progress: Progress | None = None,
    split: Split = "train",
) -> None:
    """Render `count` single garments: ``garments.npy`` uint8 ``[count, side, side, 3]`` and ``garments.json``.

    Nothing is done where the files are already there. What FashionVLM learns from is of the ``train`` split.
    """
    if (folder / "garments.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(seed, start, min(start + _CHUNK, count), side, split) for start in range(0, count, _CHUNK)]
    pixels = np.lib.format.open_memmap(
        folder / "garments.npy", mode="w+", dtype=np.uint8, shape=(count, side, side, 3)
    )
    with _workers(workers) as pool:
        for (_, start, stop, _, _), rows in zip(jobs, pool.map(_render_garments, jobs), strict=True):
            pixels[start:stop] = rows
            if on_progress is not None:
                on_progress(stop, count)
    pixels.flush()
    rows_json = [asdict(single_garment(seed, index, split)) for index in range(count)]
    (folder / "garments.json").write_text(json.dumps(rows_json), encoding="utf-8")


def build_outfits(
    folder: Path, *, count: int, seed: int, side: int, workers: int, on_progress: Progress | None = None
) -> None:
    """Compose `count` dialogues about outfits and render what they show, nothing where the files exist.

    ``outfits.npy`` holds one picture a shown garment, uint8 ``[shown, large, large, 3]`` at `large_side`, since the vision
    tower reads pictures larger than the image tokenizer does; ``outfits.json`` the garments in that order and the
    dialogues, whose rows count over them.
    """
    if (folder / "outfits.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(seed, start, min(start + _CHUNK, count), side) for start in range(0, count, _CHUNK)]
    pixels: list[npt.NDArray[np.uint8]] = []
    garments: list[dict[str, object]] = []
    dialogues: list[dict[str, object]] = []
    with _workers(workers) as pool:
        for (_, _, stop, _), (rows, made) in zip(jobs, pool.map(_render_outfits, jobs), strict=True):
            pixels.append(rows)
            for dialogue in made:
                first = len(garments)
                garments.extend(asdict(item) for item in dialogue.items)
                shown = tuple(range(first, first + len(dialogue.items)))
                rounds = tuple((one.request, one.answer) for one in dialogue.rounds)
                dialogues.append(asdict(OutfitSample(shown, rounds)))
            if on_progress is not None:
                on_progress(stop, count)
    np.save(folder / "outfits.npy", np.concatenate(pixels))
    text = json.dumps({"garments": garments, "dialogues": dialogues})
    (folder / "outfits.json").write_text(text, encoding="utf-8")


def build_large_garments(
    folder: Path, *, count: int, seed: int, side: int, workers: int, on_progress: Progress | None = None
) -> npt.NDArray[np.uint8]:
    """The first `count` pictures of `build_garments` at `large_side`: uint8 ``[count, large, large, 3]``, memory-mapped.

    They are kept as ``large_garments.npy``; nothing is done where that is there.
    """
    path, new = folder / "large_garments.npy", folder / "large_garments.new.npy"
    if not path.is_file():
        rows = json.loads((folder / "garments.json").read_text(encoding="utf-8"))[:count]
        large = large_side(side)
        pixels = np.lib.format.open_memmap(new, mode="w+", dtype=np.uint8, shape=(len(rows), large, large, 3))
        jobs = [(rows[start : start + _CHUNK], seed, start, large) for start in range(0, len(rows), _CHUNK)]
        with _workers(workers) as pool:
            for (made, _, start, _), pictures in zip(jobs, pool.map(_render_large, jobs), strict=True):
                pixels[start : start + len(made)] = pictures
                if on_progress is not None:
                    on_progress(start + len(made), len(rows))
        pixels.flush()
        new.replace(path)
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def large_side(side: int) -> int:
    """The side that pictures are drawn at before they are reduced to `side`."""
    return max(RENDER_SIDE, side)


def load_garments(folder: Path) -> tuple[npt.NDArray[np.uint8], list[Garment]]:
    """What `build_garments` made, the pictures memory-mapped."""
    rows = json.loads((folder / "garments.json").read_text(encoding="utf-8"))
    return np.load(folder / "garments.npy", mmap_mode="r", allow_pickle=False), [
        Garment(**row) for row in rows
    ]


def load_outfits(folder: Path) -> tuple[npt.NDArray[np.uint8], list[Garment], list[OutfitSample]]:
    """What `build_outfits` made: pictures (memory-mapped), the garments in them, and the dialogues."""
    held = json.loads((folder / "outfits.json").read_text(encoding="utf-8"))
    samples = [
        OutfitSample(tuple(row["rows"]), tuple((request, answer) for request, answer in row["rounds"]))
        for row in held["dialogues"]
    ]
    pixels = np.load(folder / "outfits.npy", mmap_mode="r", allow_pickle=False)
    return pixels, [Garment(**row) for row in held["garments"]], samples


def _workers(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=end_with_parent)


def _render_garments(job: tuple[int, int, int, int, Split]) -> npt.NDArray[np.uint8]:
    seed, start, stop, side, split = job
    pictures = (
        draw_garment(single_garment(seed, index, split), size=large_side(side), seed=seed * 1_000_003 + index)
        for index in range(start, stop)
    )
    return np.stack([np.asarray(squared(picture, side)) for picture in pictures])


def _render_outfits(job: tuple[int, int, int, int]) -> tuple[npt.NDArray[np.uint8], list[Dialogue]]:
    seed, start, stop, side = job
    dialogues = [pool_dialogue(seed, index) for index in range(start, stop)]
    rows = []
    for index, dialogue in enumerate(dialogues, start):
        for place, item in enumerate(dialogue.items):
            picture = draw_garment(item, size=large_side(side), seed=seed * 1_000_003 + index * 5 + place)
            rows.append(np.asarray(picture.convert("RGB")))
    return np.stack(rows), dialogues


def _render_large(job: tuple[list[dict[str, Any]], int, int, int]) -> npt.NDArray[np.uint8]:
    rows, seed, start, large = job
    pictures = (
        draw_garment(Garment(**row), size=large, seed=seed * 1_000_003 + index)
        for index, row in enumerate(rows, start)
    )
    return np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
