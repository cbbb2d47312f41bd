"""A garment as somebody wears it: cut out, without what the body hides, with the places that meet the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import skia
from PIL import Image

from fashion.drawing.picture import DRAWERS
from fashion.drawing.studio import Studio
from fashion.garment import Garment

Part = Literal["upper", "lower"]


@dataclass(frozen=True, slots=True)
class Worn:
    """A garment ready to be put on a body.

    Attributes:
        picture: RGBA, square, transparent round the garment and in its openings.
        marks: Places of the garment in units of a 512-unit square, on the viewer's right: ``tip`` (shoulder
            point), ``armpit``, ``outer`` and ``inner`` (the corners of the sleeve's end) of what has sleeves;
            ``heel`` and ``toe`` of a shoe, of which only one is drawn.
    """

    picture: Image.Image
    marks: Mapping[str, tuple[float, float]]


def draw_worn(garment: Garment, *, part: Part | None = None, size: int = 512, seed: int = 0) -> Worn:
    """Draw a garment the way `fashion.drawing.draw_cutout` does, but as worn.

    Args:
        garment: What to draw.
        part: Of a set that is worn on both halves of the body (pyjamas), the half to draw; None for all.
        size: Side of the picture in pixels.
        seed: Decides details, as everywhere in drawing.

    Raises:
        ValueError: The category is not one that can be drawn.
    """
    if garment.category not in DRAWERS:
        raise ValueError(
            f"Cannot draw the category {garment.category!r}; choose one of: {', '.join(sorted(DRAWERS))}."
        )
    studio = Studio(garment, size, seed)
    studio.worn, studio.part = True, part
    DRAWERS[garment.category](studio)
    pixels = studio.surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    return Worn(Image.fromarray(pixels), MappingProxyType(dict(studio.marks)))
