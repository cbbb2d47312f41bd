"""Coats (long) and jackets (short)."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.collars import lapel_opening, lapels, lining
from fashion.drawing.cuts import (
    MIRROR,
    Sleeve,
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
from fashion.drawing.pattern import RGB, lightness, tone
from fashion.drawing.shapes import MIDDLE, box, mirrored, symmetric, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import fitted_torso


def horn(studio: Studio) -> RGB:
    """The color of horn buttons that show on the fabric."""
    return (58, 40, 30) if lightness(studio.rgb) > 0.3 else (196, 164, 120)


def draw_coat(studio: Studio) -> None:
    """An overcoat, a trench coat or a long puffer."""
    style = studio.garment.style
    if style == "puffer":
        torso = Torso(top=62, neck=42, shoulder=112, chest=112, waist=110, hem=116, bottom=462, armpit=186, waist_y=300, drop=4)
        draw_quilted(studio, torso, sleeve(torso, 300, 50, 12, puff=12), 38.0)
        quilted_collar(studio, torso)
    elif style == "trench":
        _trench(studio)
    else:
        _overcoat(studio)


def _overcoat(studio: Studio) -> None:
    torso = fitted_torso(studio, Torso(top=42, neck=42, shoulder=104, chest=98, waist=96, waist_y=270, hem=116, bottom=470, armpit=164, drop=4))
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


def flap_pockets(studio: Studio, torso: Torso, y: float, width: float = 48.0) -> None:
    """Two flap pockets, tilted a little."""
    left = MIDDLE + torso.waist * 0.3
    both(studio, trace(f"M {left} {y} L {left + width} {y - 5} L {left + width} {y + 14} L {left} {y + 19} Z"), shade=-0.06, volume=0.3)


def _trench(studio: Studio) -> None:
    torso = Torso(top=42, neck=42, shoulder=106, chest=100, waist=84, waist_y=256, hem=134, bottom=468, armpit=164, drop=8)
    button_y = torso.top + 112
    cut = sleeve(torso, 272, 48, 12, puff=4)
    draw_sleeves(studio, cut)
    lining(studio, torso, button_y)
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)))
    drape(studio, torso)
    belt_y = torso.waist_y
    for x in (-86, -52, 52, 86):
        studio.fold((MIDDLE + x * 0.8, belt_y + 20), (MIDDLE + x * 1.2, torso.bottom - 10), x * 0.06, 0.26)
    studio.line(trace(f"M 284 {button_y + 4} Q 290 {belt_y} 292 {torso.bottom + 6}"), width=2.4, alpha=0.85)
    _storm_flap(studio, torso)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            x, y = torso.tip
            studio.piece(trace(f"M {x - 46} {y - 19} L {x - 2} {y - 3} L {x - 7} {y + 13} L {x - 50} {y - 5} Z"), shade=-0.03, volume=0.3)
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
    flap = trace(f"M {MIDDLE - 36} {top + 22} L {MIDDLE - torso.shoulder + 6} {top + 34} Q {MIDDLE - 98} {top + 100} {MIDDLE - 74} {top + 118} Q {MIDDLE - 40} {top + 116} {MIDDLE - 26} {top + 94} Z")
    studio.piece(flap, shade=-0.03, volume=0.4)


def _belt(studio: Studio, torso: Torso, y: float) -> None:
    width = torso.waist
    belt = trace(f"M {MIDDLE - width - 2} {y - 12} Q 256 {y - 2} {MIDDLE + width + 2} {y - 12} L {MIDDLE + width + 3} {y + 11} Q 256 {y + 21} {MIDDLE - width - 3} {y + 11} Z")
    studio.piece(belt, studio.trim, volume=0.9)
    studio.piece(trace(f"M {MIDDLE - 4} {y} L {MIDDLE + 34} {y + 82} L {MIDDLE + 14} {y + 90} L {MIDDLE - 14} {y + 10} Z"), studio.trim, volume=0.5)
    buckle = box(MIDDLE - 16, y - 12, MIDDLE + 14, y + 24, 4)
    hole = box(MIDDLE - 9, y - 5, MIDDLE + 7, y + 17, 2)
    buckle.addPath(hole)
    buckle.setFillType(skia.PathFillType.kEvenOdd)
    studio.piece(buckle, None, shade=-0.5, volume=0.4)


def draw_quilted(studio: Studio, torso: Torso, cut: Sleeve, step: float) -> None:
    """A padded jacket: body and sleeves in puffed horizontal channels, closed by a zip."""
    draw_sleeves(studio, cut, creases=False)
    body = torso_path(torso)
    for path, angle in ((cut.path, cut.angle), (mirrored(cut.path), -cut.angle)):
        quilt(studio, path, step, angle)
    studio.piece(body)
    quilt(studio, body, step, 0.0)
    zip_line(studio, torso.top + 22, torso.bottom + torso.drop)
    slit = f"M {MIDDLE + 50} {torso.bottom - 110} L {MIDDLE + 76} {torso.bottom - 60}"
    both_lines(studio, slit, width=4, alpha=0.7)


def quilt(studio: Studio, path: skia.Path, step: float, angle: float) -> None:
    """Puffed channels across ``path``: a light crown and a dark seam each."""
    bounds = path.getBounds()
    x, reach = bounds.centerX(), max(bounds.width(), bounds.height())
    turn = skia.Matrix()
    turn.setRotate(angle, x, bounds.centerY())
    with studio.clipped(path), studio.transformed(turn):
        y = bounds.top() + step * 0.9
        while y < bounds.bottom() + step:
            for depth, alpha in ((0.34, 26), (0.2, 34), (0.09, 46)):
                shade = trace(f"M {x - reach} {y - step * depth} L {x + reach} {y - step * depth} L {x + reach} {y + 1} L {x - reach} {y + 1} Z")
                studio.canvas.drawPath(shade, skia.Paint(Color=skia.Color(0, 0, 0, alpha), AntiAlias=True))
            crown = trace(f"M {x - reach} {y + 3} L {x + reach} {y + 3} L {x + reach} {y + step * 0.4} L {x - reach} {y + step * 0.4} Z")
            studio.canvas.drawPath(crown, skia.Paint(Color=skia.Color(255, 255, 255, 30), AntiAlias=True))
            studio.line(trace(f"M {x - reach} {y} Q {x} {y + 5} {x + reach} {y}"), width=1.8, alpha=0.75)
            y += step


def zip_line(studio: Studio, top: float, bottom: float, x: float = MIDDLE, tone_name: str = "silver") -> None:
    """A zip with its slider."""
    studio.line(trace(f"M {x} {top} L {x} {bottom}"), width=9, rgb=tone(studio.rgb, -0.5), alpha=0.85)
    studio.line(trace(f"M {x} {top} L {x} {bottom}"), width=3, rgb=(206, 208, 214) if tone_name == "silver" else (214, 172, 82), alpha=1.0)
    studio.metal(box(x - 4.5, top + 2, x + 4.5, top + 20, 3), tone_name)


def quilted_collar(studio: Studio, torso: Torso, height: float = 40.0) -> None:
    """A stand collar in two puffed rolls."""
    for low, high in ((8.0, -24.0), (-14.0, -height - 8)):
        roll = symmetric(
            f"M 256 {torso.top + high + 14} Q {MIDDLE + torso.neck} {torso.top + high + 12} {MIDDLE + torso.neck + 2} {torso.top + high + 6}"
            f" Q {MIDDLE + torso.neck + 16} {torso.top + (low + high) / 2} {MIDDLE + torso.neck + 6} {torso.top + low} Q {MIDDLE + torso.neck * 0.6} {torso.top + low + 24} 256 {torso.top + low + 26}"
        )
        studio.piece(roll, volume=1.5)
    zip_line(studio, torso.top - height, torso.top + 40)


def draw_jacket(studio: Studio) -> None:
    """A blazer, a bomber or a biker jacket."""
    style = studio.garment.style
    if style == "bomber":
        _bomber(studio)
    elif style == "biker":
        _biker(studio)
    else:
        draw_blazer(studio, fitted_torso(studio, BLAZER))


BLAZER = Torso(top=66, neck=40, shoulder=110, chest=100, waist=90, waist_y=296, hem=106, bottom=428, armpit=190, drop=-2)
"""The tailored jacket's measures, shared with suits."""


