"""How a garment for the upper body is cut: torso, sleeves, bands and ribs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from fashion.drawing.fabric import Fabric
from fashion.drawing.pattern import lightness, paint, tone
from fashion.drawing.shapes import MIDDLE, Point, mirrored, polygon, symmetric, trace
from fashion.drawing.studio import Studio

MIRROR = skia.Matrix.MakeAll(-1, 0, 2 * MIDDLE, 0, 1, 0, 0, 0, 1)
"""Draws the left side of what is written for the right."""


def placed(scale: float, x: float = 0.0, y: float = 0.0) -> skia.Matrix:
    """Scaling about the middle of the square, then a shift by ``(x, y)`` units."""
    return skia.Matrix.MakeAll(
        scale, 0, MIDDLE * (1 - scale) + x, 0, scale, MIDDLE * (1 - scale) + y, 0, 0, 1
    )


@dataclass(frozen=True, slots=True)
class Torso:
    """Measures of an upper body, in units; widths are from the middle outwards.

    Attributes:
        top: y where the shoulder seam meets the neck.
        neck: Half width of the neck opening.
        shoulder: Half width of the shoulders.
        slope: How far the shoulder falls.
        armpit: y of the armhole's lower end.
        chest: Half width there.
        waist: Half width at ``waist_y``.
        waist_y: y of the waist.
        hem: Half width at the hem.
        bottom: y of the hem at the side.
        drop: How much lower the hem is in the middle.
    """

    top: float = 62.0
    neck: float = 44.0
    shoulder: float = 108.0
    slope: float = 26.0
    armpit: float = 184.0
    chest: float = 100.0
    waist: float = 96.0
    waist_y: float = 310.0
    hem: float = 101.0
    bottom: float = 440.0
    drop: float = 8.0

    @property
    def tip(self) -> Point:
        """The right shoulder point."""
        return MIDDLE + self.shoulder, self.top + self.slope


def neckline(torso: Torso, kind: str | None) -> str:
    """The right half of the neck opening: a spec from the middle of the front to the neck's side."""
    side, top = MIDDLE + torso.neck, torso.top
    if kind == "v-neck":
        return f"M 256 {top + 92} Q {side - 8} {top + 44} {side} {top}"
    if kind == "scoop":
        return f"M 256 {top + 74} C {side - 8} {top + 74} {side} {top + 40} {side} {top}"
    if kind == "square":
        return f"M 256 {top + 62} L {side - 2} {top + 62} L {side} {top}"
    if kind == "boat":
        return f"M 256 {top + 16} Q {side - 14} {top + 14} {side} {top}"
    return f"M 256 {top + 32} C {side - 16} {top + 32} {side - 3} {top + 18} {side} {top}"


def torso_path(torso: Torso, neck: str | None = "crew", *, opening: str | None = None) -> skia.Path:
    """The body's outline.

    Args:
        torso: The measures.
        neck: A neckline name, see `neckline`.
        opening: A spec of the opening's right half that replaces the neckline.
    """
    tip_x, tip_y = torso.tip
    chest, waist, hem = MIDDLE + torso.chest, MIDDLE + torso.waist, MIDDLE + torso.hem
    middle_y = (torso.waist_y + torso.bottom) / 2
    return symmetric(
        f"{opening or neckline(torso, neck)} L {tip_x} {tip_y}"
        f" C {tip_x - 8} {tip_y + 30} {chest - 14} {torso.armpit - 40} {chest} {torso.armpit}"
        f" C {chest} {torso.armpit + 50} {waist} {torso.waist_y - 50} {waist} {torso.waist_y}"
        f" C {waist} {middle_y} {hem} {middle_y} {hem} {torso.bottom}"
        f" Q {MIDDLE + torso.hem * 0.6} {torso.bottom + torso.drop} 256 {torso.bottom + torso.drop}"
    )


