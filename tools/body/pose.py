"""Finding the person in a photo: a detector gives the body's square, the landmark model its joints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from tools.body.figure import Figure, Points
from tools.body.models import DETECTION_SIDE, LANDMARK_SIDE, Numbers, model

LEAST_SCORE = 0.5
"""Of the detector, from which something may be a person."""
LEAST_PRESENCE = 0.9
"""Of the landmark model, from which it is one."""
LEAST_PERSON = 0.85
"""How far the model's mask must agree with its joints, 0 to 1."""

_STRIDES = (8, 16, 32, 32, 32)
# MediaPipe's 33 landmarks name the person's own sides.
_OWN_LEFT = {
    "eye": 2, "ear": 7, "mouth": 9, "shoulder": 11, "elbow": 13, "wrist": 15, "hand": 19,
    "hip": 23, "knee": 25, "ankle": 27, "heel": 29, "toe": 31,
}  # fmt: skip
_OWN_RIGHT = {
    "eye": 5, "ear": 8, "mouth": 10, "shoulder": 12, "elbow": 14, "wrist": 16, "hand": 20,
    "hip": 24, "knee": 26, "ankle": 28, "heel": 30, "toe": 32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Square:
    """A turned square in a picture: center and side in pixels, turn in radians."""

    x: float
    y: float
    side: float
    turn: float

    def to_picture(self, places: Points) -> Points:
        """From the square's own 0..1 to pixels."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        own = (places - 0.5) * self.side
        turned = own @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(turned + np.array([self.x, self.y]))

    def cut(self, picture: Image.Image, size: int) -> Numbers:
        """The picture inside, shape (size, size, 3), 0 to 1, black beyond the picture's edge."""
        corners = self.to_picture(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        right, down = (corners[1] - corners[0]) / size, (corners[2] - corners[0]) / size
        matrix = (right[0], down[0], corners[0][0], right[1], down[1], corners[0][1])
        inside = picture.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        return np.asarray(inside, dtype=np.float32) / np.float32(255)

    def paste(self, mask: Numbers, picture: Image.Image) -> Numbers:
        """A mask of the square, 0 to 1, laid over the picture, shape (height, width); 0 outside the square."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        scale = len(mask) / self.side
        right, down = np.array([cos, sin]) * scale, np.array([-sin, cos]) * scale
        center = np.array([self.x, self.y])
        half = len(mask) / 2
        matrix = (right[0], right[1], half - right @ center, down[0], down[1], half - down @ center)
        laid = Image.fromarray(mask).transform(
            picture.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
        )
        return np.asarray(np.clip((np.asarray(laid) - 0.25) * 2, 0, 1), dtype=np.float32)


def find_person(picture: Image.Image) -> Figure | None:
    """The person in a photo; of several, the one that the detector is surest of.

    Args:
        picture: RGB.

    Returns:
        Where the body is, or None where there is no person.
    """
    square = _detect(picture)
    if square is None:
        return None
    points, presence, inside = _landmarks(picture, square)
    # A second look from where the first found the body is steadier.
    if presence >= LEAST_PRESENCE:
        square = _square(points[33][:2], points[34][:2])
        points, presence, inside = _landmarks(picture, square)
    if presence < LEAST_PRESENCE:
        return None
    figure = _figure(picture, points, square.paste(inside, picture))
    return figure if _personhood(figure) >= LEAST_PERSON else None


def presence_of(picture: Image.Image) -> float:
    """How surely a photo shows a person, 0 to 1."""
    square = _detect(picture)
    return 0.0 if square is None else _landmarks(picture, square)[1]


@cache
def _anchors() -> npt.NDArray[np.float64]:
    """Centers of the detector's anchors, shape (2254, 2), 0 to 1: two a cell for each stride."""
    rows = []
    for stride in _STRIDES:
        cells = DETECTION_SIDE // stride
        y, x = np.mgrid[:cells, :cells]
        centers = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / cells
        rows.append((stride, np.repeat(centers, 2, axis=0)))
    # Layers of one stride share their grid: their anchors alternate cell by cell.
    first = [centers for stride, centers in rows if stride != 32]
    last = np.repeat(rows[-1][1][::2], 6, axis=0)
    return np.concatenate([*first, last])


def _detect(picture: Image.Image) -> Square | None:
    side = max(picture.size)
    whole = Square(picture.width / 2, picture.height / 2, side, 0.0)
    boxes, scores = model("pose_detection")(whole.cut(picture, DETECTION_SIDE) * 2 - 1)
    best = int(np.argmax(scores[:, 0]))
    score = 1 / (1 + math.exp(-float(np.clip(scores[best, 0], -60, 60))))
    if score < LEAST_SCORE:
        return None
    keys = boxes[best, 4:].reshape(-1, 2) / DETECTION_SIDE + _anchors()[best]
    hips, reach = whole.to_picture(keys[:2])
    return _square(hips, reach)


def _square(hips: Points, reach: Points) -> Square:
    """The upright square round a body, from the middle of its hips and a point that gives its size and turn."""
    across, up = reach - hips
    turn = math.atan2(across, -up)
    return Square(float(hips[0]), float(hips[1]), 2.5 * math.hypot(across, up), turn)


def _landmarks(picture: Image.Image, square: Square) -> tuple[Points, float, Numbers]:
    """What the landmark model sees in a square.

    Returns:
        The 39 points, shape (39, 3): x and y in pixels, then how surely each is seen; the presence of a person, 0 to
        1; and the share of each of the square's own pixels that is the person, shape (256, 256).
    """
    outputs = model("pose_landmark_lite")(square.cut(picture, LANDMARK_SIDE))
    raw = next(output for output in outputs if output.shape == (195,)).reshape(39, 5).astype(np.float64)
    presence = next(output for output in outputs if output.shape == (1,))
    places = square.to_picture(raw[:, :2] / LANDMARK_SIDE)
    seen = 1 / (1 + np.exp(-np.clip(raw[:, 3:].min(axis=1), -60, 60)))
    mask = next(output for output in outputs if output.shape == (LANDMARK_SIDE, LANDMARK_SIDE, 1))[..., 0]
    person = np.asarray(1 / (1 + np.exp(-np.clip(mask, -30, 30))), dtype=np.float32)
    return np.concatenate([places, seen[:, None]], axis=1), float(presence[0]), person


def _figure(picture: Image.Image, points: Points, person: Numbers) -> Figure:
    facing = points[_OWN_LEFT["shoulder"], 0] >= points[_OWN_RIGHT["shoulder"], 0]
    right, left = (_OWN_LEFT, _OWN_RIGHT) if facing else (_OWN_RIGHT, _OWN_LEFT)
    named = {"nose": 0}
    named |= {f"{name}_right": index for name, index in right.items()}
    named |= {f"{name}_left": index for name, index in left.items()}
    inside = (
        (points[:, 0] >= 0)
        & (points[:, 0] < picture.width)
        & (points[:, 1] >= 0)
        & (points[:, 1] < picture.height)
    )
    joints = {name: points[index, :2] for name, index in named.items()}
    sure = {name: float(points[index, 2] * inside[index]) for name, index in named.items()}
    return Figure(joints, sure, picture.width, picture.height, person)


def _personhood(figure: Figure) -> float:
    """How far the mask agrees with the joints, 0 to 1: laid out clothes have no forehead, and hands beside them."""
    eyes, right, width = figure.head()
    forehead = _mask_at(figure, eyes + np.array([right[1], -right[0]]) * 0.5 * width)
    joints = [value for place in figure.joints.values() if (value := _mask_at(figure, place)) is not None]
    return min(1.0 if forehead is None else forehead, sum(joints) / len(joints)) if joints else 0.0


def _mask_at(figure: Figure, place: Points) -> float | None:
    x, y = np.floor(place).astype(int)
    return float(figure.person[y, x]) if 0 <= x < figure.width and 0 <= y < figure.height else None