def draw_blazer(studio: Studio, torso: Torso, *, inside: Callable[[float], None] | None = None, closing: float = 186.0) -> None:
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
                studio.button(ox - 10 - ax * (12 + index * 11), oy - ay * (12 + index * 11), 2.8, horn(studio))
    if inside is None:
        lining(studio, torso, button_y)
    else:
        inside(button_y)
    round_front = f"M 256 {button_y} Q {MIDDLE + 16} {(torso.top + button_y) / 2 + 10} {MIDDLE + torso.neck} {torso.top}"
    body = torso_path(torso, opening=round_front)
    studio.piece(body)
    drape(studio, torso)
    both_lines(studio, f"M {MIDDLE + 64} {torso.top + 128} Q {MIDDLE + 50} {torso.waist_y} {MIDDLE + 56} {torso.bottom - 66}", width=1.6, alpha=0.5)
    studio.line(trace(f"M 257 {button_y} L 259 {torso.bottom - 60} Q 262 {torso.bottom - 14} 290 {torso.bottom - 2}"), width=2.4, alpha=0.85)
    flap_pockets(studio, torso, torso.waist_y + 40, 50)
    studio.piece(trace(f"M {MIDDLE + 52} {torso.top + 116} L {MIDDLE + 86} {torso.top + 110} L {MIDDLE + 87} {torso.top + 121} L {MIDDLE + 53} {torso.top + 127} Z"), shade=-0.06, volume=0.2)
    lapels(studio, torso, button_y, width=54)
    for index in range(2):
        studio.button(MIDDLE - 2, button_y + 10 + index * 42, 6.0, horn(studio))


