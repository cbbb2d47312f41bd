"""Which vision tower a model has, and where it is loaded from."""

from __future__ import annotations

from pathlib import Path

import torch

from vlm.clip_tower import ClipTower
from vlm.config import FashionVLMConfig
from vlm.photo_attributes import PhotoReader
from vlm.shipped import shipped_directory
from vlm.vision_tower import VisionTower

TOWER_FOLDER = "clip_tower"
LITE_TOWER_FOLDER = "tower"
"""Where a model folder keeps the upper half of its own small tower; without it the package's weights serve."""


Tower = VisionTower | ClipTower


def load_tower(
    folder: Path | None,
    config: FashionVLMConfig,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype | None = None,
) -> Tower | None:
    """The tower of a model folder; None where the model has none.

    Raises:
        FileNotFoundError: A CLIP variant's folder holds no tower.
    """
    if not config.tower_features:
        return None
    if config.tower_kind == "clip":
        if folder is None or not (folder / TOWER_FOLDER).is_dir():
            raise FileNotFoundError(
                f"{folder} lacks {TOWER_FOLDER}/: import the model again with --clip and a CLIP vision tower"
            )
        return ClipTower.from_pretrained(folder / TOWER_FOLDER, device=device, dtype=dtype)
    # Small, and its embeddings are compared with ones kept for long: always in float32.
    own = (folder or shipped_directory()) / LITE_TOWER_FOLDER
    tower = VisionTower.from_pretrained(own) if own.is_dir() else VisionTower()
    tower.to(device)
    return tower


def shipped_photo_reader() -> PhotoReader | None:
    """What counts garments where the model itself runs elsewhere: the shipped model's; None where it ships no heads."""
    own = shipped_directory() / LITE_TOWER_FOLDER
    return PhotoReader.of_folder(own, VisionTower.from_pretrained(own)) if own.is_dir() else None


def load_photo_reader(folder: Path | None, tower: Tower | None) -> PhotoReader | None:
    """What counts the garments in a picture; None where the model folder has no heads for its tower."""
    if not isinstance(tower, VisionTower):
        return None
    return PhotoReader.of_folder((folder or shipped_directory()) / LITE_TOWER_FOLDER, tower)
