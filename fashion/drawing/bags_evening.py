"""Bags held in the hand: flat clutch bags with a wrist loop, and hard clutches with a kiss-lock."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.contours import ribbon
from fashion.drawing.hardware import cast_shadow, d_ring, kiss_lock, tone, zipper
from fashion.drawing.shapes import box, oval, symmetric, trace
from fashion.drawing.studio import Studio


def _wrist_loop(studio: Studio, x: float, y: float, metal: str) -> None:
    loop = trace(
        f"M {x} {y} C {x - 44} {y + 50} {x - 56} {y + 150} {x - 16} {y + 158} "
        f"C {x + 26} {y + 160} {x + 30} {y + 60} {x + 4} {y}"
    )
    studio.piece(ribbon(loop, 15), studio.trim, volume=0.5)
    studio.piece(box(x - 11, y - 4, x + 13, y + 22, 4), studio.trim, volume=0.3)
    d_ring(studio, x, y - 10, 13, metal)


def _clutch_bag(studio: Studio) -> None:
    """A flat envelope, or a zipped pouch, with a loop for the wrist."""
    metal = tone(studio)
    if studio.garment.style == "wristlet":
        studio.piece(box(100, 168, 470, 372, 20), volume=0.5)
        studio.piece(box(100, 168, 470, 196, 14), studio.trim, volume=0.3)
        zipper(studio, trace("M 118 198 L 452 198"), metal, pull=False)
        studio.stitch(box(108, 214, 462, 364, 14))
        studio.fold((420, 240), (452, 340), 8, 0.18)
        _wrist_loop(studio, 108, 212, metal)
    else:
        _wrist_loop(studio, 76, 236, metal)
        studio.piece(box(50, 156, 478, 378, 12), volume=0.5)
        flap = trace("M 46 160 Q 46 150 60 150 L 468 150 Q 482 150 482 160 L 280 296 Q 264 308 248 296 Z")
        cast_shadow(studio, flap, 0, 8, 0.45)
        studio.piece(flap, shade=0.08, volume=0.6)
        studio.stitch(trace("M 62 162 L 250 286 Q 264 296 278 286 L 466 162"))
        studio.metal(oval(264, 280, 18), metal)
        studio.metal(oval(264, 280, 10), metal)


def _clutch(studio: Studio) -> None:
    """A hard box, or a gathered purse, in a metal frame closed by a kiss-lock."""
    metal = tone(studio)
    if studio.garment.style == "frame":
        body = symmetric("M 256 178 L 170 190 L 122 216 C 70 262 58 350 92 392 C 120 418 190 424 256 424")
        studio.piece(body, volume=1.4)
        for x, dx in ((140, -30), (180, -20), (220, -8), (292, 8), (332, 20), (372, 30)):
            studio.fold((x, 230), (x + dx, 330), dx * 0.3, 0.4)
        frame = symmetric("M 256 160 C 176 160 118 176 112 232 L 134 238 C 140 198 190 186 256 186")
        cast_shadow(studio, frame, 0, 8, 0.4)
        studio.metal(frame, metal)
        studio.line(
            trace("M 122 228 C 130 182 190 173 256 173 C 322 173 382 182 390 228"), width=2, rgb=(70, 56, 30)
        )
        for x in (122, 390):
            studio.metal(oval(x, 236, 12), metal)
        kiss_lock(studio, 256, 164, 22, metal)
    else:
        studio.piece(box(84, 176, 428, 376, 54), gloss=0.35, volume=1.4)
        rim = box(84, 176, 428, 376, 54)
        studio.metal(ribbon(rim, 17), metal)
        studio.line(trace("M 124 208 Q 256 196 388 208"), width=6, rgb=(255, 255, 255), alpha=0.3)
        studio.metal(box(76, 266, 92, 290, 4), metal)
        studio.metal(box(420, 266, 436, 290, 4), metal)
        kiss_lock(studio, 256, 178, 24, metal)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Clutch bags": _clutch_bag,
    "Clutches": _clutch,
}
