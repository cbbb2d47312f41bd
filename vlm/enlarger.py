"""Enlarges what the image tokenizer draws: a small convolutional network that adds the sharpness its codes lost.

Four times the side in one pass (128 px to 512 px), as a correction to bicubic enlargement. It learned on reconstructions
of drawn garments (`vlm.training.enlarger`), so it mends the tokenizer's own softness as well; it is not meant for photos.
Design after EDSR (arXiv 1707.02921): residual blocks without norms, one pixel shuffle at the end.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True, slots=True)
class EnlargerConfig:
    """Shape of the network.

    Attributes:
        scale: How many times the side grows.
        channels: Width of every layer.
        blocks: Residual blocks of two 3x3 convolutions.
    """

    scale: int = 4
    channels: int = 48
    blocks: int = 5

    def __post_init__(self) -> None:
        """Refuse shapes that enlarge nothing."""
        if self.scale < 2 or self.channels < 1 or self.blocks < 1:
            raise ValueError("an enlarger needs scale >= 2, channels >= 1 and blocks >= 1")


class _Block(nn.Module):
    """Two convolutions beside a way past them; starts as that way alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        mended: Tensor = self.second(F.relu(self.first(x)))
        return x + mended


class Enlarger(nn.Module):
    """The network; see the module's words."""

    def __init__(self, config: EnlargerConfig | None = None) -> None:
        """Build with weights that enlarge as bicubic interpolation does."""
        super().__init__()
        self.config = config or EnlargerConfig()
        width, scale = self.config.channels, self.config.scale
        self.enter = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(self.config.blocks)))
        self.leave = nn.Conv2d(width, 3 * scale * scale, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels float ``[B, 3, H, W]`` near [-1, 1] to ``[B, 3, scale·H, scale·W]``, not clamped."""
        pixels = pixels.clamp(-1, 1).contiguous(memory_format=torch.channels_last)
        scale = self.config.scale
        smooth = F.interpolate(pixels, scale_factor=scale, mode="bicubic", align_corners=False)
        entered = self.enter(pixels)
        detail = F.pixel_shuffle(self.leave(entered + self.blocks(entered)), scale)
        return smooth + detail

    def save_pretrained(self, folder: Path, dtype: torch.dtype = torch.float16) -> None:
        """Write ``config.json`` and ``model.safetensors`` with weights in `dtype`."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {
            name: value.detach().to("cpu", dtype).contiguous() for name, value in self.named_parameters()
        }
        save_file(weights, folder / WEIGHTS_FILE)
        (folder / CONFIG_FILE).write_text(json.dumps(asdict(self.config), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(cls, folder: Path) -> Enlarger:
        """Read what `save_pretrained` wrote: float32, in evaluation mode.

        Raises:
            FileNotFoundError: The folder lacks one of the two files.
            ValueError: Its weights are not those of its configuration.
        """
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no enlarger in {folder}: {name} is missing")
        values = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        enlarger = cls(EnlargerConfig(**values))
        weights = {name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()}
        own = {name: value.shape for name, value in enlarger.named_parameters()}
        if odd := sorted(
            set(own) ^ {name for name, value in weights.items() if own.get(name) == value.shape}
        ):
            raise ValueError(f"the weights in {folder} do not fit {CONFIG_FILE}: {', '.join(odd[:5])}")
        enlarger.load_state_dict(weights)
        return enlarger.eval().requires_grad_(False)
