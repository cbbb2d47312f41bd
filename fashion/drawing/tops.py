"""T-shirts and vests, tops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.collars import rolled_neck, shirt_collar
from fashion.drawing.cuts import (
    MIRROR,
    Sleeve,
    Torso,
    back_neck,
    band,
    both_lines,
    drape,
    draw_sleeves,
    neckline,
    sleeve,
    torso_path,
)
from fashion.drawing.pattern import tone
from fashion.drawing.shapes import MIDDLE, mirrored, symmetric, trace
from fashion.drawing.studio import Studio

_FITS: dict[str | None, float] = {"slim": 0.9, "relaxed": 1.08, "wide": 1.14}
_BOTTOMS: dict[str | None, float] = {"cropped": 350.0, "long": 470.0}


def fitted_torso(studio: Studio, torso: Torso) -> Torso:
    """``torso`` in the garment's fit and length."""
    share = _FITS.get(studio.garment.fit, 1.0)
    bottom = _BOTTOMS.get(studio.garment.length, torso.bottom)
    return replace(
        torso,
        shoulder=torso.shoulder * (1 + (share - 1) * 0.6),
        chest=torso.chest * share,
        waist=torso.waist * share,
        hem=torso.hem * share,
        bottom=bottom,
        waist_y=min(torso.waist_y, bottom - 80),
    )


def whole_neckline(torso: Torso, kind: str | None) -> skia.Path:
    """The neck opening's edge from side to side, open."""
    half = trace(neckline(torso, kind))
    path = skia.Path()
    path.addPath(mirrored(half))
    path.addPath(half)
    return path


def _sleeve_for(studio: Studio, torso: Torso, default: str) -> Sleeve | None:
    kind = studio.garment.sleeve or default
    if kind == "sleeveless":
        return None
    return sleeve(torso, 306, 44, 12) if kind == "long" else sleeve(torso, 104, 74, 34)


def _neck_trim(studio: Studio, torso: Torso, kind: str | None) -> None:
    if kind == "turtleneck":
        rolled_neck(studio, replace(torso, neck=torso.neck - 2), 40)
        return
    band(studio, whole_neckline(torso, kind), 10)


def draw_tshirt(studio: Studio) -> None:
    """A T-shirt, or a vest with straps."""
    if studio.garment.style == "vest" or studio.garment.sleeve == "sleeveless":
        _vest(studio)
        return
    torso = fitted_torso(studio, Torso())
    neck = studio.garment.neckline
    back_neck(studio, torso, 100 if neck in ("v-neck", "scoop") else 60)
    cut = _sleeve_for(studio, torso, "short")
    if cut:
        draw_sleeves(studio, cut)
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix):
                studio.line(cuff_line(cut, 9), width=1.4, alpha=0.5)
    studio.piece(torso_path(torso, neck))
    drape(studio, torso)
    _neck_trim(studio, torso, neck)
    hem_line(studio, torso)


def cuff_line(cut: Sleeve, height: float) -> skia.Path:
    """The stitched line ``height`` above a sleeve's end."""
    (ax, ay), (ox, oy), (ix, iy) = cut.along, cut.outer, cut.inner
    return trace(f"M {ox - ax * height} {oy - ay * height} L {ix - ax * height} {iy - ay * height}")


def hem_line(studio: Studio, torso: Torso, rise: float = 11.0) -> None:
    """The stitched line above a hem."""
    y = torso.bottom - rise
    studio.line(
        trace(f"M {MIDDLE - torso.hem} {y} Q 256 {y + torso.drop * 1.9} {MIDDLE + torso.hem} {y}"),
        width=1.4,
        alpha=0.5,
    )


def _vest(studio: Studio) -> None:
    torso = fitted_torso(
        studio, Torso(neck=46, shoulder=76, slope=10, armpit=196, chest=92, waist=88, hem=94)
    )
    neck = studio.garment.neckline if studio.garment.neckline in ("v-neck", "square") else "scoop"
    back_neck(studio, torso, 44)
    body = torso_path(torso, neck)
    studio.piece(body)
    drape(studio, torso)
    band(studio, whole_neckline(torso, neck), 9)
    tip_x, tip_y = torso.tip
    chest = MIDDLE + torso.chest
    hole = trace(
        f"M {tip_x} {tip_y}"
        f" C {tip_x - 8} {tip_y + 30} {chest - 14} {torso.armpit - 40} {chest} {torso.armpit}"
    )
    with studio.clipped(body):
        for side in (hole, mirrored(hole)):
            band(studio, side, 15)
    hem_line(studio, torso)


def draw_top(studio: Studio) -> None:
    """A blouse, a camisole or a wrap top."""
    style = studio.garment.style
    if style == "camisole":
        _camisole(studio)
    elif style == "wrap":
        _wrap_top(studio)
    else:
        _blouse(studio)


