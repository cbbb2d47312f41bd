"""Activewear and skiwear."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.collars import hood
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    band,
    drape,
    draw_sleeves,
    hem_band,
    placed,
    ribs,
    sleeve,
    torso_path,
)
from fashion.drawing.fabric import Fabric
from fashion.drawing.legs import Legs, draw_legs
from fashion.drawing.padding import draw_quilted, zip_line
from fashion.drawing.pattern import lightness, tone
from fashion.drawing.shapes import MIDDLE, box, mirrored, symmetric, trace
from fashion.drawing.studio import Studio


def _stripe_fabric(studio: Studio) -> Fabric:
    return Fabric((248, 248, 248) if lightness(studio.rgb) < 0.72 else (40, 44, 56))


def draw_activewear(studio: Studio) -> None:
    """A sports bra with leggings, or a zipped track top with striped sleeves."""
    if studio.garment.style == "track top":
        _track_top(studio)
    else:
        _leggings_set(studio)


def _leggings_set(studio: Studio) -> None:
    if studio.part != "upper":
        with studio.transformed(placed(1.0, 92, -4)):
            _leggings(studio)
    if studio.part != "lower":
        with studio.transformed(placed(1.1, -126, 6)):
            _sports_bra(studio)


def _leggings(studio: Studio) -> None:
    cut = Legs(top=52, waist=62, hip=84, crotch=190, bottom=478, knee=62, outer=46, inner=20, band=44)
    draw_legs(studio, cut)
    belt = cut.waistband()
    studio.piece(belt, studio.trim)
    stripe = trace("M 327 112 Q 338 170 322 270 L 300 474 L 293 474 L 313 270 Q 328 170 320 112 Z")
    for side in (stripe, mirrored(stripe)):
        studio.piece(side, _stripe_fabric(studio), volume=0.2, outline=False)
    studio.line(trace("M 256 102 L 256 190"), width=1.4)


def _sports_bra(studio: Studio) -> None:
    if not studio.worn:
        back = symmetric("M 256 118 L 292 92 L 300 84 L 316 86 L 316 170 L 256 180")
        studio.piece(back, studio.fabric.flat(), shade=-0.35, volume=0.4)
    front = symmetric(
        "M 256 176 Q 292 172 298 84 L 318 84 Q 318 148 346 196 Q 352 236 342 262 Q 300 272 256 272"
    )
    studio.piece(front, gloss=0.15)
    for side in (-1, 1):
        studio.fold((MIDDLE + side * 84, 214), (MIDDLE + side * 26, 232), side * 14, 0.26)
    studio.line(trace("M 256 178 L 256 244"), width=1.4, alpha=0.4)
    edge = trace("M 256 176 Q 292 172 298 84")
    for path in (edge, mirrored(edge)):
        band(studio, path, 7, _stripe_fabric(studio))
    under = symmetric("M 256 250 Q 300 250 343 242 L 341 272 Q 300 284 256 284")
    studio.piece(under, studio.trim)
    ribs(studio, under, gap=5)


def _track_top(studio: Studio) -> None:
    torso = Torso(
        top=76, neck=40, shoulder=110, chest=108, waist=106, hem=106, bottom=402, drop=4, armpit=196
    )
    cut = sleeve(torso, 304, 46, 11, puff=6)
    draw_sleeves(studio, cut)
    light = _stripe_fabric(studio)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            (sx, sy), (ox, oy) = torso.tip, cut.outer
            with studio.clipped(cut.path):
                for inset in (9.0, 22.0):
                    path = trace(
                        f"M {sx - inset - 30} {sy - 26}"
                        f" Q {sx + 20 - inset} {sy + 14} {(sx + ox) / 2 + 12 - inset}"
                        f" {(sy + oy) / 2} L {ox - inset} {oy}"
                    )
                    band(studio, path, 8, light)
            cuff = cut.cuff(28, -2, 8)
            studio.piece(cuff, studio.trim, angle=cut.angle)
            ribs(studio, cuff, angle=cut.angle, gap=5.5)
    body = torso_path(torso)
    studio.piece(body, gloss=0.12)
    drape(studio, torso)
    with studio.clipped(body):
        for inset in (8.0, 21.0):
            line = trace(
                f"M {MIDDLE + torso.neck - 10} {torso.top - 4 + inset}"
                f" L {MIDDLE + torso.shoulder + 8} {torso.top + torso.slope + inset}"
            )
            for side in (line, mirrored(line)):
                band(studio, side, 8, light)
    hem = hem_band(torso, 28)
    studio.piece(hem, studio.trim)
    ribs(studio, hem)
    collar = symmetric(
        f"M 256 {torso.top - 30} Q {MIDDLE + 30} {torso.top - 30} {MIDDLE + 36} {torso.top - 36}"
        f" L {MIDDLE + torso.neck + 6} {torso.top + 4} Q {MIDDLE + 30} {torso.top + 30} 256 {torso.top + 32}"
    )
    studio.piece(collar, studio.trim)
    studio.line(
        trace(f"M {MIDDLE - 36} {torso.top - 35} Q 256 {torso.top - 18} {MIDDLE + 36} {torso.top - 35}"),
        width=2,
        alpha=0.6,
    )
    zip_line(studio, torso.top - 22, torso.bottom + 32)
    for side in (1, -1):
        studio.line(
            trace(f"M {MIDDLE + side * 52} {torso.bottom - 96} L {MIDDLE + side * 76} {torso.bottom - 42}"),
            width=3,
            alpha=0.8,
        )
    studio.piece(trace("M 306 176 L 330 176 L 318 156 Z"), light, volume=0, outline=False)


def draw_skiwear(studio: Studio) -> None:
    """A hooded quilted ski jacket with contrast panels, or salopettes with braces."""
    dark = lightness(studio.rgb) < 0.45
    panel = Fabric((244, 244, 246) if dark else tone(studio.rgb, -0.6), material="nylon")
    if studio.garment.style == "salopettes":
        _salopettes(studio, panel)
    else:
        _ski_jacket(studio, panel)


def _ski_jacket(studio: Studio, panel: Fabric) -> None:
    torso = Torso(
        top=108,
        neck=44,
        shoulder=118,
        chest=118,
        waist=114,
        waist_y=330,
        hem=120,
        bottom=446,
        armpit=226,
        drop=4,
    )
    hood(studio, torso, 74)
    cut = sleeve(torso, 298, 52, 13, puff=14)
    draw_quilted(studio, torso, cut, 36.0)
    body = torso_path(torso)
    yoke_y = torso.top + (84 if lightness(studio.rgb) < 0.45 else 52)
    with studio.clipped(body):
        yoke = trace(f"M 80 40 L 432 40 L 432 {yoke_y - 4} L 256 {yoke_y + 30} L 80 {yoke_y - 4} Z")
        studio.piece(yoke, panel, volume=0.8)
        studio.canvas.drawPath(
            body,
            skia.Paint(
                Color=skia.Color(0, 0, 0, 30), AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=10
            ),
        )
    studio.line(body, width=1.6, alpha=0.6)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            with studio.clipped(cut.path):
                studio.piece(cut.cuff(70, 12, -30), panel, angle=cut.angle, volume=0.6)
            studio.piece(cut.cuff(20, 2, 4), studio.trim, angle=cut.angle, volume=0.5)
            line = trace(f"M {MIDDLE + 52} {yoke_y + 36} L {MIDDLE + 52} {yoke_y + 84}")
            studio.line(line, width=7, rgb=tone(panel.color, -0.2), alpha=1.0)
            studio.line(line, width=2.4, rgb=(70, 72, 80), alpha=1.0)
    skirt = symmetric(
        f"M 256 {torso.bottom - 26} L {MIDDLE + torso.hem} {torso.bottom - 30}"
        f" L {MIDDLE + torso.hem} {torso.bottom} L 256 {torso.bottom + 4}"
    )
    if lightness(studio.rgb) < 0.45:
        studio.piece(skirt, panel, volume=0.7)
    collar = symmetric(
        f"M 256 {torso.top - 12} Q {MIDDLE + 34} {torso.top - 12} {MIDDLE + 40} {torso.top - 18}"
        f" L {MIDDLE + torso.neck + 8} {torso.top + 8} Q {MIDDLE + 32} {torso.top + 38} 256 {torso.top + 40}"
    )
    studio.piece(collar, studio.fabric)
    zip_line(studio, torso.top - 6, torso.bottom + 4)


def _salopettes(studio: Studio, panel: Fabric) -> None:
    cut = Legs(top=196, waist=84, hip=104, crotch=312, bottom=480, knee=108, outer=110, inner=12, band=18)
    for side in (-1, 1):
        back = trace(
            f"M {MIDDLE + side * 40} 34 L {MIDDLE + side * 62} 34 L {MIDDLE + side * 84} 190"
            f" L {MIDDLE + side * 64} 196 Z"
        )
        studio.piece(back, panel, shade=-0.25, volume=0.3)
    draw_legs(studio, cut)
    leg = cut.leg()
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix), studio.clipped(leg):
            knee = trace(
                f"M {MIDDLE + 14} 372 Q {MIDDLE + 60} 356 {MIDDLE + 112} 368 L {MIDDLE + 112} 414"
                f" Q {MIDDLE + 60} 426 {MIDDLE + 12} 414 Z"
            )
            studio.piece(knee, shade=-0.12, volume=0.6)
            studio.piece(box(MIDDLE + 8, 456, MIDDLE + 120, 490), panel, volume=0.5)
            studio.line(
                trace(f"M {MIDDLE + 88} 222 L {MIDDLE + 96} 330"),
                width=6,
                rgb=tone(panel.color, -0.15),
                alpha=1.0,
            )
            studio.line(
                trace(f"M {MIDDLE + 88} 222 L {MIDDLE + 96} 330"), width=2, rgb=(70, 72, 80), alpha=1.0
            )
    bib = symmetric(
        f"M 256 104 Q {MIDDLE + 40} 106 {MIDDLE + 54} 92 Q {MIDDLE + 60} 164 {MIDDLE + 86} 204"
        f" L {MIDDLE + 84} 216 Q 256 226 256 224"
    )
    studio.piece(bib, volume=0.9)
    studio.piece(
        symmetric(
            f"M 256 200 Q {MIDDLE + 50} 200 {MIDDLE + 85} 192 L {MIDDLE + 86} 212 Q {MIDDLE + 50} 222 256 222"
        ),
        panel,
        volume=0.6,
    )
    zip_line(studio, 108, 290)
    pocket = box(MIDDLE + 16, 132, MIDDLE + 48, 166, 3)
    studio.piece(pocket, panel, volume=0.4)
    for side in (-1, 1):
        strap = trace(
            f"M {MIDDLE + side * 36} 30 L {MIDDLE + side * 60} 30 L {MIDDLE + side * 56} 108"
            f" L {MIDDLE + side * 32} 108 Z"
        )
        studio.piece(strap, panel, volume=0.5)
        studio.piece(
            box(MIDDLE + side * 45 - 16, 88, MIDDLE + side * 45 + 16, 112, 4),
            Fabric((52, 54, 60)),
            volume=0.4,
        )


DRAWERS: dict[str, Callable[[Studio], None]] = {"Activewear": draw_activewear, "Skiwear": draw_skiwear}