def _bomber(studio: Studio) -> None:
    torso = fitted_torso(studio, Torso(top=84, neck=40, shoulder=114, chest=116, waist=118, waist_y=300, hem=114, bottom=376, armpit=206, drop=4))
    cut = sleeve(torso, 278, 48, 13, puff=16)
    draw_sleeves(studio, cut)
    studio.piece(torso_path(torso))
    drape(studio, torso, 0.28)
    for x in (-80, -50, -20, 20, 50, 80):
        studio.fold((MIDDLE + x, torso.bottom), (MIDDLE + x * 0.94, torso.bottom - 46), 2, 0.22)
    hem = hem_band(torso, 34, 10)
    collar = symmetric(
        f"M 256 {torso.top + 6} Q {MIDDLE + torso.neck - 16} {torso.top + 2} {MIDDLE + torso.neck - 8} {torso.top - 18}"
        f" L {MIDDLE + torso.neck + 6} {torso.top + 4} Q {MIDDLE + torso.neck - 10} {torso.top + 36} 256 {torso.top + 38}"
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
    torso = fitted_torso(studio, Torso(top=84, neck=42, shoulder=112, chest=106, waist=98, waist_y=300, hem=100, bottom=392, armpit=204, drop=4))
    cut = sleeve(torso, 286, 44, 12, puff=6)
    draw_sleeves(studio, cut)
    button_y = torso.top + 128
    lining(studio, torso, button_y)
    studio.piece(torso_path(torso, opening=lapel_opening(torso, button_y)), gloss=0.15)
    drape(studio, torso, 0.3)
    waist = symmetric(f"M 256 {torso.bottom - 22} L {MIDDLE + torso.hem} {torso.bottom - 26} L {MIDDLE + torso.hem} {torso.bottom} L 256 {torso.bottom + 4}")
    studio.piece(waist, shade=-0.05, volume=0.6)
    zip_path = trace(f"M {MIDDLE + 58} {torso.top + 62} Q {MIDDLE + 40} {torso.top + 160} {MIDDLE + 16} {torso.bottom + 2}")
    studio.line(zip_path, width=9, rgb=tone(studio.rgb, -0.55), alpha=0.9)
    studio.line(zip_path, width=3.4, rgb=(214, 216, 222), alpha=1.0)
    for spec in (f"M {MIDDLE - 84} {torso.top + 176} L {MIDDLE - 38} {torso.top + 154}", f"M {MIDDLE - 80} {torso.bottom - 46} L {MIDDLE - 40} {torso.bottom - 74}", f"M {MIDDLE + 84} {torso.bottom - 46} L {MIDDLE + 54} {torso.bottom - 74}"):
        line = trace(spec)
        studio.line(line, width=8, alpha=0.4)
        studio.line(line, width=3, rgb=(214, 216, 222), alpha=1.0)
    lapels(studio, torso, button_y, width=70, peak=True)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            x, y = torso.tip
            studio.piece(trace(f"M {x - 48} {y - 20} L {x - 4} {y - 4} L {x - 8} {y + 12} L {x - 52} {y - 5} Z"), volume=0.4)
            studio.metal(_stud(x - 42, y - 9))
            studio.metal(_stud(MIDDLE + 74, torso.top + 68))
            (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
            studio.line(trace(f"M {ix + 10} {iy - 4} L {ix + 8 - ax * 52} {iy - ay * 56}"), width=3, rgb=(214, 216, 222), alpha=0.95)
    band(studio, trace(f"M {MIDDLE - torso.hem} {torso.bottom - 12} Q 256 {torso.bottom - 4} {MIDDLE + torso.hem} {torso.bottom - 12}"), 11)
    buckle = box(MIDDLE - 30, torso.bottom - 20, MIDDLE - 4, torso.bottom + 4, 3)
    buckle.addPath(box(MIDDLE - 25, torso.bottom - 15, MIDDLE - 9, torso.bottom - 1, 2))
    buckle.setFillType(skia.PathFillType.kEvenOdd)
    studio.metal(buckle)


def _stud(x: float, y: float) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, 4)
    return path


DRAWERS: dict[str, Callable[[Studio], None]] = {"Coats": draw_coat, "Jackets": draw_jacket}
