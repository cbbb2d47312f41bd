"""Measures the main color of the garment in a picture: what a small network learns badly is better measured.

In a studio the border is taken as ground (a few color clusters in Lab); what differs from it is named by what its pixels
come to (`vlm.studio_color`). In phone light the garment is found by `vlm.garment_mask`, and its color is named by what
garment, ground and light come to (`vlm.color_features`): white in shade is no grey. Those names were learned from 420
hand-labeled training photos (`vlm.training.color_reading`); others measure them (`evals/data/photo_colors.yaml`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from fashion.color import COLORS
from vlm.color_features import color_features
from vlm.garment_mask import SIDE, color_weights, garment_mask
from vlm.palette_votes import (
    PHONE,
    STUDIO,
    nearest_names,
    on_palette,
    shared_names,
    squared_distances,
)
from vlm.studio_color import (
    STUDIO_SIDE,
    central,
    differing,
    frame,
    ground_distance,
    studio_features,
    studio_scores,
)

Array = npt.NDArray[np.float32]

_MIN_FOREGROUND = 0.04
_SOLID_SHARE = 0.8
_PHONE_SOFTNESS = 12.0

NAMES = tuple(name for name in COLORS if name not in ("gold", "silver"))
"""What a phone photo's color may be called, in the order of the outputs."""

_STUDIO_LIGHTNESS = 84.0
_STUDIO_SPREAD = 5.0
_STUDIO_SHARE = 0.8
"""So much of the border has to be even: a sleeve may touch it."""
_STUDIO_CHROMA = 10.0


@dataclass(frozen=True, slots=True)
class ColorReading:
    """The measured colors of a picture.

    Attributes:
        color: The main palette name. In a studio picture it may be another than the first of the shares, and none of them.
        shares: Palette names, largest share first, summing to at most 1: of the pixels of the garment in a studio
            picture, and in a phone photo how likely each name is.
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
    lab = lab_of(picture)
    return _studio_reading(lab) if is_studio(lab) else _phone_reading(to_lab(shrunk(picture)))


def lab_of(picture: Image.Image) -> Array:
    """An RGB picture pressed to ``[64, 64, 3]`` in Lab."""
    return to_lab(_pressed(picture))


def _studio_reading(lab: Array) -> ColorReading:
    """What a picture ``[64, 64, 3]`` in Lab on a studio ground comes to."""
    distance = ground_distance(lab)
    sure = differing(distance)
    foreground = float(sure.mean())
    weights = central() if foreground < _MIN_FOREGROUND else sure * central() + 1e-6
    counted = weights.reshape(-1) @ nearest_names(squared_distances(lab, STUDIO))
    shares = dict(zip(COLORS, on_palette(counted / counted.sum()).tolist(), strict=True))
    color = tuple(COLORS)[int(studio_scores(studio_features(lab, distance)).argmax())]
    return ColorReading(color, _largest(shares), foreground)


def _largest(shares: dict[str, float]) -> tuple[tuple[str, float], ...]:
    order = sorted(shares, key=lambda name: -shares[name])[:5]
    return tuple((name, shares[name]) for name in order if shares[name] > 0.01)


def _phone_reading(lab: Array) -> ColorReading:
    """What a photo ``[32, 32, 3]`` in Lab comes to."""
    weights = color_weights()
    mask = garment_mask(lab)
    x = (phone_features(lab, mask) - weights["names.mean"]) / weights["names.spread"]
    scores = weights["names.weight"] @ x + weights["names.bias"]
    chances = np.exp(scores - scores.max())
    shares = _largest(dict(zip(NAMES, (chances / chances.sum()).tolist(), strict=True)))
    return ColorReading(shares[0][0], shares, float(mask.mean()))


def phone_features(lab: Array, mask: Array | None = None) -> Array:
    """What the names' layer is told of a photo ``[32, 32, 3]`` in Lab."""
    votes = on_palette(shared_names(squared_distances(lab, PHONE), _PHONE_SOFTNESS))
    return color_features(lab, garment_mask(lab) if mask is None else mask, votes)


def shrunk(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """An RGB picture pressed to ``[32, 32, 3]``."""
    parts = STUDIO_SIDE // SIDE
    means = _pressed(picture).reshape(SIDE, parts, SIDE, parts, 3).mean((1, 3))
    rounded: npt.NDArray[np.uint8] = means.round().astype(np.uint8)
    return rounded


def _pressed(picture: Image.Image) -> npt.NDArray[np.uint8]:
    size = (STUDIO_SIDE, STUDIO_SIDE)
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX, reducing_gap=2.0))


def is_studio(lab: Array) -> bool:
    """Whether a picture ``[64, 64, 3]`` in Lab has one bright even border, as behind a product or drawn picture."""
    border = lab[frame()]
    lightness = border[:, 0]
    middle = np.median(lightness)
    even = (np.abs(lightness - middle) < _STUDIO_SPREAD).mean() >= _STUDIO_SHARE
    pale = np.median(np.hypot(border[:, 1], border[:, 2])) < _STUDIO_CHROMA
    return bool(middle > _STUDIO_LIGHTNESS and even and pale)
