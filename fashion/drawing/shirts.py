"""Shirts and polo shirts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.collars import placket, shirt_collar
from fashion.drawing.cuts import (
    MIRROR,
    Torso,
    back_neck,
    both_lines,
    drape,
    draw_sleeves,
    ribs,
    sleeve,
    torso_path,
)
from fashion.drawing.pattern import lightness
from fashion.drawing.shapes import MIDDLE, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import cuff_line, fitted_torso, hem_line


def draw_shirt(studio: Studio) -> None:
    """A shirt: collar, full button placket, cuffs, chest pocket; the oversized one is wide and long."""
    wide = studio.garment.style == "oversized"
    base = (
        Torso(shoulder=122, chest=116, waist=116, hem=120, bottom=448, drop=20, slope=32, armpit=200)
        if wide
        else Torso(bottom=436, drop=20)
    )
    torso = fitted_torso(studio, base)
    back_neck(studio, torso, 50)
    long = studio.garment.sleeve != "short"
    cut = sleeve(torso, 300, 48, 12, puff=4) if long else sleeve(torso, 112, 80, 32)
    draw_sleeves(studio, cut)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            if long:
                studio.piece(cut.cuff(28, 2, 4), angle=cut.angle, shade=-0.04)
                x, y = cut.inner
                studio.button(x + 14, y - 6, 3.2, _shirt_button(studio))
            else:
                studio.line(cuff_line(cut, 14), width=1.5)
    studio.piece(_shirt_body(torso))
    drape(studio, torso)
    placket(studio, torso.top + 30, torso.bottom + torso.drop - 2, buttons=7, rgb=_shirt_button(studio))
    _chest_pocket(studio, MIDDLE + 26, torso.top + 112)
    both_lines(
        studio,
        f"M {MIDDLE + torso.neck + 8} {torso.top + 22}"
        f" Q {MIDDLE + 80} {torso.top + 44} {MIDDLE + torso.shoulder - 4} {torso.top + 56}",
        alpha=0.45,
    )
    shirt_collar(studio, torso)
    studio.button(MIDDLE, torso.top + 32, 3.4, _shirt_button(studio))


def _shirt_body(torso: Torso) -> skia.Path:
    side = torso.bottom - 34
    return torso_path(
        replace(torso, bottom=side, drop=torso.drop + 34, waist_y=min(torso.waist_y, side - 60))
    )


def _shirt_button(studio: Studio) -> tuple[int, int, int]:
    return (250, 248, 242) if lightness(studio.rgb) < 0.8 else (206, 200, 190)


def _chest_pocket(studio: Studio, x: float, y: float) -> None:
    studio.piece(
        trace(f"M {x} {y} L {x + 52} {y} L {x + 52} {y + 46} L {x + 26} {y + 58} L {x} {y + 46} Z"),
        volume=0.4,
    )
    studio.line(trace(f"M {x} {y + 10} L {x + 52} {y + 10}"), width=1.2)


def draw_polo(studio: Studio) -> None:
    """A polo shirt: soft ribbed collar, a short placket, ribbed sleeve ends."""
    torso = fitted_torso(studio, Torso(bottom=436))
    back_neck(studio, torso, 50)
    long = studio.garment.sleeve == "long"
    cut = sleeve(torso, 306, 44, 12) if long else sleeve(torso, 106, 68, 34)
    draw_sleeves(studio, cut)
    cuff = cut.cuff(16, 0, 3)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(cuff, studio.trim, volume=0.5)
            ribs(studio, cuff, angle=cut.angle, gap=5)
    studio.piece(torso_path(torso))
    drape(studio, torso)
    placket(studio, torso.top + 28, torso.top + 142, half=12, buttons=3, rgb=_shirt_button(studio), r=4.6)
    studio.line(
        trace(
            f"M {MIDDLE - 12} {torso.top + 142} L {MIDDLE + 12} {torso.top + 142}"
            f" M {MIDDLE - 12} {torso.top + 132} L {MIDDLE + 12} {torso.top + 132}"
        )
    )
    shirt_collar(studio, torso, studio.trim, spread=16, size=1.02, gap=6)
    hem_line(studio, torso)
    both_lines(
        studio,
        f"M {MIDDLE + torso.hem - 2} {torso.bottom - 26} L {MIDDLE + torso.hem - 8} {torso.bottom}",
        width=2,
    )


DRAWERS: dict[str, Callable[[Studio], None]] = {"Shirts": draw_shirt, "Polo shirts": draw_polo}
