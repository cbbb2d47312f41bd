"""Putting on small things: hats, glasses, jewelry, scarves, ties, belts, bags."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import skia
import yaml
from pydantic import BaseModel, ConfigDict, Field

from fashion.drawing.worn import draw_worn
from fashion.garment import Garment
from tools.body.figure import Figure, Points, Side
from tools.body.warp import Pixels, lay

SIZE = 384
"""Side of the drawn things in pixels."""
HAND: Side = "right"
"""The viewer's side of the hand that carries, and of the wrist that wears."""

Part = Literal["eyes", "ears", "neck", "waist", "wrist", "finger", "hand", "palm", "hip", "floor"]


class Place(BaseModel):
    """Where and how large a thing is worn; see `data/placing.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Part
    size: Annotated[float, Field(gt=0)]
    box: tuple[float, float, float, float] | None = None
    anchor: tuple[float, float] = (0.5, 0.0)
    tall: float | None = None
    keep: tuple[float, float] | None = None
    rise: float = 0.0
    quarter: bool = False
    strap: float = 256.0
    level: float = 1.0
    across: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place on the body with a direction and a measure.

    Attributes:
        at: Pixels.
        right: Unit vector in which the thing's own right points.
        measure: What sizes are counted in, pixels.
    """

    at: Points
    right: Points
    measure: float


@cache
def _table() -> dict[str, Place]:
    path = Path(__file__).parent / "data" / "placing.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["items"]
    return {name: Place.model_validate(row) for name, row in rows.items()}


def place_of(garment: Garment) -> Place | None:
    """Where a thing is worn; None where this module does not know it."""
    table = _table()
    styled = table.get(f"{garment.category}/{garment.style}") or table.get(garment.category)
    first = next((place for name, place in table.items() if name.startswith(f"{garment.category}/")), None)
    return styled or first


def place(canvas: skia.Canvas, figure: Figure, garment: Garment, seed: int) -> None:
    """Draw a small thing where it is worn.

    Args:
        canvas: In pixels of the figure's picture.
        figure: The body.
        garment: One that has a `place_of`.
        seed: Of its drawing.
    """
    where = place_of(garment)
    if where is None:
        raise ValueError(f"{garment.category} has no place on the body; expected something worn or carried")
    pixels = np.asarray(draw_worn(garment, size=SIZE, seed=seed).picture)
    if where.keep:
        pixels = _rows(pixels, *where.keep)
    if where.at == "ears":
        for side, half in (("left", slice(0, SIZE // 2)), ("right", slice(SIZE // 2, SIZE))):
            one = np.zeros_like(pixels)
            one[:, half] = pixels[:, half]
            _put(canvas, one, where, _ear(figure, "left" if side == "left" else "right"))
        return
    if where.at == "hip":
        _sling(canvas, figure, pixels, where)
        return
    _put(canvas, pixels, where, _spot(figure, where))


def _sling(canvas: skia.Canvas, figure: Figure, pixels: Pixels, where: Place) -> None:
    """Hang a bag by its strap, stretched from the shoulder to where the bag lies; the bag keeps its form."""
    left, top, right, _ = _outline(pixels)
    scale, middle = where.size * figure.unit / (right - left), (left + right) / 2
    sign = 1.0 if HAND == "right" else -1.0
    shoulder = figure.joints[f"shoulder_{('left' if HAND == 'right' else 'right') if where.across else HAND}"]
    shoulder = shoulder * 0.8 + figure.between("shoulder") * 0.2 - np.array([0.0, 0.16 * figure.unit])
    t = np.array([where.level])
    bag = figure.spine(t)[0] + figure.across(t)[0] * sign * (
        figure.half_width(where.level) + 0.1 * figure.unit
    )
    if where.across:
        pixels = pixels.copy()
        # Only the strand in front is seen; the other runs down the back.
        pixels[: round(where.strap * len(pixels) / 512), : len(pixels) // 2, 3] = 0

    def field(places: Points) -> Points:
        share = np.clip((places[:, 1:] - top) / (where.strap - top), 0, 1)
        aside = (places[:, :1] - middle) * scale * (0.45 + 0.55 * share)
        below = np.maximum(places[:, 1:] - where.strap, 0) * scale
        return np.asarray(shoulder + (bag - shoulder) * share + np.concatenate([aside, below], axis=1))

    lay(canvas, pixels, field)


def _put(canvas: skia.Canvas, pixels: Pixels, where: Place, spot: Spot) -> None:
    left, top, right, bottom = where.box or _outline(pixels)
    scale = where.size * spot.measure / (right - left)
    tall = scale if where.tall is None else where.tall * where.size * spot.measure / (bottom - top)
    anchor = np.array([left + (right - left) * where.anchor[0], top + (bottom - top) * where.anchor[1]])
    down = np.array([-spot.right[1], spot.right[0]])

    def field(places: Points) -> Points:
        own = places - anchor
        if where.at == "waist":
            own = own - np.stack([np.zeros(len(own)), _sag(places[:, 0], left, right)], axis=1)
        return np.asarray(spot.at + spot.right * own[:, :1] * scale + down * own[:, 1:] * tall)

    lay(canvas, pixels, field)


def _sag(x: Points, left: float, right: float) -> Points:
    """How much lower a belt that stands on edge is drawn in its middle, most of it, so that it lies flat."""
    share = np.clip((x - (left + right) / 2) / ((right - left) / 2), -1, 1)
    return np.asarray(92.0 * (np.sqrt(1 - share * share) - 0.5) * 0.84)


def _rows(pixels: Pixels, first: float, last: float) -> Pixels:
    seen = pixels.copy()
    rows = (np.arange(len(pixels)) + 0.5) * 512 / len(pixels)
    seen[(rows < first) | (rows > last), :, 3] = 0
    return seen


def _outline(pixels: Pixels) -> tuple[float, float, float, float]:
    seen = pixels[..., 3] > 60
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    unit = 512 / len(pixels)
    return columns[0] * unit, rows[0] * unit, (columns[-1] + 1) * unit, (rows[-1] + 1) * unit


def _ear(figure: Figure, side: Side) -> Spot:
    _, right, width = figure.head()
    down = np.array([-right[1], right[0]])
    return Spot(figure.joints[f"ear_{side}"] + down * width * 0.2, right, width)


def _spot(figure: Figure, where: Place) -> Spot:
    unit, level = figure.unit, np.array([1.0, 0.0])
    if where.at == "eyes":
        at, right, width = figure.head()
        return Spot(at + np.array([right[1], -right[0]]) * where.rise * width, right, width)
    if where.at == "neck":
        return Spot(figure.neck(), figure.across(np.zeros(1))[0], unit)
    if where.at == "waist":
        t = np.array([0.76])
        return Spot(figure.spine(t)[0], figure.across(t)[0], 2 * figure.half_width(0.76) + 0.12 * unit)
    elbow, wrist, hand = (figure.joints[f"{name}_{HAND}"] for name in ("elbow", "wrist", "hand"))
    if where.at == "wrist":
        arm = (wrist - elbow) / max(float(np.linalg.norm(wrist - elbow)), 1.0)
        return Spot(wrist + arm * 0.06 * unit, arm if where.quarter else np.array([arm[1], -arm[0]]), unit)
    if where.at == "floor":
        foot = figure.joints[f"heel_{HAND}"]
        return Spot(np.array([hand[0] + 0.55 * unit, foot[1] + 0.12 * unit]), level, unit)
    return Spot(hand, level, unit)
