"""Handles, zips, buckles and clasps: the small parts that bags and belts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import skia

from fashion.drawing.contours import along, moved, placed, ribbon, ring, scattered
from fashion.drawing.pattern import paint
from fashion.drawing.shapes import box, oval, trace

if TYPE_CHECKING:
    from fashion.drawing.studio import Studio


def tone(studio: Studio) -> str:
    """The metal of this item's hardware, ``gold`` or ``silver``; a gold or silver item keeps its own."""
    if studio.garment.color in ("gold", "silver"):
        return studio.garment.color
    return "silver" if studio.fabric.seed % 3 == 0 else "gold"


def cast_shadow(
    studio: Studio, over: skia.Path, dx: float = 0.0, dy: float = 6.0, strength: float = 0.4
) -> None:
    """The soft shadow that a piece about to be drawn as `over` throws on what is there already."""
    shape = moved(over, dx, dy)
    for spread in (0.0, 4.0, 9.0, 15.0):
        brush = paint((0, 0, 0), strength / 3.4, stroke=spread)
        brush.setStyle(skia.Paint.kStrokeAndFill_Style)
        brush.setBlendMode(skia.BlendMode.kSrcATop)
        studio.canvas.drawPath(shape, brush)


def handle(studio: Studio, spine: skia.Path, width: float, *, shade: float = 0.0) -> None:
    """A rounded leather handle of `width` units along `spine`."""
    studio.piece(ribbon(spine, width), studio.trim, shade=shade, volume=0.8)
    if width >= 9:
        studio.line(spine, width=width * 0.3, rgb=(255, 255, 255), alpha=0.16)


def strap(studio: Studio, spine: skia.Path, width: float, *, shade: float = 0.0) -> None:
    """A flat strap of `width` units along `spine`, stitched along both edges."""
    studio.piece(ribbon(spine, width), studio.trim, shade=shade, volume=0.35)
    studio.stitch(ribbon(spine, width - 9))


def zipper(studio: Studio, spine: skia.Path, metal: str, *, pull: bool = True) -> None:
    """A zip along `spine` with teeth, and a slider with a pull near its end."""
    studio.line(spine, width=9, rgb=(30, 28, 28), alpha=0.55)
    light = (226, 196, 120) if metal == "gold" else (214, 217, 222)
    teeth = skia.Path(spine)
    studio.line(teeth, width=3.2, rgb=light, alpha=0.9)
    if pull:
        (x, y, turn), *_ = along(spine, 1, start=0.9)
        studio.metal(placed(box(-9, -6, 9, 6, 3), x, y, turn=turn), metal)
        studio.metal(box(x - 4, y + 2, x + 4, y + 30, 3), metal)


def d_ring(studio: Studio, x: float, y: float, size: float, metal: str) -> None:
    """A ring of radius `size` that joins a strap to a bag."""
    studio.metal(ring(x, y, size, size, max(3.0, size * 0.34)), metal)


def buckle(studio: Studio, x: float, y: float, width: float, height: float, metal: str) -> None:
    """A frame buckle with a prong, centred on (x, y)."""
    left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    frame = skia.Path(box(left, top, right, bottom, 5))
    rim = max(4.0, min(width, height) * 0.17)
    frame.addRoundRect(skia.Rect(left + rim, top + rim, right - rim, bottom - rim), 3, 3)
    frame.setFillType(skia.PathFillType.kEvenOdd)
    studio.metal(frame, metal)


def turn_lock(studio: Studio, x: float, y: float, size: float, metal: str) -> None:
    """A rounded plate with a turning bar, centred on (x, y)."""
    plate = box(x - size, y - size * 0.75, x + size, y + size * 0.75, size * 0.3)
    cast_shadow(studio, plate, 1, 3, 0.3)
    studio.metal(plate, metal)
    studio.metal(box(x - size * 0.62, y - size * 0.2, x + size * 0.62, y + size * 0.2, size * 0.2), metal)


def kiss_lock(studio: Studio, x: float, y: float, size: float, metal: str) -> None:
    """The two crossed balls that close a framed purse; (x, y) is where they meet the frame."""
    for side, lean in ((-1, -20), (1, 20)):
        neck = placed(box(-size * 0.22, -size * 1.2, size * 0.22, 0, 2), x + side * size * 0.5, y, turn=-lean)
        studio.metal(neck, metal)
        studio.metal(oval(x - side * size * -0.72, y - size * 1.35, size * 0.72), metal)


def strap_buckle(studio: Studio, x: float, top: float, bottom: float, width: float, metal: str) -> None:
    """A vertical closing strap from `top` to `bottom` with a buckle near its lower end."""
    tip = trace(
        f"M {x - width / 2} {top} L {x + width / 2} {top} L {x + width / 2} {bottom - 12} "
        f"Q {x} {bottom + 8} {x - width / 2} {bottom - 12} Z"
    )
    cast_shadow(studio, tip, 3, 4, 0.3)
    studio.piece(tip, studio.trim, volume=0.5)
    buckle(studio, x, bottom - 44, width + 18, 34, metal)


def feet(studio: Studio, places: list[tuple[float, float]], metal: str) -> None:
    """Little metal feet under a bag."""
    studio.metal(scattered([box(x - 8, y - 2, x + 8, y + 8, 3) for x, y in places]), metal)


def tag(studio: Studio, x: float, y: float, metal: str) -> None:
    """A luggage tag on a thin strap, hanging from (x, y)."""
    studio.line(trace(f"M {x} {y} Q {x + 6} {y + 20} {x + 2} {y + 34}"), width=4, rgb=(70, 48, 34), alpha=0.9)
    body = trace(
        f"M {x - 8} {y + 30} L {x + 12} {y + 30} L {x + 18} {y + 42} L {x + 18} {y + 82} "
        f"L {x - 14} {y + 82} L {x - 14} {y + 42} Z"
    )
    studio.piece(body, studio.trim, shade=-0.15, volume=0.3)
    d_ring(studio, x + 2, y + 40, 5, metal)
