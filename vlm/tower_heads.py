"""Linear readings of the vision tower's pooled features: a photo's class, garment attributes, how many garments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fashion.color import COLORS
from fashion.vocabulary import CATEGORIES, LENGTHS, PATTERNS, SLEEVES
from vlm.vision_tower import FEATURES

HEADS_FILE = "heads.safetensors"
COUNTS = ("none", "one", "several")
_CLASSES = Path(__file__).parent / "data" / "photo_classes.yaml"

HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "photo_class": tuple(sorted(yaml.safe_load(_CLASSES.read_text(encoding="utf-8")))),
        "category": tuple(CATEGORIES),
        "color": tuple(COLORS),
        "pattern": PATTERNS,
        "sleeve": SLEEVES,
        "length": LENGTHS,
        "count": COUNTS,
    }
)
"""What each head answers, in the order of its outputs."""


class TowerHeads(nn.Module):
    """One linear layer a question on pooled features ``[B, 1280]``."""

    def __init__(self) -> None:
        """Layers with zero weights: every answer equally likely."""
        super().__init__()
        self.layers = nn.ModuleDict({name: nn.Linear(FEATURES, len(rows)) for name, rows in HEADS.items()})
        for layer in self.layers.values():
            nn.init.zeros_(layer.weight)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, pooled: Tensor) -> dict[str, Tensor]:
        """Scores before softmax for every question."""
        return {name: layer(pooled) for name, layer in self.layers.items()}

    def save_pretrained(self, folder: Path, dtype: torch.dtype = torch.float16) -> None:
        """Write ``heads.safetensors``."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: value.to(dtype) for name, value in self.state_dict().items()}, folder / HEADS_FILE)

    @classmethod
    def from_pretrained(cls, folder: Path) -> TowerHeads:
        """Read what `save_pretrained` wrote: float32, frozen.

        Raises:
            FileNotFoundError: The folder has no heads.
        """
        if not (folder / HEADS_FILE).is_file():
            raise FileNotFoundError(f"no heads in {folder}: {HEADS_FILE} is missing")
        heads = cls()
        state = load_file(folder / HEADS_FILE)
        heads.load_state_dict({name: value.float() for name, value in state.items()})
        return heads.eval().requires_grad_(False)
