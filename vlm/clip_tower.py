"""Show-o's other eye: the patch features of a CLIP vision tower, as its CLIP variant reads pictures.

The network is transformers' `CLIPVisionModel`; features are the last hidden states but one, without the class token.
Preprocessing after the published image processor: shorter side to the resolution (bicubic), center crop, normalized.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import CLIPVisionModel

from vlm.pictures import cropped

PREPROCESSING = "preprocessor_config.json"
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_SPREAD = (0.26862954, 0.26130258, 0.27577711)


class ClipTower(nn.Module):
    """A frozen CLIP vision tower."""

    def __init__(self, network: CLIPVisionModel, mean: Sequence[float], spread: Sequence[float]) -> None:
        """Wrap a loaded network; `mean` and `spread` normalize colors in 0…1."""
        super().__init__()
        self.network = network
        shape: Any = network.config
        self.resolution = int(shape.image_size)
        self.patches = (self.resolution // int(shape.patch_size)) ** 2
        self.features = int(shape.hidden_size)
        self.requires_grad_(False).train(False)
        self._mean, self._spread = tuple(mean), tuple(spread)

    @classmethod
    def from_pretrained(
        cls, folder: Path, *, device: str | torch.device = "cpu", dtype: torch.dtype | None = None
    ) -> ClipTower:
        """Read a folder in transformers' layout; no network is asked.

        Raises:
            OSError: The folder holds no CLIP vision tower; the message says what is missing.
        """
        network = CLIPVisionModel.from_pretrained(
            str(folder), local_files_only=True, dtype=dtype or torch.float32
        )
        path = folder / PREPROCESSING
        how = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        tower = cls(network, how.get("image_mean", _MEAN), how.get("image_std", _SPREAD))
        return tower.to(device)

    def save_pretrained(self, folder: Path) -> None:
        """Write what `from_pretrained` reads."""
        self.network.save_pretrained(str(folder))
        how = {"image_mean": list(self._mean), "image_std": list(self._spread)}
        (folder / PREPROCESSING).write_text(json.dumps(how, indent=1) + "\n", encoding="utf-8")

    def preprocess(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Pictures as float32 ``[B, 3, R, R]``, normalized."""
        rows = np.stack([np.asarray(cropped(picture, self.resolution), np.float32) for picture in pictures])
        normalized = (rows / 255.0 - np.array(self._mean, np.float32)) / np.array(self._spread, np.float32)
        return torch.from_numpy(normalized).permute(0, 3, 1, 2).contiguous()

    @torch.inference_mode()
    def patch_features(self, pixels: Tensor) -> Tensor:
        """Pixels ``[B, 3, R, R]`` to features ``[B, patches, F]``."""
        given = self.network(pixels.to(self.network.dtype), output_hidden_states=True)
        states: Tensor = given.hidden_states[-2]
        return states[:, 1:]
