"""How cloth follows a body: fields for the trunk, for sleeves along arms, and for trouser legs along legs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.body.figure import Figure, Points, Side, along, smooth
from tools.body.warp import Field

Level = tuple[float, float]
"""A row of the garment (y in units) and the level of the body it lies at (see `Figure.spine`)."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A garment hung on the body's middle line.

    Attributes:
        figure: The body.
        levels: At least two, top to bottom.
        scale: Pixels for a unit across the body.
        middle: The x of the garment's own middle line, units.
    """

    figure: Figure
    levels: Sequence[Level]
    scale: float
    middle: float = 256.0

    def __call__(self, places: Points) -> Points:
        """The field."""
        t = _between(places[:, 1], self.levels)
        offset = ((places[:, 0] - self.middle) * self.scale)[:, None]
        return np.asarray(self.figure.spine(t) + self.figure.across(t) * offset)


@dataclass(frozen=True, slots=True)
class SleeveCut:
    """The viewer's right sleeve of a garment, units; the left one is its mirror image about x = `middle`."""

    tip: tuple[float, float]
    armpit: tuple[float, float]
    outer: tuple[float, float]
    inner: tuple[float, float]
    middle: float = 256.0

    def line(self) -> tuple[Points, Points, float]:
        """Where the sleeve's middle line begins, its unit vector down, and its length from the shoulder point."""
        rim = np.array(self.outer) - np.array(self.inner)
        axis = np.array([-rim[1], rim[0]]) / np.linalg.norm(rim)
        end = (np.array(self.outer) + np.array(self.inner)) / 2
        length = float((end - np.array(self.tip)) @ axis)
        return end - axis * length, axis, length


LONG = 200.0
"""A sleeve of at least this many units ends at the wrist."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A sleeve on an arm; at the armhole it moves as the trunk does, so that the seam holds.

    Attributes:
        figure: The body.
        cut: The garment's right sleeve.
        side: Which arm.
        trunk: The field of the garment's body.
        scale: Pixels for a unit across the sleeve.
    """

    figure: Figure
    cut: SleeveCut
    side: Side
    trunk: Field
    scale: float

    def __call__(self, places: Points) -> Points:
        """The field."""
        start, axis, length = self.cut.line()
        own = places if self.side == "right" else places * [-1, 1] + [2 * self.cut.middle, 0]
        down = (own - np.array(self.cut.tip)) @ axis
        aside = (own - start) @ np.array([axis[1], -axis[0]])
        arm = self.figure.arm(self.side)
        reach = float(np.linalg.norm(arm[1] - arm[0]) + np.linalg.norm(arm[2] - arm[1]))
        pixels = (reach * 1.02 if length > LONG else min(self.scale * length, 0.55 * reach)) / length
        center, normal = _bent(arm, down * pixels)
        # Mirrored sleeves have their outer side on the other hand.
        turned = normal if self.side == "right" else -normal
        along_arm = center + turned * (aside * self.scale)[:, None]
        share = smooth((down - 4.0) / 66.0)[:, None]
        return np.asarray(self.trunk(places) * (1 - share) + along_arm * share)


def _bent(limb: Points, down: npt.NDArray[np.float64]) -> tuple[Points, Points]:
    """Points `down` pixels along a limb of three joints, and the unit normals there, turned softly at the joint."""
    first, second = limb[1] - limb[0], limb[2] - limb[1]
    upper, lower = max(float(np.linalg.norm(first)), 1.0), max(float(np.linalg.norm(second)), 1.0)
    a, b = first / upper, second / lower
    t = np.where(down < upper, down / upper, 1 + (down - upper) / lower)
    share = smooth((t - 0.75) / 0.5)[:, None]
    direction = a * (1 - share) + b * share
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    normal = np.stack([direction[:, 1], -direction[:, 0]], axis=1)
    return along(limb, t), normal


@dataclass(frozen=True, slots=True)
class Legs:
    """Trousers: above the crotch they hang on the trunk, below it each half follows its own leg.

    Attributes:
        figure: The body.
        trunk: The field of the seat.
        levels: As in `Trunk`.
        crotch: Row where the legs part, units.
        scale: Pixels for a unit across.
        middle: The x of the garment's middle line, units.
        spread: How far the middle of a plain straight leg is from `middle`, at the crotch and at the hem, units.
    """

    figure: Figure
    trunk: Trunk
    levels: Sequence[Level]
    crotch: float
    scale: float
    middle: float = 256.0
    spread: tuple[float, float] = (48.0, 58.0)

    def __call__(self, places: Points) -> Points:
        """The field."""
        right = places[:, 0] >= self.middle
        seat = self.trunk(places)
        t = _between(places[:, 1], self.levels)
        hem = self.levels[-1][0]
        out = np.empty_like(seat)
        for side, chosen, sign in (("right", right, 1.0), ("left", ~right, -1.0)):
            joints = [self.figure.joints[f"{name}_{side}"] for name in ("hip", "knee", "ankle")]
            leg = np.stack([self.figure.between("shoulder"), *joints])
            center = along(leg, np.maximum(t[chosen], 1.0))
            share = np.clip((places[chosen, 1] - self.crotch) / max(hem - self.crotch, 1.0), 0, 1)
            usual = self.spread[0] + (self.spread[1] - self.spread[0]) * share
            aside = (places[chosen, 0] - self.middle) - sign * usual
            across = self.figure.across(t[chosen])
            out[chosen] = center + across * (aside * self.scale)[:, None]
        begin = self.crotch - 70.0
        share_leg = smooth((places[:, 1] - begin) / (self.crotch + 30.0 - begin))[:, None]
        return np.asarray(seat * (1 - share_leg) + out * share_leg)


def _between(rows: npt.NDArray[np.float64], levels: Sequence[Level]) -> npt.NDArray[np.float64]:
    """Levels of rows, straight between the given ones and straight on beyond them."""
    y, t = np.array([row for row, _ in levels]), np.array([level for _, level in levels])
    return np.asarray(along(np.stack([t, t], axis=1), _places(rows, y))[:, 0])


def _places(rows: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    index = np.clip(np.searchsorted(y, rows, side="right") - 1, 0, len(y) - 2)
    return np.asarray(index + (rows - y[index]) / (y[index + 1] - y[index]))
