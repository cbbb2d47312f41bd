"""Jackets (short): blazer, bomber, biker."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.collars import lapel_opening, lapels, lining
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    band,
    both,
    both_lines,
    drape,
    draw_sleeves,
    hem_band,
    ribs,
    sleeve,
    torso_path,
)
from fashion.drawing.padding import zip_line
from fashion.drawing.pattern import RGB, lightness, tone
from fashion.drawing.shapes import MIDDLE, box, symmetric, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import fitted_torso


def horn(studio: Studio) -> RGB:
    """The color of horn buttons that show on the fabric."""
    return (58, 40, 30) if lightness(studio.rgb) > 0.3 else (196, 164, 120)


def flap_pockets(studio: Studio, torso: Torso, y: float, width: float = 48.0) -> None:
    """Two flap pockets, tilted a little."""
    left = MIDDLE + torso.waist * 0.3
    both(
        studio,
        trace(f"M {left} {y} L {left + width} {y - 5} L {left + width} {y + 14} L {left} {y + 19} Z"),
        shade=-0.06,
        volume=0.3,
    )


def draw_jacket(studio: Studio) -> None:
    """A blazer, a bomber or a biker jacket."""
    style = studio.garment.style
    if style == "bomber":
        _bomber(studio)
    elif style == "biker":
        _biker(studio)
    else:
        draw_blazer(studio, fitted_torso(studio, BLAZER))


BLAZER = Torso(
    top=66, neck=40, shoulder=110, chest=100, waist=90, waist_y=296, hem=106, bottom=428, armpit=190, drop=-2
)
"""The tailored jacket's measures, shared with suits."""


def draw_blazer(
    studio: Studio, torso: Torso, *, inside: Callable[[float], None] | None = None, closing: float = 186.0
) -> None:
    """A tailored jacket.

    Args:
        studio: Where to draw.
        torso: The measures.
        inside: Draws what shows between the lapels, given the y where they meet; the lining otherwise.
        closing: How far below the neck the lapels meet, units.
    """
    button_y = torso.top + closing
    draw_sleeves(studio, sleeve(torso, 312, 44, 10, puff=4))
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            cut = sleeve(torso, 312, 44, 10, puff=4)
            (ox, oy), (ax, ay) = cut.outer, cut.along
            for index in range(3):
                studio.button(
                    ox - 10 - ax * (12 + index * 11), oy - ay * (12 + index * 11), 2.8, horn(studio)
                )
    if inside is None:
        lining(studio, torso, button_y)
    else:
        inside(button_y)
    round_front = (
        f"M 256 {button_y} Q {MIDDLE + 16} {(torso.top + button_y) / 2 + 10}"
        f" {MIDDLE + torso.neck} {torso.top}"
    )
    body = torso_path(torso, opening=round_front)
    studio.piece(body)
    drape(studio, torso)
    both_lines(
        studio,
        f"M {MIDDLE + 64} {torso.top + 128}"
        f" Q {MIDDLE + 50} {torso.waist_y} {MIDDLE + 56} {torso.bottom - 66}",
        width=1.6,
        alpha=0.5,
    )
    studio.line(
        trace(f"M 257 {button_y} L 259 {torso.bottom - 60} Q 262 {torso.bottom - 14} 290 {torso.bottom - 2}"),
        width=2.4,
        alpha=0.85,
    )
    flap_pockets(studio, torso, torso.waist_y + 40, 50)
    studio.piece(
        trace(
            f"M {MIDDLE + 52} {torso.top + 116} L {MIDDLE + 86} {torso.top + 110}"
            f" L {MIDDLE + 87} {torso.top + 121} L {MIDDLE + 53} {torso.top + 127} Z"
        ),
        shade=-0.06,
        volume=0.2,
    )
    lapels(studio, torso, button_y, width=54)
    for index in range(2):
        studio.button(MIDDLE - 2, button_y + 10 + index * 42, 6.0, horn(studio))