def back_neck(studio: Studio, torso: Torso, depth: float = 60.0, fabric: Fabric | None = None) -> None:
    """The inside of the back, seen through the neck opening where nobody wears the garment."""
    if studio.worn:
        return
    side, top = torso.neck, torso.top
    path = symmetric(
        f"M 256 {top + 12} Q {MIDDLE + side - 14} {top + 10} {MIDDLE + side} {top - 1}"
        f" L {MIDDLE + side + 6} {top + 12} L {MIDDLE + side - 4} {top + depth} L 256 {top + depth + 14}"
    )
    cloth = (fabric or studio.fabric).flat()
    studio.piece(path, cloth, shade=-0.38 if lightness(cloth.color) > 0.12 else 0.06, volume=0.6)


@dataclass(frozen=True, slots=True)
class Sleeve:
    """The right sleeve.

    Attributes:
        path: Its outline.
        outer: The outer corner of its end.
        inner: The inner corner of its end.
        along: Unit vector down the sleeve.
    """

    path: skia.Path
    outer: Point
    inner: Point
    along: Point

    @property
    def angle(self) -> float:
        """Turn of the sleeve's grain, degrees."""
        return -math.degrees(math.atan2(self.along[0], self.along[1]))

    def cuff(self, height: float, wider: float = 0.0, lower: float = 0.0) -> skia.Path:
        """The band of ``height`` at the end, ``wider`` at each side and hanging ``lower``."""
        (ax, ay), (ux, uy) = self.along, (self.along[1], -self.along[0])
        corners = []
        for (x, y), side in ((self.outer, 1), (self.inner, -1)):
            corners.append((x + ux * wider * side + ax * lower, y + uy * wider * side + ay * lower))
        (ox, oy), (ix, iy) = corners
        rise = height + lower
        return polygon(
            [(ox, oy), (ix, iy), (ix - ax * rise, iy - ay * rise), (ox - ax * rise, oy - ay * rise)]
        )


def sleeve(torso: Torso, length: float, width: float, lean: float, puff: float = 0.0) -> Sleeve:
    """Cuts the right sleeve.

    Args:
        torso: The body it is sewn to.
        length: From the shoulder point to the end, units.
        width: At the end, units.
        lean: Degrees away from hanging straight down.
        puff: How much the outer side bulges, units.
    """
    (sx, sy), turn = torso.tip, math.radians(lean)
    ax, ay = math.sin(turn), math.cos(turn)
    ox, oy = sx + ax * length + ay * 6, sy + ay * length
    ix, iy = ox - ay * width, oy + ax * width
    px, py = MIDDLE + torso.chest - 5, torso.armpit + 8
    path = trace(
        f"M {sx - 24} {sy - 9} Q {sx + 4} {sy - 2} {sx + 14 + puff + ax * 26} {sy + 20 + ay * 16}"
        f" Q {(sx + ox) / 2 + 9 + puff} {(sy + oy) / 2} {ox} {oy}"
        f" Q {(ox + ix) / 2 + ax * 4} {(oy + iy) / 2 + ay * 4} {ix} {iy}"
        f" Q {(px + ix) / 2 + puff * 0.4} {(py + iy) / 2} {px} {py} L {px - 30} {py - 30} Z"
    )
    return Sleeve(path, (ox, oy), (ix, iy), (ax, ay))


def draw_sleeves(studio: Studio, cut: Sleeve, *, fabric: Fabric | None = None, creases: bool = True) -> None:
    """Both sleeves with an elbow crease; draw them before the body that lies over their seams."""
    start, pit = cut.path.getPoint(0), cut.path.getPoint(cut.path.countPoints() - 2)
    studio.mark("tip", start.x() + 24, start.y() + 9)
    studio.mark("armpit", pit.x() + 5, pit.y() - 8)
    studio.mark("outer", *cut.outer)
    studio.mark("inner", *cut.inner)
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(cut.path, fabric, angle=cut.angle, shade=-0.05)
            oy, ix = cut.outer[1], cut.inner[0]
            top = cut.path.getBounds().top()
            if creases and oy - top > 150:
                y = top + (oy - top) * 0.56
                x = ix + (oy - y) * -cut.along[0]
                studio.fold((x + 1, y), (x + 30, y + 22), -4, 0.22)
                studio.fold((x + 3, y - 34), (x + 22, y - 6), -3, 0.16)


