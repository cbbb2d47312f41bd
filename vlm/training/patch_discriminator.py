"""The light discriminator of the image tokenizer's last training: does a patch look drawn or reconstructed?"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Module):
    """Says of each patch of some 22 px whether it looks drawn (high) or reconstructed (low): ``[B, 1, H/8, W/8]``."""

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inward = 3
        for outward in (channels, 2 * channels, 4 * channels):
            layers += [spectral_norm(nn.Conv2d(inward, outward, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
            inward = outward
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(inward, 1, 1)))

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels ``[B, 3, H, W]`` in [-1, 1]."""
        scores: Tensor = self.layers(pixels)
        return scores
