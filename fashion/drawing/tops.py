"""T-shirts and vests."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.shapes import mirrored, symmetric, trace
from fashion.drawing.studio import Studio


def draw_tshirt(studio: Studio) -> None:
    """A T-shirt or a vest."""
    sleeve = trace("M 330 84 Q 372 92 396 120 L 440 206 Q 414 226 380 232 L 352 180 Z")
    studio.piece(symmetric("M 256 96 Q 290 94 302 72 Q 330 80 352 92 Q 366 150 362 240 Q 360 360 366 446 Q 320 458 256 458"))
    for path, angle in ((sleeve, -28.0), (mirrored(sleeve), 28.0)):
        studio.piece(path, angle=angle)
    studio.fold((200, 300), (180, 420), 6)
    studio.stitch(trace("M 148 440 Q 200 450 256 450 Q 320 450 364 438"))
    studio.button(256, 150)


DRAWERS: dict[str, Callable[[Studio], None]] = {"T-shirts & vests": draw_tshirt}
