"""Skirts, and the skirt part of dresses."""

from __future__ import annotations

from collections.abc import Callable

import skia

from fashion.drawing.cuts import band
from fashion.drawing.shapes import MIDDLE, symmetric, trace
from fashion.drawing.studio import Studio

_LENGTHS: dict[str | None, float] = {"mini": 0.58, "knee": 0.8, "midi": 0.92, "maxi": 1.0}


def skirt_path(
    top: float, bottom: float, waist: float, hip: float, hem: float, drop: float = 12.0
) -> skia.Path:
    """A skirt's outline; half widths from the middle."""
    hip_y = top + min(110.0, (bottom - top) * 0.42)
    return symmetric(
        f"M 256 {top + 5} Q {MIDDLE + waist * 0.6} {top + 4} {MIDDLE + waist} {top}"
        f" C {MIDDLE + waist + 4} {top + 30} {MIDDLE + hip} {hip_y - 46} {MIDDLE + hip} {hip_y}"
        f" L {MIDDLE + hem} {bottom} Q {MIDDLE + hem * 0.6} {bottom + drop} 256 {bottom + drop}"
    )


def flare_folds(
    studio: Studio,
    top: float,
    bottom: float,
    waist: float,
    hem: float,
    count: int = 7,
    strength: float = 0.28,
) -> None:
    """Folds that fan out from the waist."""
    for index in range(count):
        share = (index + 0.5) / count * 2 - 1
        wobble = studio.rng.uniform(-6, 6)
        start = top + 14 + studio.rng.uniform(0, 0.3) * (bottom - top)
        x = waist + (hem - waist) * (start - top) / (bottom - top)
        studio.fold(
            (MIDDLE + share * x * 0.92, start),
            (MIDDLE + share * hem * 0.95 + wobble, bottom + 4),
            share * 8,
            strength,
        )


def pleats(
    studio: Studio, path: skia.Path, top: float, bottom: float, waist: float, hem: float, count: int = 13
) -> None:
    """Knife pleats: alternating light and dark panels."""
    with studio.clipped(path):
        for index in range(count):
            left, right = (index / count * 2 - 1), ((index + 1) / count * 2 - 1)
            panel = trace(
                f"M {MIDDLE + left * waist} {top} L {MIDDLE + (left + (right - left) * 0.42) * waist} {top}"
                f" L {MIDDLE + (left + (right - left) * 0.42) * hem} {bottom + 20}"
                f" L {MIDDLE + left * hem} {bottom + 20} Z"
            )
            studio.canvas.drawPath(panel, skia.Paint(Color=skia.Color(0, 0, 0, 28), AntiAlias=True))
            studio.line(
                trace(f"M {MIDDLE + left * waist} {top} L {MIDDLE + left * hem} {bottom + 20}"),
                width=2,
                alpha=0.65,
            )


def draw_skirt(studio: Studio) -> None:
    """A pencil, A-line, pleated or wrap skirt."""
    style, length = studio.garment.style, studio.garment.length
    share = _LENGTHS.get(length, 0.8 if style != "pleated" else 0.74)
    top, bottom = 56.0, 56 + 404 * share
    if share < 0.7:
        top, bottom = 116.0, 116 + 404 * share + 20
    waist = 76.0 if share > 0.7 else 90.0
    shapes = {
        "pencil": (102.0, 84.0),
        "a-line": (104.0, 150.0),
        "pleated": (112.0, 168.0),
        "wrap": (104.0, 122.0),
    }
    hip, hem = shapes.get(style or "", (106.0, 150.0))
    if share < 0.7:
        hip, hem = hip + 16, hem + 16
    path = skirt_path(top, bottom, waist, hip, hem, 10 if style in ("pencil", "wrap") else 18)
    studio.piece(path)
    if style == "pleated":
        pleats(studio, path, top, bottom, waist, hem, 15)
    elif style == "pencil":
        _pencil(studio, top, bottom, waist, hem)
    elif style == "wrap":
        _wrap(studio, path, top, bottom, waist, hem)
    else:
        with studio.clipped(path):
            flare_folds(studio, top, bottom, waist, hem)
    belt = symmetric(
        f"M 256 {top + 4} Q {MIDDLE + waist * 0.6} {top + 3} {MIDDLE + waist} {top - 2}"
        f" L {MIDDLE + waist + 4} {top + 20} Q {MIDDLE + waist * 0.6} {top + 26} 256 {top + 26}"
    )
    studio.piece(belt, studio.trim, volume=0.9)
    if style == "a-line":
        studio.button(MIDDLE, top + 15, 5)
        studio.line(trace(f"M 256 {top + 26} L 256 {top + 90}"), width=1.5)
    if style != "pleated":
        y = bottom - 9
        studio.line(trace(f"M {MIDDLE - hem} {y} Q 256 {y + 24} {MIDDLE + hem} {y}"), width=1.3, alpha=0.5)


def _pencil(studio: Studio, top: float, bottom: float, waist: float, hem: float) -> None:
    for side in (-1, 1):
        studio.line(
            trace(f"M {MIDDLE + side * waist * 0.5} {top + 26} L {MIDDLE + side * waist * 0.56} {top + 84}"),
            width=1.6,
        )
        studio.fold((MIDDLE + side * 92, top + 130), (MIDDLE + side * 36, top + 152), side * 6, 0.24)
        studio.fold((MIDDLE + side * 84, bottom - 90), (MIDDLE + side * 40, bottom - 70), side * 5, 0.2)
    slit = bottom - 66
    studio.line(trace(f"M {MIDDLE + 46} {slit} L {MIDDLE + 44} {bottom + 8}"), width=2.6, alpha=0.85)
    studio.fold((MIDDLE + 47, slit), (MIDDLE + 52, bottom + 6), 2, 0.4)


def _wrap(studio: Studio, path: skia.Path, top: float, bottom: float, waist: float, hem: float) -> None:
    with studio.clipped(path):
        under = trace(
            f"M {MIDDLE + waist} {top} Q {MIDDLE + 48} {bottom - 130} {MIDDLE - 10} {bottom + 20}"
            f" L {MIDDLE + hem + 20} {bottom + 20} L {MIDDLE + hem + 20} {top} Z"
        )
        studio.canvas.drawPath(under, skia.Paint(Color=skia.Color(0, 0, 0, 62), AntiAlias=True))
        edge = trace(
            f"M {MIDDLE + waist - 6} {top} Q {MIDDLE + 48} {bottom - 130} {MIDDLE - 10} {bottom + 20}"
        )
        band(studio, edge, 7)
        for index in range(4):
            studio.fold(
                (MIDDLE + waist - 10, top + 28), (MIDDLE - 50 + index * 26, top + 120 + index * 46), -8, 0.28
            )
    for drop, dx in ((74, 20), (60, 36)):
        studio.piece(
            trace(
                f"M {MIDDLE + waist - 4} {top + 14} L {MIDDLE + waist + dx - 8} {top + drop + 10}"
                f" L {MIDDLE + waist + dx + 8} {top + drop} Z"
            ),
            studio.trim,
        )
    studio.piece(
        trace(
            f"M {MIDDLE + waist - 6} {top + 14}"
            f" Q {MIDDLE + waist + 26} {top - 16} {MIDDLE + waist + 36} {top + 6}"
            f" Q {MIDDLE + waist + 26} {top + 26} {MIDDLE + waist - 6} {top + 14} Z"
        ),
        studio.trim,
    )


DRAWERS: dict[str, Callable[[Studio], None]] = {"Skirts": draw_skirt}
