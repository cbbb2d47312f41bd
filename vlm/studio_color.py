"""Names the color of a garment on a studio ground, by what its pixels come to under several weightings.

A count of pixels alone takes the spots of an animal print, the lines of a check, or the shadows in a shoe for the garment's
color. Which mixtures belong to which name a small network has learned from drawn garments (`vlm.training.studio_colors`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from vlm.color_features import clusters, quantiles
from vlm.palette_votes import PHONE, STUDIO, Light, nearest_names, shared_names, squared_distances

Array = npt.NDArray[np.float32]

STUDIO_SIDE = 64
"""Pictures are looked at this small."""
BORDER = 3
"""Width of the frame that is taken for ground."""
WEIGHTS = Path(__file__).parent / "data" / "studio_color.safetensors"

_EVEN = Light(PHONE.axes)
_CLUSTERS = 3
_CENTER = 1.6
"""How steeply weight falls from the center."""
_EDGE = 12.0
"""Step in Lab from one pixel to the next at which a pixel counts a third: outlines are dark whatever the garment is."""
_GROUND = 0.02
"""How surely a pixel must belong to the garment, by the softer measure, to be looked at."""
_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)


def ground_distance(lab: Array) -> Array:
    """How far every pixel ``[64, 64, 3]`` is in Lab from the nearest main color of the picture's frame, ``[64, 64]``."""
    ground = _main_colors(lab[frame()])
    distance: Array = np.sqrt(((lab[:, :, None, :] - ground) ** 2).sum(-1)).min(-1)
    return distance


def differing(distance: Array, at: float = 12.0, softness: float = 3.0) -> Array:
    """How surely pixels of these distances from the ground belong to the garment, 0..1."""
    share: Array = 1.0 / (1.0 + np.exp((at - distance) / softness))
    return share


@cache
def frame() -> npt.NDArray[np.bool_]:
    """The frame's pixels, ``[64, 64]``."""
    found = np.ones((STUDIO_SIDE, STUDIO_SIDE), bool)
    found[BORDER:-BORDER, BORDER:-BORDER] = False
    return found


@cache
def central() -> Array:
    """A preference for the center, ``[64, 64]``."""
    axis = (np.arange(STUDIO_SIDE, dtype=np.float32) - (STUDIO_SIDE - 1) / 2) / (STUDIO_SIDE / 2)
    weight: Array = np.exp(-_CENTER * (axis[:, None] ** 2 + axis[None, :] ** 2)).astype(np.float32)
    return weight


def studio_features(lab: Array, distance: Array) -> Array:
    """What the network is told of a picture ``[64, 64, 3]`` in Lab and its `ground_distance`."""
    sure, faint = differing(distance), differing(distance, 5.0, 1.5)
    # The ground weighs nothing, and is most of a picture; one of ground alone is looked at whole.
    counts = faint.reshape(-1) > _GROUND
    counts = counts if counts.any() else np.ones_like(counts)
    pixels = lab.reshape(-1, 3)[counts]
    whole, body, flat, pale = (
        _normalized(weights.reshape(-1)[counts])
        for weights in (sure, sure * central(), sure * central() * _flatness(lab), faint * central())
    )
    studio, even = squared_distances(pixels, STUDIO), squared_distances(pixels, _EVEN)
    counted = nearest_names(studio)
    rows = [np.sqrt(weights @ counted) for weights in (body, flat, pale)]
    rows += [np.sqrt(whole @ shared_names(studio, 8.0)), np.sqrt(flat @ shared_names(even, 6.0))]
    for weights in (flat, pale):
        rows.append(weights @ pixels / 50.0)
        rows += [quantiles(pixels[:, axis], weights, *_SHARES) / 50.0 for axis in range(3)]
    largest, largest_share, colorful, colorful_share = clusters(pixels, flat)
    rows += [largest / 50.0, np.array([largest_share]), colorful / 50.0, np.array([colorful_share])]
    rows.append(np.array([sure.mean(), faint.mean(), np.median(lab[frame()][:, 0]) / 50.0]))
    return np.concatenate(rows).astype(np.float32)


def studio_scores(features: Array, weights: Mapping[str, Array] | None = None) -> Array:
    """Scores of all palette colors, higher for likelier ones, from `studio_features`; the shipped weights by default."""
    weights = studio_weights() if weights is None else weights
    x = (features - weights["mean"]) / weights["spread"]
    hidden = np.maximum(weights["first.weight"] @ x + weights["first.bias"], 0.0)
    scores: Array = weights["last.weight"] @ hidden + weights["last.bias"]
    return scores


@cache
def studio_weights() -> dict[str, Array]:
    """The shipped weights, float32."""
    return {name: value.astype(np.float32) for name, value in load_file(WEIGHTS).items()}


def _normalized(weights: Array) -> Array:
    spread = weights + 1e-6
    shares: Array = (spread / spread.sum()).astype(np.float32)
    return shares


def _flatness(lab: Array) -> Array:
    """1 where a pixel is like its neighbors, less towards edges."""
    down = np.abs(np.diff(lab, axis=0, append=lab[-1:])).sum(-1)
    across = np.abs(np.diff(lab, axis=1, append=lab[:, -1:])).sum(-1)
    flat: Array = np.exp(-(down + across) / _EDGE)
    return flat


def _main_colors(points: Array) -> Array:
    """A few rounds of k-means from spread-out starting points; clusters under a tenth of the points are dropped."""
    order = points[np.argsort(points[:, 0])]
    centers = order[[len(order) // 6, len(order) // 2, len(order) * 5 // 6]].copy()
    assigned = np.zeros(len(points), np.int64)
    for _ in range(6):
        assigned = ((points[:, None] - centers[None]) ** 2).sum(-1).argmin(1)
        for index in range(_CLUSTERS):
            if (assigned == index).any():
                centers[index] = points[assigned == index].mean(0)
    sizes = np.bincount(assigned, minlength=_CLUSTERS) / len(points)
    return centers[sizes > 0.1]
