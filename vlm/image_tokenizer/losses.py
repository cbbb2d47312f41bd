"""How far a reconstruction is from its picture, in the terms that training weighs.

Pixels are in [-1, 1], ``[B, 3, H, W]``.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

_DETAIL_WEIGHT = 2.0
_DETAIL_GAIN = 8.0


def pixel_losses(reconstruction: Tensor, pixels: Tensor) -> dict[str, Tensor]:
    """The unweighted terms, each a scalar.

    ``absolute`` and ``square``: L1 and L2, weighted up where the picture has detail, because most of a
    product picture is empty background. ``gradient``: L1 between neighbor differences, which keeps edges and
    patterns sharp. ``chroma``: L1 of the color differences, without which small colored things turn gray.
    """
    weight = detail_weight(pixels)
    error = reconstruction - pixels
    across, down = _differences(error)
    chroma = error - error.mean(dim=1, keepdim=True)
    return {
        "absolute": (weight * error.abs()).mean(),
        "square": (weight * error.square()).mean(),
        "gradient": across.abs().mean() + down.abs().mean(),
        "chroma": (weight * chroma.abs()).mean(),
    }


def detail_weight(pixels: Tensor) -> Tensor:
    """``[B, 1, H, W]`` of mean 1: higher where neighboring pixels differ within a few pixels' distance."""
    across, down = _differences(pixels)
    change = F.pad(across.abs().mean(1, keepdim=True), (0, 1)) + F.pad(
        down.abs().mean(1, keepdim=True), (0, 0, 0, 1)
    )
    detail = (F.avg_pool2d(change, 9, stride=1, padding=4) * _DETAIL_GAIN).clamp(max=1.0)
    weight = 1.0 + _DETAIL_WEIGHT * detail
    return weight / weight.mean()


def _differences(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., :, 1:] - x[..., :, :-1], x[..., 1:, :] - x[..., :-1, :]
