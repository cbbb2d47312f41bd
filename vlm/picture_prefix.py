"""Pictures to what stands before the words of a reading request; what was seen lately is not coded again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlm.checkpoint import ModelParts
from vlm.layouts import reading_prefix
from vlm.pictures import fitted, outfit_grid, to_pixels
from vlm.vision_tower import VisionTower

_KEPT = 64
"""Pictures whose codes and patch features are kept; some hundred kilobytes each."""


class PicturePrefixes:
    """Makes reading prefixes for up to four pictures; without any, a white one is read."""

    def __init__(self, parts: ModelParts, tower: VisionTower | None) -> None:
        """Use these networks; `tower` may be None where the network has no projector for one."""
        self._parts, self._tower = parts, tower
        self._side = parts.image_tokenizer.config.resolution
        self._seen: OrderedDict[str, tuple[Tensor, Tensor | None]] = OrderedDict()

    def key(self, pictures: Sequence[Image.Image]) -> str:
        """A name for the content of these pictures in this order."""
        digest = hashlib.sha256()
        for picture in pictures:
            digest.update(repr(picture.size).encode())
            digest.update(picture.convert("RGB").tobytes())
        return digest.hexdigest()

    def length(self, pictures: Sequence[Image.Image]) -> int:
        """Positions that the prefix takes."""
        config = self._parts.network.config
        patches = config.tower_patches if pictures and self._tower is not None else 0
        return config.image_positions + 3 + patches

    @torch.inference_mode()
    def rows(self, pictures: Sequence[Image.Image], key: str | None = None) -> Tensor:
        """Embeddings of everything up to and including ``<|eoi|>``, ``[P, H]``; `key` spares working it out again.

        Raises:
            ValueError: More than four pictures.
        """
        key = self.key(pictures) if key is None else key
        if key not in self._seen:
            self._seen[key] = self._look(pictures)
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        self._seen.move_to_end(key)
        codes, features = self._seen[key]
        return reading_prefix(self._parts.network, codes, features)[0]

    @torch.inference_mode()
    def codes(self, picture: Image.Image) -> Tensor:
        """Image codes of one picture, long ``[1, num_vq_tokens]``."""
        weight = next(self._parts.image_tokenizer.parameters())
        pixels = to_pixels(np.asarray(picture)[None]).to(weight.device, weight.dtype)
        return self._parts.image_tokenizer.encode(pixels)

    def _look(self, pictures: Sequence[Image.Image]) -> tuple[Tensor, Tensor | None]:
        fit = self._parts.network.config.fit
        if not pictures:
            return self.codes(Image.new("RGB", (self._side, self._side), (255, 255, 255))), None
        whole = (
            fitted(pictures[0], self._side, fit) if len(pictures) == 1 else outfit_grid(pictures, self._side)
        )
        features = None
        if self._tower is not None:
            seen = pictures[0] if len(pictures) == 1 else outfit_grid(pictures, self._tower.resolution)
            weight = self._parts.network.showo.lm_head.weight
            pixels = self._tower.preprocess([seen]).to(weight.device)
            features = self._tower.patch_features(pixels).to(weight.dtype)
        return self.codes(whole), features
