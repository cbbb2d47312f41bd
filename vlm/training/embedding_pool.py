"""What the embedding heads look at while they learn: drawn products and phone photos, with the vision tower's patches.

Products come from the boutique's generator with seeds of their own, never one of a held-out (category, color, pattern)
combination. Everything is made once into a run folder as arrays that are mapped into memory. The tower's lower half is
never trained, so its maps are kept apart from what a certain tower makes of them: with another tower only the upper half
runs again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from fashion.boutique import generate_products
from fashion.drawing import draw_garment
from fashion.pool_workers import end_with_parent
from fashion.product import Product
from fashion.sampling import combination_is_held_out
from vlm.embeddings.builtin import fingerprint
from vlm.vision_tower import FEATURES, PATCH_COLORS, VisionTower

_RENDER_SIDE = 256
_BATCH = 8
_MAP = (112, 14, 14)
_PATCHES = 49
Progress = Callable[[str, int, int], None]
Rows = npt.NDArray[np.float16]
Pictures = Iterator[list[Image.Image]]


def pool_products(shops: int, seed: int, each: int = 1300) -> list[Product]:
    """The products of so many boutiques of `each` that are of training combinations, with ids that differ."""
    return [
        product.model_copy(update={"id": f"{shop}-{product.id}"})
        for shop in range(seed, seed + shops)
        for product in generate_products(shop, each, with_classics=False)
        if not combination_is_held_out(product.category, product.color, product.pattern)
    ]


def drawn(products: Sequence[Product], seed: int, workers: int) -> Pictures:
    """Pictures of products in batches, drawn by worker processes."""
    jobs = [
        (seed, start, list(products[start : start + _BATCH])) for start in range(0, len(products), _BATCH)
    ]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        yield from pool.map(_draw, jobs, chunksize=4)


@dataclass(frozen=True, slots=True)
class Looked:
    """Pictures as far as no training changes how they are seen.

    Attributes:
        maps: The tower's lower half, float16 ``[N, 112, 14, 14]``.
        colors: Patch colors, float16 ``[N, 49, 6]``.
    """

    maps: Rows
    colors: Rows


@torch.inference_mode()
def look(
    folder: Path,
    name: str,
    count: int,
    pictures: Callable[[], Pictures],
    tower: VisionTower,
    on_progress: Progress,
) -> Looked:
    """Run `count` pictures through the tower's frozen half, once.

    Args:
        folder: The run folder; what is there already is used.
        name: Of this set of pictures; another set needs another name.
        count: How many pictures there are.
        pictures: Makes them, in batches; called only where they were not looked at yet.
        tower: Any tower: the lower half is the same in all.
        on_progress: Called as ``on_progress(what, done, total)``.
    """
    paths = [folder / f"{name}-{part}.npy" for part in ("maps", "colors")]
    if not all(path.is_file() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        partial = paths[0].with_suffix(".part")
        maps = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=(count, *_MAP))
        colors = np.zeros((count, _PATCHES, PATCH_COLORS), np.float16)
        done = 0
        for batch in pictures():
            pixels = tower.preprocess(batch)
            here = slice(done, done + len(batch))
            maps[here] = tower.lower(pixels).half().numpy()
            colors[here] = _patch_colors(pixels)
            done += len(batch)
            on_progress(f"{name}: pictures", done, count)
        if done != count:
            raise ValueError(f"{name}: {done} pictures came, {count} were announced")
        maps.flush()
        np.save(paths[1], colors)
        partial.rename(paths[0])
    return Looked(*(np.load(path, mmap_mode="r", allow_pickle=False) for path in paths))


@torch.inference_mode()
def patches_of(folder: Path, name: str, looked: Looked, tower: VisionTower, on_progress: Progress) -> Rows:
    """What this tower makes of the pictures: float16 ``[N, 49, 1286]``, mapped.

    Features are normalized, as the head does it once more: float16 holds them better so.
    """
    path = folder / f"{name}-patches-{fingerprint(tower)}.npy"
    count = len(looked.maps)
    if not path.is_file():
        partial = path.with_suffix(".part")
        rows = np.lib.format.open_memmap(
            partial, mode="w+", dtype=np.float16, shape=(count, _PATCHES, FEATURES + PATCH_COLORS)
        )
        for start, features in upper_features(looked, tower):
            rows[start : start + len(features), :, :FEATURES] = (
                F.layer_norm(features, (FEATURES,)).half().numpy()
            )
            on_progress(f"{name}: patches", start + len(features), count)
        rows[:, :, FEATURES:] = looked.colors
        rows.flush()
        partial.rename(path)
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def upper_features(looked: Looked, tower: VisionTower) -> Iterator[tuple[int, Tensor]]:
    """Batches of the tower's features ``[B, 49, 1280]``, each with the row it starts at."""
    for start in range(0, len(looked.maps), _BATCH):
        maps = torch.from_numpy(np.asarray(looked.maps[start : start + _BATCH], np.float32))
        maps = maps.contiguous(memory_format=torch.channels_last)
        yield start, tower.upper(maps).flatten(2).transpose(1, 2)


def _patch_colors(pixels: Tensor) -> Rows:
    cells = F.unfold(pixels.contiguous(), kernel_size=32, stride=32).view(len(pixels), 3, 32 * 32, -1)
    return torch.cat([cells.mean(2), cells.std(2)], dim=1).transpose(1, 2).half().numpy()


def _draw(job: tuple[int, int, list[Product]]) -> list[Image.Image]:
    seed, start, products = job
    return [
        draw_garment(product.garment, size=_RENDER_SIDE, seed=seed * 1_000_003 + start + index)
        for index, product in enumerate(products)
    ]


def hold_to(folder: Path, facts: dict[str, object]) -> None:
    """Hold a run folder to one plan.

    Raises:
        ValueError: The folder was made by another plan.
    """
    path = folder / "plan.json"
    if path.is_file():
        if json.loads(path.read_text(encoding="utf-8")) != facts:
            raise ValueError(f"{folder} was made by another plan; choose an empty folder")
        return
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts), encoding="utf-8")
