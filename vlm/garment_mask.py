"""Where the garment is in a small picture: how like its border and its center each pixel is, judged by a tiny network.

The network (17 inputs, two hidden layers) learned from drawn garments laid on floors, fabrics and walls, where the truth is
known (`vlm.training.color_reading`). It knows nothing of shapes: a garment of its ground's color is not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Array = npt.NDArray[np.float32]

SIDE = 32
"""Pictures are looked at this small: a wrinkle or a button is no color."""

WEIGHTS = Path(__file__).parent / "data" / "color_reading.safetensors"

_AXES = np.array([0.7, 1.3, 1.3], np.float32)
_NARROW, _WIDE = 5.0, 14.0


def garment_mask(lab: Array, weights: Mapping[str, Array] | None = None) -> Array:
    """Probability that each pixel of a Lab picture ``[32, 32, 3]`` belongs to the garment, ``[32, 32]``.

    Args:
        lab: The picture.
        weights: Of the network; the shipped ones by default.
    """
    weights = color_weights() if weights is None else weights
    x = (pixel_features(lab).reshape(SIDE * SIDE, -1) - weights["mask.mean"]) / weights["mask.spread"]
    for layer in ("first", "second"):
        x = np.maximum(x @ weights[f"mask.{layer}.weight"].T + weights[f"mask.{layer}.bias"], 0.0)
    score = x @ weights["mask.last.weight"].T + weights["mask.last.bias"]
    chance: Array = (1.0 / (1.0 + np.exp(-score))).reshape(SIDE, SIDE).astype(np.float32)
    return chance


@cache
def color_weights() -> dict[str, Array]:
    """The weights of this mask and of `vlm.color_reading`, float32."""
    return {name: value.astype(np.float32) for name, value in load_file(WEIGHTS).items()}


def pixel_features(lab: Array) -> Array:
    """What is told of each pixel, ``[32, 32, 17]``: likeness to border and center, its surroundings', its place."""
    border, center, across, down = _places()
    pixels = (lab * _AXES).reshape(-1, 3)
    like_border, like_border_wide, distance = _likeness(pixels, pixels[border])
    like_center, like_center_wide, _ = _likeness(pixels, pixels[center])
    gain = like_center_wide - like_border_wide
    rows = [
        like_border, like_border_wide, like_center, like_center_wide, distance,
        like_center - like_border, gain, _around(gain, 1), _around(gain, 4),
        _around(like_border_wide, 1), _around(like_border_wide, 4), _around(distance, 1),
        across**2, down**2, across**2 + down**2, np.abs(across * down), down,
    ]  # fmt: skip
    return np.stack(rows, -1).astype(np.float32)


def _likeness(pixels: Array, samples: Array) -> tuple[Array, Array, Array]:
    """Log density of `samples` at each pixel, narrow and wide, and the distance to the nearest, each ``[32, 32]``."""
    squares = (pixels**2).sum(1)[:, None] + (samples**2).sum(1)[None] - 2 * pixels @ samples.T
    squares = np.maximum(squares, 0.0)
    narrow, wide = (
        np.log(np.exp(-squares / (2 * width * width)).mean(1) + 1e-4).reshape(SIDE, SIDE)
        for width in (_NARROW, _WIDE)
    )
    return narrow, wide, np.sqrt(squares.min(1)).reshape(SIDE, SIDE)


@cache
def _places() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Array, Array]:
    """Numbers of border and center pixels, thinned, and each pixel's place in -1..1."""
    border = np.ones((SIDE, SIDE), bool)
    border[2:-2, 2:-2] = False
    center = np.zeros((SIDE, SIDE), bool)
    center[7:25, 8:24] = True
    axis = ((np.arange(SIDE) - (SIDE - 1) / 2) / (SIDE / 2)).astype(np.float32)
    down, across = np.meshgrid(axis, axis, indexing="ij")
    return np.flatnonzero(border)[::2], np.flatnonzero(center)[::3], across, down


def _around(values: Array, reach: int) -> Array:
    """Mean over a square of ``2 * reach + 1`` pixels, the edge repeated."""
    width = 2 * reach + 1
    sums = np.pad(np.pad(values, reach, mode="edge").cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    whole = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width] + sums[:-width, :-width]
    mean: Array = whole / (width * width)
    return mean
