"""Outlines made from other outlines: bands, rings, cut-outs and places along a curve.

All coordinates are the 512-unit square of `Studio`, x to the right and y down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import skia


def placed(path: skia.Path, x: float, y: float, *, turn: float = 0.0, scale: float = 1.0) -> skia.Path:
    """A copy of a path drawn about the origin: scaled, turned by `turn` degrees and moved to (x, y)."""
    matrix = skia.Matrix()
    matrix.setTranslate(x, y)
    matrix.preRotate(turn)
    matrix.preScale(scale, scale)
    target = skia.Path()
    path.transform(matrix, target)
    return target


def moved(path: skia.Path, dx: float, dy: float) -> skia.Path:
    """A copy of `path`, moved by (dx, dy)."""
    return placed(path, dx, dy)


def ribbon(spine: skia.Path, width: float, *, round_ends: bool = False) -> skia.Path:
    """The filled band of `width` units along `spine`: a strap, a handle, a rim."""
    cap = skia.Paint.kRound_Cap if round_ends else skia.Paint.kButt_Cap
    pen = skia.Paint(
        Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeCap=cap, StrokeJoin=skia.Paint.kRound_Join
    )
    band = skia.Path()
    pen.getFillPath(spine, band)
    return skia.Simplify(band)


def along(
    spine: skia.Path, count: int, *, start: float = 0.0, end: float = 1.0
) -> list[tuple[float, float, float]]:
    """Evenly spaced places on `spine`.

    Args:
        spine: An open or closed path.
        count: How many places (1 or more); the first lies at `start`, the last at `end`.
        start: Where to begin, as a share of the length (0 to 1).
        end: Where to end, as a share of the length (0 to 1).

    Returns:
        For each place (x, y, direction in degrees).
    """
    measure = skia.PathMeasure(spine, False)
    length = measure.getLength()
    places = []
    for i in range(count):
        share = start + (end - start) * i / max(count - 1, 1)
        point, tangent = measure.getPosTan(share * length)
        places.append((point.x(), point.y(), math.degrees(math.atan2(tangent.y(), tangent.x()))))
    return places


def ring(x: float, y: float, rx: float, ry: float, width: float) -> skia.Path:
    """An elliptic ring about (x, y) whose outer radii are `rx` and `ry`."""
    path = skia.Path()
    path.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
    path.addOval(skia.Rect(x - rx + width, y - ry + width, x + rx - width, y + ry - width))
    path.setFillType(skia.PathFillType.kEvenOdd)
    return path


def arc(x: float, y: float, rx: float, ry: float, begin: float, sweep: float) -> skia.Path:
    """An open arc of an ellipse about (x, y), from `begin` over `sweep` degrees (clockwise, 0 = right)."""
    path = skia.Path()
    path.addArc(skia.Rect(x - rx, y - ry, x + rx, y + ry), begin, sweep)
    return path


def cut(path: skia.Path, other: skia.Path) -> skia.Path:
    """`path` without `other`."""
    return skia.Op(path, other, skia.PathOp.kDifference_PathOp)


def joined(*paths: skia.Path) -> skia.Path:
    """One shape that covers all `paths`."""
    whole = paths[0]
    for path in paths[1:]:
        whole = skia.Op(whole, path, skia.PathOp.kUnion_PathOp)
    return whole


def scattered(paths: Sequence[skia.Path]) -> skia.Path:
    """All `paths` as contours of one path, without merging where they overlap."""
    whole = skia.Path()
    for path in paths:
        whole.addPath(path)
    return whole


def standing_band(x: float, y: float, rx: float, ry: float, height: float) -> tuple[skia.Path, skia.Path]:
    """A band that stands on edge, seen from above: a bangle, a closed belt.

    Args:
        x: Middle of the upper rim.
        y: Middle of the upper rim.
        rx: Half the rim's width.
        ry: Half the rim's depth as seen.
        height: The band's height.

    Returns:
        The outer wall in front and the inner wall behind, to be drawn in the opposite order.
    """
    upper = skia.Rect(x - rx, y - ry, x + rx, y + ry)
    lower = upper.makeOffset(0, height)
    front = skia.Path()
    front.addArc(upper, 180, -180)
    front.arcTo(lower, 0, 180, False)
    front.close()
    rim, floor = skia.Path(), skia.Path()
    rim.addOval(upper)
    floor.addOval(lower)
    return front, cut(rim, floor)
