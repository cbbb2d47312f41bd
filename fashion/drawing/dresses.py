"""Dresses: fitted, A-line, wrap and shirt dress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.collars import placket, rolled_neck, shirt_collar
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    back_neck,
    band,
    both_lines,
    draw_sleeves,
    neckline,
    sleeve,
)
from fashion.drawing.pattern import lightness
from fashion.drawing.shapes import MIDDLE, symmetric, trace
from fashion.drawing.skirts import flare_folds
from fashion.drawing.studio import Studio
from fashion.drawing.tops import whole_neckline

_BOTTOMS: dict[str | None, float] = {"mini": 376.0, "knee": 424.0, "midi": 462.0, "maxi": 488.0}
_HEMS: dict[str, float] = {"fitted": 78.0, "a-line": 148.0, "wrap": 126.0, "shirt dress": 122.0}


def draw_dress(studio: Studio) -> None:
    """A dress, waisted, with or without sleeves."""
    style = studio.garment.style or "a-line"
    bottom = _BOTTOMS.get(studio.garment.length, 424.0)
    kind = studio.garment.sleeve or ("short" if style == "shirt dress" else "sleeveless")
    bare = kind == "sleeveless"
    torso = Torso(
        top=36,
        neck=42,
        shoulder=68 if bare else 88,
        slope=12 if bare else 22,
        armpit=142,
        chest=80,
        waist=62,
        waist_y=216,
        hem=0,
        bottom=bottom,
    )
    neck = {"wrap": "v-neck", "shirt dress": "collared"}.get(style, studio.garment.neckline or "scoop")
    hem = _HEMS.get(style, 130.0) + max(0.0, (bottom - 424) * 0.35)
    back_neck(studio, torso, 150 if style == "wrap" else 96 if neck in ("v-neck", "scoop", "square") else 50)
    if not bare:
        cut = sleeve(torso, 262, 36, 11) if kind == "long" else sleeve(torso, 92, 60, 33, puff=6)
        draw_sleeves(studio, cut)
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix):
                (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
                studio.line(trace(f"M {ox - ax * 9} {oy - ay * 9} L {ix - ax * 9} {iy - ay * 9}"), width=1.4)
    path = _outline(torso, neck, hem, style, bare)
    studio.piece(path)
    with studio.clipped(path):
        _folds(studio, torso, hem, style)
    finish = {"wrap": _wrap, "shirt dress": _shirt, "fitted": _fitted}.get(style, _a_line)
    finish(studio, torso, hem)
    if style == "shirt dress":
        shirt_collar(studio, torso, size=0.92)
    elif neck == "turtleneck":
        rolled_neck(studio, replace(torso, top=torso.top + 16), 34)
    elif neck == "collared":
        shirt_collar(studio, torso, spread=6, size=0.85)
    elif style != "wrap":
        band(studio, whole_neckline(torso, neck), 7)
    y = bottom - 8
    if style != "wrap":
        studio.line(
            trace(f"M {MIDDLE - hem + 1} {y} Q 256 {y + 26} {MIDDLE + hem - 1} {y}"), width=1.3, alpha=0.5
        )


def _outline(torso: Torso, neck: str, hem: float, style: str, bare: bool) -> skia.Path:
    tip_x, tip_y = torso.tip
    chest, waist, bottom = MIDDLE + torso.chest, MIDDLE + torso.waist, torso.bottom
    hip = MIDDLE + (94 if style == "fitted" else torso.waist + (hem - torso.waist) * 0.5)
    opening = (
        f"M 256 {torso.top + 120} L {MIDDLE + torso.neck} {torso.top}"
        if style == "wrap"
        else neckline(torso, neck)
    )
    inward = 18 if bare else 8
    drop = 8 if style == "fitted" else 18
    return symmetric(
        f"{opening} L {tip_x} {tip_y}"
        f" C {tip_x - inward} {tip_y + 40} {chest - 16} {torso.armpit - 30} {chest} {torso.armpit}"
        f" C {chest} {torso.armpit + 34} {waist} {torso.waist_y - 34} {waist} {torso.waist_y}"
        f" C {waist + 8} {torso.waist_y + 36} {hip} {torso.waist_y + 60} {hip} {torso.waist_y + 92}"
        f" L {MIDDLE + hem} {bottom} Q {MIDDLE + hem * 0.6} {bottom + drop} 256 {bottom + drop}"
    )


def _folds(studio: Studio, torso: Torso, hem: float, style: str) -> None:
    waist_y, bottom = torso.waist_y, torso.bottom
    if style != "fitted":
        flare_folds(studio, waist_y, bottom, torso.waist, hem, 7 if style == "a-line" else 5, 0.3)
    for side in (-1, 1):
        studio.fold(
            (MIDDLE + side * (torso.chest - 6), torso.armpit + 10),
            (MIDDLE + side * 40, torso.armpit + 26),
            side * 6,
            0.24,
        )
        studio.fold(
            (MIDDLE + side * torso.waist, waist_y - 20), (MIDDLE + side * 26, waist_y - 6), side * -4, 0.2
        )


def _fitted(studio: Studio, torso: Torso, hem: float) -> None:
    both_lines(
        studio,
        f"M {MIDDLE + 46} {torso.armpit - 12}"
        f" Q {MIDDLE + 34} {torso.waist_y} {MIDDLE + 44} {torso.waist_y + 96}",
        width=1.6,
    )
    for side in (-1, 1):
        studio.fold(
            (MIDDLE + side * 90, torso.waist_y + 104),
            (MIDDLE + side * 30, torso.waist_y + 122),
            side * 7,
            0.24,
        )
    studio.line(
        trace(f"M {MIDDLE + 40} {torso.bottom - 56} L {MIDDLE + 38} {torso.bottom + 8}"), width=2.6, alpha=0.8
    )


def _a_line(studio: Studio, torso: Torso, hem: float) -> None:
    y, half = torso.waist_y, torso.waist
    belt = trace(
        f"M {MIDDLE - half - 1} {y - 8} Q 256 {y + 2} {MIDDLE + half + 1} {y - 8}"
        f" L {MIDDLE + half + 2} {y + 8} Q 256 {y + 19} {MIDDLE - half - 2} {y + 8} Z"
    )
    studio.piece(belt, studio.trim, volume=0.8)


def _wrap(studio: Studio, torso: Torso, hem: float) -> None:
    y, side, top, bottom = torso.waist_y, torso.neck, torso.top, torso.bottom
    band(studio, trace(f"M {MIDDLE + side} {top} Q 284 {top + 70} 254 {top + 124}"), 6)
    band(studio, trace(f"M {MIDDLE - side} {top} Q 238 {top + 96} {MIDDLE + torso.waist - 8} {y - 8}"), 6)
    edge = f"M {MIDDLE + torso.waist - 12} {y + 6} Q {MIDDLE + 44} {bottom - 110} {MIDDLE - 4} {bottom + 16}"
    with studio.clipped(_outline(torso, "v-neck", hem, "wrap", False)):
        under = trace(f"{edge} L {MIDDLE + 220} {bottom + 30} L {MIDDLE + 220} {y} Z")
        studio.canvas.drawPath(under, skia.Paint(Color=skia.Color(0, 0, 0, 52), AntiAlias=True))
        band(studio, trace(edge), 6)
    _a_line(studio, torso, hem)
    x = MIDDLE + torso.waist - 16
    for drop, dx in ((96, -6), (84, 22)):
        studio.piece(
            trace(f"M {x} {y} L {x + dx - 8} {y + drop} L {x + dx + 9} {y + drop - 5} Z"),
            studio.trim,
            volume=0.6,
        )
    for way in (-1, 1):
        studio.piece(
            trace(
                f"M {x} {y + 2} Q {x + way * 22} {y - 24} {x + way * 38} {y - 8}"
                f" Q {x + way * 36} {y + 18} {x} {y + 2} Z"
            ),
            studio.trim,
        )


def _shirt(studio: Studio, torso: Torso, hem: float) -> None:
    light = (250, 248, 242) if lightness(studio.rgb) < 0.8 else (120, 100, 84)
    placket(studio, torso.top + 30, torso.bottom + 16, half=9, buttons=9, rgb=light, r=4)
    for side in (-1, 1):
        x = MIDDLE + side * 40 - 19
        studio.piece(trace(f"M {x} 122 L {x + 38} 122 L {x + 38} 156 L {x + 19} 164 L {x} 156 Z"), volume=0.3)
        studio.line(trace(f"M {x} 131 L {x + 38} 131"), width=1.3)
    _a_line(studio, torso, hem)
    buckle = trace(
        f"M 243 {torso.waist_y - 7} L 269 {torso.waist_y - 7} L 269 {torso.waist_y + 17}"
        f" L 243 {torso.waist_y + 17} Z M 249 {torso.waist_y - 1} L 263 {torso.waist_y - 1}"
        f" L 263 {torso.waist_y + 11} L 249 {torso.waist_y + 11} Z"
    )
    buckle.setFillType(skia.PathFillType.kEvenOdd)
    studio.metal(buckle, "gold")


DRAWERS: dict[str, Callable[[Studio], None]] = {"Dresses": draw_dress}
