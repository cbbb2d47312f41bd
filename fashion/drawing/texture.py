"""The surface of a material as a small tile of light and dark, laid over the color."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import skia

Field = npt.NDArray[np.float64]

TILE = 64.0
"""The side of a tile in units of the 512-unit square."""
_SIDE = 128


def _noise(random: np.random.Generator, cells_x: int, cells_y: int) -> Field:
    """Tileable smooth noise in about [-1, 1]."""
    grid = random.uniform(-1, 1, (cells_y, cells_x))
    rows = np.arange(_SIDE) * cells_y / _SIDE
    columns = np.arange(_SIDE) * cells_x / _SIDE
    y0, x0 = rows.astype(int), columns.astype(int)
    fy, fx = (rows - y0)[:, None], (columns - x0)[None, :]
    y1, x1 = (y0 + 1) % cells_y, (x0 + 1) % cells_x
    top = grid[np.ix_(y0, x0)] * (1 - fx) + grid[np.ix_(y0, x1)] * fx
    bottom = grid[np.ix_(y1, x0)] * (1 - fx) + grid[np.ix_(y1, x1)] * fx
    return np.asarray(top * (1 - fy) + bottom * fy)


def _field(weave: str) -> Field:
    random = np.random.default_rng(zlib.crc32(weave.encode()))
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(float)
    turn = 2 * np.pi / _SIDE
    if weave == "twill":
        lines = np.sin(turn * 26 * (x + y)) * 0.6
        return np.asarray(lines + 0.7 * _noise(random, 64, 16) + 0.5 * _noise(random, 6, 5))
    if weave == "slub":
        return _noise(random, 10, 64) + _noise(random, 64, 8)
    if weave == "canvas":
        return np.asarray(np.sin(turn * 24 * x) * np.sin(turn * 24 * y) + 0.4 * _noise(random, 32, 32))
    if weave == "wale":
        return np.asarray(np.sin(turn * 10 * x))
    if weave == "knit":
        columns = 8
        phase = (x * columns / _SIDE) % 1.0
        slant = np.abs(phase - 0.5) * 2
        stitch = np.sin(2 * np.pi * (y * 12 / _SIDE + slant * 0.55))
        return np.asarray(0.75 * stitch - 0.8 * (slant > 0.86))
    if weave == "flecks":
        specks = _noise(random, 48, 48)
        return np.asarray(np.where(np.abs(specks) > 0.55, np.sign(specks), 0.2 * specks))
    if weave == "fleece":
        return _noise(random, 20, 20) + 0.6 * _noise(random, 48, 48)
    if weave == "grain":
        return np.asarray(-np.abs(_noise(random, 30, 30)) * 1.4 + 0.5 + 0.4 * _noise(random, 9, 9))
    if weave == "straw":
        over = np.sin(turn * 10 * x + np.pi * (np.floor(y * 10 / _SIDE) % 2))
        return np.asarray(over * np.abs(np.sin(turn * 5 * y)) + 0.35 * _noise(random, 64, 12))
    if weave == "lace":
        net = np.sin(turn * 16 * (x + y)) * np.sin(turn * 16 * (x - y))
        blossom = np.cos(5 * np.arctan2(y - 64, x - 64)) * 8 + 30 - np.hypot(x - 64, y - 64)
        return np.asarray(np.where(np.abs(blossom) < 5, 1.2, -0.9 * (net > 0.1)))
    if weave == "felt":
        return 0.6 * _noise(random, 40, 40) + 0.5 * _noise(random, 64, 64)
    return _noise(random, 64, 64)


@lru_cache(maxsize=128)
def _tile(weave: str, strength: float, side: int) -> skia.Image:
    # Centered, so that a weave leaves the color as light as it was.
    field = np.clip(_field(weave), -1.3, 1.3)
    field = (field - field.mean()) * strength
    pixels = np.zeros((_SIDE, _SIDE, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(field > 0, 255, 0)[..., None]
    pixels[..., 3] = (np.abs(field) * 255).clip(0, 255)
    image = skia.Image.fromarray(
        pixels, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kUnpremul_AlphaType
    )
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    return image.withDefaultMipmaps().resize(side, side, smooth)


def texture_shader(weave: str, strength: float, size: int, matrix: skia.Matrix) -> skia.Shader | None:
    """A shader of translucent black and white, or None where the weave shows nothing.

    Args:
        weave: A texture name of ``data/drawing.yaml``.
        strength: The largest alpha, 0 to 1.
        size: The picture's side in pixels; tiles are made at its resolution.
        matrix: Where the tile lies, in units.
    """
    if weave == "none" or strength <= 0:
        return None
    side = max(8, round(TILE * size / 512))
    local = skia.Matrix.Concat(matrix, skia.Matrix())
    local.preScale(TILE / side, TILE / side)
    repeat = skia.TileMode.kRepeat
    linear = skia.SamplingOptions(skia.FilterMode.kLinear)
    return _tile(weave, round(strength, 3), side).makeShader(repeat, repeat, linear, local)
