"""Drawn garments as training pictures, rendered once by worker processes into memory-mapped arrays."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fashion.dialogues import compose_recommendation
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES
from vlm.pictures import outfit_grid, squared

RENDER_SIDE = 256
"""Pictures are drawn at this side and reduced, as pictures from outside are."""

_CHUNK = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class OutfitSample:
    """A recommendation to learn: what is shown, what is asked, what to answer."""

    items: tuple[Garment, ...]
    request: str
    target: Garment
    answer: str


def pool_garment(seed: int, index: int) -> Garment:
    """The garment of a pool's row: categories in turn, held-out combinations never."""
    category = tuple(CATEGORIES)[index % len(CATEGORIES)]
    return sample_garment(random.Random(f"{seed}/garment/{index}"), category, split="train")


def build_garments(
    folder: Path, *, count: int, seed: int, side: int, workers: int, on_progress: Progress | None = None
) -> None:
    """Render `count` single garments: ``garments.npy`` uint8 ``[count, side, side, 3]`` and ``garments.json``.

    Nothing is done where the files are already there.
    """
    if (folder / "garments.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(seed, start, min(start + _CHUNK, count), side) for start in range(0, count, _CHUNK)]
    pixels = np.lib.format.open_memmap(
        folder / "garments.npy", mode="w+", dtype=np.uint8, shape=(count, side, side, 3)
    )
    with _workers(workers) as pool:
        for (_, start, stop, _), rows in zip(jobs, pool.map(_render_garments, jobs), strict=True):
            pixels[start:stop] = rows
            if on_progress is not None:
                on_progress(stop, count)
    pixels.flush()
    rows_json = [asdict(pool_garment(seed, index)) for index in range(count)]
    (folder / "garments.json").write_text(json.dumps(rows_json), encoding="utf-8")


def build_outfits(
    folder: Path, *, count: int, seed: int, side: int, workers: int, on_progress: Progress | None = None
) -> None:
    """Compose `count` recommendations: ``outfits.npy`` (grids) and ``outfits.json``; nothing where they exist."""
    if (folder / "outfits.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(seed, start, min(start + _CHUNK, count), side) for start in range(0, count, _CHUNK)]
    pixels = np.lib.format.open_memmap(
        folder / "outfits.npy", mode="w+", dtype=np.uint8, shape=(count, side, side, 3)
    )
    texts: list[dict[str, object]] = []
    with _workers(workers) as pool:
        for (_, start, stop, _), (rows, samples) in zip(jobs, pool.map(_render_outfits, jobs), strict=True):
            pixels[start:stop] = rows
            texts.extend(asdict(sample) for sample in samples)
            if on_progress is not None:
                on_progress(stop, count)
    pixels.flush()
    (folder / "outfits.json").write_text(json.dumps(texts), encoding="utf-8")


def load_garments(folder: Path) -> tuple[npt.NDArray[np.uint8], list[Garment]]:
    """What `build_garments` made, the pictures memory-mapped."""
    rows = json.loads((folder / "garments.json").read_text(encoding="utf-8"))
    return np.load(folder / "garments.npy", mmap_mode="r", allow_pickle=False), [
        Garment(**row) for row in rows
    ]


def load_outfits(folder: Path) -> tuple[npt.NDArray[np.uint8], list[OutfitSample]]:
    """What `build_outfits` made, the pictures memory-mapped."""
    rows = json.loads((folder / "outfits.json").read_text(encoding="utf-8"))
    samples = [
        OutfitSample(
            tuple(Garment(**item) for item in row["items"]),
            row["request"],
            Garment(**row["target"]),
            row["answer"],
        )
        for row in rows
    ]
    return np.load(folder / "outfits.npy", mmap_mode="r", allow_pickle=False), samples


def _workers(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def _render_garments(job: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    seed, start, stop, side = job
    pictures = (
        draw_garment(pool_garment(seed, index), size=RENDER_SIDE, seed=seed * 1_000_003 + index)
        for index in range(start, stop)
    )
    return np.stack([np.asarray(squared(picture, side)) for picture in pictures])


def _render_outfits(job: tuple[int, int, int, int]) -> tuple[npt.NDArray[np.uint8], Sequence[OutfitSample]]:
    seed, start, stop, side = job
    samples = list(_samples(seed, start, stop))
    grids = []
    for index, sample in enumerate(samples, start):
        pictures = [
            draw_garment(item, size=RENDER_SIDE, seed=seed * 1_000_003 + index * 5 + place)
            for place, item in enumerate(sample.items)
        ]
        grids.append(np.asarray(outfit_grid(pictures, side)))
    return np.stack(grids), samples


def _samples(seed: int, start: int, stop: int) -> Iterator[OutfitSample]:
    for index in range(start, stop):
        sample = compose_recommendation(random.Random(f"{seed}/outfit/{index}"), split="train")
        yield OutfitSample(tuple(sample.items), sample.request, sample.target, sample.answer)
