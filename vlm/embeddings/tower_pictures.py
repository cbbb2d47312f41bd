"""Picture embeddings of the vision tower alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from vlm.vision_tower import VisionTower

PICTURE_DIMENSION = 1280


class PictureEmbedder:
    """Pooled, normalized features of the vision tower; thread-safe."""

    def __init__(self, tower: VisionTower | None = None) -> None:
        """Use a tower that is already loaded, or load one."""
        self._tower = tower or VisionTower()

    @torch.inference_mode()
    def embed(self, pictures: Sequence[Image.Image], batch_size: int = 16) -> npt.NDArray[np.float32]:
        """Embed RGB pictures as float32 of shape ``(len(pictures), 1280)``, each of length 1."""
        rows = [np.zeros((0, PICTURE_DIMENSION), np.float32)]
        for start in range(0, len(pictures), batch_size):
            pixels = self._tower.preprocess(pictures[start : start + batch_size])
            features = self._tower.features(pixels).mean(1)
            rows.append(torch.nn.functional.normalize(features, dim=-1).numpy().astype(np.float32))
        return np.concatenate(rows)