def _blouse(studio: Studio) -> None:
    torso = fitted_torso(studio, Torso(chest=96, waist=92, hem=112, bottom=420, drop=14, armpit=176))
    neck = studio.garment.neckline
    back_neck(studio, torso, 64)
    kind = studio.garment.sleeve or "long"
    if kind != "sleeveless":
        cut = sleeve(torso, 278, 40, 13, puff=24) if kind == "long" else sleeve(torso, 92, 58, 34, puff=26)
        draw_sleeves(studio, cut)
        cuff = cut.cuff(16, 2, 4)
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix):
                (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
                for share in (0.2, 0.4, 0.6, 0.8):
                    x, y = ox + (ix - ox) * share, oy + (iy - oy) * share
                    studio.fold((x - ax * 14, y - ay * 14), (x - ax * 56 + 6, y - ay * 56), 2, 0.22)
                studio.piece(cuff, studio.trim, volume=0.7)
    studio.piece(torso_path(torso, neck))
    drape(studio, torso)
    top = torso.top + {"v-neck": 92.0, "scoop": 74.0, "square": 62.0}.get(neck or "", 32.0)
    for x in (-44, -26, 26, 44):
        studio.fold((MIDDLE + x, top + 6), (MIDDLE + x * 1.35, top + 120), 0, 0.2)
    if neck == "collared":
        shirt_collar(studio, torso)
    else:
        band(studio, whole_neckline(torso, neck), 8)
    _bow(studio, 256, top + 4)
    studio.stitch(
        trace(
            f"M {MIDDLE - torso.hem + 4} {torso.bottom - 8}"
            f" Q 256 {torso.bottom + 14} {MIDDLE + torso.hem - 4} {torso.bottom - 8}"
        )
    )


def _bow(studio: Studio, x: float, y: float) -> None:
    for side in (-1, 1):
        studio.piece(
            trace(f"M {x} {y} L {x + side * 7} {y + 92} L {x + side * 24} {y + 84} Z"),
            studio.trim,
            volume=0.7,
        )
        studio.piece(
            trace(
                f"M {x} {y} Q {x + side * 26} {y - 26} {x + side * 44} {y - 12}"
                f" Q {x + side * 46} {y + 14} {x} {y} Z"
            ),
            studio.trim,
        )
    studio.canvas.drawCircle(x, y, 7, _dot(studio))


def _dot(studio: Studio) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=skia.Color(*tone(studio.trim.color, -0.2)))


def _camisole(studio: Studio) -> None:
    torso = fitted_torso(studio, Torso(chest=82, waist=80, hem=98, bottom=430, armpit=190))
    top = 158.0
    for side in (-1, 1):
        band(
            studio,
            trace(f"M {MIDDLE + side * 62} {top + 4} Q {MIDDLE + side * 58} 90 {MIDDLE + side * 46} 56"),
            6,
            studio.fabric,
        )
    if not studio.worn:
        band(studio, trace(f"M {MIDDLE - 46} 57 Q 256 84 {MIDDLE + 46} 57"), 5)
    edge = f"M 256 {top + 34} Q {MIDDLE + 26} {top + 22} {MIDDLE + 62} {top}"
    body = symmetric(
        f"{edge} Q {MIDDLE + 74} {top + 22} {MIDDLE + torso.chest + 4} {torso.armpit + 18}"
        f" Q {MIDDLE + torso.waist - 4} {torso.waist_y - 30} {MIDDLE + torso.hem} {torso.bottom}"
        f" Q {MIDDLE + 50} {torso.bottom + 14} 256 {torso.bottom + 14}"
    )
    studio.piece(body, gloss=0.25)
    drape(studio, torso, 0.26)
    for x in (-30, 0, 30):
        studio.fold((MIDDLE + x, top + 40), (MIDDLE + x * 1.6, torso.bottom - 40), 0, 0.16)
    both_lines(studio, f"M 256 {top + 40} Q {MIDDLE + 26} {top + 28} {MIDDLE + 64} {top + 6}", width=1.5)


def _wrap_top(studio: Studio) -> None:
    torso = fitted_torso(
        studio, Torso(chest=94, waist=78, waist_y=300, hem=104, bottom=400, armpit=182, drop=10)
    )
    back_neck(studio, torso, 184)
    cut = _sleeve_for(studio, torso, "long")
    if cut:
        draw_sleeves(studio, cut)
    top, side = torso.top, torso.neck
    knot_y = torso.waist_y
    right = torso_path(torso, opening=f"M 256 {top + 176} L {MIDDLE + side} {top}")
    studio.piece(right)
    with studio.clipped(right):
        studio.fold((300, top + 60), (200, knot_y - 8), 4, 0.4)
        studio.line(
            trace(f"M {MIDDLE - side} {top} Q 262 {top + 140} {MIDDLE + torso.waist} {knot_y - 14}"),
            width=2.4,
            alpha=0.8,
        )
        for index in range(4):
            studio.fold(
                (MIDDLE + torso.waist - 6, knot_y - 10), (200 + index * 26, top + 120 + index * 10), -6, 0.2
            )
    band(studio, trace(f"M {MIDDLE + side} {top} Q 290 {top + 100} 256 {top + 170}"), 6)
    band(
        studio,
        trace(f"M {MIDDLE - side} {top} Q 240 {top + 120} {MIDDLE + torso.waist - 6} {knot_y - 10}"),
        6,
    )
    band(
        studio,
        trace(f"M {MIDDLE - torso.waist} {knot_y} Q 256 {knot_y + 12} {MIDDLE + torso.waist} {knot_y}"),
        13,
    )
    _bow(studio, MIDDLE + torso.waist - 24, knot_y + 6)
    drape(studio, torso)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "T-shirts & vests": draw_tshirt,
    "Tops": draw_top,
}
