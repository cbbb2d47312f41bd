"""Wrist watches, upright: dial, hands at ten past ten, crown, and the strap above and below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import skia

from fashion.drawing.contours import moved, placed, scattered
from fashion.drawing.fabric import plain
from fashion.drawing.hardware import buckle, tone
from fashion.drawing.pattern import RGB, lightness, mix, paint
from fashion.drawing.shapes import box, mirrored, oval, polygon, symmetric, trace
from fashion.drawing.studio import Studio

_DIALS: tuple[RGB, ...] = ((250, 249, 245), (243, 236, 220), (34, 36, 42))

# Leaves a margin above and below the strap.
_FRAME = skia.Matrix.MakeAll(0.95, 0, 12, 0, 0.95, 16, 0, 0, 1)


def _around(shape: skia.Path, radius: float, steps: Iterable[int]) -> skia.Path:
    """Copies of a shape drawn about the origin, set round the dial at minutes `steps`."""
    places = (
        (256 + radius * math.sin(m * math.tau / 60), 256 - radius * math.cos(m * math.tau / 60), m * 6.0)
        for m in steps
    )
    return scattered([placed(shape, x, y, turn=turn) for x, y, turn in places])


def _dial(studio: Studio, radius: float, dial: RGB, metal: str, *, bold: bool) -> None:
    """The dial of `radius` units: markers, minute track and three hands."""
    dark = lightness(dial) < 0.5
    ink: RGB = (236, 236, 232) if dark else (30, 30, 34)
    studio.canvas.drawPath(oval(256, 256, radius), paint(dial))
    studio.canvas.drawPath(oval(256, 256, radius * 0.62), paint(mix(dial, (128, 128, 128), 0.12), stroke=1.2))
    ticks = _around(box(-0.9, -4, 0.9, 4), radius * 0.92, range(60))
    studio.canvas.drawPath(ticks, paint(ink, 0.7))
    width = radius * (0.042 if bold else 0.03)
    hours = _around(
        box(-width, -radius * 0.09, width, radius * 0.09),
        radius * 0.76,
        [m for m in range(0, 60, 5) if m != 15],
    )
    studio.canvas.drawPath(hours, paint(ink))
    quarters = _around(
        box(-width * 1.5, -radius * 0.11, width * 1.5, radius * 0.11), radius * 0.74, (0, 30, 45)
    )
    studio.canvas.drawPath(quarters, paint(ink))
    window = box(256 + radius * 0.6, 245, 256 + radius * 0.86, 267, 2)
    studio.canvas.drawPath(window, paint((252, 252, 250)))
    studio.line(window, width=1.4, rgb=(60, 60, 64))
    date = trace(f"M {256 + radius * 0.69} 250 L {256 + radius * 0.69} 262")
    studio.line(date, width=2.4, rgb=(30, 30, 34), alpha=0.9)
    studio.line(oval(256 + radius * 0.77, 256, 3.6, 5), width=2.2, rgb=(30, 30, 34), alpha=0.9)
    for turn, length, half in ((304.0, 0.52, 0.055), (60.0, 0.78, 0.042)):
        hand = polygon(
            [
                (-half * radius, 14),
                (-half * radius * 0.8, -length * radius + 10),
                (0, -length * radius),
                (half * radius * 0.8, -length * radius + 10),
                (half * radius, 14),
            ]
        )
        set_hand = placed(hand, 256, 256, turn=turn)
        studio.canvas.drawPath(moved(set_hand, 2, 3), paint((0, 0, 0), 0.25))
        studio.canvas.drawPath(set_hand, paint(ink))
    second = placed(box(-1.6, -radius * 0.84, 1.6, radius * 0.22), 256, 256, turn=210)
    studio.canvas.drawPath(second, paint((204, 52, 44)))
    studio.metal(oval(256, 256, 7), metal)
    with studio.clipped(oval(256, 256, radius)):
        glare = trace(
            f"M {256 - radius} {256 - radius * 0.1} L {256 + radius * 0.2} {256 - radius} "
            f"L {256 + radius * 0.6} {256 - radius} L {256 - radius} {256 + radius * 0.45} Z"
        )
        studio.canvas.drawPath(glare, paint((255, 255, 255), 0.13))
    studio.shadow(oval(256, 256, radius), 0.35, 8)


def _leather(studio: Studio, metal: str, dial: RGB) -> None:
    cloth = replace(studio.fabric, scale=0.6)
    upper = symmetric("M 256 26 L 196 26 Q 188 26 188 34 L 168 176 L 256 176")
    lower = symmetric("M 256 336 L 168 336 L 186 456 Q 194 492 256 498")
    buckle(studio, 256, 24, 146, 40, metal)
    for strap in (upper, lower):
        studio.piece(strap, cloth, volume=1.1)
    studio.stitch(trace("M 199 40 L 180 170"), rgb=mix(studio.rgb, (255, 250, 235), 0.6), width=2)
    studio.stitch(trace("M 313 40 L 332 170"), rgb=mix(studio.rgb, (255, 250, 235), 0.6), width=2)
    studio.stitch(
        trace("M 180 342 L 198 454 Q 206 482 256 486 Q 306 482 314 454 L 332 342"),
        rgb=mix(studio.rgb, (255, 250, 235), 0.6),
        width=2,
    )
    studio.canvas.drawPath(
        scattered([oval(256, y, 4.5, 5.5) for y in (404, 426, 448, 470)]), paint((24, 20, 18), 0.85)
    )
    studio.piece(box(180, 64, 332, 84, 5), cloth, shade=-0.12, volume=0.8)
    lug = trace("M 156 156 L 184 156 L 182 206 L 158 210 Z")
    for path in (lug, mirrored(lug)):
        studio.metal(path, metal)
        flipped = skia.Path()
        path.transform(skia.Matrix.MakeAll(1, 0, 0, 0, -1, 512, 0, 0, 1), flipped)
        studio.metal(flipped, metal)
    studio.metal(box(364, 242, 390, 270, 6), metal)
    studio.metal(oval(256, 256, 114), metal)
    studio.metal(oval(256, 256, 103), metal)
    _dial(studio, 95, dial, metal, bold=False)


def _bracelet(studio: Studio, metal: str, dial: RGB) -> None:
    own = studio.garment.color in ("gold", "silver") and studio.garment.pattern == "solid"
    for start, step in ((166, -25), (346, 25)):
        for k in range(7):
            y = start + k * step
            half = 88 - k * 3.0
            for x0, x1 in ((-half, -half * 0.42), (-half * 0.4, half * 0.4), (half * 0.42, half)):
                link = box(256 + x0, y - 13, 256 + x1, y + 11, 5)
                if own:
                    studio.metal(link, metal)
                else:
                    studio.piece(link, replace(studio.fabric, material="metal", scale=0.75), volume=0.7)
                    studio.line(
                        trace(f"M {258 + x0} {y - 9} L {254 + x1} {y - 9}"),
                        width=2.4,
                        rgb=(255, 255, 255),
                        alpha=0.4,
                    )
    studio.metal(box(374, 240, 400, 272, 6), metal)
    studio.metal(oval(256, 256, 126), metal)
    flutes = _around(box(-1.2, -7, 1.2, 7), 117, range(60))
    studio.canvas.drawPath(flutes, paint((0, 0, 0), 0.25))
    if own:
        _dial(studio, 104, dial, metal, bold=True)
    else:
        studio.canvas.drawPath(oval(256, 256, 108), paint(studio.rgb))
        _dial(studio, 102, studio.rgb, metal, bold=True)


def _sport(studio: Studio, metal: str, dial: RGB) -> None:
    cloth = replace(studio.fabric, scale=0.7)
    upper = symmetric("M 256 16 L 196 16 Q 184 18 184 32 L 160 170 L 256 190")
    lower = symmetric("M 256 322 L 160 342 L 184 470 Q 190 498 256 500")
    for strap in (upper, lower):
        studio.piece(strap, cloth, volume=1.2)
        studio.shadow(strap, 0.25, 10)
    slots = scattered(
        [box(238, y, 274, y + 12, 6) for y in (396, 422, 448)]
        + [box(238, y, 274, y + 12, 6) for y in (58, 84, 110)]
    )
    studio.canvas.drawPath(slots, paint((18, 18, 20), 0.75))
    case = plain(mix(studio.rgb, (24, 24, 28), 0.25), "rubber")
    for y in (196, 316):
        studio.piece(box(372, y - 15, 404, y + 15, 7), case, volume=0.6)
    studio.metal(box(378, 242, 408, 270, 6), metal)
    octagon = polygon(
        [
            (256 + 142 * math.cos(math.tau * (k + 0.5) / 8), 256 + 142 * math.sin(math.tau * (k + 0.5) / 8))
            for k in range(8)
        ]
    )
    studio.piece(octagon, case if studio.garment.pattern == "solid" else cloth, gloss=0.2)
    studio.piece(oval(256, 256, 122), plain((30, 31, 35), "rubber"), volume=0.4)
    marks = _around(box(-2.2, -6, 2.2, 6), 113, range(0, 60, 5))
    studio.canvas.drawPath(marks, paint((240, 240, 240), 0.95))
    _dial(studio, 100, dial, metal, bold=True)
    for x, y in ((148, 148), (364, 148), (148, 364), (364, 364)):
        studio.metal(oval(256 + (x - 256) * 0.87, 256 + (y - 256) * 0.87, 6), metal)


def _watch(studio: Studio) -> None:
    """A watch on a leather strap, a metal bracelet or a rubber sport strap."""
    metal = tone(studio)
    dial = studio.rng.choice(_DIALS)
    style = studio.garment.style
    draw = {"metal bracelet": _bracelet, "sport": _sport}.get(style or "", _leather)
    with studio.transformed(_FRAME):
        draw(studio, metal, dial)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Watches": _watch}
