"""Measures the main color of the garment in a picture: what a small network learns badly is better measured.

In a studio the border is taken as background (a few color clusters in Lab); what differs from it, weighted towards the
center, votes for palette names, each of which has several prototypes since light and shade move a color.
In phone light the garment is found by `vlm.garment_mask`, and its color is named by what garment, ground and light come
to (`vlm.color_features`): white in shade is no grey. Those names were learned from 420 hand-labeled training photos
(`vlm.training.color_reading`); others measure them (`evals/data/photo_colors.yaml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from fashion.color import COLORS
from vlm.color_features import color_features
from vlm.garment_mask import SIDE, color_weights, garment_mask

Array = npt.NDArray[np.float32]

_SIDE = 64
_BORDER = 3
_CLUSTERS = 3
_SHADES = (-9.0, 0.0, 6.0)
_NEUTRAL = frozenset({"black", "charcoal", "grey", "white"})
_MIN_FOREGROUND = 0.04
_CENTER = 1.6
"""How steeply weight falls from the center in a studio picture."""
_SOLID_SHARE = 0.8

NAMES = tuple(name for name in COLORS if name not in ("gold", "silver"))
"""What a phone photo's color may be called, in the order of the outputs."""


@dataclass(frozen=True, slots=True)
class _Light:
    """How colors are compared under one kind of light.

    Attributes:
        axes: Weights of L, a and b. Hue and chroma name a color more than lightness does, which shade moves.
        chroma: Factor on a and b of the picture.
        neutral_penalty: Distance added to black, charcoal, grey and white.
        softness: Distance over which a pixel's vote is shared between names; 0 gives it to the nearest alone.
    """

    axes: tuple[float, float, float]
    chroma: float = 1.0
    neutral_penalty: float = 0.0
    softness: float = 0.0


_STUDIO = _Light((0.6, 1.7, 1.7))
_PHONE = _Light((1.0, 1.3, 1.3), chroma=1.5, neutral_penalty=8.0, softness=12.0)
_STUDIO_LIGHTNESS = 84.0
_STUDIO_SPREAD = 5.0
_STUDIO_SHARE = 0.8
"""So much of the border has to be even: a sleeve may touch it."""
_STUDIO_CHROMA = 10.0


@dataclass(frozen=True, slots=True)
class ColorReading:
    """The measured colors of a picture.

    Attributes:
        color: The main palette name.
        shares: Palette names, largest share first, summing to at most 1: of the garment in a studio picture, and in a
            phone photo how likely each name is.
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
    if not _is_studio(border):
        return _phone_reading(to_lab(_halved(np.asarray(small))))
    weights, foreground = _garment_weights(lab, border)
    votes = (_votes(lab, _STUDIO) * weights.reshape(-1, 1)).sum(0)
    return _reading(dict(zip(COLORS, (votes / votes.sum()).tolist(), strict=True)), foreground)


def _reading(shares: dict[str, float], foreground: float) -> ColorReading:
    order = sorted(shares, key=lambda name: -shares[name])[:5]
    kept = tuple((name, shares[name]) for name in order if shares[name] > 0.01)
    return ColorReading(kept[0][0], kept, foreground)


def _phone_reading(lab: Array) -> ColorReading:
    """What a photo ``[32, 32, 3]`` in Lab comes to."""
    weights = color_weights()
    mask = garment_mask(lab)
    x = (phone_features(lab, mask) - weights["names.mean"]) / weights["names.spread"]
    scores = weights["names.weight"] @ x + weights["names.bias"]
    chances = np.exp(scores - scores.max())
    return _reading(dict(zip(NAMES, (chances / chances.sum()).tolist(), strict=True)), float(mask.mean()))


def phone_features(lab: Array, mask: Array | None = None) -> Array:
    """What the names' layer is told of a photo ``[32, 32, 3]`` in Lab."""
    return color_features(lab, garment_mask(lab) if mask is None else mask, _votes(lab, _PHONE))


def shrunk(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """An RGB picture pressed to ``[32, 32, 3]``."""
    return _halved(
        np.asarray(picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2.0))
    )


def _halved(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    means = pixels.reshape(SIDE, _SIDE // SIDE, SIDE, _SIDE // SIDE, 3).mean((1, 3))
    rounded: npt.NDArray[np.uint8] = means.round().astype(np.uint8)
    return rounded


@cache
def _frame() -> npt.NDArray[np.bool_]:
    """The border's pixels."""
    frame = np.ones((_SIDE, _SIDE), bool)
    frame[_BORDER:-_BORDER, _BORDER:-_BORDER] = False
    return frame


def _is_studio(border: Array) -> bool:
    """Whether the border ``[n, 3]`` is one bright even ground, as behind a product or drawn picture."""
    lightness = border[:, 0]
    middle = np.median(lightness)
    even = (np.abs(lightness - middle) < _STUDIO_SPREAD).mean() >= _STUDIO_SHARE
    pale = np.median(np.hypot(border[:, 1], border[:, 2])) < _STUDIO_CHROMA
    return bool(middle > _STUDIO_LIGHTNESS and even and pale)


def _votes(lab: Array, light: _Light) -> Array:
    """What each pixel says: shares of the palette, ``[pixels, colors]``, rows summing to 1."""
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


def _garment_weights(lab: Array, border: Array) -> tuple[Array, float]:
    """Weight of every pixel ``[64, 64]`` and the share that differs from the border."""
    background = _cluster(border)
    distance = np.sqrt(((lab[:, :, None, :] - background) ** 2).sum(-1)).min(-1)
    differs = 1.0 / (1.0 + np.exp((12.0 - distance) / 3.0))
    axis = (np.arange(_SIDE, dtype=np.float32) - (_SIDE - 1) / 2) / (_SIDE / 2)
    center = np.exp(-_CENTER * (axis[:, None] ** 2 + axis[None, :] ** 2))
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
