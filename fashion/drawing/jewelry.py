"""Bracelets, earrings, necklaces and rings, drawn large.

Gold and silver are metal all through. Any other color is enamel, beads or a stone that covers most of the
piece, so that it can be read; the pattern lies on the enamel, finer than on cloth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import skia

from fashion.drawing.contours import (
    along,
    arc,
    cut,
    joined,
    placed,
    ribbon,
    ring,
    scattered,
    standing_band,
)
from fashion.drawing.fabric import Fabric
from fashion.drawing.hardware import tone
from fashion.drawing.pattern import paint
from fashion.drawing.pattern import tone as tinted
from fashion.drawing.shapes import box, oval, polygon, symmetric, trace
from fashion.drawing.studio import Studio

_WHITE = (255, 255, 255)


def _enamel(studio: Studio, scale: float = 0.75) -> Fabric:
    return replace(studio.fabric, material="acetate", scale=scale)


def _is_metal(studio: Studio) -> bool:
    return studio.garment.color in ("gold", "silver") and studio.garment.pattern == "solid"


def _surface(
    studio: Studio, path: skia.Path, *, scale: float = 0.75, angle: float = 0.0, gloss: float = 0.3
) -> None:
    """Fills `path` with the item's own color: metal for gold and silver, else enamel."""
    if _is_metal(studio):
        studio.metal(path, studio.garment.color)
    else:
        studio.piece(path, _enamel(studio, scale), angle=angle, gloss=gloss)


def _beads(studio: Studio, places: Iterable[tuple[float, float, float]]) -> None:
    """Round beads at (x, y) with a radius each, lit from the upper left."""
    beads = list(places)
    whole = scattered([oval(x, y, r) for x, y, r in beads])
    if studio.garment.pattern == "solid":
        for x, y, r in beads:
            light, dark = tinted(studio.rgb, 0.5), tinted(studio.rgb, -0.5)
            fill = skia.Paint(AntiAlias=True)
            fill.setShader(
                skia.GradientShader.MakeRadial(
                    skia.Point(x - r * 0.35, y - r * 0.4),
                    r * 1.45,
                    [int(skia.Color(*c)) for c in (light, studio.rgb, tinted(studio.rgb, -0.18), dark)],
                    [0.0, 0.35, 0.65, 1.0],
                )
            )
            studio.canvas.drawCircle(x, y, r, fill)
    else:
        studio.piece(whole, _enamel(studio, 0.55), volume=0.3)
        for x, y, r in beads:
            studio.shadow(oval(x, y, r), 0.3, r * 0.4)
    studio.line(whole, width=1.3, alpha=0.6)
    glints = scattered([oval(x - r * 0.34, y - r * 0.4, r * 0.24, r * 0.17) for x, y, r in beads])
    studio.canvas.drawPath(glints, paint(_WHITE, 0.85))


def _gem(studio: Studio, x: float, y: float, r: float, *, stretch: float = 1.0) -> None:
    """A faceted stone of radius `r`, `stretch` times as tall; patterned items get a domed enamel instead."""
    if studio.garment.pattern != "solid":
        studio.piece(oval(x, y, r, r * stretch), _enamel(studio, 0.8), gloss=0.7)
        return
    sides = 10
    ends = [math.tau * (i + 0.5) / sides for i in range(sides)]
    rim = [(x + r * math.cos(a), y + r * stretch * math.sin(a)) for a in ends]
    table = [(x + r * 0.55 * math.cos(a), y + r * 0.55 * stretch * math.sin(a)) for a in ends]
    studio.canvas.drawPath(polygon(rim), paint(studio.rgb))
    shades = (-0.1, 0.22, -0.35, 0.05, -0.48, -0.12, 0.3, 0.48, 0.1, 0.32)
    for i in range(sides):
        j = (i + 1) % sides
        color = tinted(studio.rgb, shades[i])
        studio.canvas.drawPath(polygon([rim[i], rim[j], table[j]]), paint(color))
        studio.canvas.drawPath(
            polygon([rim[i], table[j], table[i]]), paint(tinted(studio.rgb, shades[i] * 0.5))
        )
    studio.canvas.drawPath(polygon([*table[4:9], (x, y)]), paint(tinted(studio.rgb, 0.35), 0.6))
    studio.canvas.drawPath(polygon(table), paint(_WHITE, 0.35, stroke=1.2))
    studio.line(polygon(rim), width=1.6, rgb=tinted(studio.rgb, -0.65), alpha=0.9)
    star = trace(
        f"M {x - r * 0.42} {y - r * 0.3} L {x - r * 0.1} {y - r * 0.42} L {x - r * 0.34} {y - r * 0.06} Z"
    )
    studio.canvas.drawPath(star, paint(_WHITE, 0.85))


