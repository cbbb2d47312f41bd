"""Knitwear that opens (cardigans, waistcoats) and sweaters that do not."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.collars import rolled_neck
from fashion.drawing.cuts import (
    MIRROR,
    Sleeve,
    Torso,
    back_neck,
    band,
    drape,
    draw_sleeves,
    hem_band,
    ribs,
    sleeve,
    torso_path,
)
from fashion.drawing.fabric import Fabric
from fashion.drawing.pattern import lightness
from fashion.drawing.shapes import MIDDLE, box, mirrored, smooth, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import fitted_torso, whole_neckline


def _ribbed_ends(studio: Studio, torso: Torso, cut: Sleeve | None, height: float = 26.0) -> None:
    """Ribs at the hem and at both cuffs."""
    hem = hem_band(torso, height)
    studio.piece(hem, studio.trim, volume=0.9)
    ribs(studio, hem)
    if cut is None:
        return
    cuff = cut.cuff(height + 4, -2, 8)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(cuff, studio.trim, angle=cut.angle, volume=0.8)
            ribs(studio, cuff, angle=cut.angle, gap=5.5)


def draw_knitwear(studio: Studio) -> None:
    """A cardigan, open over a dark inside down to its buttons, or a sleeveless knitted waistcoat."""
    waistcoat = studio.garment.style == "waistcoat"
    base = (
        Torso(shoulder=84, slope=14, armpit=200, chest=98, bottom=396, hem=100, drop=4)
        if waistcoat
        else Torso(shoulder=110, chest=108, waist=106, hem=108, bottom=404, drop=4)
    )
    torso = fitted_torso(studio, base)
    button_y = torso.top + 150
    back_neck(studio, torso, 150, Fabric(studio.fabric.color, material=studio.fabric.material))
    cut = None
    if not waistcoat:
        cut = sleeve(torso, 300, 46, 11, puff=8)
        draw_sleeves(studio, cut)
    opening = f"M 256 {button_y} L {MIDDLE + torso.neck} {torso.top}"
    body = torso_path(torso, opening=opening)
    studio.piece(body)
    drape(studio, torso)
    _ribbed_ends(studio, torso, cut)
    if waistcoat:
        chest, (tip_x, tip_y) = MIDDLE + torso.chest, torso.tip
        hole = trace(
            f"M {tip_x} {tip_y}"
            f" C {tip_x - 8} {tip_y + 30} {chest - 14} {torso.armpit - 40} {chest} {torso.armpit}"
        )
        with studio.clipped(body):
            for side in (hole, mirrored(hole)):
                band(studio, side, 24)
    _front_band(studio, torso, button_y)
    for x in (-74, 38):
        pocket = box(MIDDLE + x, torso.bottom - 92, MIDDLE + x + 38, torso.bottom - 26, 2)
        top = box(MIDDLE + x, torso.bottom - 92, MIDDLE + x + 38, torso.bottom - 80, 2)
        studio.piece(pocket, volume=0.3)
        studio.piece(top, studio.trim, volume=0.2)
        ribs(studio, top, gap=5)


def _front_band(studio: Studio, torso: Torso, button_y: float) -> None:
    end = torso.bottom + torso.drop + 26
    width = 22.0
    half = width / 2
    side, top = MIDDLE + torso.neck, torso.top
    studio.line(trace(f"M 256 {button_y} L 256 {end}"), width=3, alpha=0.9)
    for sign in (-1, 1):
        edge = trace(
            f"M {MIDDLE + sign * (side - MIDDLE)} {top - 2}"
            f" Q {MIDDLE + sign * 28} {top + 96} {MIDDLE + sign * 2} {button_y} L {MIDDLE + sign * 2} {end}"
        )
        if sign == 1 or studio.garment.style != "waistcoat":
            band(studio, edge, width, studio.trim)
    if not studio.worn:
        band(
            studio,
            trace(f"M {MIDDLE - torso.neck} {top} Q 256 {top + 26} {MIDDLE + torso.neck} {top}"),
            12,
            studio.trim,
        )
    studio.line(trace(f"M {MIDDLE + 3} {button_y - 4} L {MIDDLE + 3} {end}"), width=1.6, alpha=0.9)
    dark = lightness(studio.rgb) < 0.55
    color = (236, 222, 190) if dark else (92, 60, 40)
    count = 5
    for index in range(count):
        y = button_y + 8 + index * (end - button_y - 24) / (count - 1)
        studio.button(MIDDLE - 1 + half * 0.2, y, 6.4, color)


def draw_sweater(studio: Studio) -> None:
    """A pullover, a turtleneck or a cable knit."""
    style = studio.garment.style
    torso = fitted_torso(
        studio, Torso(top=74, shoulder=112, chest=110, waist=108, hem=110, bottom=402, drop=4)
    )
    neck = "turtleneck" if style == "turtleneck" else studio.garment.neckline
    if neck not in ("v-neck", "scoop", "turtleneck"):
        neck = "crew"
    back_neck(studio, torso, 100 if neck == "v-neck" else 64)
    cut = sleeve(torso, 304, 46, 11, puff=8)
    draw_sleeves(studio, cut)
    if style == "cable":
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix):
                _sleeve_cable(studio, cut)
    studio.piece(torso_path(torso, neck))
    if style == "cable":
        for x, width in ((0.0, 30.0), (-62.0, 20.0), (62.0, 20.0)):
            start = torso.top + (44 if x == 0 else 34) + (56 if neck == "v-neck" and x == 0 else 0)
            _cable(studio, MIDDLE + x, start, torso.bottom - 4, width)
    drape(studio, torso)
    _raglan(studio, torso)
    _ribbed_ends(studio, torso, cut, 30)
    if neck == "turtleneck":
        rolled_neck(studio, torso)
        return
    line = whole_neckline(torso, neck)
    band(studio, line, 19)
    studio.line(line, width=1.2, alpha=0.5)


def _raglan(studio: Studio, torso: Torso) -> None:
    tip_x, tip_y = torso.tip
    seam = trace(
        f"M {tip_x - 4} {tip_y + 2}"
        f" C {tip_x - 14} {tip_y + 34} {MIDDLE + torso.chest - 20} {torso.armpit - 40}"
        f" {MIDDLE + torso.chest - 5} {torso.armpit}"
    )
    for side in (seam, mirrored(seam)):
        studio.line(side, width=1.4, alpha=0.4)


def _cable(studio: Studio, x: float, top: float, bottom: float, width: float) -> None:
    """Two strands twisted round each other from ``top`` to ``bottom``."""
    pitch = width * 1.55
    count = max(2, round((bottom - top) / pitch))
    pitch = (bottom - top) / count
    half = width / 2
    for side in (-1, 1):
        edge = trace(f"M {x + side * (half + 5)} {top} L {x + side * (half + 5)} {bottom}")
        studio.line(edge, width=3.2, alpha=0.5)
    for index in range(count):
        y = top + index * pitch
        for sign in (-1, 1):
            strand = trace(
                f"M {x - sign * half} {y}"
                f" C {x - sign * half} {y + pitch * 0.5} {x + sign * half} {y + pitch * 0.5}"
                f" {x + sign * half} {y + pitch}"
                f" L {x + sign * half * 0.1} {y + pitch}"
                f" C {x + sign * half * 0.1} {y + pitch * 0.6} {x - sign * half}"
                f" {y + pitch * 0.55} {x - sign * half} {y} Z"
            )
            studio.piece(strand, studio.fabric.flat(), shade=0.22 if sign > 0 else 0.1, volume=0.8)


def _sleeve_cable(studio: Studio, cut: Sleeve) -> None:
    (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
    x, y = (ox + ix) / 2, (oy + iy) / 2
    for offset in (-7, 7):
        points = []
        for index in range(15):
            t = index * 17.0
            wave = offset if index % 2 else -offset
            points.append((x - ax * t + ay * wave + 4, y - ay * t - ax * wave))
        studio.line(smooth(points, closed=False), width=3.4, alpha=0.45)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Knitwear": draw_knitwear,
    "Sweaters & knitwear": draw_sweater,
}
