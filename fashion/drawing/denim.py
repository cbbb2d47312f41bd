"""Denim jackets and dungarees, sewn in orange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.bottoms import THREAD, jeans_front
from fashion.drawing.collars import placket, shirt_collar
from fashion.drawing.cuts import MIRROR, Torso, back_neck, drape, draw_sleeves, sleeve, torso_path
from fashion.drawing.legs import Legs, draw_legs, hems
from fashion.drawing.shapes import MIDDLE, box, symmetric, trace
from fashion.drawing.studio import Studio
from fashion.drawing.tops import fitted_torso

_COPPER = (206, 132, 70)


def draw_denim(studio: Studio) -> None:
    """A trucker jacket, or dungarees."""
    studio.fabric = replace(studio.fabric, material="denim")
    if studio.garment.style == "dungarees":
        _dungarees(studio)
    else:
        _jacket(studio)


def _sewn(studio: Studio, spec: str, width: float = 1.9) -> None:
    studio.stitch(trace(spec), rgb=THREAD, width=width)


def _jacket(studio: Studio) -> None:
    torso = fitted_torso(
        studio,
        Torso(
            top=84,
            neck=42,
            shoulder=114,
            chest=108,
            waist=102,
            waist_y=310,
            hem=98,
            bottom=382,
            armpit=206,
            drop=3,
        ),
    )
    back_neck(studio, torso, 50)
    cut = sleeve(torso, 290, 46, 12, puff=6)
    draw_sleeves(studio, cut)
    cuff = cut.cuff(26, 1, 4)
    body = torso_path(torso)
    studio.piece(body)
    drape(studio, torso)
    yoke = torso.top + 84
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(cuff, angle=cut.angle, shade=-0.05, volume=0.6)
            (ox, oy), (ix, iy), (ax, ay) = cut.outer, cut.inner, cut.along
            _sewn(studio, f"M {ox - ax * 21 + 1} {oy - ay * 21} L {ix - ax * 21} {iy - ay * 21}")
            studio.metal(_stud(ix + 10, iy - 8), _COPPER)
            with studio.clipped(body):
                studio.line(trace(f"M 256 {yoke} L {MIDDLE + 130} {yoke - 4}"), width=2.4, alpha=0.7)
                _sewn(studio, f"M 256 {yoke + 5} L {MIDDLE + 130} {yoke + 1}")
                for start, end in ((30, 22), (84, 58)):
                    studio.line(
                        trace(f"M {MIDDLE + start} {yoke} L {MIDDLE + end} {torso.bottom}"),
                        width=2,
                        alpha=0.55,
                    )
                    _sewn(studio, f"M {MIDDLE + start + 5} {yoke + 4} L {MIDDLE + end + 5} {torso.bottom}")
                tip_x, tip_y = torso.tip
                _sewn(
                    studio,
                    f"M {tip_x - 9} {tip_y}"
                    f" C {tip_x - 16} {tip_y + 40} {MIDDLE + torso.chest - 24} {torso.armpit - 40}"
                    f" {MIDDLE + torso.chest - 8} {torso.armpit}",
                )
            _flap(studio, MIDDLE + 26, yoke - 6)
    hem = symmetric(
        f"M 256 {torso.bottom - 2} L {MIDDLE + torso.hem + 1} {torso.bottom - 5}"
        f" L {MIDDLE + torso.hem} {torso.bottom + 20} L 256 {torso.bottom + 24}"
    )
    studio.piece(hem, shade=-0.05, volume=0.7)
    _sewn(
        studio,
        f"M {MIDDLE - torso.hem} {torso.bottom + 3}"
        f" Q 256 {torso.bottom + 7} {MIDDLE + torso.hem} {torso.bottom + 3}",
    )
    placket(studio, torso.top + 32, torso.bottom + 22, half=12, buttons=6, rgb=_COPPER, r=5)
    for x in (-8.5, 8.5):
        _sewn(studio, f"M {MIDDLE + x} {torso.top + 36} L {MIDDLE + x} {torso.bottom + 20}", 1.6)
    shirt_collar(studio, torso, spread=12, size=1.05)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            _sewn(
                studio,
                f"M {MIDDLE + torso.neck + 7} {torso.top + 12} L {MIDDLE + 49} {torso.top + 51}"
                f" L {MIDDLE + 8} {torso.top + 32}",
                1.7,
            )


def _flap(studio: Studio, x: float, y: float, width: float = 56.0) -> None:
    pocket = trace(
        f"M {x + 4} {y + 10} L {x + width - 4} {y + 10} L {x + width - 8} {y + 64}"
        f" L {x + width / 2} {y + 76} L {x + 8} {y + 64} Z"
    )
    studio.piece(pocket, volume=0.3)
    _sewn(
        studio,
        f"M {x + 9} {y + 14} L {x + 12} {y + 61} L {x + width / 2} {y + 71}"
        f" L {x + width - 12} {y + 61} L {x + width - 9} {y + 14}",
        1.6,
    )
    studio.piece(
        trace(
            f"M {x} {y} L {x + width} {y} L {x + width} {y + 16} L {x + width / 2} {y + 28} L {x} {y + 16} Z"
        ),
        shade=-0.05,
        volume=0.3,
    )
    _sewn(studio, f"M {x + 4} {y + 13} L {x + width / 2} {y + 23} L {x + width - 4} {y + 13}", 1.6)
    studio.metal(_stud(x + width / 2, y + 15), _COPPER)


def _stud(x: float, y: float, r: float = 4.0) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, r)
    return path


def _dungarees(studio: Studio) -> None:
    cut = Legs(top=206, waist=82, hip=98, crotch=316, bottom=482, knee=100, outer=98, inner=16, band=20)
    short = studio.garment.length in ("mini", "knee")
    if short:
        cut = replace(cut, bottom=420, outer=108, knee=106)
    for side in (-1, 1):
        back = trace(
            f"M {MIDDLE + side * 40} 40 L {MIDDLE + side * 62} 40 L {MIDDLE + side * 84} 200"
            f" L {MIDDLE + side * 66} 204 Z"
        )
        studio.piece(back, studio.fabric.flat(), shade=-0.34, volume=0.3)
    draw_legs(studio, cut, fade=True)
    jeans_front(studio, cut)
    hems(studio, cut, 14, thread=THREAD)
    bib = symmetric(f"M 256 98 L {MIDDLE + 56} 98 Q {MIDDLE + 58} 170 {MIDDLE + 82} 212 L 256 222")
    studio.piece(bib, volume=0.6)
    _sewn(
        studio,
        f"M {MIDDLE - 76} 208 Q {MIDDLE - 52} 168 {MIDDLE - 50} 105 L {MIDDLE + 50} 105"
        f" Q {MIDDLE + 52} 168 {MIDDLE + 76} 208",
    )
    pocket = box(MIDDLE - 34, 128, MIDDLE + 34, 188, 3)
    studio.piece(pocket, volume=0.3)
    _sewn(
        studio,
        f"M {MIDDLE - 29} 133 L {MIDDLE - 29} 183 L {MIDDLE + 29} 183 L {MIDDLE + 29} 133 Z"
        f" M {MIDDLE - 34} 140 L {MIDDLE + 34} 140",
    )
    for side in (-1, 1):
        strap = trace(
            f"M {MIDDLE + side * 38} 36 L {MIDDLE + side * 60} 36 L {MIDDLE + side * 54} 116"
            f" L {MIDDLE + side * 32} 116 Z"
        )
        studio.piece(strap, volume=0.5)
        _sewn(
            studio,
            f"M {MIDDLE + side * 42} 40 L {MIDDLE + side * 36} 112 M {MIDDLE + side * 56} 40"
            f" L {MIDDLE + side * 50} 112",
            1.5,
        )
        x = MIDDLE + side * 43
        ring = box(x - 14, 98, x + 14, 122, 5)
        ring.addPath(box(x - 9, 103, x + 9, 117, 3))
        ring.setFillType(skia.PathFillType.kEvenOdd)
        studio.metal(ring, "silver")
        studio.metal(_stud(x, 110, 6), _COPPER)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Denim": draw_denim}
