"""A garment as a product picture, or cut out for trying on; the same seed gives the same pixels."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import skia
from PIL import Image, ImageFilter

from fashion.drawing import (
    bags,
    bags_evening,
    bags_travel,
    bottoms,
    coats,
    denim,
    dresses,
    eyewear,
    footwear_boots,
    footwear_heels,
    footwear_laced,
    footwear_open,
    footwear_slip,
    footwear_sneakers,
    headwear,
    jackets,
    jewelry,
    knits,
    neckwear,
    nightwear,
    shirts,
    skirts,
    sportswear,
    tailoring,
    tops,
    watches,
)
from fashion.drawing.studio import Studio
from fashion.garment import Garment

_GROUND_SIDE = 96
_SHADE = (38, 34, 40)
_GROUNDS = (
    ((248, 247, 245), (231, 229, 226)),
    ((245, 247, 249), (226, 230, 234)),
    ((250, 246, 240), (235, 228, 219)),
    ((247, 247, 247), (229, 229, 230)),
    ((244, 245, 240), (228, 230, 224)),
)


_MODULES = (
    bags,
    bags_evening,
    bags_travel,
    bottoms,
    coats,
    denim,
    dresses,
    eyewear,
    footwear_boots,
    footwear_heels,
    footwear_laced,
    footwear_open,
    footwear_slip,
    footwear_sneakers,
    headwear,
    jackets,
    jewelry,
    knits,
    neckwear,
    nightwear,
    shirts,
    skirts,
    sportswear,
    tailoring,
    tops,
    watches,
)

DRAWERS: dict[str, Callable[[Studio], None]] = {
    category: drawer for module in _MODULES for category, drawer in module.DRAWERS.items()
}
"""Category name → what draws it."""


def draw_cutout(garment: Garment, *, size: int = 512, seed: int = 0) -> Image.Image:
    """The garment alone, upright and centered, on nothing.

    Args:
        garment: What to draw.
        size: Side of the picture in pixels.
        seed: Decides details and contrast colors, and nothing else.

    Returns:
        An RGBA picture of ``size`` × ``size``, transparent round the garment.

    Raises:
        ValueError: The category is not one that can be drawn.
    """
    return _cutout(garment, size, seed, skia.Matrix())


def draw_garment(garment: Garment, *, size: int = 512, seed: int = 0) -> Image.Image:
    """A product picture of the garment on a light studio ground.

    Args:
        garment: What to draw.
        size: Side of the picture in pixels.
        seed: Decides details, contrast colors, ground, and a little of place, size and turn.

    Returns:
        An RGB picture of ``size`` × ``size``.

    Raises:
        ValueError: The category is not one that can be drawn.
    """
    rng = random.Random(seed ^ zlib.crc32(garment.category.encode()))
    matrix = skia.Matrix()
    matrix.setRotate(rng.uniform(-2.0, 2.0), 256, 256)
    matrix.preTranslate(rng.uniform(-8, 8), rng.uniform(-6, 6))
    scale = rng.uniform(0.94, 1.03)
    matrix.preScale(scale, scale, 256, 256)
    cutout = _cutout(garment, size, seed, matrix)
    picture = _ground(cutout, rng).resize((size, size), Image.Resampling.BILINEAR)
    picture.paste(cutout, (0, 0), cutout)
    return picture


def _cutout(garment: Garment, size: int, seed: int, matrix: skia.Matrix) -> Image.Image:
    if garment.category not in DRAWERS:
        raise ValueError(
            f"Cannot draw the category {garment.category!r}; choose one of: {', '.join(sorted(DRAWERS))}."
        )
    studio = Studio(garment, size, seed)
    with studio.transformed(matrix):
        DRAWERS[garment.category](studio)
    pixels = studio.surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    return Image.fromarray(pixels)


def _ground(cutout: Image.Image, rng: random.Random) -> Image.Image:
    """The lit ground with the garment's soft shadow on it, small, because both are smooth."""
    side = max(24, min(_GROUND_SIDE, cutout.width * 3 // 8))
    light, dark = (np.array(color, dtype=np.float64) for color in rng.choice(_GROUNDS))
    steps = np.arange(side, dtype=np.float64) / side
    x, y = steps - rng.uniform(0.4, 0.6), steps - rng.uniform(0.32, 0.5)
    reach = np.sqrt(x[None, :] ** 2 + y[:, None] ** 2) / 0.85
    lit = light + (dark - light) * np.clip(reach, 0, 1)[..., None]
    outline = cutout.getchannel("A").resize((side, side), Image.Resampling.BOX)
    contact = np.asarray(outline.filter(ImageFilter.GaussianBlur(side / 100)), dtype=np.float64) / 255
    drop = np.asarray(outline.filter(ImageFilter.GaussianBlur(side / 40)), dtype=np.float64) / 255
    shade = 0.26 * _lowered(contact, 1) + 0.26 * _lowered(drop, side // 42)
    colored = lit * (1 - shade[..., None]) + np.array(_SHADE, dtype=np.float64) * shade[..., None]
    return Image.fromarray((colored + 0.5).astype(np.uint8))


def _lowered(shade: npt.NDArray[np.float64], rows: int) -> npt.NDArray[np.float64]:
    return np.pad(shade, ((rows, 0), (0, 0)))[: len(shade)] if rows else shade
