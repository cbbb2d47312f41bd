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
from vlm.layouts import clip_prefix, reading_prefix
from vlm.pictures import fitted, outfit_grid, to_pixels
from vlm.text_tokenizer import prompt_table
from vlm.towers import Tower

_KEPT = 64
"""Pictures whose codes and patch features are kept; some hundred kilobytes each."""


class PicturePrefixes:
    """Makes reading prefixes for up to four pictures; without any, a white one is read."""

    def __init__(self, parts: ModelParts, tower: Tower | None) -> None:
        """Use these networks; `tower` may be None where the network has no projector for one."""
        self._parts, self._tower = parts, tower
        self._side = parts.image_tokenizer.config.resolution
        self._clip = tower is not None and parts.network.config.tower_kind == "clip"
        self._system = parts.text_tokenizer.encode(prompt_table()["system"]) if self._clip else []
        self._seen: OrderedDict[str, tuple[Tensor | None, Tensor | None]] = OrderedDict()

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
        if self._clip:
            return len(self._system) + 2 + config.tower_patches
        patches = config.tower_patches if pictures and self._tower is not None else 0
        return config.image_positions + 3 + patches

    def words(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """Token ids behind the prefix: what opens the text, then the conversation up to the next answer."""
        config = self._parts.network.config
        opening = config.special_id("<|eoi|>") if self._clip else config.end_of_text_id
        return [opening, *self._parts.text_tokenizer.dialogue(messages)]

    @torch.inference_mode()
    def rows(self, pictures: Sequence[Image.Image], key: str | None = None) -> Tensor:
        """Embeddings of all that every word sees, ``[P, H]``; `key` spares working it out again.

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
        if self._clip and features is not None:
            return clip_prefix(self._parts.network, self._system, features)[0]
        return reading_prefix(self._parts.network, codes, features)[0]

    @torch.inference_mode()
    def codes(self, picture: Image.Image) -> Tensor:
        """Image codes of one picture, long ``[1, num_vq_tokens]``."""
        weight = next(self._parts.image_tokenizer.parameters())
        pixels = to_pixels(np.asarray(picture)[None]).to(weight.device, weight.dtype)
        return self._parts.image_tokenizer.encode(pixels)

    def _look(self, pictures: Sequence[Image.Image]) -> tuple[Tensor | None, Tensor | None]:
        """Codes and patch features; a CLIP variant reads no codes, and the lite tower nothing where there is no picture."""
        side = self._tower.resolution if self._clip and self._tower is not None else self._side
        white = Image.new("RGB", (side, side), (255, 255, 255))
        if self._clip:
            return None, self._features(pictures or [white])
        if not pictures:
            return self.codes(white), None
        fit = self._parts.network.config.fit
        whole = (
            fitted(pictures[0], self._side, fit) if len(pictures) == 1 else outfit_grid(pictures, self._side)
        )
        return self.codes(whole), self._features(pictures)

    def _features(self, pictures: Sequence[Image.Image]) -> Tensor | None:
        if self._tower is None:
            return None
        seen = pictures[0] if len(pictures) == 1 else outfit_grid(pictures, self._tower.resolution)
        weight = self._parts.network.showo.lm_head.weight
        pixels = self._tower.preprocess([seen]).to(weight.device)
        return self._tower.patch_features(pixels).to(weight.dtype)
