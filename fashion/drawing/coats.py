"""Coats (long): overcoat, trench, puffer."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.collars import lapel_opening, lapels, lining
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    drape,
    draw_sleeves,
    sleeve,
    torso_path,
)
from fashion.drawing.jackets import flap_pockets, horn
from fashion.drawing.padding import draw_quilted, quilted_collar
from fashion.drawing.shapes import MIDDLE, box, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import fitted_torso


def draw_coat(studio: Studio) -> None:
    """An overcoat, a trench coat or a long puffer."""
    style = studio.garment.style
    if style == "puffer":
        torso = Torso(
            top=62,
            neck=42,
            shoulder=112,
            chest=112,
            waist=110,
            hem=116,
            bottom=462,
            armpit=186,
            waist_y=300,
            drop=4,
        )
        draw_quilted(studio, torso, sleeve(torso, 300, 50, 12, puff=12), 38.0)
        quilted_collar(studio, torso)
    elif style == "trench":
        _trench(studio)
    else:
        _overcoat(studio)


def _overcoat(studio: Studio) -> None:
    torso = fitted_torso(
        studio,
        Torso(
            top=42,
            neck=42,
            shoulder=104,
            chest=98,
            waist=96,
            waist_y=270,
            hem=116,
            bottom=470,
            armpit=164,
            drop=4,
        ),
    )
    button_y = torso.top + 168
    draw_sleeves(studio, sleeve(torso, 276, 46, 11, puff=4))
    lining(studio, torso, button_y)
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)))
    drape(studio, torso)
    studio.line(trace(f"M 258 {button_y} L 260 {torso.bottom + 4}"), width=2.4, alpha=0.85)
    flap_pockets(studio, torso, torso.top + 236)
    lapels(studio, torso, button_y, width=62)
    for index in range(3):
        studio.button(MIDDLE - 2, button_y + 12 + index * 48, 6.6, horn(studio))


def _trench(studio: Studio) -> None:
    torso = Torso(
        top=42,
        neck=42,
        shoulder=106,
        chest=100,
        waist=84,
        waist_y=256,
        hem=134,
        bottom=468,
        armpit=164,
        drop=8,
    )
    button_y = torso.top + 112
    cut = sleeve(torso, 272, 48, 12, puff=4)
    draw_sleeves(studio, cut)
    lining(studio, torso, button_y)
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)))
    drape(studio, torso)
    belt_y = torso.waist_y
    for x in (-86.0, -52.0, 52.0, 86.0):
        studio.fold((MIDDLE + x * 0.8, belt_y + 20), (MIDDLE + x * 1.2, torso.bottom - 10), x * 0.06, 0.26)
    studio.line(trace(f"M 284 {button_y + 4} Q 290 {belt_y} 292 {torso.bottom + 6}"), width=2.4, alpha=0.85)
    _storm_flap(studio, torso)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            x, y = torso.tip
            studio.piece(
                trace(f"M {x - 46} {y - 19} L {x - 2} {y - 3} L {x - 7} {y + 13} L {x - 50} {y - 5} Z"),
                shade=-0.03,
                volume=0.3,
            )
            studio.button(x - 42, y - 9, 3)
            strap = cut.cuff(46, 3, 0)
            with studio.clipped(strap):
                studio.piece(cut.cuff(60, 4, -34), studio.trim, angle=cut.angle, volume=0.3)
            slit = trace(f"M {MIDDLE + 52} {belt_y + 56} L {MIDDLE + 74} {belt_y + 100}")
            studio.line(slit, width=7, alpha=0.35)
            studio.line(slit, width=2, alpha=0.9)
    lapels(studio, torso, button_y, width=66)
    for index in range(4):
        y = button_y + 14 + index * 34 + (22 if index > 2 else 0)
        for x in (-30, 26):
            studio.button(MIDDLE + x, y if index < 3 else belt_y + 44, 6.0, horn(studio))
    _belt(studio, torso, belt_y)


def _storm_flap(studio: Studio, torso: Torso) -> None:
    top = torso.top
    flap = trace(
        f"M {MIDDLE - 36} {top + 22} L {MIDDLE - torso.shoulder + 6} {top + 34}"
        f" Q {MIDDLE - 98} {top + 100} {MIDDLE - 74} {top + 118}"
        f" Q {MIDDLE - 40} {top + 116} {MIDDLE - 26} {top + 94} Z"
    )
    studio.piece(flap, shade=-0.03, volume=0.4)


def _belt(studio: Studio, torso: Torso, y: float) -> None:
    width = torso.waist
    belt = trace(
        f"M {MIDDLE - width - 2} {y - 12} Q 256 {y - 2} {MIDDLE + width + 2} {y - 12}"
        f" L {MIDDLE + width + 3} {y + 11} Q 256 {y + 21} {MIDDLE - width - 3} {y + 11} Z"
    )
    studio.piece(belt, studio.trim, volume=0.9)
    studio.piece(
        trace(
            f"M {MIDDLE - 4} {y} L {MIDDLE + 34} {y + 82} L {MIDDLE + 14} {y + 90} L {MIDDLE - 14} {y + 10} Z"
        ),
        studio.trim,
        volume=0.5,
    )
    buckle = box(MIDDLE - 16, y - 12, MIDDLE + 14, y + 24, 4)
    hole = box(MIDDLE - 9, y - 5, MIDDLE + 7, y + 17, 2)
    buckle.addPath(hole)
    buckle.setFillType(skia.PathFillType.kEvenOdd)
    studio.piece(buckle, None, shade=-0.5, volume=0.4)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Coats": draw_coat}
