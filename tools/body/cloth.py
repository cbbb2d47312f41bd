"""A drawn garment taken apart for putting on: its measures, its body, its sleeves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tools.body.fields import SleeveCut
from tools.body.warp import Pixels

_SOLID = 100
"""Alpha from which a pixel counts as cloth."""
_CUFF = 9.0
"""How far a cuff may hang over the sleeve's end, units."""
_OVERLAP = 5.0
"""How far a sleeve reaches under the body at its seam, units."""


@dataclass(frozen=True, slots=True, eq=False)
class Cloth:
    """A garment's pixels, 512 units wide, with its measures in units."""

    pixels: Pixels

    @property
    def _scale(self) -> float:
        return len(self.pixels) / 512

    def ends(self) -> tuple[float, float]:
        """The rows where the garment begins and ends."""
        rows = np.flatnonzero((self.pixels[..., 3] >= _SOLID).any(axis=1))
        return float(rows[0]) / self._scale, float(rows[-1] + 1) / self._scale

    def half_width(self, row: float) -> float:
        """Half the garment's width in a row, from its first to its last pixel."""
        line = self.pixels[min(max(round(row * self._scale), 0), len(self.pixels) - 1), :, 3]
        columns = np.flatnonzero(line >= _SOLID)
        if len(columns) == 0:
            raise ValueError(f"the garment has no cloth in row {row:.0f} of 512; expected one that has")
        return float(columns[-1] + 1 - columns[0]) / self._scale / 2

    def leg(self, row: float, middle: float) -> tuple[float, float]:
        """The middle and half the width of the right trouser leg in a row, counted from the garment's middle."""
        line = self.pixels[
            min(round(row * self._scale), len(self.pixels) - 1), round(middle * self._scale) :, 3
        ]
        columns = np.flatnonzero(line >= _SOLID)
        if len(columns) == 0:
            return 0.0, 0.0
        first, last = float(columns[0]) / self._scale, float(columns[-1] + 1) / self._scale
        return (first + last) / 2, (last - first) / 2

    def apart(self, cut: SleeveCut) -> tuple[Pixels, Pixels, Pixels]:
        """The garment's body, its left sleeve and its right sleeve (the viewer's sides)."""
        side = len(self.pixels)
        grid = (np.arange(side) + 0.5) / self._scale
        x, y = np.meshgrid(grid, grid)
        right = _beyond(x, y, cut, 0.0), _beyond(x, y, cut, _OVERLAP)
        mirrored = 2 * cut.middle - x
        left = _beyond(mirrored, y, cut, 0.0), _beyond(mirrored, y, cut, _OVERLAP)
        return self._where(~(right[0] | left[0])), self._where(left[1]), self._where(right[1])

    def _where(self, mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Pixels:
        part = self.pixels.copy()
        part[~mask, 3] = 0
        return part


def _beyond(
    x: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    y: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    cut: SleeveCut,
    overlap: float,
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """What belongs to the right sleeve: right of the armhole, and below it right of the sleeve's inner edge."""
    (tip_x, tip_y), (pit_x, pit_y), (in_x, in_y) = cut.tip, cut.armpit, cut.inner
    hole = tip_x - 4 + (pit_x - tip_x + 4) * (y - tip_y) / (pit_y - tip_y)
    edge = pit_x - 3 + (in_x - pit_x) * (y - pit_y) / (in_y - pit_y) - 2
    border = np.where(y < pit_y, hole, edge)
    start, axis, length = cut.line()
    down = (x - start[0]) * axis[0] + (y - start[1]) * axis[1]
    return np.asarray((x > border - np.where(y < pit_y, overlap, 0.0)) & (down < length + _CUFF))


def sleeve_of(marks: Mapping[str, tuple[float, float]], middle: float) -> SleeveCut | None:
    """The sleeve that a drawing marked; None where it has none."""
    if "tip" not in marks:
        return None
    return SleeveCut(marks["tip"], marks["armpit"], marks["outer"], marks["inner"], middle)
