"""Shoes on a heel, and mules: pumps, heeled sandals and mules."""

from __future__ import annotations

import skia

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_parts import INSOLE, darker, form, insole, seam
from fashion.drawing.footwear_shape import Point, box, closed, curve, loop, pair, strap, thick
from fashion.drawing.studio import Studio

HIGH = ((14, -136), (60, -130), (110, -102), (160, -62), (205, -28), (250, -12), (300, -8), (356, -10))
PUMP = closed(
    HIGH,
    ((356, -10), (362, -18), (344, -32), (314, -46), (284, -64)),
    ((284, -64), (272, -48), (246, -42), (206, -60), (156, -98), (104, -136), (60, -164), (22, -188)),
    ((22, -188), (10, -176), (8, -154), (14, -136)),
)
PUMP_INSIDE = closed(
    ((22, -188), (70, -174), (120, -142), (170, -106), (220, -80), (284, -64)),
    ((284, -64), (272, -44), (246, -38), (206, -56), (156, -94), (104, -132), (60, -160), (22, -188)),
)


def _thin_sole(line: tuple[Point, ...]) -> skia.Path:
    return strap([(x + 2, y + 2) for x, y in line], 5, 7)


def pumps(studio: Studio) -> None:
    """A closed pair with a pointed toe on a high heel, thin (``stiletto``) or a block."""
    block = studio.garment.style == "block-heel"

    def shoe(pen: Studio) -> None:
        form(pen, _thin_sole(HIGH), plain(darker(pen)), volume=0.2)
        _heel(pen, block, 136)
        form(pen, PUMP_INSIDE, plain(INSOLE), shade=-0.1, volume=0.6)
        pen.shadow(PUMP_INSIDE, 0.4, 10)
        form(pen, PUMP, gloss=0.8)
        pen.line(
            curve(
                (284, -64),
                (272, -48),
                (246, -42),
                (206, -60),
                (156, -98),
                (104, -136),
                (60, -164),
                (22, -188),
            ),
            width=2.4,
            alpha=0.6,
        )
        seam(pen, curve((62, -162), (66, -146), (62, -130)))

    pair(studio, shoe, front=(204, 408), rear=(274, 318), scale=1.08, skew=0.05)


def _heel(pen: Studio, block: bool, height: float) -> None:
    """A heel under the seat at `height`: a block, or a thin one that narrows to its tip."""
    if block:
        path = closed(
            ((12, -height - 2), (50, -height + 2), (86, -height + 18)),
            ((86, -height + 18), (82, -height / 2), (84, 0)),
            ((84, 0), (20, 0)),
            ((20, 0), (20, -height / 2), (12, -height - 2)),
        )
        tip = box(19, -7, 85, 1)
    else:
        path = closed(
            ((12, -height - 2), (50, -height + 2), (80, -height + 16)),
            ((80, -height + 16), (54, -height * 0.76), (42, -height * 0.4), (38, 0)),
            ((38, 0), (27, 0)),
            ((27, 0), (28, -height * 0.4), (20, -height * 0.8), (12, -height - 2)),
        )
        tip = box(26, -7, 39, 1)
    form(pen, path, pen.fabric if block else pen.fabric.flat(), shade=-0.1, gloss=0.5)
    form(pen, tip, plain((40, 36, 36)), volume=0)


FOOTBED = closed(
    HIGH,
    (
        (356, -10),
        (350, -22),
        (300, -30),
        (250, -36),
        (205, -54),
        (160, -88),
        (110, -126),
        (64, -150),
        (20, -150),
    ),
    ((20, -150), (14, -136)),
)


def strappy_heel(pen: Studio) -> None:
    """One heeled sandal: two thin straps at the toes, a heel cup and a buckled ankle strap."""
    band = pen.fabric
    form(pen, _thin_sole(HIGH), plain(darker(pen)), volume=0.2)
    _heel(pen, False, 136)
    form(pen, strap(((30, -236), (70, -252), (112, -236)), 12), band, shade=-0.35, volume=0.2)
    form(pen, FOOTBED, plain(INSOLE), volume=0.4)
    cup = closed(
        ((12, -138), (52, -132), (84, -118)),
        ((84, -118), (70, -146), (46, -176), (34, -244)),
        ((34, -244), (22, -246)),
        ((22, -246), (20, -200), (10, -168), (12, -138)),
    )
    form(pen, cup, band, gloss=0.4)
    for (x, y), (tx, ty), (ex, ey), width in (
        ((196, -30), (226, -82), (262, -40), 15),
        ((262, -10), (296, -64), (330, -28), 17),
    ):
        form(
            pen,
            strap(((x, y), ((x + tx) / 2 - 6, (y + ty) / 2 - 6), (tx, ty), (ex, ey)), width),
            band,
            shade=-0.05,
            gloss=0.5,
        )
    form(pen, strap(((246, -12), (270, -50), (310, -60), (338, -22)), 13), band, gloss=0.5)
    form(pen, strap(((24, -238), (64, -226), (100, -226), (116, -240)), 12), band, gloss=0.4)
    pen.metal(ring(96, -227, 9), "gold")


