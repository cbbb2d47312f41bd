"""Views for training the vision tower: augmented pictures, run once through its frozen lower half and kept.

A view is a ``[14, 14, 112]`` map in float16 and a row of labels, one a head of `vlm.tower_heads`, -1 where it is not known.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps
from torch import Tensor

from fashion.drawing import draw_cutout, draw_garment
from fashion.garment import Garment
from vlm.tower_heads import HEADS
from vlm.training.grounds import photo_border
from vlm.training.photos import photo_files
from vlm.training.picture_pool import pool_garment
from vlm.training.tower_pictures import (
    degraded,
    empty,
    pasted,
    relit,
    side_by_side,
    varied_photo,
)
from vlm.vision_tower import VisionTower

_CHUNK = 256
_BATCH = 4
_BORDERS = 300
_CUTOUT_SIDE = 224
_SLEEVE_OF_CLASS = {"t-shirt": "short", "longsleeve": "long"}
KINDS = ("photo", "drawn", "pasted", "several", "none")


@dataclass(frozen=True)
class ViewPlan:
    """How many views of each kind.

    Attributes:
        seed: Of everything.
        photo_variants: Views of each photo, the first unchanged.
        drawn: Drawn garments as they are, a little relit.
        pasted: Drawn garments laid on a ground.
        several: Pictures of two to four garments.
        none: Pictures without any.
        held_percent: Photos set aside from training, by their name.
    """

    seed: int = 20250425
    photo_variants: int = 4
    drawn: int = 2000
    pasted: int = 2600
    several: int = 1300
    none: int = 900
    held_percent: int = 10


@dataclass(frozen=True, slots=True)
class Views:
    """Maps ``[N, 14, 14, 112]`` float16, labels ``[N, heads]`` int16, kind ``[N]`` and whether set aside ``[N]``."""

    maps: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int16]
    kinds: npt.NDArray[np.int16]
    held: npt.NDArray[np.bool_]


Look = Callable[[Tensor], Tensor]
_Row = tuple[Image.Image, dict[str, str], str, bool]


def build_views(
    folder: Path,
    photos: Path,
    tower: VisionTower,
    plan: ViewPlan,
    *,
    look: Look | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Views:
    """Make the views, or go on where an earlier call stopped; chunks that are there are kept.

    Args:
        folder: Where chunks are kept; a change of plan wants another folder.
        photos: Folder of training photos, ``<class>/*.jpg``.
        tower: Whose preprocessing and lower half are used.
        plan: How many.
        look: The lower half, compiled perhaps; the tower's own by default.
        on_progress: Called with views done and in all.

    Raises:
        FileNotFoundError: `photos` holds no photos.
        ValueError: The folder was made by another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "plan.json"
    if note.is_file() and json.loads(note.read_text(encoding="utf-8")) != asdict(plan):
        raise ValueError(f"{folder} holds views of another plan: remove it or take another folder")
    note.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    scene = _Scene(photo_files(photos), plan)
    total = len(scene)
    for start in range(0, total, _CHUNK):
        path = folder / f"{start:06d}.npz"
        stop = min(start + _CHUNK, total)
        if not path.is_file():
            rows = [scene.row(index) for index in range(start, stop)]
            maps = _maps(tower, [row[0] for row in rows], tower.lower if look is None else look)
            labels, kinds = [_labels(row[1]) for row in rows], [KINDS.index(row[2]) for row in rows]
            np.savez(
                folder / "partial.npz",
                maps=maps,
                labels=np.array(labels, np.int16),
                kinds=np.array(kinds, np.int16),
                held=np.array([row[3] for row in rows]),
            )
            (folder / "partial.npz").rename(path)
        if on_progress is not None:
            on_progress(stop, total)
    return _joined(sorted(folder.glob("[0-9]*.npz")))


def _joined(files: Sequence[Path]) -> Views:
    chunks = [np.load(file, allow_pickle=False) for file in files]
    maps, labels, kinds, held = (
        np.concatenate([chunk[name] for chunk in chunks]) for name in ("maps", "labels", "kinds", "held")
    )
    return Views(maps, labels, kinds, held)


@torch.no_grad()
def _maps(tower: VisionTower, pictures: Sequence[Image.Image], look: Look) -> npt.NDArray[np.float16]:
    rows = []
    for start in range(0, len(pictures), _BATCH):
        batch = list(pictures[start : start + _BATCH])
        padding = _BATCH - len(batch)
        seen = look(tower.preprocess(batch + batch[:1] * padding))[: len(batch)]
        rows.append(seen.permute(0, 2, 3, 1).numpy().astype(np.float16))
    return np.concatenate(rows)


def _labels(known: dict[str, str]) -> list[int]:
    return [rows.index(known[name]) if name in known else -1 for name, rows in HEADS.items()]


def garment_labels(garment: Garment) -> dict[str, str]:
    """What the heads may learn from one drawn garment."""
    known = {
        "category": garment.category,
        "color": garment.color,
        "pattern": garment.pattern,
        "sleeve": garment.sleeve,
        "length": garment.length,
    }
    return {name: value for name, value in known.items() if value is not None} | {"count": "one"}


class _Scene:
    """All views in a fixed, well mixed order; a row is made from its number alone."""

    def __init__(self, files: Sequence[Path], plan: ViewPlan) -> None:
        self.files, self.plan = files, plan
        self.photos = [opened_photo(file) for file in files]
        self.held = [zlib.crc32(file.name.encode()) % 100 < plan.held_percent for file in files]
        free = [photo for photo, held in zip(self.photos, self.held, strict=True) if not held]
        chance = random.Random(plan.seed)
        self.sources = free
        self.borders = [photo_border(photo) for photo in chance.sample(free, min(_BORDERS, len(free)))]
        jobs = [("photo", index) for index in range(len(files) * plan.photo_variants)]
        for kind in KINDS[1:]:
            jobs += [(kind, index) for index in range(int(getattr(plan, kind)))]
        chance.shuffle(jobs)
        self.jobs = jobs

    def __len__(self) -> int:
        return len(self.jobs)

    def row(self, number: int) -> _Row:
        kind, index = self.jobs[number]
        rng = random.Random(f"{self.plan.seed}/{kind}/{index}")
        if kind == "photo":
            return self._photo(index, rng)
        if kind in ("drawn", "pasted"):
            return self._garment(kind, index, rng)
        picture = empty(self.borders, rng) if kind == "none" else self._several(rng)
        return picture, {"count": kind}, kind, False

    def _photo(self, index: int, rng: random.Random) -> _Row:
        which, variant = index % len(self.files), index // len(self.files)
        photo, name = self.photos[which], self.files[which].parent.name
        known = {"photo_class": name, "count": "one"}
        if name in _SLEEVE_OF_CLASS:
            known["sleeve"] = _SLEEVE_OF_CLASS[name]
        return (varied_photo(photo, rng) if variant else photo), known, "photo", self.held[which]

    def _garment(self, kind: str, index: int, rng: random.Random) -> _Row:
        # Rows of the picture pool have small numbers: these are other garments.
        garment = pool_garment(self.plan.seed, 1_000_000 + index + (0 if kind == "drawn" else 500_000))
        if kind == "pasted":
            cutout = draw_cutout(garment, size=_CUTOUT_SIDE, seed=index)
            return pasted([cutout], self.borders, rng), garment_labels(garment), kind, False
        side = rng.choice((128, 160, 224))
        picture = draw_garment(garment, size=side, seed=index)
        if rng.random() < 0.5:
            picture = degraded(relit(picture, rng), rng)
        return picture, garment_labels(garment), kind, False

    def _several(self, rng: random.Random) -> Image.Image:
        count = rng.choice((2, 2, 2, 3, 4))
        if rng.random() < 0.4:
            return side_by_side(rng.sample(self.sources, count), rng)
        garments = [pool_garment(self.plan.seed, rng.randrange(2_000_000, 3_000_000)) for _ in range(count)]
        seed = rng.randrange(1 << 30)
        if rng.random() < 0.3:
            drawn = [draw_garment(garment, size=128, seed=seed + i) for i, garment in enumerate(garments)]
            return side_by_side(drawn, rng)
        cutouts = [draw_cutout(garment, size=128, seed=seed + i) for i, garment in enumerate(garments)]
        return pasted(cutouts, self.borders, rng)


def opened_photo(file: Path) -> Image.Image:
    """A photo file as an upright RGB picture."""
    with Image.open(file) as opened:
        return ImageOps.exif_transpose(opened).convert("RGB")


def shown(photos: Path, plan: ViewPlan, count: int) -> Iterator[Image.Image]:
    """The first pictures of a plan, for a look at them."""
    scene = _Scene(photo_files(photos), plan)
    for number in range(min(count, len(scene))):
        yield scene.row(number)[0]
