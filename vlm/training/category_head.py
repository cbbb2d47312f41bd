"""Fits the tower's head of the 51 categories anew, on the features that the transformer learns from.

While the tower learns, that head sees drawn garments alone. Here it sees photos as well, with the category that their class
and the ImageNet network's opinion stand for (`vlm.training.photos`), and the finished tower's features.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.tower_heads import HEADS, TowerHeads
from vlm.training.batches import Features, Material
from vlm.training.descent import descend
from vlm.vision_tower import FEATURES

_BATCH, _RATE, _DECAY = 256, 3e-3, 0.02
_SMOOTHING, _DROPOUT = 0.02, 0.1
_POOLED_AT_ONCE = 500


def fit_category_head(heads: TowerHeads, material: Material, steps: int) -> None:
    """Give `heads` a new layer of the categories, in place; the other layers stay.

    Args:
        heads: On the CPU.
        material: Garments that have features, and photos; at least one of both.
        steps: Batches of 256 pictures; 2,500 take half a minute to a minute on two cores.
    """
    pooled = torch.cat([_pooled(material.garment_features), _pooled(material.photo_features)])
    garments = material.garments[: len(material.garment_features)]
    names = [one.category for one in garments] + [one.category for one in material.photos]
    wanted = torch.tensor([HEADS["category"].index(name) for name in names])
    mean, spread = pooled.mean(0), pooled.std(0) + 1e-3
    rows = (pooled - mean) / spread
    layer = nn.Linear(FEATURES, len(HEADS["category"]))
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(steps)

        def loss(chosen: Tensor) -> Tensor:
            seen = F.dropout(rows[chosen], _DROPOUT)
            return F.cross_entropy(layer(seen), wanted[chosen], label_smoothing=_SMOOTHING)

        descend(layer, loss, len(rows), steps, rate=_RATE, decay=_DECAY, batch=_BATCH)
    with torch.no_grad():
        weight = layer.weight / spread
        state = {"weight": weight, "bias": layer.bias - weight @ mean}
        heads.layers["category"].load_state_dict(state)


def _pooled(features: Features) -> Tensor:
    """Float16 ``[N, patches, width]`` to the means over patches of what the heads read, float32 ``[N, 1280]``."""
    parts = [
        features[start : start + _POOLED_AT_ONCE, :, :FEATURES].astype(np.float32).mean(1)
        for start in range(0, len(features), _POOLED_AT_ONCE)
    ]
    return torch.from_numpy(np.concatenate(parts))