def _links(
    studio: Studio,
    spine: skia.Path,
    count: int,
    length: float,
    thickness: float,
    *,
    start: float = 0.0,
    end: float = 1.0,
    whole: bool = True,
) -> None:
    """A chain of oval links along `spine`; every other link is seen edge-on."""
    flat = ring(0, 0, length / 2, length * 0.36, thickness)
    edge = box(-length * 0.36, -thickness * 0.75, length * 0.36, thickness * 0.75, thickness * 0.7)
    places = along(spine, count, start=start, end=end)
    for parity, shape in ((0, flat), (1, edge)):
        links = scattered([placed(shape, x, y, turn=turn) for x, y, turn in places[parity::2]])
        links.setFillType(skia.PathFillType.kEvenOdd)
        if whole:
            _surface(studio, links, scale=0.6)
        else:
            studio.metal(links, tone(studio))


def _bracelet(studio: Studio) -> None:
    """A wide bangle, a heavy chain or a string of beads, lying as an open oval."""
    metal = tone(studio)
    style = studio.garment.style
    if style == "chain":
        loop = arc(256, 256, 186, 138, 100, 340)
        _links(studio, loop, 24, 78, 14)
        studio.metal(ring(246, 394, 24, 24, 8), metal)
        studio.metal(box(262, 384, 296, 404, 9), metal)
    elif style == "beaded":
        loop = arc(256, 250, 178, 138, 90, 360)
        _beads(studio, [(x, y, 25.0) for x, y, _ in along(loop, 21)[:-1]])
        studio.metal(oval(256, 388, 15), metal)
        studio.metal(oval(256, 424, 22), metal)
        studio.metal(oval(256, 424, 12), metal)
    else:
        front, inside = standing_band(256, 206, 200, 96, 92)
        if not studio.worn:
            if _is_metal(studio):
                studio.metal(inside, metal)
            else:
                studio.piece(inside, _enamel(studio).flat(), shade=-0.4, volume=0.6)
            studio.shadow(inside, 0.5, 16)
        _surface(studio, front, scale=0.85)
        for drop in (0, 92):
            studio.metal(ribbon(arc(256, 206 + drop, 200, 96, 0, 180), 11, round_ends=True), metal)
        if not studio.worn:
            studio.metal(ribbon(arc(256, 206, 200, 96, 180, 180), 8), metal)
        shine = arc(256, 240, 190, 92, 110, 28)
        studio.line(shine, width=13, rgb=_WHITE, alpha=0.35)


def _earring(studio: Studio, x: float, metal: str, style: str | None) -> None:
    if style == "drops":
        hook = trace(f"M {x + 24} 118 C {x + 36} 60 {x - 10} 48 {x - 6} 96 L {x - 2} 146")
        studio.metal(ribbon(hook, 6, round_ends=True), metal)
        studio.metal(oval(x - 2, 164, 20), metal)
        studio.metal(oval(x - 2, 200, 10), metal)
        drop = symmetric(
            f"M {x} 214 C {x - 20} 280 {x - 84} 312 {x - 84} 366 C {x - 84} 420 {x - 44} 450 {x} 450", x
        )
        studio.metal(drop, metal)
        _surface(studio, placed(drop, x * 0.16, 350 * 0.16, scale=0.84), gloss=0.7)
        glint = trace(f"M {x - 48} 356 Q {x - 44} 322 {x - 22} 296 Q {x - 28} 332 {x - 34} 366 Z")
        studio.canvas.drawPath(glint, paint(_WHITE, 0.5))
    elif style == "studs":
        for angle in range(0, 360, 45):
            px, py = x + 84 * math.cos(math.radians(angle)), 256 + 84 * math.sin(math.radians(angle))
            studio.metal(oval(px, py, 13), metal)
        studio.metal(oval(x, 256, 90), metal)
        _gem(studio, x, 256, 78)
    else:
        hoop = ring(x, 286, 100, 134, 36)
        studio.metal(
            ribbon(trace(f"M {x - 4} 160 C {x - 4} 116 {x + 30} 116 {x + 28} 166"), 6, round_ends=True), metal
        )
        _surface(studio, hoop, scale=0.8)
        studio.line(arc(x, 286, 84, 120, 190, 60), width=6, rgb=_WHITE, alpha=0.5)
        studio.shadow(hoop, 0.25, 7)
        studio.metal(box(x - 18, 150, x + 18, 174, 8), metal)


