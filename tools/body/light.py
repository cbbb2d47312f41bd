"""Light: what is put on takes the brightness, the color and the shade of the picture it is put into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Floats = npt.NDArray[np.float32]
_WHITE_PAPER = 0.94
"""What a well exposed photo makes of white."""
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """The light of a picture.

    Attributes:
        white: The color that white cloth has in it, shape (3,).
    """

    white: Floats

    @classmethod
    def of(cls, ground: Floats) -> Light:
        """Read it from the brightest parts of a picture, 0 to 1, shape (h, w, 3)."""
        sample = ground[::4, ::4]
        luma = sample @ _LUMA
        bright = sample[luma >= np.quantile(luma, 0.95)].mean(axis=0)
        level = float(np.clip(bright @ _LUMA / _WHITE_PAPER, 0.3, 1.0))
        cast = np.clip(bright / max(float(bright @ _LUMA), 1e-3), 0.86, 1.14)
        # Half the cast: what is bright may be a colored wall rather than the light.
        return cls(np.asarray((0.12 + 0.88 * level) * (0.5 + 0.5 * cast), dtype=np.float32))

    def on(self, cloth: Floats, alpha: Floats, ground: Floats, person: Floats) -> Floats:
        """Relight cloth for the place where it lies.

        Args:
            cloth: Colors, 0 to 1, shape (h, w, 3), as drawn in neutral light.
            alpha: Cover, 0 to 1, shape (h, w).
            ground: The picture below it, 0 to 1, shape (h, w, 3).
            person: The share of each pixel that is the person, shape (h, w).

        Returns:
            Colors like `cloth`.
        """
        shade = _shade(ground @ _LUMA, (alpha > 0.5) & (person > 0.5))
        return np.asarray(np.clip(cloth * self.white * shade[..., None], 0, 1), dtype=np.float32)


def shadow(alpha: Floats, softness: float, drop: float, strength: float) -> Floats:
    """How much light is left round something that lies on a body, 0 to 1: a soft shadow a little below it.

    Args:
        alpha: Cover, 0 to 1, shape (h, w).
        softness: Pixels.
        drop: How far it falls down, pixels.
        strength: Of the darkest place, 0 to 1.
    """
    small = 4
    side = (max(1, alpha.shape[1] // small), max(1, alpha.shape[0] // small))
    blurred = (
        Image.fromarray((alpha * 255).astype(np.uint8))
        .resize(side, Image.Resampling.BOX)
        .filter(ImageFilter.GaussianBlur(softness / small))
        .resize((alpha.shape[1], alpha.shape[0]), Image.Resampling.BILINEAR)
    )
    soft = np.asarray(blurred, dtype=np.float32) / 255
    low = np.zeros_like(soft)
    rows = min(max(round(drop), 0), len(soft) - 1)
    low[rows:] = soft[: len(soft) - rows]
    return np.asarray(1 - strength * np.clip(low, 0, 1), dtype=np.float32)


def _shade(luma: Floats, where: npt.NDArray[np.bool_]) -> Floats:
    """Large shadows and lights on the body below, as a factor round 1, shape (h, w)."""
    if where.sum() < 64:
        return np.ones_like(luma)
    small = 8
    side = (max(8, luma.shape[1] // small), max(8, luma.shape[0] // small))
    inside = where.astype(np.float32)
    weight, value = (_blurred(part, side) for part in (inside, luma * inside))
    mean = float(luma[where].mean())
    local = np.where(weight > 0.02, value / np.maximum(weight, 1e-3), mean)
    spread = float(luma[where].std()) / max(mean, 0.05)
    # Much contrast below means clothes of different colors, not light and shade.
    strength = 0.45 * np.exp(-2.5 * max(spread - 0.08, 0.0))
    factor = np.clip(local / max(mean, 0.05), 0.6, 1.4) ** strength
    grown = Image.fromarray(factor.astype(np.float32)).resize(
        (luma.shape[1], luma.shape[0]), Image.Resampling.BICUBIC
    )
    return np.asarray(grown, dtype=np.float32)


def _blurred(values: Floats, side: tuple[int, int]) -> Floats:
    picture = Image.fromarray(values.astype(np.float32)).resize(side, Image.Resampling.BOX)
    array = np.asarray(picture, dtype=np.float32)
    reach = max(2, round(side[1] / 24))
    kernel = np.hanning(2 * reach + 3)[1:-1].astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        array = np.apply_along_axis(lambda line: np.convolve(line, kernel, mode="same"), axis, array)
    return np.asarray(array, dtype=np.float32)
