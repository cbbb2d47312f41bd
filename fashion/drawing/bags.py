"""Everyday bags: cross-body bags, mini bags, shoulder bags and totes."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.hardware import (
    cast_shadow,
    d_ring,
    feet,
    handle,
    strap_buckle,
    tag,
    tone,
    turn_lock,
    zipper,
)
from fashion.drawing.shapes import box, oval, symmetric, trace
from fashion.drawing.studio import Studio


def _cross_body(studio: Studio) -> None:
    """A small bag low in the frame under a tall, thin loop of strap."""
    metal = tone(studio)
    strap = trace("M 146 322 C 158 150 178 24 256 24 C 334 24 354 150 366 322")
    handle(studio, strap, 9, shade=-0.1)
    if studio.garment.style == "saddle":
        body = symmetric("M 256 300 L 150 300 Q 132 302 132 330 C 132 430 190 474 256 474")
        studio.piece(body, shade=-0.18)
        flap = symmetric("M 256 290 L 152 290 Q 132 292 130 320 C 130 400 190 428 256 428")
        cast_shadow(studio, flap, 0, 6, 0.4)
        studio.piece(flap)
        studio.stitch(symmetric("M 256 298 L 158 298 Q 140 300 138 322 C 140 392 194 420 256 420"))
        strap_buckle(studio, 256, 372, 444, 20, metal)
    else:
        studio.piece(box(130, 296, 382, 462, 34))
        studio.piece(box(130, 296, 382, 340, 30), shade=-0.12, volume=0.4)
        zipper(studio, trace("M 150 320 L 356 320"), metal)
        pocket = box(152, 354, 360, 448, 20)
        cast_shadow(studio, pocket, 0, 2, 0.25)
        studio.piece(pocket, shade=0.06)
        studio.stitch(box(158, 360, 354, 442, 16))
        turn_lock(studio, 256, 400, 14, metal)
    for x in (146, 366):
        studio.piece(box(x - 9, 296, x + 9, 330, 5), studio.trim, volume=0.3)
        d_ring(studio, x, 302, 11, metal)


def _mini(studio: Studio) -> None:
    """A tiny bag under one arched handle."""
    metal = tone(studio)
    if studio.garment.style == "bucket":
        handle(studio, trace("M 190 262 C 186 86 326 86 322 262"), 15)
        inside = oval(256, 262, 74, 18)
        body = symmetric("M 256 280 Q 196 278 182 262 L 196 404 Q 200 428 256 428")
        studio.piece(inside, shade=-0.75, volume=0)
        studio.piece(body)
        for x in (212, 240, 272, 300):
            studio.fold((x, 276), (256 + (x - 256) * 0.86, 338), (x - 256) * 0.06, 0.3)
        studio.piece(
            symmetric("M 256 400 Q 208 398 195 390 L 196 408 Q 200 430 256 430"), studio.trim, volume=0.5
        )
        cord = trace("M 188 304 Q 222 318 256 318 Q 292 318 324 304")
        studio.line(cord, width=6, rgb=(60, 42, 32), alpha=0.85)
        for x, lean in ((246, -8), (266, 10)):
            studio.line(
                trace(f"M {x} 318 Q {x + lean} 344 {x + lean} 372"), width=4.5, rgb=(60, 42, 32), alpha=0.85
            )
            studio.metal(box(x + lean - 5, 368, x + lean + 5, 386, 4), metal)
    else:
        handle(studio, trace("M 204 280 C 196 96 316 96 308 280"), 17)
        body = symmetric("M 256 272 L 190 272 Q 182 274 180 286 L 166 404 Q 166 418 180 418 L 256 418")
        studio.piece(body)
        flap = symmetric("M 256 266 L 188 266 L 178 316 Q 180 342 210 346 L 256 352")
        cast_shadow(studio, flap, 0, 5, 0.45)
        studio.piece(flap, shade=0.05)
        studio.stitch(symmetric("M 256 272 L 193 272 L 185 316 Q 186 336 212 340 L 256 345"))
        turn_lock(studio, 256, 346, 17, metal)
        for x in (204, 308):
            studio.piece(box(x - 11, 268, x + 11, 300, 6), studio.trim, volume=0.3)
            d_ring(studio, x, 276, 11, metal)
        feet(studio, [(190, 418), (322, 418)], metal)


def _shoulder(studio: Studio) -> None:
    """A slouching half-moon, or a long low baguette, on a strap of middle length."""
    metal = tone(studio)
    if studio.garment.style == "baguette":
        handle(studio, trace("M 92 292 C 110 108 402 108 420 292"), 20)
        studio.piece(box(68, 280, 444, 420, 30))
        flap = symmetric("M 256 274 L 92 274 Q 64 276 66 304 L 68 342 Q 70 366 98 366 L 256 368")
        cast_shadow(studio, flap, 0, 6, 0.45)
        studio.piece(flap, shade=0.05)
        studio.stitch(symmetric("M 256 282 L 94 282 Q 74 284 75 306 L 77 340 Q 78 358 100 358 L 256 360"))
        turn_lock(studio, 256, 362, 20, metal)
        ends = ((92, 292), (420, 292))
    else:
        handle(studio, trace("M 62 246 C 96 20 416 20 450 246"), 24)
        inside = symmetric("M 256 300 C 150 300 84 268 58 226 C 110 268 180 278 256 278")
        studio.piece(inside, shade=-0.7, volume=0)
        body = symmetric("M 256 294 C 160 294 96 266 56 214 C 34 262 40 350 84 402 C 124 446 190 454 256 454")
        studio.piece(body, volume=1.2)
        zipper(studio, trace("M 84 256 C 140 296 372 296 428 256"), metal)
        for x, dx in ((140, -26), (200, -12), (312, 12), (372, 26)):
            studio.fold((x, 310), (x + dx * 0.2, 414), dx, 0.35)
        studio.fold((96, 300), (256, 430), -60, 0.3)
        studio.stitch(
            trace(
                "M 62 258 C 58 300 66 356 98 394 C 134 432 194 440 256 440 "
                "C 318 440 378 432 414 394 C 446 356 454 300 450 258"
            )
        )
        ends = ((60, 236), (452, 236))
    for x, y in ends:
        d_ring(studio, x, y, 15, metal)


def _tote(studio: Studio) -> None:
    """A tall open bag with two long handles."""
    metal = tone(studio)
    if studio.garment.style == "structured":
        handle(studio, trace("M 186 206 C 186 60 326 60 326 206"), 15, shade=-0.35)
        studio.piece(symmetric("M 256 166 L 92 166 L 76 188 L 256 206"), shade=-0.7, volume=0)
        body = symmetric("M 256 188 L 72 184 Q 102 206 110 236 L 122 456 Q 122 468 136 468 L 256 468")
        studio.piece(body)
        base = symmetric("M 256 398 L 119 398 L 122 456 Q 122 468 136 468 L 256 468")
        studio.piece(base, studio.trim, volume=0.6)
        studio.stitch(trace("M 122 404 L 390 404"))
        studio.stitch(symmetric("M 256 198 L 96 198"))
        feet(studio, [(140, 468), (372, 468)], metal)
        handle(studio, trace("M 170 300 L 170 206 C 170 44 342 44 342 206 L 342 300"), 16)
        for x in (170, 342):
            studio.piece(box(x - 14, 256, x + 14, 312, 8), studio.trim, volume=0.3)
            d_ring(studio, x, 254, 13, metal)
        turn_lock(studio, 256, 222, 18, metal)
        tag(studio, 342, 300, metal)
    else:
        handle(studio, trace("M 196 176 C 200 28 312 28 316 176"), 18, shade=-0.4)
        studio.piece(symmetric("M 256 146 L 112 150 L 112 176 L 256 184"), shade=-0.7, volume=0)
        body = symmetric("M 256 178 Q 180 176 104 164 L 128 462 Q 128 474 142 474 L 256 476")
        studio.piece(body)
        studio.stitch(trace("M 106 194 Q 256 216 406 194"))
        for x0, y0, x1, y1, bend in (
            (150, 240, 190, 430, 20),
            (366, 230, 316, 420, -24),
            (256, 330, 300, 462, 14),
        ):
            studio.fold((x0, y0), (x1, y1), bend, 0.28)
        handle(studio, trace("M 188 250 L 184 190 C 176 6 336 6 328 190 L 324 250"), 19)
        for x in (186, 326):
            studio.stitch(box(x - 8, 208, x + 9, 244, 2))


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Cross-body bags": _cross_body,
    "Mini bags": _mini,
    "Shoulder bags": _shoulder,
    "Tote bags": _tote,
}
