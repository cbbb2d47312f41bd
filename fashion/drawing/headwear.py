"""Hats with a brim all round, and caps and beanies."""

from __future__ import annotations

import math
from collections.abc import Callable

import skia

from fashion.drawing.contours import moved, scattered
from fashion.drawing.fabric import plain
from fashion.drawing.hardware import cast_shadow
from fashion.drawing.pattern import lightness, paint, tone
from fashion.drawing.shapes import box, oval, symmetric, trace
from fashion.drawing.studio import Studio


def _band_color(studio: Studio) -> tuple[int, int, int]:
    return (236, 228, 210) if lightness(studio.rgb) < 0.3 else tone(studio.rgb, -0.72)


def _ribbon_band(studio: Studio, band: skia.Path, bow: tuple[float, float]) -> None:
    color = _band_color(studio)
    studio.piece(band, plain(color, "satin"), volume=0.9)
    x, y = bow
    cloth = plain(tone(color, -0.08), "satin")
    studio.piece(trace(f"M {x} {y} L {x - 36} {y - 20} L {x - 38} {y + 22} Z"), cloth, volume=0.4)
    studio.piece(trace(f"M {x} {y} L {x + 36} {y - 20} L {x + 38} {y + 22} Z"), cloth, volume=0.4)
    studio.piece(box(x - 9, y - 14, x + 9, y + 15, 4), cloth, shade=0.1, volume=0.4)


def _fedora(studio: Studio) -> None:
    studio.piece(symmetric("M 256 290 C 150 270 70 262 26 284 C 60 330 150 346 256 346"), shade=-0.35)
    crown = trace(
        "M 112 330 C 118 250 132 170 168 126 C 190 102 222 108 252 128 C 286 104 326 98 346 126 "
        "C 382 172 394 250 400 330 C 350 362 162 362 112 330 Z"
    )
    studio.piece(crown)
    dent = trace(
        "M 176 132 C 200 116 226 122 252 140 C 286 118 318 110 338 132 "
        "C 318 158 286 164 254 164 C 222 164 192 158 176 132 Z"
    )
    studio.shadow(dent, 0.4, 12)
    studio.fold((212, 132), (204, 236), 12, 0.4)
    studio.fold((312, 128), (322, 236), -12, 0.4)
    band = trace("M 117 290 C 170 318 342 318 395 290 L 401 336 C 350 366 162 366 111 336 Z")
    _ribbon_band(studio, band, (376, 322))
    rim = trace(
        "M 26 284 C 60 316 130 336 112 330 C 162 362 350 362 400 330 "
        "C 382 336 452 316 486 284 C 502 316 442 404 256 404 C 70 404 10 316 26 284 Z"
    )
    cast_shadow(studio, rim, 0, -5, 0.3)
    studio.piece(rim, shade=0.03)
    studio.stitch(trace("M 34 308 C 62 360 150 392 256 392 C 362 392 450 360 478 308"))


def _sun_hat(studio: Studio) -> None:
    brim = trace(
        "M 14 316 C 30 266 130 238 256 238 C 382 238 482 266 498 316 C 506 356 446 392 400 384 "
        "C 346 374 320 414 256 414 C 190 414 168 378 112 388 C 62 396 8 356 14 316 Z"
    )
    studio.piece(brim, shade=-0.06)
    with studio.clipped(brim):
        for k in range(1, 7):
            studio.line(oval(256, 316 + k * 3, 132 + 24 * k, 40 + 10 * k), width=1.6, alpha=0.3)
    for x0, x1 in ((120, 70), (200, 178), (312, 334), (392, 446)):
        studio.fold((x0, 336), (x1, 386), 4, 0.22)
    crown = symmetric("M 256 130 C 176 130 142 184 138 246 L 134 314 C 160 344 210 350 256 350")
    cast_shadow(studio, crown, 10, 12, 0.45)
    studio.piece(crown)
    band = symmetric("M 256 300 C 206 300 162 290 135 268 L 134 314 C 160 346 210 352 256 352")
    _ribbon_band(studio, band, (182, 326))


