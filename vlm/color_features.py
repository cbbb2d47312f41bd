"""What a phone photo's light and garment come to, in a row of numbers from which its color is named.

A color word is said of a garment in its light: white cloth in shade is darker than grey cloth in the sun. So the garment's
lightness and hue are told together with those of the ground and of the brightest parts of the picture.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from vlm.garment_mask import SIDE

Array = npt.NDArray[np.float32]

_CLUSTERS = 3
_ROUNDS = 6
_CENTER = 0.8
_GREY = 15.0
"""Chroma under which hue is worth less and less."""


def color_features(lab: Array, mask: Array, votes: Array) -> Array:
    """One row of features.

    Args:
        lab: The picture in Lab, ``[32, 32, 3]``.
        mask: Where the garment is, ``[32, 32]`` in 0..1.
        votes: What each pixel would be called, ``[32 * 32, names]``, rows summing to 1.
    """
    pixels = lab.reshape(-1, 3)
    garment = _normalized(mask.reshape(-1) ** 1.5 * _central() + 1e-4)
    ground = _normalized(1.0 - mask.reshape(-1) + 1e-3)
    chroma = np.hypot(pixels[:, 1], pixels[:, 2])
    mean, around = garment @ pixels, ground @ pixels
    median = np.array([quantiles(pixels[:, axis], garment, 0.5)[0] for axis in range(3)])
    bright = np.percentile(pixels[:, 0], [2, 98])
    largest, largest_share, colorful, colorful_share = clusters(pixels, garment)
    lightness, strength = float(median[0]), float(np.hypot(median[1], median[2]))
    hue, weight = float(np.arctan2(median[2], median[1])), min(strength, _GREY) / _GREY
    light = [
        mask.mean(), strength / 30, np.sqrt(strength) / 5,
        weight * np.cos(hue), weight * np.sin(hue), weight * np.cos(2 * hue), weight * np.sin(2 * hue),
        max(0.0, lightness - 60) / 30, max(0.0, 30 - lightness) / 30,
        max(0.0, bright[1] - lightness) / 50, lightness / max(bright[1], 10.0),
    ]  # fmt: skip
    rows = [
        mean / 50, median / 50, around / 50,
        quantiles(pixels[:, 0], garment, 0.1, 0.25, 0.75, 0.9) / 50,
        quantiles(pixels[:, 0], ground, 0.1, 0.5, 0.9) / 50,
        bright / 50, quantiles(chroma, garment, 0.25, 0.5, 0.9) / 30,
        largest / 50, [largest_share], colorful / 50, [colorful_share],
        (median - around) / 50, light, 3 * np.sqrt(garment @ votes),
    ]  # fmt: skip
    return np.concatenate(rows).astype(np.float32)


def _normalized(weights: Array) -> Array:
    shares: Array = weights / weights.sum()
    return shares


@cache
def _central() -> Array:
    """A gentle preference for the center, ``[32 * 32]``."""
    axis = (np.arange(SIDE) - (SIDE - 1) / 2) / (SIDE / 2)
    weights: Array = np.exp(-_CENTER * (axis[:, None] ** 2 + axis[None] ** 2)).astype(np.float32).reshape(-1)
    return weights


def quantiles(values: Array, weights: Array, *shares: float) -> Array:
    """The values under which these shares of the weight lie."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    places = np.minimum(np.searchsorted(sums / sums[-1], shares), len(values) - 1)
    chosen: Array = values[order][places]
    return chosen


def clusters(pixels: Array, weights: Array) -> tuple[Array, float, Array, float]:
    """Center and share of the garment's largest and of its most colorful of three clusters."""
    order = np.argsort(pixels[:, 0], kind="stable")
    sums = np.cumsum(weights[order])
    starts = np.minimum(np.searchsorted(sums / sums[-1], (0.15, 0.5, 0.85)), len(pixels) - 1)
    centers = pixels[order][starts].copy()
    scale = np.array([0.5, 1.0, 1.0], np.float32)
    shares: npt.NDArray[np.floating] = np.zeros(_CLUSTERS)
    for _ in range(_ROUNDS):
        nearest = ((pixels[:, None] - centers[None]) ** 2 * scale).sum(-1).argmin(1)
        shares = np.bincount(nearest, weights, minlength=_CLUSTERS).astype(np.float64)
        for index in np.flatnonzero(shares > 1e-6):
            belongs = nearest == index
            centers[index] = weights[belongs] @ pixels[belongs] / shares[index]
    first, bold = int(shares.argmax()), int(np.hypot(centers[:, 1], centers[:, 2]).argmax())
    return centers[first], float(shares[first]), centers[bold], float(shares[bold])
