"""Suits: the jacket over shirt and tie, with its trousers below."""

from __future__ import annotations

from collections.abc import Callable

from fashion.drawing.collars import shirt_and_tie
from fashion.drawing.cuts import placed
from fashion.drawing.fabric import plain
from fashion.drawing.legs import Legs, draw_legs, slant_pockets, waistband
from fashion.drawing.outerwear import BLAZER, draw_blazer, horn
from fashion.drawing.pattern import lightness
from fashion.drawing.shapes import MIDDLE, symmetric
from fashion.drawing.studio import Studio


def draw_suit(studio: Studio) -> None:
    """A two-piece or three-piece suit as it is worn, jacket above trousers."""
    cut = Legs(top=226, waist=62, hip=76, crotch=312, bottom=500, knee=72, outer=62, inner=14, band=14)
    draw_legs(studio, cut, crease=True)
    slant_pockets(studio, cut)
    waistband(studio, cut)
    ties = ("burgundy", "navy", "red", "green") if lightness(studio.rgb) < 0.2 or lightness(studio.rgb) > 0.5 else (
        "burgundy",
        "black",
        "mustard",
    )
    tie = plain(studio.rng.choice(ties), "silk")
    three = studio.garment.style == "three-piece"

    def inside(button_y: float) -> None:
        shirt_and_tie(studio, BLAZER, button_y + (40 if three else 0), tie)
        if three:
            top = BLAZER.top + 92
            vest = symmetric(f"M 256 {top + 40} L {MIDDLE + 46} {top - 50} L {MIDDLE + 56} {top + 60} L 256 {button_y + 34}")
            studio.piece(vest, studio.fabric, shade=0.08, volume=0.5)
            for index in range(2):
                studio.button(MIDDLE, top + 54 + index * 22, 5, horn(studio))

    with studio.transformed(placed(0.68, 0, -92)):
        draw_blazer(studio, BLAZER, inside=inside)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Suits": draw_suit}
