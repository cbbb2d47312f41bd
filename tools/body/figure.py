"""A body in a picture: its joints, and the lines and widths that clothes are fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""Shape (n, 2) or (2,), pixels, x to the right and y down."""
Side = Literal["left", "right"]
"""The viewer's side."""

_PROFILE_AT = (0.0, 0.3, 0.62, 0.74, 1.0, 1.2, 2.0)
_PROFILE = (1.36, 1.16, 0.83, 0.91, 1.11, 1.14, 1.14)
"""Half the body's width down the figure, in half shoulder spans, as tailors' tables have it."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Where a body is.

    Attributes:
        joints: Name → place, shape (2,), pixels; names as in `fashion.drawing.mannequin.JOINTS`.
        sure: Name → how surely the joint is in the picture, 0 to 1.
        width: Of the picture, pixels.
        height: Of the picture, pixels.
        person: The share of each pixel that is the person, 0 to 1, shape (height, width).
    """

    joints: Mapping[str, Points]
    sure: Mapping[str, float]
    width: int
    height: int
    person: npt.NDArray[np.float32]

    def between(self, name: str) -> Points:
        """The point half way between a joint's two sides."""
        middle: Points = (self.joints[f"{name}_left"] + self.joints[f"{name}_right"]) / 2
        return middle

    def sees(self, *names: str, least: float = 0.5) -> bool:
        """Whether all these joints (of both sides where no side is named) are in the picture."""
        sides = [
            name if name in self.sure else f"{name}_{side}" for name in names for side in ("left", "right")
        ]
        return all(self.sure[side] >= least for side in sides)

    @property
    def torso(self) -> float:
        """From shoulders to hips, pixels."""
        return float(np.linalg.norm(self.between("hip") - self.between("shoulder")))

    @property
    def unit(self) -> float:
        """Half the span of the shoulder joints, pixels; never thinner than a body seen from the side."""
        span = float(np.linalg.norm(self.joints["shoulder_right"] - self.joints["shoulder_left"]))
        return max(span / 2, 0.2 * self.torso, 1.0)

    def half_width(self, t: float) -> float:
        """Half the body's width at level `t`, pixels; see `spine` for levels."""
        return float(np.interp(t, _PROFILE_AT, _PROFILE)) * self.unit

    def spine(self, t: npt.NDArray[np.float64]) -> Points:
        """Points of the body's middle line.

        Args:
            t: Levels, shape (n,): 0 shoulders, 1 hips, 2 knees, 3 ankles; straight on beyond both ends.
        """
        knots = np.stack([self.between(name) for name in ("shoulder", "hip", "knee", "ankle")])
        return along(knots, t)

    def across(self, t: npt.NDArray[np.float64]) -> Points:
        """Unit vectors to the viewer's right at levels `t`, shape (n, 2): the shoulders' slant, then the hips'."""
        top = _unit(self.joints["shoulder_right"] - self.joints["shoulder_left"])
        hips = self.joints["hip_right"] - self.joints["hip_left"]
        low = _unit(hips) if float(np.linalg.norm(hips)) > 0.3 * self.unit else top
        share = smooth(t)[:, None]
        mixed = top * (1 - share) + low * share
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))

    def neck(self) -> Points:
        """Where the neck meets the shoulders, in the middle."""
        return self.between("shoulder") * 0.76 + self.between("mouth") * 0.24

    def arm(self, side: Side) -> Points:
        """The middle line of an arm, shape (3, 2): below the shoulder's roundness, elbow, wrist."""
        shoulder, elbow, wrist = (self.joints[f"{name}_{side}"] for name in ("shoulder", "elbow", "wrist"))
        outward = _unit(self.joints["shoulder_right"] - self.joints["shoulder_left"])
        return np.stack([shoulder + outward * (0.13 if side == "right" else -0.13) * self.unit, elbow, wrist])

    def head(self) -> tuple[Points, Points, float]:
        """The middle between the eyes, the unit vector to the viewer's right, and the head's width in pixels."""
        eyes = self.joints["eye_right"] - self.joints["eye_left"]
        ears = float(np.linalg.norm(self.joints["ear_right"] - self.joints["ear_left"]))
        # Turned heads show their ears close together; the face's height does not shrink.
        face = float(np.linalg.norm(self.between("mouth") - self.between("eye"))) * 2.3
        return self.between("eye"), _unit(eyes), max(ears, face)


def along(knots: Points, t: npt.NDArray[np.float64]) -> Points:
    """Points of a line through `knots` at places `t` counted in knots, straight on beyond both ends."""
    index = np.clip(np.floor(t).astype(int), 0, len(knots) - 2)
    return np.asarray(knots[index] + (knots[index + 1] - knots[index]) * (t - index)[:, None])


def smooth(t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """0 below 0, 1 above 1, and a soft step between."""
    x = np.clip(t, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def _unit(vector: Points) -> Points:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length) if length > 1e-6 else np.array([1.0, 0.0])
