"""How differently a pretrained picture network sees two pictures: the perceptual loss of the picture trainings."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from vlm.vision_tower import VisionTower

_TOWER_LEVELS = (1, 3, 5)
"""Blocks whose outputs are compared: strides 2, 4 and 8."""


class FeatureDistance:
    """Distance of EfficientNet-lite0's features, each level's scaled to unit length."""

    def __init__(self, tower: VisionTower) -> None:
        """Compare through this tower; its weights stay."""
        self._tower = tower

    def __call__(self, ours: Tensor, theirs: Tensor) -> Tensor:
        """Scalar distance of two batches ``[B, 3, H, W]`` in [-1, 1]; gradients flow to `ours` alone."""
        with torch.no_grad():
            wanted = self._levels(theirs)
        pairs = zip(self._levels(ours), wanted, strict=True)
        return torch.stack([(a - b).square().sum(1).mean() for a, b in pairs]).sum()

    def _levels(self, x: Tensor) -> list[Tensor]:
        levels = []
        x = self._tower.stem(x)
        for index, block in enumerate(self._tower.blocks[: max(_TOWER_LEVELS) + 1]):
            x = block(x)
            if index in _TOWER_LEVELS:
                levels.append(F.normalize(x, dim=1))
        return levels
