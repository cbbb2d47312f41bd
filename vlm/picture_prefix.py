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
from vlm.engine.requests import Look
from vlm.layouts import clip_prefix, reading_prefix
from vlm.pictures import MAX_OUTFIT_ITEMS, fitted, outfit_grid, to_pixels
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

    def length(self, pictures: Sequence[Image.Image] | Look) -> int:
        """Positions that the prefix takes."""
        config = self._parts.network.config
        if self._clip:
            return len(self._system) + 2 + config.tower_patches
        patches = config.tower_patches if pictures and self._tower is not None else 0
        shown = len(pictures) if pictures and config.several == "row" else 1
        return 1 + shown * (config.image_positions + 2 + patches)

    def words(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """Token ids behind the prefix: what opens the text, then the conversation up to the next answer."""
        config = self._parts.network.config
        opening = config.special_id("<|eoi|>") if self._clip else config.end_of_text_id
        return [opening, *self._parts.text_tokenizer.dialogue(messages)]

    def look(self, pictures: Sequence[Image.Image]) -> Look:
        """Bring pictures to the size at which they are read; without any, a white one. No network runs: any thread may.

        Raises:
            ValueError: More than four pictures.
        """
        if len(pictures) > MAX_OUTFIT_ITEMS:
            raise ValueError(f"an outfit has 1 to {MAX_OUTFIT_ITEMS} pictures, not {len(pictures)}")
        config, tower = self._parts.network.config, self._tower
        key, count = self.key(pictures), len(pictures)
        side = tower.resolution if self._clip and tower is not None else self._side
        white = Image.new("RGB", (side, side), (255, 255, 255))
        if self._clip and tower is not None:
            return Look(key, count, (), (_seen_by(tower, pictures or [white]),))
        if not pictures:
            return Look(key, 0, (white,), ())
        groups = [[one] for one in pictures] if config.several == "row" else [pictures]
        squares = tuple(
            fitted(group[0], side, config.fit) if len(group) == 1 else outfit_grid(group, side)
            for group in groups
        )
        patches = () if tower is None else tuple(_seen_by(tower, group) for group in groups)
        return Look(key, count, squares, patches)

    @torch.inference_mode()
    def rows(self, pictures: Sequence[Image.Image] | Look) -> Tensor:
        """Embeddings of all that every word sees, ``[P, H]``.

        Raises:
            ValueError: More than four pictures.
        """
        look = pictures if isinstance(pictures, Look) else self.look(pictures)
        key = look.key
        if key not in self._seen:
            self._seen[key] = self._codes_and_features(look)
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

    def _codes_and_features(self, look: Look) -> tuple[Tensor | None, Tensor | None]:
        """Codes ``[1, N]`` and patch features ``[1, patches, F]``, of several pictures in a row ``[1, pictures, …]``.

        A CLIP variant reads no codes, and the lite tower nothing where there is no picture.
        """
        codes = [self.codes(square) for square in look.squares]
        features = [self._features(pixels) for pixels in look.patches]
        return _together(codes), _together(features)

    def _features(self, pixels: Tensor) -> Tensor:
        if self._tower is None:
            raise RuntimeError("pictures were made ready for a vision tower that is not there")
        weight = self._parts.network.showo.lm_head.weight
        return self._tower.patch_features(pixels.to(weight.device)).to(weight.dtype)


def _seen_by(tower: Tower, pictures: Sequence[Image.Image]) -> Tensor:
    """Pixels of one picture or of a grid of several, as a tower wants them."""
    seen = pictures[0] if len(pictures) == 1 else outfit_grid(pictures, tower.resolution)
    return tower.preprocess([seen])


def _together(rows: Sequence[Tensor]) -> Tensor | None:
    return None if not rows else rows[0] if len(rows) == 1 else torch.stack(list(rows), dim=1)
