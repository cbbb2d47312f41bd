"""Bags for work and travel: backpacks, briefcases, luggage and messenger bags."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.contours import ribbon
from fashion.drawing.fabric import plain
from fashion.drawing.hardware import (
    buckle,
    cast_shadow,
    d_ring,
    handle,
    strap,
    strap_buckle,
    tag,
    tone,
    turn_lock,
    zipper,
)
from fashion.drawing.shapes import box, mirrored, oval, symmetric, trace
from fashion.drawing.studio import Studio

_RUBBER = plain((38, 38, 42), "rubber")


def _backpack(studio: Studio) -> None:
    """A tall bag from the front, its shoulder straps bulging out on both sides."""
    metal = tone(studio)
    for flip in (False, True):
        side = trace("M 196 112 C 70 110 66 330 150 428")
        handle(studio, mirrored(side) if flip else side, 24, shade=-0.25)
    handle(studio, trace("M 220 92 C 220 34 292 34 292 92"), 13)
    if studio.garment.style == "rolltop":
        studio.piece(symmetric("M 256 120 L 138 120 L 130 440 Q 130 470 160 470 L 256 470"))
        studio.fold((160, 160), (150, 260), 8, 0.3)
        studio.fold((350, 160), (362, 250), -8, 0.3)
        roll = box(126, 82, 386, 150, 32)
        cast_shadow(studio, roll, 0, 10, 0.5)
        studio.piece(roll, shade=0.06, volume=1.3)
        studio.line(trace("M 150 116 Q 256 122 362 116"), width=2.2)
        pocket = box(156, 300, 356, 448, 14)
        cast_shadow(studio, pocket, 0, 4, 0.35)
        studio.piece(pocket, shade=0.04, volume=0.6)
        zipper(studio, trace("M 170 322 L 342 322"), metal)
        strap_buckle(studio, 256, 84, 276, 26, metal)
    else:
        body = symmetric("M 256 78 C 160 78 136 128 134 190 L 126 436 Q 128 472 166 472 L 256 472")
        for flip in (False, True):
            side = trace("M 140 330 L 112 344 Q 104 400 114 452 L 140 462 Z")
            studio.piece(mirrored(side) if flip else side, shade=-0.3)
        studio.piece(body)
        zipper(studio, trace("M 152 262 C 146 66 366 66 360 262"), metal)
        patch = box(224, 178, 288, 222, 8)
        studio.piece(patch, studio.trim, volume=0.2)
        studio.stitch(box(229, 183, 283, 217, 5))
        pocket = symmetric("M 256 286 L 176 286 Q 150 288 150 316 L 148 430 Q 150 456 178 456 L 256 456")
        cast_shadow(studio, pocket, 0, 4, 0.4)
        studio.piece(pocket, shade=0.05)
        zipper(studio, trace("M 168 318 Q 256 306 344 318"), metal)
        studio.stitch(symmetric("M 256 448 L 180 448 Q 158 447 157 428 L 159 346"))


def _laptop(studio: Studio) -> None:
    """A wide flat case with two short handles."""
    metal = tone(studio)
    if studio.garment.style == "laptop sleeve":
        for shade, rise in ((-0.35, -8), (0.0, 0)):
            handle(
                studio,
                trace(f"M 192 {196 + rise} C 192 {112 + rise} 320 {112 + rise} 320 {196 + rise}"),
                17,
                shade=shade,
            )
        studio.piece(box(40, 178, 472, 418, 26), volume=0.7)
        zipper(studio, trace("M 58 202 L 452 202"), metal)
        pocket = box(66, 250, 446, 402, 12)
        cast_shadow(studio, pocket, 0, 4, 0.3)
        studio.piece(pocket, shade=0.04, volume=0.5)
        zipper(studio, trace("M 84 272 L 424 272"), metal, pull=False)
        studio.stitch(trace("M 74 288 L 74 394 L 438 394 L 438 288"))
        for x in (192, 320):
            studio.piece(box(x - 9, 216, x + 9, 252, 2), studio.trim, volume=0.3)
    else:
        for shade, rise in ((-0.4, -10), (0.0, 0)):
            spine = (
                f"M 190 {196 + rise} L 194 {150 + rise} "
                f"Q 198 {126 + rise} 222 {126 + rise} L 290 {126 + rise}"
            )
            handle(
                studio,
                trace(f"{spine} Q 314 {126 + rise} 318 {150 + rise} L 322 {196 + rise}"),
                19,
                shade=shade,
            )
        studio.piece(box(36, 188, 476, 424, 16))
        studio.piece(box(36, 360, 476, 424, 16), shade=-0.12, volume=0.4)
        flap = symmetric("M 256 180 L 54 180 Q 34 182 34 202 L 34 300 Q 36 318 56 318 L 256 318")
        cast_shadow(studio, flap, 0, 7, 0.45)
        studio.piece(flap, shade=0.04)
        studio.stitch(symmetric("M 256 188 L 58 188 Q 42 190 42 206 L 42 296 Q 44 310 60 310 L 256 310"))
        for x in (136, 376):
            studio.piece(box(x - 17, 292, x + 17, 366, 7), studio.trim, volume=0.4)
            turn_lock(studio, x, 336, 21, metal)
        for x in (190, 322):
            studio.piece(box(x - 16, 186, x + 16, 222, 6), studio.trim, volume=0.4)
            d_ring(studio, x, 196, 14, metal)


def _suitcase(studio: Studio, metal: str) -> None:
    for x in (212, 300):
        studio.metal(box(x - 6, 30, x + 6, 130, 3), "silver")
    studio.piece(box(196, 18, 316, 44, 12), _RUBBER, volume=0.8)
    for x in (158, 354):
        studio.piece(box(x - 16, 446, x + 16, 474, 6), _RUBBER, volume=0.4)
        studio.piece(oval(x, 480, 19, 18), _RUBBER, volume=0.8)
        studio.metal(oval(x, 480, 7), "silver")
    studio.piece(box(118, 108, 394, 460, 34), gloss=0.6)
    for x in (158, 207, 256, 305, 354):
        studio.shadow(box(x - 4, 142, x + 4, 428, 4), 0.45, 4)
        studio.highlight(trace(f"M {x + 8} 144 L {x + 8} 426"), 0.45, 3)
    for corner in ("M 118 176 L 118 142 Q 118 108 152 108 L 186 108 Q 132 122 118 176 Z",):
        shape = trace(corner)
        studio.piece(shape, studio.trim, volume=0.3)
        studio.piece(mirrored(shape), studio.trim, volume=0.3)
    low = trace("M 118 392 L 118 426 Q 118 460 152 460 L 186 460 Q 132 446 118 392 Z")
    studio.piece(low, studio.trim, volume=0.3)
    studio.piece(mirrored(low), studio.trim, volume=0.3)
    studio.piece(box(200, 100, 312, 118, 9), _RUBBER, volume=0.6)
    studio.metal(box(374, 262, 400, 312, 5), metal)
    handle(studio, trace("M 394 232 Q 414 236 414 286 Q 414 338 394 342"), 12)


def _luggage(studio: Studio) -> None:
    """A ribbed suitcase on wheels with its handle drawn out, or a barrel holdall."""
    metal = tone(studio)
    if studio.garment.style != "holdall":
        _suitcase(studio, metal)
        return
    handle(studio, trace("M 62 256 C 92 6 420 6 450 256"), 13, shade=-0.3)
    body = symmetric("M 256 198 L 108 198 C 60 200 40 250 40 312 C 40 380 60 428 108 430 L 256 430")
    studio.piece(body, volume=1.2)
    for flip in (False, True):
        end = trace(
            "M 112 199 C 62 200 40 250 40 312 C 40 380 62 428 112 429 "
            "C 90 390 84 350 84 312 C 84 270 92 228 112 199 Z"
        )
        studio.piece(mirrored(end) if flip else end, studio.trim, shade=-0.1)
    zipper(studio, trace("M 116 222 Q 256 206 396 222"), metal)
    for shade, rise in ((-0.35, -16), (0.0, 0)):
        if shade == 0.0:
            for x in (176, 336):
                studio.piece(box(x - 12, 236, x + 12, 430, 2), studio.trim, volume=0.4)
        spine = (
            f"M 176 {262 + rise} L 176 {212 + rise} "
            f"C 176 {120 + rise} 336 {120 + rise} 336 {212 + rise} L 336 {262 + rise}"
        )
        handle(studio, trace(spine), 20, shade=shade)
    for x in (176, 336):
        buckle(studio, x, 330, 36, 28, metal)
    studio.piece(box(226, 124, 286, 152, 10), studio.trim, shade=-0.2, volume=0.8)
    studio.fold((120, 260), (150, 400), 18, 0.28)
    studio.fold((392, 250), (362, 400), -18, 0.28)
    for x in (72, 440):
        d_ring(studio, x, 252, 13, metal)
    tag(studio, 336, 246, metal)


def _messenger(studio: Studio) -> None:
    """A wide bag under a deep flap with two buckled straps and a broad shoulder strap."""
    metal = tone(studio)
    strap(studio, trace("M 72 260 C 60 -34 452 -34 440 260"), 36, shade=-0.1)
    pad = trace("M 168 70 C 214 28 298 28 344 70")
    cast_shadow(studio, ribbon(pad, 50), 0, 3, 0.3)
    strap(studio, pad, 50)
    studio.piece(box(58, 206, 454, 450, 24), shade=-0.22)
    flap = symmetric("M 256 196 L 76 196 Q 52 198 52 222 L 50 362 Q 52 392 84 392 L 256 394")
    cast_shadow(studio, flap, 0, 9, 0.5)
    studio.piece(flap)
    studio.stitch(symmetric("M 256 206 L 80 206 Q 62 208 62 224 L 60 360 Q 62 382 86 382 L 256 384"))
    for x in (150, 362):
        strap_buckle(studio, x, 268, 428, 30, metal)
    for x in (76, 436):
        studio.piece(box(x - 18, 214, x + 18, 262, 6), studio.trim, volume=0.3)
        buckle(studio, x, 212, 44, 26, metal)
    studio.stitch(trace("M 90 436 L 422 436"))


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Backpacks": _backpack,
    "Laptop bags & briefcases": _laptop,
    "Luggage & holdalls": _luggage,
    "Messenger bags": _messenger,
}
