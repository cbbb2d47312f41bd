"""A garment as a product picture, or cut out for trying on; the same seed gives the same pixels."""

from __future__ import annotations

import pkgutil
import random
import warnings
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import skia
from PIL import Image

from fashion.drawing.studio import Studio
from fashion.garment import Garment

_SHADOW_SIDE = 96
_GROUNDS = (
    ((248, 247, 245), (231, 229, 226)),
    ((245, 247, 249), (226, 230, 234)),
    ((250, 246, 240), (235, 228, 219)),
    ((247, 247, 247), (229, 229, 230)),
    ((244, 245, 240), (228, 230, 224)),
)


def _gather() -> dict[str, Callable[[Studio], None]]:
    drawers: dict[str, Callable[[Studio], None]] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in ("picture", "contact_sheet"):
            try:
                loaded = import_module(f"fashion.drawing.{module.name}")
            except (ImportError, SyntaxError, NameError) as error:  # a module still being written
                warnings.warn(f"{module.name}: {error}", stacklevel=1)
                continue
            drawers.update(getattr(loaded, "DRAWERS", {}))
    return drawers


DRAWERS: dict[str, Callable[[Studio], None]] = _gather()
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
    image = _cutout(garment, size, seed)
    pixels = image.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    return Image.fromarray(np.ascontiguousarray(pixels))


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
    cutout = _cutout(garment, size, seed)
    rng = random.Random(seed ^ zlib.crc32(garment.category.encode()))
    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    _ground(canvas, size, rng)
    matrix = skia.Matrix()
    scale = rng.uniform(0.94, 1.03)
    matrix.setRotate(rng.uniform(-2.0, 2.0), size / 2, size / 2)
    matrix.preTranslate(size * rng.uniform(-0.015, 0.015), size * rng.uniform(-0.012, 0.012))
    matrix.preScale(scale, scale, size / 2, size / 2)
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear)
    canvas.concat(matrix)
    shadow = _shadow(cutout)
    for shift, spread, alpha in ((0.006, 1.0, 0.30), (0.02, 1.015, 0.22)):
        paint = skia.Paint(Alphaf=alpha)
        side = size * spread
        offset = (size - side) / 2
        place = skia.Rect.MakeXYWH(offset + size * shift * 0.5, offset + size * shift, side, side)
        canvas.drawImageRect(shadow, place, smooth, paint)
    canvas.drawImage(cutout, 0, 0, smooth)
    pixels = surface.makeImageSnapshot().toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    return Image.fromarray(np.ascontiguousarray(pixels[..., :3]))


def _cutout(garment: Garment, size: int, seed: int) -> skia.Image:
    if garment.category not in DRAWERS:
        raise ValueError(
            f"Cannot draw the category {garment.category!r}; choose one of: {', '.join(sorted(DRAWERS))}."
        )
    studio = Studio(garment, size, seed)
    DRAWERS[garment.category](studio)
    return studio.surface.makeImageSnapshot()


def _ground(canvas: skia.Canvas, size: int, rng: random.Random) -> None:
    light, dark = rng.choice(_GROUNDS)
    center = skia.Point(size * rng.uniform(0.4, 0.6), size * rng.uniform(0.32, 0.5))
    colors = [int(skia.Color(*light)), int(skia.Color(*dark))]
    shader = skia.GradientShader.MakeRadial(center, size * 0.85, colors)
    canvas.drawPaint(skia.Paint(Shader=shader, Dither=True))


def _shadow(cutout: skia.Image) -> skia.Image:
    """The cut-out's blurred silhouette, small, because it is blurred anyway."""
    surface = skia.Surface(_SHADOW_SIDE, _SHADOW_SIDE)
    paint = skia.Paint(
        ImageFilter=skia.ImageFilters.Blur(1.9, 1.9),
        ColorFilter=skia.ColorFilters.Blend(skia.Color(40, 36, 40), skia.BlendMode.kSrcIn),
    )
    place = skia.Rect.MakeWH(_SHADOW_SIDE, _SHADOW_SIDE)
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    surface.getCanvas().drawImageRect(cutout.withDefaultMipmaps(), place, smooth, paint)
    return surface.makeImageSnapshot()
