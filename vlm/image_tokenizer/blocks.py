"""The layers that encoder and decoder are built of. Tensors are ``[batch, channels, height, width]``."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.image_tokenizer.config import ImageTokenizerConfig

_EPS = 1e-6
_GROUPS = 32
_DEPTHWISE_SIZE = 5
_WIDENING = 3


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each position."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=_EPS)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize ``[B, C, H, W]``, which stays channels-last in memory if it came so."""
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def make_norm(channels: int, config: ImageTokenizerConfig) -> nn.Module:
    """The norm the config asks for, over this many channels."""
    if config.norm == "channel":
        return ChannelNorm(channels)
    return nn.GroupNorm(_GROUPS, channels, eps=_EPS)


class _Block(nn.Module):
    """What both kinds of block share: an input that is added back, projected where the width changes."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        if inward != outward:
            self.nin_shortcut = nn.Conv2d(inward, outward, 1)
        self._projects = inward != outward

    def add_back(self, before: Tensor, after: Tensor) -> Tensor:
        """The sum of the block's input and what the block made of it."""
        return after + (self.nin_shortcut(before) if self._projects else before)


class ResidualBlock(_Block):
    """Norm, SiLU, 3×3 convolution, twice, added to the input."""

    def __init__(self, inward: int, outward: int, config: ImageTokenizerConfig) -> None:
        super().__init__(inward, outward)
        self.norm1 = make_norm(inward, config)
        self.conv1 = nn.Conv2d(inward, outward, 3, padding=1)
        self.norm2 = make_norm(outward, config)
        self.conv2 = nn.Conv2d(outward, outward, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, inward, H, W]`` to ``[B, outward, H, W]``."""
        h = self.conv1(F.silu(self.norm1(x)))
        return self.add_back(x, self.conv2(F.silu(self.norm2(h))))


class DepthwiseBlock(_Block):
    """Depthwise convolution, norm, then a wide SiLU layer at each position, added to the input."""

    def __init__(self, inward: int, outward: int, config: ImageTokenizerConfig) -> None:
        super().__init__(inward, outward)
        self.depth = nn.Conv2d(inward, inward, _DEPTHWISE_SIZE, padding=_DEPTHWISE_SIZE // 2, groups=inward)
        self.norm = make_norm(inward, config)
        self.widen = nn.Linear(inward, _WIDENING * outward)
        self.narrow = nn.Linear(_WIDENING * outward, outward)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, inward, H, W]`` to ``[B, outward, H, W]``."""
        h = self.norm(self.depth(x)).permute(0, 2, 3, 1)
        return self.add_back(x, self.narrow(F.silu(self.widen(h))).permute(0, 3, 1, 2))


def make_block(inward: int, outward: int, config: ImageTokenizerConfig) -> nn.Module:
    """The kind of block the config asks for."""
    kind = DepthwiseBlock if config.block == "depthwise" else ResidualBlock
    return kind(inward, outward, config)


class SpatialAttention(nn.Module):
    """One attention head over all positions of a feature map, added to the input."""

    def __init__(self, channels: int, config: ImageTokenizerConfig) -> None:
        super().__init__()
        self.norm = make_norm(channels, config)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, C, H, W]`` to the same shape."""
        h = self.norm(x)
        query, key, value = (layer(h).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        seen = F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None])[:, 0]
        return x + cast(Tensor, self.proj_out(seen.transpose(1, 2).reshape(x.shape)))


class Middle(nn.Module):
    """After the coarsest level: block, attention, block."""

    def __init__(self, channels: int, config: ImageTokenizerConfig) -> None:
        super().__init__()
        self.block_1 = make_block(channels, channels, config)
        self.attn_1 = SpatialAttention(channels, config)
        self.block_2 = make_block(channels, channels, config)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, C, H, W]`` to the same shape."""
        return cast(Tensor, self.block_2(self.attn_1(self.block_1(x))))


class Downsample(nn.Module):
    """Halve height and width with a strided 3×3 convolution, padded right and below only."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, C, H, W]`` to ``[B, C, H/2, W/2]``."""
        return cast(Tensor, self.conv(F.pad(x, (0, 1, 0, 1))))


def make_middle(channels: int, config: ImageTokenizerConfig) -> nn.Module:
    """The middle, or nothing where the config asks for no attention."""
    return Middle(channels, config) if config.middle_attention else nn.Identity()


class Upsample(nn.Module):
    """Double height and width: repeat and convolve, or widen fourfold and unfold."""

    def __init__(self, channels: int, config: ImageTokenizerConfig) -> None:
        super().__init__()
        self._unfolds = config.upsample == "unfold"
        self.conv = (
            nn.Conv2d(channels, 4 * channels, 1)
            if self._unfolds
            else nn.Conv2d(channels, channels, 3, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """``[B, C, H, W]`` to ``[B, C, 2H, 2W]``."""
        if self._unfolds:
            return torch.pixel_shuffle(self.conv(x), 2)
        return cast(Tensor, self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest")))


class Level(nn.Module):
    """The blocks of one resolution, then (not at the last level) the change to the next resolution."""

    def __init__(self, widths: list[tuple[int, int]], config: ImageTokenizerConfig, resize: str) -> None:
        super().__init__()
        self.block = nn.ModuleList(make_block(inward, outward, config) for inward, outward in widths)
        outward = widths[-1][1]
        if resize == "down":
            self.downsample = Downsample(outward)
        elif resize == "up":
            self.upsample = Upsample(outward, config)
        self._resize = resize

    def forward(self, x: Tensor) -> Tensor:
        """Run the blocks in order, then the change of resolution."""
        for block in self.block:
            x = block(x)
        if self._resize == "down":
            return cast(Tensor, self.downsample(x))
        if self._resize == "up":
            return cast(Tensor, self.upsample(x))
        return x


def block_widths(inward: int, outward: int, count: int) -> list[tuple[int, int]]:
    """Input and output width of each of a level's blocks: the first one changes the width."""
    return [(inward if index == 0 else outward, outward) for index in range(count)]


def fold_pixels(pixels: Tensor, patch: int) -> Tensor:
    """Pixel squares into channels; nothing to do for a patch of 1."""
    return pixels if patch == 1 else F.pixel_unshuffle(pixels, patch)


def unfold_pixels(features: Tensor, patch: int) -> Tensor:
    """The inverse of `fold_pixels`."""
    return features if patch == 1 else torch.pixel_shuffle(features, patch)