def _bucket(studio: Studio) -> None:
    inside = oval(256, 330, 176, 58)
    studio.piece(inside, shade=-0.5, volume=0.3)
    crown = symmetric("M 256 112 C 190 112 164 118 158 134 L 128 284 C 170 312 210 318 256 318")
    brim = symmetric("M 256 296 C 200 296 160 288 130 270 L 54 372 C 96 424 180 436 256 436")
    studio.piece(crown)
    studio.line(symmetric("M 256 156 C 210 156 172 150 156 138 C 172 120 210 114 256 114"), width=1.6)
    studio.line(trace("M 256 157 L 256 296"), width=1.4, alpha=0.4)
    studio.piece(brim, shade=-0.05)
    studio.shadow(brim, 0.2, 14)
    for k in range(1, 5):
        y, x = 296 + k * 28, 130 - k * 15.2
        side = 270 + k * 20.4
        studio.stitch(
            trace(
                f"M {x} {side} C {x + 34} {y - 2} {200} {y} 256 {y} "
                f"C 312 {y} {478 - x} {y - 2} {512 - x} {side}"
            )
        )
    for x in (188, 210):
        studio.metal(oval(x, 206, 6), "silver")
        studio.canvas.drawPath(oval(x, 206, 3), paint((20, 20, 22)))


def _hat(studio: Studio) -> None:
    """A hat with a brim all round: fedora, sun hat or bucket hat."""
    draw = {"sun hat": _sun_hat, "bucket": _bucket}.get(studio.garment.style or "", _fedora)
    with studio.transformed(skia.Matrix.MakeAll(0.95, 0, 13, 0, 0.95, 13, 0, 0, 1)):
        draw(studio)


def _baseball_cap(studio: Studio) -> None:
    crown = trace(
        "M 108 312 C 96 190 168 98 288 98 C 400 98 462 190 456 316 "
        "C 400 346 300 352 250 340 C 210 326 150 312 108 312 Z"
    )
    studio.piece(crown, volume=1.2)
    for seam in (
        "M 290 98 C 222 150 214 250 226 334",
        "M 290 98 C 372 142 400 240 396 340",
        "M 290 98 C 170 130 130 230 122 311",
    ):
        studio.line(trace(seam), width=2)
        studio.stitch(moved(trace(seam), 7, 3))
    for x, y in ((182, 196), (312, 204), (424, 214)):
        studio.line(oval(x, y, 7), width=3.2, alpha=0.9)
    studio.piece(oval(290, 97, 17, 10), studio.trim, volume=0.8)
    bill = trace(
        "M 108 308 C 60 326 18 362 24 396 C 30 420 90 396 176 392 "
        "C 236 390 286 372 300 346 C 236 350 170 318 108 308 Z"
    )
    studio.piece(bill, studio.trim if studio.garment.pattern != "solid" else None, shade=-0.12, volume=1.1)
    for k in range(4):
        studio.stitch(
            trace(
                f"M {100 - k * 16} {320 + k * 14} "
                f"C {150 - k * 10} {338 + k * 11} {220} {360 + k * 8} {282 - k * 10} {356 + k * 8}"
            )
        )
    for width in (14, 8):
        studio.line(trace("M 62 364 Q 124 346 200 366"), width=width, rgb=(255, 255, 255), alpha=0.1)


def _beanie(studio: Studio) -> None:
    for k in range(46):
        angle = k * 2.399
        r = 46 * math.sqrt((k + 1) / 46)
        studio.canvas.drawCircle(
            256 + r * math.cos(angle),
            84 + r * math.sin(angle) * 0.95,
            11,
            paint(tone(studio.trim.color, 0.25 * math.sin(k * 1.7))),
        )
    dome = symmetric("M 256 112 C 152 112 100 200 96 330 L 256 352")
    studio.piece(dome, volume=1.3)
    ribs = scattered(
        [
            trace(f"M {256 + u * 30} 114 C {256 + u * 150} 130 {256 + u * 158} 240 {256 + u * 160} 340")
            for u in (-0.9, -0.72, -0.54, -0.36, -0.18, 0, 0.18, 0.36, 0.54, 0.72, 0.9)
        ]
    )
    studio.line(ribs, width=3.4, alpha=0.22)
    cuff = box(78, 316, 434, 436, 34)
    cast_shadow(studio, cuff, 0, -6, 0.35)
    studio.piece(cuff, studio.trim if studio.garment.pattern != "solid" else None, shade=0.03, volume=1.2)
    lines = scattered([trace(f"M {x} 322 L {x} 431") for x in range(98, 430, 20)])
    studio.line(lines, width=4.5, alpha=0.26)
    studio.piece(box(286, 352, 356, 402, 5), studio.trim, shade=-0.25, volume=0.2)
    studio.stitch(box(291, 357, 351, 397, 3), rgb=(220, 214, 200))


def _cap(studio: Studio) -> None:
    """A baseball cap with its peak to the left, or a ribbed beanie with a bobble."""
    (_beanie if studio.garment.style == "beanie" else _baseball_cap)(studio)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Hats": _hat, "Hats & caps": _cap}
