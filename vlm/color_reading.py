"""Measures the main color of the garment in a picture: what a small network learns badly is better measured.

The border is taken as background (a few color clusters in Lab); what differs from it, weighted towards the
center, votes for palette names, each of which has several prototypes since light and shade move a color.
Phone light dulls colors, so outside a studio they are made stronger, and grey has to be nearer than a color to be named.
Phone light was fitted on 140 hand-labeled training photos; others measure it (`evals/data/photo_colors.yaml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from fashion.color import COLORS

Array = npt.NDArray[np.float32]

_SIDE = 64
_BORDER = 3
_CLUSTERS = 3
_SHADES = (-9.0, 0.0, 6.0)
_NEUTRAL = frozenset({"black", "charcoal", "grey", "white"})
_MIN_FOREGROUND = 0.04
_SOLID_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Light:
    """How colors are compared under one kind of light.

    Attributes:
        axes: Weights of L, a and b. Hue and chroma name a color more than lightness does, which shade moves.
        chroma: Factor on a and b of the picture.
        neutral_penalty: Distance added to black, charcoal, grey and white.
        softness: Distance over which a pixel's vote is shared between names; 0 gives it to the nearest alone.
        center: How steeply weight falls from the center.
    """

    axes: tuple[float, float, float]
    chroma: float = 1.0
    neutral_penalty: float = 0.0
    softness: float = 0.0
    center: float = 1.6


_STUDIO = _Light((0.6, 1.7, 1.7))
_PHONE = _Light((1.0, 1.3, 1.3), chroma=1.5, neutral_penalty=8.0, softness=12.0, center=3.0)
_STUDIO_LIGHTNESS = 84.0
_STUDIO_SPREAD = 6.0


@dataclass(frozen=True, slots=True)
class ColorReading:
    """The measured colors of a picture.

    Attributes:
        color: The main palette name.
        shares: Palette names with their share of the garment, largest first, summing to 1.
        foreground: Share of the picture that differs from its border.
    """

    color: str
    shares: tuple[tuple[str, float], ...]
    foreground: float

    @property
    def looks_solid(self) -> bool:
        """Whether one color and its shades make up nearly all of the garment."""
        return self.shares[0][1] >= _SOLID_SHARE


def to_lab(rgb: npt.NDArray[np.uint8]) -> Array:
    """Convert 8-bit sRGB ``[..., 3]`` to CIELAB (D65), float32."""
    value = rgb.astype(np.float32) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.072175],
            [0.0193339, 0.119192, 0.9503041],
        ],
        np.float32,
    )
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883], np.float32)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)
    return lab.astype(np.float32)


def read_color(picture: Image.Image) -> ColorReading:
    """Measure the main color of the garment in an RGB picture; never fails, whatever the picture."""
    small = picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    lab = to_lab(np.asarray(small))
    border = lab[_frame()]
    light = _STUDIO if _is_studio(border) else _PHONE
    weights, foreground = _garment_weights(lab, border, light.center)
    votes = (_votes(lab, light) * weights.reshape(-1, 1)).sum(0)
    votes /= votes.sum()
    order = np.argsort(-votes)
    palette = tuple(COLORS)
    shares = tuple((palette[index], float(votes[index])) for index in order[:5] if votes[index] > 0.01)
    return ColorReading(shares[0][0], shares, foreground)


@cache
def _frame() -> npt.NDArray[np.bool_]:
    """The border's pixels."""
    frame = np.ones((_SIDE, _SIDE), bool)
    frame[_BORDER:-_BORDER, _BORDER:-_BORDER] = False
    return frame


def _is_studio(border: Array) -> bool:
    """Whether the border ``[n, 3]`` is one bright even ground, as behind a product or drawn picture."""
    lightness = border[:, 0]
    return bool(np.median(lightness) > _STUDIO_LIGHTNESS and lightness.std() < _STUDIO_SPREAD)


def _votes(lab: Array, light: _Light) -> Array:
    """What each pixel says: shares of the palette, ``[64 · 64, colors]``, rows summing to 1."""
    names, rows = _prototypes()
    axes = np.array(light.axes, np.float32)
    seen = lab.reshape(-1, 3) * np.array([1.0, light.chroma, light.chroma], np.float32) * axes
    distance = ((seen[:, None, :] - rows[None] * axes) ** 2).sum(-1)
    palette = tuple(COLORS)
    penalty = np.array([light.neutral_penalty if palette[name] in _NEUTRAL else 0.0 for name in names])
    distance = distance + penalty.astype(np.float32) ** 2
    votes = np.zeros((len(distance), len(palette)), np.float32)
    if light.softness == 0.0:
        votes[np.arange(len(distance)), names[distance.argmin(1)]] = 1.0
        return votes
    near = np.exp((distance.min(1, keepdims=True) - distance) / light.softness**2)
    for column, name in enumerate(names):
        votes[:, name] = np.maximum(votes[:, name], near[:, column])
    shares: Array = votes / votes.sum(1, keepdims=True)
    return shares


def _garment_weights(lab: Array, border: Array, steepness: float) -> tuple[Array, float]:
    """Weight of every pixel ``[64, 64]`` and the share that differs from the border."""
    background = _cluster(border)
    distance = np.sqrt(((lab[:, :, None, :] - background) ** 2).sum(-1)).min(-1)
    differs = 1.0 / (1.0 + np.exp((12.0 - distance) / 3.0))
    axis = (np.arange(_SIDE, dtype=np.float32) - (_SIDE - 1) / 2) / (_SIDE / 2)
    center = np.exp(-steepness * (axis[:, None] ** 2 + axis[None, :] ** 2))
    foreground = float(differs.mean())
    if foreground < _MIN_FOREGROUND:
        return center.astype(np.float32), foreground
    return (differs * center + 1e-6).astype(np.float32), foreground


def _cluster(points: Array) -> Array:
    """A few rounds of k-means from spread-out starting points; clusters under a tenth of the border are dropped."""
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


@cache
def _prototypes() -> tuple[npt.NDArray[np.int64], Array]:
    """Index of the palette name of each prototype, and the prototypes in Lab."""
    names: list[int] = []
    rows: list[tuple[float, float, float]] = []
    for index, color in enumerate(COLORS.values()):
        if color.name in ("gold", "silver"):
            continue
        lightness, a, b = color.lab
        for shade in _SHADES:
            # A darker shade of a color is also less colorful.
            scale = max(0.2, (lightness + shade) / max(lightness, 1.0)) if shade < 0 else 1.0
            names.append(index)
            rows.append((min(100.0, max(0.0, lightness + shade)), a * scale, b * scale))
    return np.array(names), np.array(rows, np.float32)