def _earrings(studio: Studio) -> None:
    """A pair of hoops, drops or studs."""
    metal = tone(studio)
    for x in (144, 368):
        _earring(studio, x, metal, studio.garment.style)


def _necklace(studio: Studio) -> None:
    """A heavy chain, a pendant on a fine chain, or pearls, hanging as on a neck."""
    metal = tone(studio)
    style = studio.garment.style
    if style == "pendant":
        chain = trace("M 116 34 C 120 190 190 262 256 298 C 322 262 392 190 396 34")
        _links(studio, chain, 55, 22, 4.5, whole=False)
        studio.metal(ring(256, 302, 15, 18, 6), metal)
        studio.metal(oval(256, 396, 92, 94), metal)
        for turn in range(0, 360, 30):
            a = math.radians(turn)
            studio.metal(oval(256 + 90 * math.cos(a), 396 + 92 * math.sin(a), 8), metal)
        _gem(studio, 256, 396, 82, stretch=1.03)
    elif style == "pearls":
        cord = trace("M 126 40 C 84 250 150 452 256 452 C 362 452 428 250 386 40")
        places = along(cord, 31)
        _beads(
            studio,
            [(x, y, 14.5 + 9.5 * math.sin(math.pi * i / 30) ** 2) for i, (x, y, _) in enumerate(places)],
        )
    else:
        cord = trace("M 130 46 C 76 246 140 450 256 450 C 372 450 436 246 382 46")
        _links(studio, cord, 34, 62, 12.5)


def _ring(studio: Studio) -> None:
    """A wide band, a solitaire or a signet ring, standing up."""
    metal = tone(studio)
    style = studio.garment.style
    if style == "solitaire":
        studio.metal(ring(256, 330, 138, 138, 22), metal)
        basket = symmetric("M 256 236 L 224 222 L 176 136 L 196 130 L 256 190")
        studio.metal(basket, metal)
        _gem(studio, 256, 126, 98, stretch=0.88)
        for x, y in ((172, 92), (340, 92), (184, 178), (328, 178)):
            studio.metal(oval(x, y, 12), metal)
    elif style == "signet":
        outer = symmetric("M 256 60 L 178 66 C 100 110 92 240 96 300 C 104 400 170 462 256 462")
        hole = oval(256, 316, 112, 110)
        shank = cut(outer, hole)
        studio.metal(shank, metal)
        studio.shadow(shank, 0.3, 10)
        studio.metal(oval(256, 136, 132, 96), metal)
        _surface(studio, oval(256, 134, 114, 80), scale=0.8, gloss=0.5)
        studio.line(arc(256, 134, 98, 64, 190, 80), width=7, rgb=_WHITE, alpha=0.4)
    else:
        near, hole, far = oval(196, 256, 164, 186), oval(196, 256, 146, 166), oval(312, 256, 146, 166)
        wall = cut(hole, far)
        studio.metal(wall, metal)
        studio.shadow(wall, 0.45, 20)
        hull = joined(near, box(196, 70, 312, 442), oval(312, 256, 164, 186))
        _surface(studio, cut(hull, near), scale=0.9)
        _surface(studio, ring(196, 256, 164, 186, 19), scale=0.6)
        studio.metal(ring(196, 256, 166, 188, 7), metal)
        studio.metal(ring(196, 256, 150, 171, 6), metal)
        studio.metal(ribbon(arc(308, 256, 164, 182, -88, 176), 13), metal)
        studio.line(arc(262, 256, 162, 182, -58, 30), width=13, rgb=_WHITE, alpha=0.45)


DRAWERS: dict[str, Callable[[Studio], None]] = {
    "Bracelets": _bracelet,
    "Earrings": _earrings,
    "Necklaces": _necklace,
    "Rings": _ring,
}
