"""Slips with lace edges and pyjama sets with piping."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.collars import lapel_opening, lapels
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    back_neck,
    band,
    drape,
    draw_sleeves,
    placed,
    sleeve,
    torso_path,
)
from fashion.drawing.fabric import Fabric
from fashion.drawing.legs import Legs, draw_legs, drawstring
from fashion.drawing.pattern import RGB, lightness, paint, tone
from fashion.drawing.shapes import MIDDLE, box, oval, symmetric, trace
from fashion.drawing.studio import Studio

_LENGTHS: dict[str | None, float] = {"mini": 392.0, "knee": 436.0, "midi": 466.0, "maxi": 488.0}


def draw_nightwear(studio: Studio) -> None:
    """A slip, or pyjamas."""
    if studio.garment.style == "pyjamas":
        _pyjamas(studio)
    else:
        _slip(studio)


def _lace(studio: Studio) -> RGB:
    return tone(studio.rgb, 0.62) if lightness(studio.rgb) < 0.62 else tone(studio.rgb, -0.22)


def _slip(studio: Studio) -> None:
    bottom = _LENGTHS.get(studio.garment.length, 430.0)
    for side in (-1, 1):
        band(
            studio,
            trace(f"M {MIDDLE + side * 50} 118 Q {MIDDLE + side * 50} 70 {MIDDLE + side * 40} 36"),
            4.5,
            studio.fabric,
        )
    if not studio.worn:
        studio.line(trace("M 216 38 Q 256 56 296 38"), width=4, alpha=0.6)
        back = symmetric("M 256 138 Q 300 140 332 148 L 332 170 L 256 176")
        studio.piece(back, studio.fabric.flat(), shade=-0.3, volume=0.3)
    body = symmetric(
        f"M 256 168 Q 276 146 306 112 Q 318 138 336 156 Q 338 200 322 240 Q 342 320 364 {bottom}"
        f" Q 310 {bottom + 14} 256 {bottom + 14}"
    )
    studio.piece(body, gloss=0.45)
    for share in (-0.7, -0.3, 0.15, 0.6):
        studio.fold((MIDDLE + share * 60, 246), (MIDDLE + share * 104, bottom - 30), share * 10, 0.26)
    for side in (-1, 1):
        studio.fold((MIDDLE + side * 12, 176), (MIDDLE + side * 46, 190), side * -6, 0.28)
    lace = _lace(studio)
    _lace_edge(
        studio,
        [(MIDDLE + side * x, y) for side in (-1, 1) for x, y in _points(306, 112, 256, 166, 9)],
        lace,
        8.5,
    )
    width = 108.0
    points = [
        (MIDDLE + width * share, bottom + 6 + 8 * (1 - share * share))
        for share in [i / 9 - 1 for i in range(19)]
    ]
    _lace_edge(studio, points, lace, 12)
    _lace_edge(studio, [(x, y - 15) for x, y in points], lace, 7)
    studio.piece(
        trace("M 256 172 L 244 162 L 244 182 Z M 256 172 L 268 162 L 268 182 Z"), Fabric(lace), volume=0
    )


def _points(x0: float, y0: float, x1: float, y1: float, count: int) -> list[tuple[float, float]]:
    steps = [index / (count - 1) for index in range(count)]
    return [(x0 - MIDDLE + (x1 - x0) * t, y0 + (y1 - y0) * t + 7 * math.sin(math.pi * t)) for t in steps]


def _lace_edge(studio: Studio, points: list[tuple[float, float]], color: RGB, radius: float) -> None:
    edge = paint(tone(color, -0.35 if lightness(color) > 0.4 else 0.4), 0.8, stroke=1.1)
    for x, y in points:
        studio.canvas.drawPath(oval(x, y, radius), paint(color, 0.92))
        studio.canvas.drawPath(oval(x, y, radius * 0.78), edge)
        studio.canvas.drawPath(
            oval(x, y, radius * 0.3), paint(tone(color, -0.4 if lightness(color) > 0.4 else 0.5), 0.7)
        )


def _pyjamas(studio: Studio) -> None:
    piping = Fabric((250, 248, 244) if lightness(studio.rgb) < 0.6 else tone(studio.rgb, -0.62))
    if studio.part != "upper":
        with studio.transformed(placed(0.76, 102, 46)):
            _pyjama_trousers(studio, piping)
    if studio.part != "lower":
        with studio.transformed(placed(0.8, -72, -28)):
            _pyjama_shirt(studio, piping)


def _pyjama_trousers(studio: Studio, piping: Fabric) -> None:
    cut = Legs(top=22, waist=82, hip=112, crotch=196, bottom=500, knee=118, outer=124, inner=10, band=24)
    draw_legs(studio, cut)
    drawstring(studio, cut, studio.fabric)
    for side in (-1, 1):
        band(
            studio,
            trace(
                f"M {MIDDLE + side * 12} {cut.bottom - 26}"
                f" Q {MIDDLE + side * 70} {cut.bottom - 20} {MIDDLE + side * 124} {cut.bottom - 28}"
            ),
            5,
            piping,
        )


def _pyjama_shirt(studio: Studio, piping: Fabric) -> None:
    torso = Torso(
        top=72, neck=42, shoulder=114, chest=110, waist=110, hem=114, bottom=440, drop=4, armpit=200
    )
    back_neck(studio, torso, 110)
    short = studio.garment.sleeve == "short"
    cut = sleeve(torso, 120, 84, 32) if short else sleeve(torso, 290, 58, 13, puff=6)
    draw_sleeves(studio, cut)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
            band(studio, trace(f"M {ox - ax * 26} {oy - ay * 26} L {ix - ax * 26} {iy - ay * 26}"), 5, piping)
    button_y = torso.top + 96
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)))
    drape(studio, torso)
    lapels(studio, replace(torso, neck=44), button_y, width=50)
    top = torso.top
    for side in (-1, 1):
        x = MIDDLE
        band(
            studio,
            trace(
                f"M {x + side * 50} {top + 58} L {x + side * 61} {top + 66}"
                f" Q {x + side * 50} {top + 92} {x + side * 2} {button_y}"
            ),
            4.5,
            piping,
        )
        band(
            studio,
            trace(f"M {x + side * 58} {top + 7} L {x + side * 70} {top + 40} L {x + side * 51} {top + 58}"),
            4.5,
            piping,
        )
    band(studio, trace(f"M {MIDDLE + 3} {button_y} L {MIDDLE + 3} {torso.bottom + 4}"), 4.5, piping)
    for index in range(4):
        studio.button(MIDDLE - 7, button_y + 22 + index * 62, 6, (250, 248, 242))
    pocket = box(MIDDLE + 30, top + 116, MIDDLE + 86, top + 180, 3)
    studio.piece(pocket, volume=0.3)
    band(studio, trace(f"M {MIDDLE + 30} {top + 124} L {MIDDLE + 86} {top + 124}"), 4.5, piping)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Lingerie & Nightwear": draw_nightwear}
