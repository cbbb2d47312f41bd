"""Paths from short specs: the pen that every drawer uses.

A spec is a string of ``M L Q C Z`` commands with absolute coordinates in the 512-unit square, as in SVG:
``"M 10 20 L 30 40 Q 50 60 70 80 Z"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import skia

MIDDLE = 256.0
"""The x of the vertical axis of symmetry."""

_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}

Point = tuple[float, float]
Segment = tuple[str, tuple[Point, ...]]


@lru_cache(maxsize=4096)
def _segments(spec: str) -> tuple[Segment, ...]:
    words = spec.replace(",", " ").split()
    segments: list[Segment] = []
    position = 0
    verb = "M"
    while position < len(words):
        if words[position] in _POINTS:
            verb = words[position]
            position += 1
        count = _POINTS[verb]
        numbers = [float(word) for word in words[position : position + 2 * count]]
        position += 2 * count
        segments.append((verb, tuple(zip(numbers[::2], numbers[1::2], strict=True))))
    return tuple(segments)


def _draw(path: skia.Path, segments: Iterable[Segment]) -> skia.Path:
    for verb, points in segments:
        flat = [value for point in points for value in point]
        if verb == "M":
            path.moveTo(*flat)
        elif verb == "L":
            path.lineTo(*flat)
        elif verb == "Q":
            path.quadTo(*flat)
        elif verb == "C":
            path.cubicTo(*flat)
        else:
            path.close()
    return path


def trace(spec: str) -> skia.Path:
    """The path that ``spec`` describes."""
    return _draw(skia.Path(), _segments(spec))


def symmetric(half: str, middle: float = MIDDLE) -> skia.Path:
    """A closed outline from its right half.

    Args:
        half: One open contour from a point on the axis (or near it) round to another.
        middle: The x of the axis.

    Returns:
        The half, then its mirror image walked backwards, closed.
    """
    segments = _segments(half)
    path = _draw(skia.Path(), segments)
    ends = [points[-1] for _, points in segments]
    back: list[Segment] = []
    if ends[-1][0] != middle:
        back.append(("L", (ends[-1],)))
    for index in range(len(segments) - 1, 0, -1):
        verb, points = segments[index]
        back.append((verb, (*reversed(points[:-1]), ends[index - 1])))
    flipped = [(verb, tuple((2 * middle - x, y) for x, y in points)) for verb, points in back]
    _draw(path, flipped)
    path.close()
    return path


def mirrored(path: skia.Path, middle: float = MIDDLE) -> skia.Path:
    """The mirror image of ``path`` in the vertical axis at ``middle``."""
    flipped = skia.Path()
    path.transform(skia.Matrix.MakeAll(-1, 0, 2 * middle, 0, 1, 0, 0, 0, 1), flipped)
    return flipped


def polygon(points: Sequence[Point], *, closed: bool = True) -> skia.Path:
    """Straight lines through ``points``."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], closed)
    return path


def smooth(points: Sequence[Point], *, closed: bool = True, tension: float = 0.5) -> skia.Path:
    """A smooth curve through ``points`` (Catmull-Rom; ``tension`` 0 gives straight lines)."""
    path = skia.Path()
    path.moveTo(*points[0])
    count = len(points)
    for index in range(count if closed else count - 1):
        if closed:
            before, start, end, after = (points[(index + step) % count] for step in (-1, 0, 1, 2))
        else:
            before, start, end, after = (
                points[min(max(index + step, 0), count - 1)] for step in (-1, 0, 1, 2)
            )
        pull = tension / 3
        path.cubicTo(
            start[0] + (end[0] - before[0]) * pull,
            start[1] + (end[1] - before[1]) * pull,
            end[0] - (after[0] - start[0]) * pull,
            end[1] - (after[1] - start[1]) * pull,
            end[0],
            end[1],
        )
    if closed:
        path.close()
    return path


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> skia.Path:
    """A rectangle with corners rounded by ``radius``."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
    return path


def oval(x: float, y: float, rx: float, ry: float | None = None) -> skia.Path:
    """An ellipse round ``(x, y)``; a circle when ``ry`` is None."""
    ry = rx if ry is None else ry
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path
