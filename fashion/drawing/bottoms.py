"""Pants, jeans and shorts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.cuts import MIRROR
from fashion.drawing.fabric import Fabric
from fashion.drawing.legs import Legs, draw_legs, drawstring, hems, slant_pockets, waistband
from fashion.drawing.pattern import RGB, lightness
from fashion.drawing.shapes import MIDDLE, box, mirrored, trace
from fashion.drawing.studio import Studio

THREAD: RGB = (226, 142, 44)
"""The orange of denim stitching."""

_CUTS: dict[str | None, Legs] = {
    "wide-leg": Legs(knee=116, outer=136, inner=10),
    "tapered": Legs(hip=100, knee=86, outer=66, inner=26, waist=76),
    "cargo": Legs(hip=98, knee=102, outer=98, inner=20),
    "skinny": Legs(waist=70, hip=86, knee=74, outer=60, inner=26),
    "straight": Legs(),
}


def _fitted(cut: Legs, studio: Studio) -> Legs:
    length = {"cropped": -62.0, "knee": -120.0}.get(studio.garment.length or "", 0.0)
    wider = {"slim": -8.0, "relaxed": 7.0, "wide": 16.0}.get(studio.garment.fit or "", 0.0)
    return replace(cut, bottom=cut.bottom + length, knee=cut.knee + wider * 0.7, outer=cut.outer + wider)


def draw_pants(studio: Studio) -> None:
    """Trousers with an ironed crease; cargo pants with big thigh pockets."""
    style = studio.garment.style
    cut = _fitted(_CUTS.get(style, _CUTS["straight"]), studio)
    cargo = style == "cargo"
    draw_legs(studio, cut, crease=not cargo)
    slant_pockets(studio, cut)
    waistband(studio, cut)
    if cargo:
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix):
                _cargo_pocket(studio, cut)
        hems(studio, cut, 16)
    else:
        for side in (-1, 1):
            x = MIDDLE + side * cut.waist * 0.5
            studio.fold((x, cut.top + cut.band + 6), (x + side * 4, cut.top + 92), 0, 0.3)
        hems(studio, cut, 6)


def _cargo_pocket(studio: Studio, cut: Legs) -> None:
    y = cut.crotch + 48
    left, right = MIDDLE + cut.knee - 56, MIDDLE + cut.knee + 8
    studio.piece(box(left, y, right, y + 82, 4), volume=0.8)
    studio.line(trace(f"M {(left + right) / 2} {y + 22} L {(left + right) / 2} {y + 80}"), width=2)
    studio.piece(
        trace(
            f"M {left - 3} {y - 6} L {right + 3} {y - 6} L {right + 3} {y + 18}"
            f" L {(left + right) / 2} {y + 26} L {left - 3} {y + 18} Z"
        ),
        shade=-0.05,
        volume=0.5,
    )
    studio.button((left + right) / 2, y + 14, 4)


def draw_jeans(studio: Studio) -> None:
    """Denim trousers: orange stitching, curved pockets, a coin pocket, rivets, washed thighs."""
    style = studio.garment.style
    cut = _fitted(_CUTS.get(style, _CUTS["straight"]), studio)
    denim = replace(studio.fabric, material="denim")
    studio.fabric = denim
    draw_legs(studio, cut, fade=True)
    jeans_front(studio, cut)
    hems(studio, cut, 13, thread=THREAD)
    seam = trace(
        f"M {MIDDLE + cut.hip - 9} {cut.crotch - 10}"
        f" Q {MIDDLE + cut.knee - 9} {cut.crotch + 90} {MIDDLE + cut.outer - 9} {cut.bottom - 14}"
    )
    for side in (seam, mirrored(seam)):
        studio.stitch(side, rgb=THREAD, width=1.6)


def jeans_front(studio: Studio, cut: Legs) -> None:
    """Pockets, rivets, fly and waistband of jeans, sewn in orange."""
    low = cut.top + cut.band + 6
    left, right = MIDDLE + cut.waist * 0.34, MIDDLE + cut.hip - 2
    mouth = f"M {left} {low} Q {left + 4} {low + 44} {right} {low + 42}"
    pocket = trace(f"{mouth} L {right} {low + 20} L {MIDDLE + cut.waist} {low - 4} Z")
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            leg = cut.leg()
            with studio.clipped(leg):
                studio.piece(pocket, shade=-0.14, volume=0.2)
                studio.stitch(
                    trace(f"M {left - 5} {low} Q {left} {low + 50} {right} {low + 48}"), rgb=THREAD, width=2.0
                )
                studio.stitch(
                    trace(f"M {left - 10} {low} Q {left - 4} {low + 56} {right} {low + 54}"),
                    rgb=THREAD,
                    width=1.4,
                )
            studio.metal(_rivet(left - 2, low + 6), (206, 132, 70))
            studio.metal(_rivet(right - 9, low + 44), (206, 132, 70))
    studio.stitch(trace(f"M {left - 76} {low + 18} L {left - 76} {low + 20}"), rgb=THREAD)
    waistband(studio, cut, button=(196, 128, 66), thread=THREAD)
    for rise in (4.0, cut.band - 1):
        line = trace(
            f"M {MIDDLE - cut.waist} {cut.top + rise - 1}"
            f" Q 256 {cut.top + rise + 9} {MIDDLE + cut.waist} {cut.top + rise - 1}"
        )
        studio.stitch(line, rgb=THREAD, width=1.5)


def _rivet(x: float, y: float) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, 2.8)
    return path


def draw_shorts(studio: Studio) -> None:
    """Tailored, sporty or denim shorts."""
    style = studio.garment.style
    short = studio.garment.length == "mini"
    cut = Legs(
        top=112,
        waist=102,
        hip=128,
        crotch=262,
        bottom=350 if short else 396,
        knee=140,
        outer=150,
        inner=14,
        band=26,
    )
    if style == "sporty":
        cut = replace(cut, outer=164, knee=148, bottom=cut.bottom - 26)
        draw_legs(studio, cut)
        light = Fabric((246, 246, 246) if lightness(studio.rgb) < 0.7 else (44, 48, 60))
        for matrix in (skia.Matrix(), MIRROR):
            with studio.transformed(matrix), studio.clipped(cut.leg()):
                stripe = trace(
                    f"M {MIDDLE + cut.waist - 14} {cut.top}"
                    f" Q {MIDDLE + cut.hip - 16} {cut.crotch - 40} {MIDDLE + cut.outer - 20}"
                    f" {cut.bottom + 4} L {MIDDLE + cut.outer + 8} {cut.bottom} Q"
                    f" {MIDDLE + cut.hip + 6} {cut.crotch - 40} {MIDDLE + cut.waist + 6} {cut.top} Z"
                )
                studio.piece(stripe, light, volume=0.3)
        drawstring(studio, cut)
        hems(studio, cut, 10)
        return
    if style == "denim":
        studio.fabric = replace(studio.fabric, material="denim")
        draw_legs(studio, cut, fade=True)
        jeans_front(studio, cut)
        hems(studio, cut, 12, thread=THREAD)
        return
    draw_legs(studio, cut, crease=True)
    slant_pockets(studio, cut)
    waistband(studio, cut)
    for side in (-1, 1):
        x = MIDDLE + side * cut.waist * 0.5
        studio.fold((x, cut.top + cut.band + 6), (x + side * 5, cut.top + 110), 0, 0.3)
    hems(studio, cut, 22)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Pants": draw_pants,
    "Jeans": draw_jeans,
    "Shorts": draw_shorts,
}