def both(
    studio: Studio,
    path: skia.Path,
    fabric: Fabric | None = None,
    *,
    shade: float = 0.0,
    angle: float = 0.0,
    volume: float = 1.0,
) -> None:
    """``path`` and its mirror image as pieces."""
    studio.piece(path, fabric, shade=shade, angle=angle, volume=volume)
    studio.piece(mirrored(path), fabric, shade=shade, angle=-angle, volume=volume)


def both_lines(
    studio: Studio, spec: str, *, stitched: bool = False, width: float = 1.6, alpha: float = 0.55
) -> None:
    """A seam (or a line of stitches) and its mirror image."""
    path = trace(spec)
    for side in (path, mirrored(path)):
        if stitched:
            studio.stitch(side)
        else:
            studio.line(side, width=width, alpha=alpha)


def band(studio: Studio, path: skia.Path, width: float, fabric: Fabric | None = None) -> None:
    """A binding of ``width`` along an open path: neckbands, piping, straps."""
    color = (fabric or studio.trim).color
    edge = tone(color, -0.5 if lightness(color) > 0.12 else 0.25)
    for stroke, rgb in ((width + 1.8, edge), (width, color)):
        ink = paint(rgb, stroke=stroke)
        ink.setStrokeCap(skia.Paint.kButt_Cap)
        studio.canvas.drawPath(path, ink)


def ribs(
    studio: Studio, path: skia.Path, *, angle: float = 0.0, gap: float = 6.5, alpha: float = 0.4
) -> None:
    """Knitted ribs inside ``path``, running down (turned by ``angle`` degrees)."""
    bounds = path.getBounds()
    reach = max(bounds.width(), bounds.height())
    lines = skia.Path()
    x = bounds.centerX() - reach
    while x < bounds.centerX() + reach:
        lines.moveTo(x, bounds.centerY() - reach)
        lines.lineTo(x, bounds.centerY() + reach)
        x += gap
    turn = skia.Matrix()
    turn.setRotate(angle, bounds.centerX(), bounds.centerY())
    turned = skia.Path()
    lines.transform(turn, turned)
    with studio.clipped(path):
        studio.line(turned, width=1.7, alpha=alpha)


def hem_band(torso: Torso, height: float, pull: float = 4.0) -> skia.Path:
    """The ribbed band at the hem: ``height`` tall, ``pull`` narrower than the body at each side."""
    hem, bottom, drop = MIDDLE + torso.hem, torso.bottom, torso.drop
    return symmetric(
        f"M 256 {bottom + drop - 3} Q {MIDDLE + torso.hem * 0.6} {bottom + drop - 3} {hem + 1} {bottom - 3}"
        f" L {hem - pull} {bottom + height}"
        f" Q {MIDDLE + torso.hem * 0.6} {bottom + height + drop} 256 {bottom + height + drop}"
    )


def drape(studio: Studio, torso: Torso, strength: float = 0.2) -> None:
    """The soft creases of a body: from the armpits, at the waist, above the hem."""
    rng = studio.rng
    for side in (-1, 1):
        x = MIDDLE + side * (torso.chest - 8)
        y = torso.armpit + rng.uniform(2, 16)
        studio.fold((x, y), (x - side * rng.uniform(34, 52), y + rng.uniform(34, 60)), side * 5, strength)
        x = MIDDLE + side * rng.uniform(0.35, 0.6) * torso.waist
        span = torso.bottom - torso.waist_y
        start = torso.waist_y + rng.uniform(-20, 10)
        studio.fold(
            (x, start),
            (x + side * rng.uniform(4, 18), start + span * rng.uniform(0.7, 0.9)),
            side * -5,
            strength * 0.8,
        )
