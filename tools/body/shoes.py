"""Putting on shoes: the drawn side view, turned a little outward, on each foot."""

from __future__ import annotations

import numpy as np
import skia

from fashion.drawing.mannequin import draw_foot
from fashion.drawing.shapes import smooth as smooth_curve
from fashion.drawing.worn import draw_worn
from fashion.garment import Garment
from tools.body.figure import Figure, Points, Side
from tools.body.warp import Pixels, lay

SIZE = 384
_LENGTH = 1.5
"""A foot's length in half shoulder spans."""
_LEAST = 0.64
"""The least share of its length that a foot turned towards the viewer shows: a toe-on shoe cannot be drawn from
its side view."""
_FRAME = 340.0
"""A sole's length in the units of `_FOOT`."""
_FOOT = (
    (24, -170),
    (16, -70),
    (12, -30),
    (24, -12),
    (120, -10),
    (300, -8),
    (326, -26),
    (284, -56),
    (206, -84),
    (148, -112),
    (118, -170),
)
"""A bare foot from the side: heel at x = 0, up is negative."""
_ANKLE = 0.2
"""Where the ankle stands over the sole, from the heel, as a share of its length."""


def put_on_shoes(
    canvas: skia.Canvas, figure: Figure, garment: Garment, seed: int, *, feet: bool = False
) -> None:
    """Draw a pair of shoes.

    Args:
        canvas: In pixels of the figure's picture.
        figure: The body, with its feet in the picture.
        garment: Footwear.
        seed: Of its drawing.
        feet: Whether to draw the mannequin's feet in them.
    """
    worn = draw_worn(garment, size=SIZE, seed=seed)
    pixels = np.asarray(worn.picture)
    heel, toe = (np.array(worn.marks[name]) for name in ("heel", "toe"))
    height = float(heel[1] - np.flatnonzero((pixels[..., 3] > 100).any(axis=1))[0] * 512 / SIZE)
    # A shaft must go round the calf.
    least = _LEAST if height < float(np.linalg.norm(toe - heel)) else 0.92
    sides: tuple[Side, ...] = ("left", "right")
    for side in sorted(sides, key=lambda one: float(figure.joints[f"heel_{one}"][1])):
        start, end = _sole(figure, side, least)
        tall = _LENGTH * figure.unit / float(np.linalg.norm(toe - heel))

        def field(places: Points, start: Points = start, end: Points = end, tall: float = tall) -> Points:
            own = places - heel
            ahead = own[:, 0] / (toe - heel)[0]
            high = own[:, 1] - ahead * (toe - heel)[1]
            return np.asarray(start + (end - start) * ahead[:, None] + np.array([0.0, tall]) * high[:, None])

        if feet:
            lift = _rise(pixels, heel, toe)
            frame = np.array(_FOOT, dtype=np.float64) * float(np.linalg.norm(toe - heel)) / _FRAME
            frame[:, 0] *= float(np.sign((toe - heel)[0]))
            frame[:, 1] -= lift * np.clip(1 - frame[:, 0] / (0.62 * (toe - heel)[0]), 0, 1)
            ground = (toe - heel)[1] * frame[:, 0] / (toe - heel)[0]
            outline = field(heel + frame + np.stack([np.zeros(len(frame)), ground], axis=1))
            draw_foot(
                canvas, smooth_curve([(float(x), float(y)) for x, y in outline], closed=True, tension=0.6)
            )
        lay(canvas, pixels, field)


def _rise(pixels: Pixels, heel: Points, toe: Points) -> float:
    """How high the heel of a shoe lifts the foot, units: up to where the sole's arch is open underneath."""
    unit = 512 / len(pixels)
    column = round((heel[0] + (toe - heel)[0] * 0.36) / unit)
    rows = np.flatnonzero(pixels[:, column, 3] > 100)
    ground = heel[1] + (toe - heel)[1] * 0.36
    return float(np.clip(ground - (rows[-1] + 1) * unit, 0, 140)) * 1.35 if len(rows) else 0.0


def _sole(figure: Figure, side: Side, least: float) -> tuple[Points, Points]:
    """Where the sole's heel and toe stand, pixels; it shows at least the share `least` of its length."""
    length = _LENGTH * figure.unit
    heel, toe, ankle = (figure.joints[f"{name}_{side}"] for name in ("heel", "toe", "ankle"))
    outward = 1.0 if side == "right" else -1.0
    shown = float(toe[0] - heel[0])
    sign = outward if abs(shown) < 0.12 * length else float(np.sign(shown))
    reach = sign * float(np.clip(abs(shown), least * length, length))
    start = np.array([ankle[0] - _ANKLE * reach, max(float(heel[1]), float(ankle[1]) + 0.28 * figure.unit)])
    drop = float(np.clip(toe[1] - heel[1], 0.1 * length, 0.3 * length))
    return start, start + np.array([reach, drop])