def ring(x: float, y: float, size: float) -> skia.Path:
    """A square buckle frame round (`x`, `y`) reaching `size` units each way."""
    ring = box(x - size, y - size, x + size, y + size)
    ring.addRect(skia.Rect.MakeLTRB(x - size + 4, y - size + 4, x + size - 4, y + size - 4))
    ring.setFillType(skia.PathFillType.kEvenOdd)
    return ring


MID = ((12, -84), (60, -80), (110, -62), (160, -38), (205, -18), (250, -10), (300, -8), (352, -10))
MULE_BED = closed(
    MID,
    ((352, -10), (300, -40), (230, -50), (170, -72), (110, -96), (62, -108), (20, -104)),
    ((20, -104), (8, -94), (12, -84)),
)
MULE_VAMP = closed(
    ((172, -34), (205, -18), (250, -9), (300, -7), (352, -9)),
    ((352, -9), (362, -20), (350, -38), (318, -60), (276, -86), (236, -112), (208, -124)),
    ((208, -124), (188, -100), (176, -70), (172, -34)),
)
MULE_MOUTH = closed(
    ((208, -124), (186, -112), (168, -84)),
    ((168, -84), (172, -60), (186, -44)),
    ((186, -44), (190, -80), (208, -124)),
)
SLIPPER_BED: tuple[Point, ...] = (
    (4, -36),
    (20, -12),
    (70, -2),
    (140, 0),
    (210, 8),
    (280, 10),
    (340, -4),
    (366, -22),
    (336, -40),
    (280, -52),
    (200, -56),
    (120, -60),
    (50, -64),
    (14, -56),
)


def mules(studio: Studio) -> None:
    """A backless pair with a closed toe: on a block heel, or flat with a long pointed toe."""
    if studio.garment.style == "flat":
        pair(studio, _flat_mule, front=(218, 351), rear=(260, 215), scale=1.1, skew=0.17)
    else:
        pair(studio, _heeled_mule, front=(213, 377), rear=(265, 261), scale=1.14, skew=0.08)


def _heeled_mule(pen: Studio) -> None:
    form(pen, _thin_sole(MID), plain(darker(pen)), volume=0.2)
    _heel(pen, True, 84)
    insole(pen, MULE_BED)
    form(pen, MULE_MOUTH, shade=-0.5, volume=0.2)
    form(pen, MULE_VAMP, gloss=0.7)
    seam(pen, curve((205, -116), (190, -96), (183, -68), (180, -34)))


def _flat_mule(pen: Studio) -> None:
    form(pen, thick(SLIPPER_BED, 9), plain((70, 50, 40)), volume=0.3)
    insole(pen, loop(*SLIPPER_BED))
    pen.line(
        loop(*((20 + (x - 20) * 0.92, -28 + (y + 28) * 0.74) for x, y in SLIPPER_BED)),
        width=1.6,
        rgb=(150, 112, 74),
        alpha=0.7,
    )
    mouth = closed(
        ((184, 6), (168, -30), (190, -60)),
        ((190, -60), (214, -86), (236, -90)),
        ((236, -90), (214, -40), (190, -10), (184, 6)),
    )
    form(pen, mouth, shade=-0.5, volume=0.2)
    vamp = closed(
        ((180, 6), (220, 12), (284, 13), (340, -1), (368, -20)),
        ((368, -20), (360, -36), (326, -56), (280, -80), (232, -94)),
        ((232, -94), (204, -62), (184, -30), (180, 6)),
    )
    form(pen, vamp, gloss=0.7)
    seam(pen, curve((232, -86), (210, -58), (192, -28), (188, 6)))
    pen.metal(strap(((238, -76), (226, -46), (222, -12)), 5), "gold")
    for x, y in ((239, -78), (221, -10)):
        pen.metal(ring(x, y, 8), "gold")


DRAWERS = {"Pumps": pumps, "Mules": mules}
