"""Suits: the jacket over shirt and tie, with its trousers below."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.collars import shirt_and_tie
from fashion.drawing.cuts import placed
from fashion.drawing.fabric import plain
from fashion.drawing.jackets import BLAZER, draw_blazer
from fashion.drawing.legs import Legs, draw_legs, slant_pockets, waistband
from fashion.drawing.pattern import lightness
from fashion.drawing.shapes import MIDDLE, trace
from fashion.drawing.studio import Studio


def draw_suit(studio: Studio) -> None:
    """A two-piece or three-piece suit as it is worn, jacket above trousers."""
    with studio.transformed(placed(0.95, 0, -2)):
        _suit(studio)


def _suit(studio: Studio) -> None:
    cut = Legs(top=226, waist=62, hip=76, crotch=312, bottom=500, knee=72, outer=62, inner=14, band=14)
    draw_legs(studio, cut, crease=True)
    slant_pockets(studio, cut)
    waistband(studio, cut)
    light = lightness(studio.rgb)
    ties = (
        ("burgundy", "navy", "red", "green")
        if light < 0.2 or light > 0.5
        else ("burgundy", "black", "mustard")
    )
    tie = plain(studio.rng.choice(ties), "silk")
    three = studio.garment.style == "three-piece"

    def inside(button_y: float) -> None:
        shirt_and_tie(studio, BLAZER, button_y, tie)
        if three:
            _waistcoat(studio, button_y)

    with studio.transformed(placed(0.7, 0, -86)):
        draw_blazer(studio, BLAZER, inside=inside, closing=246.0 if three else 186.0)


def _waistcoat(studio: Studio, button_y: float) -> None:
    top = BLAZER.top
    cloth = studio.fabric.shaded(-0.3 if lightness(studio.rgb) > 0.35 else 0.28)
    for side in (-1, 1):
        half = trace(
            f"M {MIDDLE} {top + 124} L {MIDDLE + side * 40} {top + 8} L {MIDDLE + side * 60} {top + 90}"
            f" L {MIDDLE + side * 40} {button_y + 30} L {MIDDLE} {button_y + 30} Z"
        )
        studio.piece(half, cloth, volume=0.4)
    for y in (top + 140.0, top + 170.0, top + 200.0):
        studio.button(MIDDLE, y, 5.5, (240, 228, 200) if lightness(cloth.color) < 0.5 else (60, 44, 34))


DRAWERS: dict[str, Callable[[Studio], None]] = {"Suits": draw_suit}
