"""Quilted bodies, puffed collars and zips."""

from __future__ import annotations

import skia

from fashion.drawing.cuts import (
    Sleeve,
    Torso,
    both_lines,
    draw_sleeves,
    torso_path,
)
from fashion.drawing.pattern import tone
from fashion.drawing.shapes import MIDDLE, box, mirrored, symmetric, trace
from fashion.drawing.studio import Studio


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
            for depth, alpha in ((0.3, 10), (0.18, 20), (0.1, 40)):
                shade = trace(
                    f"M {x - reach} {y - step * depth} L {x + reach} {y - step * depth}"
                    f" L {x + reach} {y + 1} L {x - reach} {y + 1} Z"
                )
                studio.canvas.drawPath(shade, skia.Paint(Color=skia.Color(0, 0, 0, alpha), AntiAlias=True))
            crown = trace(
                f"M {x - reach} {y + 3} L {x + reach} {y + 3} L {x + reach} {y + step * 0.4}"
                f" L {x - reach} {y + step * 0.4} Z"
            )
            studio.canvas.drawPath(crown, skia.Paint(Color=skia.Color(255, 255, 255, 30), AntiAlias=True))
            studio.line(trace(f"M {x - reach} {y} Q {x} {y + 5} {x + reach} {y}"), width=1.6, alpha=0.7)
            y += step


def zip_line(studio: Studio, top: float, bottom: float, x: float = MIDDLE, tone_name: str = "silver") -> None:
    """A zip with its slider."""
    studio.line(trace(f"M {x} {top} L {x} {bottom}"), width=9, rgb=tone(studio.rgb, -0.5), alpha=0.85)
    studio.line(
        trace(f"M {x} {top} L {x} {bottom}"),
        width=3,
        rgb=(206, 208, 214) if tone_name == "silver" else (214, 172, 82),
        alpha=1.0,
    )
    studio.metal(box(x - 4.5, top + 2, x + 4.5, top + 20, 3), tone_name)


def quilted_collar(studio: Studio, torso: Torso, height: float = 40.0) -> None:
    """A stand collar in two puffed rolls."""
    for low, high in ((8.0, -24.0), (-14.0, -height - 8)):
        roll = symmetric(
            f"M 256 {torso.top + high + 14}"
            f" Q {MIDDLE + torso.neck} {torso.top + high + 12} {MIDDLE + torso.neck + 2}"
            f" {torso.top + high + 6}"
            f" Q {MIDDLE + torso.neck + 16} {torso.top + (low + high) / 2}"
            f" {MIDDLE + torso.neck + 6} {torso.top + low} Q {MIDDLE + torso.neck * 0.6}"
            f" {torso.top + low + 24} 256 {torso.top + low + 26}"
        )
        studio.piece(roll, volume=1.5)
    zip_line(studio, torso.top - height, torso.top + 40)
