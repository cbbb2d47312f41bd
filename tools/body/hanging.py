"""Putting on what hangs from shoulders or waist: tops, coats, dresses, trousers, skirts, sets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import skia
import yaml
from pydantic import BaseModel, ConfigDict, Field

from fashion.drawing.worn import Part, Worn, draw_worn
from fashion.garment import Garment
from tools.body.cloth import Cloth, sleeve_of
from tools.body.fields import Arm, Legs, Level, Trunk
from tools.body.figure import Figure, Side
from tools.body.warp import Field as Moves
from tools.body.warp import Pixels, lay

SIZE = 640
"""Side of the drawn garments in pixels."""

_CALF = 0.4
"""Half a calf's width with the cloth round it, in half shoulder spans."""

Row = float | Literal["tip", "top", "hem"]
Height = float | Literal["length"]


class Fit(BaseModel):
    """How one kind of garment meets the body; see `data/fitting.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: list[tuple[Row, Height]] = Field(default_factory=list)
    tip: float | None = None
    chest: float | None = None
    waist: float | Literal["top"] | None = None
    crotch: float | None = None
    middle: float = 256.0
    spread: tuple[float, float] | None = None


class Fitting(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lengths: dict[str, float]
    rate: Annotated[float, Field(gt=0)]
    garments: dict[str, Fit]
    sets: dict[str, dict[Part, Fit]]
    order: list[str]
    tucked: list[str]
    over_trousers: list[str]
    bib: list[str]


@cache
def fitting() -> Fitting:
    """The table, read once."""
    path = Path(__file__).parent / "data" / "fitting.yaml"
    return Fitting.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def hangs(garment: Garment) -> bool:
    """Whether a garment is one that this module puts on."""
    return _key(garment, fitting().sets) is not None or _key(garment, fitting().garments) is not None


def hang(canvas: skia.Canvas, figure: Figure, garment: Garment, seed: int) -> None:
    """Draw a garment on a body.

    Args:
        canvas: In pixels of the figure's picture.
        figure: The body.
        garment: One that `hangs`.
        seed: Of the garment's drawing.
    """
    table = fitting()
    key = _key(garment, table.sets)
    if key is not None:
        for part, fit in table.sets[key].items():
            _put(canvas, figure, garment, draw_worn(garment, part=part, size=SIZE, seed=seed), fit)
        return
    one = _key(garment, table.garments)
    if one is None:
        raise ValueError(
            f"{garment.category} does not hang from shoulders or waist; expected a garment that does"
        )
    _put(canvas, figure, garment, draw_worn(garment, size=SIZE, seed=seed), table.garments[one])


def _key(garment: Garment, table: Mapping[str, object]) -> str | None:
    names = (f"{garment.category}/{garment.style}", f"{garment.category}/{garment.length}", garment.category)
    return next((name for name in names if name in table), None)


def _put(canvas: skia.Canvas, figure: Figure, garment: Garment, worn: Worn, fit: Fit) -> None:
    cloth = Cloth(np.asarray(worn.picture))
    sleeve = sleeve_of(worn.marks, fit.middle)
    tip = sleeve.tip[1] if sleeve else fit.tip
    levels = _levels(cloth, fit, garment, tip)
    scale = _scale(figure, cloth, fit, levels, sleeve.tip[0] - fit.middle if sleeve else None)
    field: Moves = Trunk(figure, levels, scale, fit.middle)
    if fit.crotch is not None:
        spread, wider = _spread(cloth, fit), _room(figure, cloth, fit, fit.crotch, scale)
        field = Legs(
            figure, Trunk(figure, levels, scale, fit.middle), levels, fit.crotch, wider, fit.middle, spread
        )
    if sleeve is None:
        lay(canvas, cloth.pixels, field)
        return
    trunk, left, right = cloth.apart(sleeve)
    arms: dict[Side, Arm] = {side: Arm(figure, sleeve, side, field, scale) for side in ("left", "right")}
    over = [side for side in arms if _in_front(figure, side)]
    sleeves: dict[Side, Pixels] = {"left": left, "right": right}
    for side in [side for side in arms if side not in over]:
        lay(canvas, sleeves[side], arms[side])
    lay(canvas, trunk, field)
    for side in over:
        lay(canvas, sleeves[side], arms[side])


def _in_front(figure: Figure, side: Side) -> bool:
    """Whether an arm crosses the trunk: its hand is then before it, far more often than behind."""
    sign = 1.0 if side == "right" else -1.0
    reach = (figure.joints[f"wrist_{side}"] - figure.between("hip"))[0] * sign
    return bool(reach < figure.half_width(1.0))


def _levels(cloth: Cloth, fit: Fit, garment: Garment, tip: float | None) -> list[Level]:
    table = fitting()
    top, hem = cloth.ends()
    if not fit.levels:
        start = tip if tip is not None else top
        return [(start, -0.03), (start + 100, -0.03 + 100 * table.rate)]
    rows = {"tip": top if tip is None else tip, "top": top, "hem": hem}
    length = table.lengths.get(garment.length or "regular", table.lengths["regular"])
    return [
        (rows[row] if isinstance(row, str) else row, length if isinstance(level, str) else level)
        for row, level in fit.levels
    ]


def _scale(figure: Figure, cloth: Cloth, fit: Fit, levels: list[Level], shoulder: float | None) -> float:
    """Pixels for a unit across, so that the garment is as wide as the body where it must be, with some ease."""
    if shoulder is not None:
        return (figure.half_width(0.0) + 0.05 * figure.unit) / shoulder
    if fit.chest is not None:
        return (figure.half_width(0.3) + 0.05 * figure.unit) / cloth.half_width(fit.chest)
    return (figure.half_width(levels[0][1] if fit.waist == "top" else 0.74) + 0.04 * figure.unit) / _waist(
        cloth, fit
    )


def _waist(cloth: Cloth, fit: Fit) -> float:
    return cloth.half_width(fit.waist if isinstance(fit.waist, float | int) else cloth.ends()[0] + 12)


def _spread(cloth: Cloth, fit: Fit) -> tuple[float, float]:
    """How far a leg's middle is from the garment's, at crotch and hem; wide legs widen outwards, not inwards."""
    if fit.spread:
        return fit.spread
    waist = _waist(cloth, fit)
    middle, _ = cloth.leg(cloth.ends()[1] - 14, fit.middle)
    return waist * 0.64, min(waist * 0.78, middle)


def _room(figure: Figure, cloth: Cloth, fit: Fit, crotch: float, scale: float) -> float:
    """The scale across the legs: the garment's own, or more where the calf would not go in."""
    hem = cloth.ends()[1]
    _, half = cloth.leg(crotch + (hem - crotch) * 0.7, fit.middle)
    return scale * float(np.clip(_CALF * figure.unit / max(half * scale, 1.0), 1.0, 1.4))