def _bomber(studio: Studio) -> None:
    torso = fitted_torso(
        studio,
        Torso(
            top=84,
            neck=40,
            shoulder=114,
            chest=116,
            waist=118,
            waist_y=300,
            hem=114,
            bottom=376,
            armpit=206,
            drop=4,
        ),
    )
    cut = sleeve(torso, 278, 48, 13, puff=16)
    draw_sleeves(studio, cut)
    studio.piece(torso_path(torso))
    drape(studio, torso, 0.28)
    for x in (-80, -50, -20, 20, 50, 80):
        studio.fold((MIDDLE + x, torso.bottom), (MIDDLE + x * 0.94, torso.bottom - 46), 2, 0.22)
    hem = hem_band(torso, 34, 10)
    collar = symmetric(
        f"M 256 {torso.top + 6}"
        f" Q {MIDDLE + torso.neck - 16} {torso.top + 2} {MIDDLE + torso.neck - 8} {torso.top - 18}"
        f" L {MIDDLE + torso.neck + 6} {torso.top + 4}"
        f" Q {MIDDLE + torso.neck - 10} {torso.top + 36} 256 {torso.top + 38}"
    )
    for path in (hem, collar):
        studio.piece(path, studio.trim)
        ribs(studio, path, gap=6)
    cuff = cut.cuff(30, -3, 8)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(cuff, studio.trim, angle=cut.angle)
            ribs(studio, cuff, angle=cut.angle, gap=5.5)
            pocket = trace(f"M {MIDDLE + 48} {torso.bottom - 96} L {MIDDLE + 74} {torso.bottom - 42}")
            studio.line(pocket, width=9, alpha=0.3)
            studio.line(pocket, width=2.5, rgb=(206, 208, 214), alpha=0.9)
    zip_line(studio, torso.top + 12, torso.bottom + torso.drop + 32)


def _biker(studio: Studio) -> None:
    torso = fitted_torso(
        studio,
        Torso(
            top=84,
            neck=42,
            shoulder=112,
            chest=106,
            waist=98,
            waist_y=300,
            hem=100,
            bottom=392,
            armpit=204,
            drop=4,
        ),
    )
    cut = sleeve(torso, 286, 44, 12, puff=6)
    draw_sleeves(studio, cut)
    button_y = torso.top + 128
    lining(studio, torso, button_y)
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)), gloss=0.15)
    drape(studio, torso, 0.3)
    waist = symmetric(
        f"M 256 {torso.bottom - 22} L {MIDDLE + torso.hem} {torso.bottom - 26}"
        f" L {MIDDLE + torso.hem} {torso.bottom} L 256 {torso.bottom + 4}"
    )
    studio.piece(waist, shade=-0.05, volume=0.6)
    zip_path = trace(
        f"M {MIDDLE + 58} {torso.top + 62} Q {MIDDLE + 40} {torso.top + 160} {MIDDLE + 16} {torso.bottom + 2}"
    )
    studio.line(zip_path, width=9, rgb=tone(studio.rgb, -0.55), alpha=0.9)
    studio.line(zip_path, width=3.4, rgb=(214, 216, 222), alpha=1.0)
    for spec in (
        f"M {MIDDLE - 84} {torso.top + 176} L {MIDDLE - 38} {torso.top + 154}",
        f"M {MIDDLE - 80} {torso.bottom - 46} L {MIDDLE - 40} {torso.bottom - 74}",
        f"M {MIDDLE + 84} {torso.bottom - 46} L {MIDDLE + 54} {torso.bottom - 74}",
    ):
        line = trace(spec)
        studio.line(line, width=8, alpha=0.4)
        studio.line(line, width=3, rgb=(214, 216, 222), alpha=1.0)
    lapels(studio, torso, button_y, width=70, peak=True)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            x, y = torso.tip
            studio.piece(
                trace(f"M {x - 48} {y - 20} L {x - 4} {y - 4} L {x - 8} {y + 12} L {x - 52} {y - 5} Z"),
                volume=0.4,
            )
            studio.metal(_stud(x - 42, y - 9))
            studio.metal(_stud(MIDDLE + 74, torso.top + 68))
            (ix, iy), (ax, ay) = cut.inner, cut.along
            studio.line(
                trace(f"M {ix + 10} {iy - 4} L {ix + 8 - ax * 52} {iy - ay * 56}"),
                width=3,
                rgb=(214, 216, 222),
                alpha=0.95,
            )
    band(
        studio,
        trace(
            f"M {MIDDLE - torso.hem} {torso.bottom - 12}"
            f" Q 256 {torso.bottom - 4} {MIDDLE + torso.hem} {torso.bottom - 12}"
        ),
        11,
    )
    buckle = box(MIDDLE - 30, torso.bottom - 20, MIDDLE - 4, torso.bottom + 4, 3)
    buckle.addPath(box(MIDDLE - 25, torso.bottom - 15, MIDDLE - 9, torso.bottom - 1, 2))
    buckle.setFillType(skia.PathFillType.kEvenOdd)
    studio.metal(buckle)


def _stud(x: float, y: float) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, 4)
    return path


DRAWERS: dict[str, Callable[[Studio], None]] = {"Jackets": draw_jacket}
