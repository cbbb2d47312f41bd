"""Dressing a figure: which thing over which, put on, lit and shaded into the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image

from fashion.drawing.mannequin import draw_mannequin, draw_studio
from fashion.garment import Garment
from fashion.vocabulary import category_of, slot_of
from tools.body.figure import Figure, Points
from tools.body.hanging import fitting, hang, hangs
from tools.body.light import Floats, Light, shadow
from tools.body.placing import HAND, place, place_of
from tools.body.shoes import put_on_shoes
from tools.body.standing import mannequin_figure
from tools.body.warp import Pixels

MANNEQUIN_HEIGHT = 1160
_TOPS = ("torso", "outer")
_UNDER_CHIN = ("torso", "outer", "body", "neck")


@dataclass(frozen=True, slots=True)
class Wear:
    """One thing to put on, and the seed of its drawing."""

    garment: Garment
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The rows and columns of a picture that a thing touches."""

    rows: slice
    columns: slice

    @classmethod
    def around(cls, alpha: Floats, margin: int) -> Window | None:
        """The smallest window round what is covered, with a margin; None where nothing is."""
        rows, columns = np.flatnonzero(alpha.max(axis=1) > 0), np.flatnonzero(alpha.max(axis=0) > 0)
        if len(rows) == 0:
            return None
        return cls(
            slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + 1 + margin),
            slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + 1 + margin),
        )


def level_of(garment: Garment) -> int:
    """How far out a garment is worn; larger is further out."""
    table = fitting()
    slot = slot_of(garment)
    name: str = slot
    if slot == "feet" and garment.style in table.over_trousers:
        name = "boots"
    elif garment.style in table.bib:
        name = "bib"
    elif garment.category == "Skirts":
        name = "skirts"
    elif slot == "torso" and category_of(garment).layer:
        name = "layer"
    elif slot == "torso" and garment.category in table.tucked and garment.style != "oversized":
        name = "tucked"
    return table.order.index(name)


def dress_mannequin(things: Sequence[Wear], height: int = MANNEQUIN_HEIGHT) -> Image.Image:
    """The mannequin in its studio, wearing these things; RGB."""
    shod = any(slot_of(thing.garment) == "feet" for thing in things)
    room = draw_studio(height).copy()
    figure = draw_mannequin(height, feet=not shod)
    room.paste(figure, (0, 0), figure)
    return _dressed(room, mannequin_figure(height), things, feet=True)


def dress(picture: Image.Image, figure: Figure, things: Sequence[Wear]) -> Image.Image:
    """Put things on the person in a picture.

    Args:
        picture: RGB, of the figure's size.
        figure: Where the body is.
        things: In any order; they are layered by where they are worn.

    Returns:
        A new RGB picture of the same size.
    """
    return _dressed(picture, figure, things, feet=False)


def _dressed(picture: Image.Image, figure: Figure, things: Sequence[Wear], *, feet: bool) -> Image.Image:
    bare = np.asarray(picture, dtype=np.float32) / np.float32(255)
    seen, body, unit = bare.copy(), figure.person.copy(), figure.unit
    light = Light.of(bare)
    for thing, pixels in _layers(figure, things, feet):
        window = Window.around(np.asarray(pixels[..., 3], dtype=np.float32), round(0.3 * unit))
        if window is None:
            continue
        part = (window.rows, window.columns)
        cloth = pixels[part].astype(np.float32) / np.float32(255)
        alpha = cloth[..., 3] * (1 - _in_front(figure, thing.garment, window))
        colors = light.on(cloth[..., :3], alpha, bare[part], figure.person[part])
        fall = shadow(alpha, 0.09 * unit, 0.07 * unit, 0.36)
        here = seen[part] * (1 - (body[part] * (1 - fall))[..., None])
        seen[part] = here * (1 - alpha[..., None]) + colors * alpha[..., None]
        body[part] = np.maximum(body[part], alpha)
    return Image.fromarray((np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8))


def _layers(figure: Figure, things: Sequence[Wear], feet: bool) -> list[tuple[Wear, Pixels]]:
    """Each thing put on, from the inside out; what is worn under a jacket stays within its outline."""
    layers = [
        (one, _drawn(figure, one, feet)) for one in sorted(things, key=lambda one: level_of(one.garment))
    ]
    first_over = min(fitting().order.index(name) for name in ("layer", "outer"))
    covers = [
        pixels
        for one, pixels in layers
        if slot_of(one.garment) in _TOPS and level_of(one.garment) >= first_over
    ]
    for one, pixels in layers:
        if slot_of(one.garment) in _TOPS and level_of(one.garment) < first_over:
            for cover in covers:
                _tuck(pixels, cover)
    return layers


def _tuck(under: Pixels, over: Pixels) -> None:
    """Take away what reaches beyond the sides of the thing over it, row by row."""
    solid = over[..., 3] > 128
    rows = np.flatnonzero(solid.any(axis=1))
    first = solid[rows].argmax(axis=1)
    last = solid.shape[1] - 1 - solid[rows, ::-1].argmax(axis=1)
    columns = np.arange(solid.shape[1])[None, :]
    beyond = (columns < first[:, None]) | (columns > last[:, None])
    under[rows] = np.where(beyond[..., None], 0, under[rows])


def _drawn(figure: Figure, thing: Wear, feet: bool) -> Pixels:
    """A thing put on, RGBA, of the figure's size."""
    surface = skia.Surface(figure.width, figure.height)
    canvas = surface.getCanvas()
    canvas.clear(0)
    if slot_of(thing.garment) == "feet":
        put_on_shoes(canvas, figure, thing.garment, thing.seed, feet=feet)
    elif hangs(thing.garment):
        hang(canvas, figure, thing.garment, thing.seed)
    else:
        place(canvas, figure, thing.garment, thing.seed)
    return np.array(surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType), dtype=np.uint8)


def _in_front(figure: Figure, garment: Garment, window: Window) -> Floats:
    """What of the person stays before a garment, 0 to 1: the face, or the hand that carries."""
    where, slot = place_of(garment), slot_of(garment)
    if slot == "carry" and where is not None and where.at in ("hand", "palm"):
        hand = figure.joints[f"hand_{HAND}"] * 0.7 + figure.joints[f"wrist_{HAND}"] * 0.3
        front = _round(window, figure, hand, 0.3 * figure.unit, 0.3 * figure.unit)
    elif slot in _UNDER_CHIN:
        eyes, _, width = figure.head()
        chin = figure.between("mouth") * 1.3 - eyes * 0.3
        tall = float(np.linalg.norm(chin - eyes)) / 2 + 0.04 * width
        front = _round(window, figure, (eyes + chin) / 2, 0.46 * width, tall)
    else:
        return np.float32(0) * figure.person[window.rows, window.columns]
    return np.asarray(front * figure.person[window.rows, window.columns], dtype=np.float32)


def _round(window: Window, figure: Figure, center: Points, across: float, down: float) -> Floats:
    """A soft-edged ellipse, 0 to 1."""
    rows = np.arange(figure.height, dtype=np.float32)[window.rows, None]
    columns = np.arange(figure.width, dtype=np.float32)[None, window.columns]
    reach = np.hypot((columns - center[0]) / across, (rows - center[1]) / down)
    return np.asarray(np.clip((1.0 - reach) * 8 + 0.5, 0, 1), dtype=np.float32)
