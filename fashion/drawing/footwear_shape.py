"""Outlines for shoes: smooth curves through points, straps, cuts, and the placing of a pair.

A shoe is drawn in its own frame: the heel is at x = 0, the toe near x = 340, the ground at y = 0 and up is
negative. :func:`pair` sets two such shoes on the studio's 512-unit square.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import skia

from fashion.drawing.studio import Studio

Point = tuple[float, float]
Run = Sequence[Point]


def _smooth(path: skia.Path, run: Run) -> None:
    """Continue `path` from its current point, ``run[0]``, smoothly through the rest of `run`."""
    for index, (start, end) in enumerate(pairwise(run)):
        before = run[index - 1] if index else start
        after = run[index + 2] if index + 2 < len(run) else end
        reach = math.dist(start, end) / 3.0
        first = _toward(start, (end[0] - before[0], end[1] - before[1]), reach)
        second = _toward(end, (start[0] - after[0], start[1] - after[1]), reach)
        path.cubicTo(*first, *second, *end)


def _toward(point: Point, direction: Point, distance: float) -> Point:
    length = math.hypot(*direction) or 1.0
    return point[0] + direction[0] / length * distance, point[1] + direction[1] / length * distance


def closed(*runs: Run) -> skia.Path:
    """A closed outline; each run is smooth in itself, and two runs meet in a corner (or a straight line)."""
    path = skia.Path()
    path.moveTo(*runs[0][0])
    for number, run in enumerate(runs):
        if number:
            path.lineTo(*run[0])
        _smooth(path, run)
    path.close()
    return path


def curve(*points: Point) -> skia.Path:
    """An open smooth curve through `points`."""
    path = skia.Path()
    path.moveTo(*points[0])
    _smooth(path, points)
    return path


def loop(*points: Point) -> skia.Path:
    """A closed curve, smooth all round, through `points`."""
    path = skia.Path()
    path.moveTo(*points[0])
    count = len(points)
    for index in range(count):
        before, start = points[index - 1], points[index]
        end, after = points[(index + 1) % count], points[(index + 2) % count]
        reach = math.dist(start, end) / 3.0
        first = _toward(start, (end[0] - before[0], end[1] - before[1]), reach)
        second = _toward(end, (start[0] - after[0], start[1] - after[1]), reach)
        path.cubicTo(*first, *second, *end)
    path.close()
    return path


def samples(points: Run, steps: int = 6) -> list[Point]:
    """Points along the smooth curve through `points`, `steps` to a span."""
    result: list[Point] = [points[0]]
    for index, (start, end) in enumerate(pairwise(points)):
        before = points[index - 1] if index else start
        after = points[index + 2] if index + 2 < len(points) else end
        reach = math.dist(start, end) / 3.0
        first = _toward(start, (end[0] - before[0], end[1] - before[1]), reach)
        second = _toward(end, (start[0] - after[0], start[1] - after[1]), reach)
        for step in range(1, steps + 1):
            t = step / steps
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            result.append(
                (
                    a * start[0] + b * first[0] + c * second[0] + d * end[0],
                    a * start[1] + b * first[1] + c * second[1] + d * end[1],
                )
            )
    return result


def strap(points: Run, width: float, end_width: float | None = None) -> skia.Path:
    """A band of `width` units (tapering to `end_width`) along the smooth curve through `points`."""
    line = samples(points)
    last = len(line) - 1
    final = width if end_width is None else end_width
    near: list[Point] = []
    far: list[Point] = []
    for index, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = line[max(index - 1, 0)], line[min(index + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (width + (final - width) * index / last) / 2.0
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        near.append((x + nx, y + ny))
        far.append((x - nx, y - ny))
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in near + far[::-1]], True)
    return path


def thick(outline: Run, height: float) -> skia.Path:
    """The side wall of a flat slab: the closed smooth `outline` swept `height` units down the picture.

    The outline must be crossed at most twice by any vertical line.
    """
    ring = samples([*outline, outline[0]], 5)[:-1]
    left = min(range(len(ring)), key=lambda index: ring[index][0])
    ring = ring[left:] + ring[:left]
    right = max(range(len(ring)), key=lambda index: ring[index][0])
    one, two = ring[: right + 1], ring[right:] + ring[:1]
    upper, lower = (one, two[::-1]) if _mean_y(one) < _mean_y(two) else (two[::-1], one)
    path = skia.Path()
    path.addPoly(
        [skia.Point(*p) for p in upper] + [skia.Point(x, y + height) for x, y in reversed(lower)], True
    )
    return path


def _mean_y(points: Run) -> float:
    return sum(y for _, y in points) / len(points)


def box(left: float, top: float, right: float, bottom: float) -> skia.Path:
    """A rectangle."""
    path = skia.Path()
    path.addRect(skia.Rect.MakeLTRB(left, top, right, bottom))
    return path


def oval(x: float, y: float, across: float, down: float) -> skia.Path:
    """An ellipse around (`x`, `y`) with half axes `across` and `down`."""
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - across, y - down, x + across, y + down))
    return path


def within(shape: skia.Path, region: skia.Path) -> skia.Path:
    """The part of `shape` that lies in `region`."""
    return skia.Op(shape, region, skia.PathOp.kIntersect_PathOp)


def between(start: Point, end: Point, share: float) -> Point:
    """The point that lies `share` of the way from `start` to `end`."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def pair(
    studio: Studio,
    shoe: Callable[[Studio], None],
    *,
    front: Point,
    rear: Point,
    scale: float = 1.15,
    skew: float = 0.0,
    turn: float = 0.0,
    rear_turn: float | None = None,
    flip: bool = False,
    flip_rear: bool | None = None,
) -> None:
    """Draw `shoe` in front, and the same shoe again behind it; one alone where somebody wears them.

    The canvas must hold nothing else yet, for the second shoe slips under what is there.

    Args:
        studio: Where to draw.
        shoe: Draws one shoe in the shoe frame.
        front: Where the front shoe's frame point (170, 0) goes, in studio units.
        rear: The same for the shoe behind.
        scale: Size of both shoes.
        skew: How far the toe is turned to the viewer: the drop of y per unit of x.
        turn: Rotation of the front shoe in degrees.
        rear_turn: Rotation of the shoe behind, which is then drawn afresh; None for the same.
        flip: True where the front shoe's toe points left.
        flip_rear: The same for the shoe behind; None for the same as the front shoe.
    """
    ahead = _place(front, scale, turn, flip, skew)
    if studio.worn:
        # What is drawn from above is laid on its side: a foot stands in it.
        with studio.transformed(ahead if abs(turn) < 45 else _place((256, 300), scale, 0.0, False, 0.1)):
            shoe(studio)
            studio.mark("heel", 0.0, 0.0)
            studio.mark("toe", 340.0, 0.0)
        return
    if (rear_turn, flip_rear) != (None, None):
        aside = _place(
            rear,
            scale,
            turn if rear_turn is None else rear_turn,
            flip if flip_rear is None else flip_rear,
            skew,
        )
        with studio.transformed(aside):
            shoe(studio)
        with studio.transformed(ahead):
            shoe(studio)
        return
    with studio.transformed(ahead):
        shoe(studio)
    canvas = studio.canvas
    move = canvas.getTotalMatrix().mapVector(rear[0] - front[0], rear[1] - front[1])
    canvas.save()
    canvas.resetMatrix()
    under = skia.Paint(BlendMode=skia.BlendMode.kDstOver)
    picture = studio.surface.makeImageSnapshot()
    # Whole pixels: a copy that needs no resampling is forty times faster.
    canvas.drawImage(picture, round(move.x()), round(move.y()), skia.SamplingOptions(), under)
    canvas.restore()


def _place(at: Point, size: float, turn: float, mirrored: bool, skew: float) -> skia.Matrix:
    """From the shoe frame to the studio's units."""
    matrix = skia.Matrix.Translate(*at)
    matrix.preConcat(skia.Matrix.Scale(-size if mirrored else size, size))
    matrix.preConcat(skia.Matrix.RotateDeg(turn))
    matrix.preSkew(0.0, skew)
    matrix.preTranslate(-170.0, 0.0)
    return matrix
