"""Scarves, ties and bow ties, and belts: the long strips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.contours import along, placed, scattered, standing_band
from fashion.drawing.hardware import buckle, cast_shadow, tone
from fashion.drawing.pattern import contrast_for, lightness, paint
from fashion.drawing.shapes import box, mirrored, oval, symmetric, trace
from fashion.drawing.studio import Studio


def _fringe(studio: Studio, edge: skia.Path, length: float, turn: float = 0.0) -> None:
    """Knotted threads that hang from `edge`, drifting `turn` units sideways."""
    strands = [
        trace(
            f"M {x} {y - 2} Q {x + turn * 0.2} {y + length * 0.5} {x + turn + (i % 3 - 1) * 4} {y + length}"
        )
        for i, (x, y, _) in enumerate(along(edge, 15, start=0.02, end=0.98))
    ]
    studio.line(scattered(strands), width=6.4, rgb=studio.trim.color, alpha=1.0)
    studio.line(scattered(strands), width=3.4, rgb=studio.rgb, alpha=1.0)


def _fringed(studio: Studio) -> None:
    back = trace("M 168 186 C 148 264 140 340 132 424 L 244 434 C 250 350 262 280 286 210 Z")
    _fringe(studio, trace("M 134 422 L 242 432"), 56, -4)
    studio.piece(back, angle=5, shade=-0.08)
    studio.fold((196, 230), (172, 424), 8, 0.3)
    studio.fold((236, 240), (214, 428), 6, 0.25)
    front = trace("M 236 176 C 268 250 284 310 286 396 L 408 384 C 404 300 380 230 334 160 Z")
    _fringe(studio, trace("M 288 394 L 406 382"), 62, 6)
    cast_shadow(studio, front, -6, 4, 0.3)
    studio.piece(front, angle=-8)
    studio.fold((282, 220), (326, 388), -10, 0.32)
    studio.fold((322, 210), (368, 384), -12, 0.28)
    if not studio.worn:
        studio.piece(
            symmetric("M 256 92 C 196 92 156 104 146 124 C 172 150 220 156 256 156"), shade=-0.6, volume=0
        )
    loop = trace(
        "M 150 84 C 104 104 96 160 128 196 C 168 240 330 248 376 200 C 416 158 408 104 362 84 "
        "C 388 128 330 156 256 156 C 182 156 124 128 150 84 Z"
    )
    rear = symmetric("M 256 62 C 200 62 158 68 146 88 C 136 116 160 132 176 138 C 170 112 210 98 256 98")
    if not studio.worn:
        studio.piece(rear, angle=90, shade=-0.25)
    cast_shadow(studio, loop, 0, 9, 0.35)
    studio.piece(loop, angle=90, volume=1.2)
    for p0, p1, bend in (
        ((124, 118), (250, 196), -26),
        ((122, 150), (290, 224), -24),
        ((170, 140), (330, 200), -20),
        ((388, 110), (352, 170), 12),
    ):
        studio.fold(p0, p1, bend, 0.38)


def _square(studio: Studio) -> None:
    border = contrast_for(
        studio.rgb, "dark_ground" if lightness(studio.rgb) < 0.55 else "light_ground", studio.rng
    )
    cloth = replace(studio.fabric, scale=1.2)
    whole = trace(
        "M 250 28 C 318 112 428 162 486 256 C 398 316 350 426 258 484 "
        "C 196 398 82 352 26 262 C 112 196 162 88 250 28 Z"
    )
    studio.piece(whole, cloth, volume=0.8)
    for inset, width in ((0.93, 13.0), (0.83, 4.0)):
        frame = placed(whole, 256 * (1 - inset), 256 * (1 - inset), scale=inset)
        studio.line(frame, width=width, rgb=border, alpha=0.92)
    for p0, p1, bend in (
        ((256, 60), (300, 250), 30),
        ((110, 250), (250, 300), -30),
        ((400, 250), (290, 330), 24),
        ((250, 440), (214, 300), 20),
        ((150, 180), (240, 236), -14),
    ):
        studio.fold(p0, p1, bend, 0.34)
    corner = trace(
        "M 486 256 C 446 300 404 344 362 384 C 352 340 350 300 364 262 C 402 246 446 248 486 256 Z"
    )
    cast_shadow(studio, corner, -8, 2, 0.4)
    studio.piece(corner, cloth.flat(), shade=0.18)
    studio.line(
        trace("M 362 376 C 356 336 356 300 368 268 C 402 256 440 256 470 260"), width=9, rgb=border, alpha=0.9
    )


def _scarf(studio: Studio) -> None:
    """A scarf looped as round a neck with fringed ends, or a silk square laid out."""
    (_square if studio.garment.style == "square" else _fringed)(studio)


def _tie(studio: Studio) -> None:
    """A tie with its knot and pointed blade, or a bow tie."""
    cloth = replace(studio.fabric, scale=0.85)
    if studio.garment.style == "bow tie":
        for flip in (False, True):
            back = trace(
                "M 240 238 C 180 190 110 176 52 190 C 40 230 42 290 56 338 C 116 344 184 326 240 276 Z"
            )
            wing = trace(
                "M 244 236 C 196 186 128 158 64 150 C 40 152 34 180 38 256 "
                "C 34 334 42 362 66 364 C 130 354 198 326 244 276 Z"
            )
            studio.piece(mirrored(back) if flip else back, cloth, shade=-0.3)
            studio.piece(mirrored(wing) if flip else wing, cloth, angle=-8 if flip else 8)
            sign = 1 if flip else -1
            studio.fold((256 + sign * 26, 250), (256 + sign * 150, 216), sign * 10, 0.4)
            studio.fold((256 + sign * 26, 262), (256 + sign * 158, 296), sign * -10, 0.4)
        knot = symmetric("M 256 208 Q 224 206 220 222 Q 212 256 220 292 Q 224 308 256 306")
        studio.piece(knot, cloth, shade=0.06, volume=1.3)
        studio.fold((246, 216), (244, 296), 5, 0.35)
        return
    tail = trace("M 262 96 L 306 122 L 318 400 L 292 428 L 268 400 Z")
    studio.piece(tail, cloth, angle=-40, shade=-0.3)
    blade = trace(
        "M 226 92 L 286 92 C 296 180 322 300 330 414 L 258 496 L 186 414 C 194 300 216 180 226 92 Z"
    )
    cast_shadow(studio, blade, 5, 4, 0.35)
    studio.piece(blade, cloth, angle=-38 if studio.garment.pattern == "striped" else 0)
    studio.stitch(trace("M 194 410 L 258 482 L 322 410"))
    studio.fold((258, 104), (250, 196), 6, 0.4)
    knot = trace(
        "M 204 26 L 308 26 C 312 32 312 38 308 44 L 284 100 "
        "Q 256 110 228 100 L 204 44 C 200 38 200 32 204 26 Z"
    )
    studio.piece(knot, cloth, angle=40 if studio.garment.pattern == "striped" else 0, volume=1.2)
    studio.fold((222, 34), (246, 98), -6, 0.35)


def _belt(studio: Studio) -> None:
    """A closed belt standing on edge, its buckle in front and the holed end tucked beside it."""
    wide = studio.garment.style == "wide"
    metal = tone(studio)
    height = 132.0 if wide else 72.0
    top = 180.0 if wide else 208.0
    front, inside = standing_band(256, top, 226, 92, height)
    if not studio.worn:
        studio.piece(inside, studio.fabric.flat(), shade=-0.42, volume=0.5)
        studio.shadow(inside, 0.4, 16)
    studio.piece(front)
    rim = skia.Path()
    for inset in (8.0, height - 8.0):
        rim.addArc(skia.Rect(34, top - 90 + inset, 478, top + 90 + inset), 172, -164)
    studio.stitch(rim)
    y = top + 92 + height / 2
    low, high = y + height / 2, y - height / 2
    tip = trace(f"M 238 {high} L 366 {high - 12} Q 404 {y - 18} 370 {low - 14} L 238 {low} Z")
    cast_shadow(studio, tip, 4, 3, 0.4)
    studio.piece(tip, angle=-4, shade=0.05, volume=0.6)
    studio.canvas.drawPath(
        scattered([oval(x, y - (x - 256) * 0.08, 5) for x in (292, 316, 340, 364)]), paint((22, 18, 16), 0.85)
    )
    buckle(studio, 212, y + 1, 96 if wide else 86, height + 34, metal)
    prongs = (y - 24, y + 24) if wide else (y,)
    for level in prongs:
        studio.metal(box(172, level - 5, 252, level + 5, 5), metal)
    studio.piece(box(270, high - 5, 288, low + 4, 4), studio.trim, volume=0.5)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Belts": _belt,
    "Scarves": _scarf,
    "Ties & bow ties": _tie,
}
