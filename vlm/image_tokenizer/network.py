"""Encoder (pixels to one value a bit) and decoder (signs to pixels)."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from vlm.image_tokenizer.blocks import Level, block_widths, fold_pixels, make_middle, make_norm, unfold_pixels
from vlm.image_tokenizer.config import ImageTokenizerConfig

_PIXEL_CHANNELS = 3


class Encoder(nn.Module):
    """Pixels ``[B, 3, H, W]`` to values ``[B, bits, H/f, W/f]`` whose signs are the bits of a place's tokens."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        width = config.channels
        self.conv_in = nn.Conv2d(_PIXEL_CHANNELS * config.pixel_patch**2, width, 3, padding=1)
        self.down = nn.ModuleList()
        last = len(config.encoder_multipliers) - 1
        for index, (multiplier, count) in enumerate(
            zip(config.encoder_multipliers, config.encoder_blocks, strict=True)
        ):
            widths = block_widths(width, config.channels * multiplier, count)
            self.down.append(Level(widths, config, "down" if index < last else "none"))
            width = config.channels * multiplier
        self.mid = make_middle(width, config)
        self.norm_out = make_norm(width, config)
        self.conv_out = nn.Conv2d(width, config.values, 3, padding=1)
        self.quant_conv = nn.Conv2d(config.values, config.values, 1)
        self._patch = config.pixel_patch

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        h = self.conv_in(fold_pixels(pixels, self._patch))
        for level in self.down:
            h = level(h)
        h = self.conv_out(F.silu(self.norm_out(self.mid(h))))
        return cast(Tensor, self.quant_conv(h))


class Decoder(nn.Module):
    """Signs ``[B, bits, h, w]`` to pixels ``[B, 3, h·f, w·f]``, not clamped."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        width = config.channels * config.decoder_multipliers[-1]
        self.conv_in = nn.Conv2d(config.values, width, 3, padding=1)
        self.mid = make_middle(width, config)
        levels: list[Level] = []
        for index in reversed(range(len(config.decoder_multipliers))):
            outward = config.channels * config.decoder_multipliers[index]
            widths = block_widths(width, outward, config.decoder_blocks[index])
            levels.insert(0, Level(widths, config, "up" if index else "none"))
            width = outward
        self.up = nn.ModuleList(levels)
        self.norm_out = make_norm(width, config)
        self.conv_out = nn.Conv2d(width, _PIXEL_CHANNELS * config.pixel_patch**2, 3, padding=1)
        self.post_quant_conv = nn.Conv2d(config.values, config.values, 1)
        self._patch = config.pixel_patch

    def forward(self, signs: Tensor) -> Tensor:
        """See the class."""
        h = self.mid(self.conv_in(self.post_quant_conv(signs)))
        for level in reversed(self.up):
            h = level(h)
        return unfold_pixels(self.conv_out(F.silu(self.norm_out(h))), self._patch)
