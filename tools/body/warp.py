"""Cloth laid on a body: a picture drawn through a mesh whose corners a field moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import skia

from tools.body.figure import Points

Field = Callable[[Points], Points]
"""From places on the garment (shape (n, 2), units of a 512-unit square) to places in the picture (pixels)."""
Pixels = npt.NDArray[np.uint8]
"""RGBA, shape (height, width, 4), not premultiplied."""

CELL = 10.0
"""Width of a mesh cell in units: fine enough for a bent elbow."""


def lay(canvas: skia.Canvas, cloth: Pixels, field: Field) -> None:
    """Draw `cloth` where `field` puts it.

    Args:
        canvas: In pixels of the picture.
        cloth: A square picture, 512 units wide.
        field: Where each place of it goes.
    """
    scale = len(cloth) / 512
    filled = cloth[..., 3] > 0
    if not filled.any():
        return
    rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    top, bottom, left, right = (
        rows[0] / scale,
        (rows[-1] + 1) / scale,
        columns[0] / scale,
        (columns[-1] + 1) / scale,
    )
    across, down = max(2, int((right - left) / CELL) + 2), max(2, int((bottom - top) / CELL) + 2)
    x, y = np.meshgrid(np.linspace(left, right, across), np.linspace(top, bottom, down))
    corners = np.stack([x.ravel(), y.ravel()], axis=1)
    moved = field(corners)
    image = skia.Image.fromarray(np.ascontiguousarray(cloth), colorType=skia.ColorType.kRGBA_8888_ColorType)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    paint = skia.Paint(
        AntiAlias=True, Shader=image.makeShader(skia.TileMode.kDecal, skia.TileMode.kDecal, sampling)
    )
    mesh = skia.Vertices(
        skia.Vertices.kTriangles_VertexMode,
        [skia.Point(float(a), float(b)) for a, b in moved],
        [skia.Point(float(a), float(b)) for a, b in corners * scale],
        None,
        _triangles(corners, across, down, filled, scale),
    )
    canvas.drawVertices(mesh, paint)


def _triangles(
    corners: Points, across: int, down: int, filled: npt.NDArray[np.bool_], scale: float
) -> list[int]:
    """Two triangles for every cell that holds any cloth."""
    sums = np.pad(np.cumsum(np.cumsum(filled, axis=0, dtype=np.int64), axis=1), ((1, 0), (1, 0)))
    pixel = np.clip(np.rint(corners * scale).astype(int), 0, len(filled)).reshape(down, across, 2)
    x0, y0 = pixel[:-1, :-1, 0], pixel[:-1, :-1, 1]
    x1, y1 = pixel[1:, 1:, 0], pixel[1:, 1:, 1]
    count = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    row, column = np.nonzero(count > 0)
    first = row * across + column
    quads = np.stack(
        [first, first + 1, first + across, first + 1, first + across + 1, first + across], axis=1
    )
    return [int(index) for index in quads.ravel()]
