"""Low slip-on shoes: loafers, ballet flats and espadrilles."""

from __future__ import annotations

import skia

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_parts import CREAM, EBONY, ROPE, darker, form, ink, insole, seam
from fashion.drawing.footwear_shape import Point, closed, curve, loop, oval, pair, strap, within
from fashion.drawing.studio import Studio

LOAFER = closed(
    ((10, -24), (90, -25), (160, -22), (232, -15), (300, -14), (346, -22)),
    ((346, -22), (356, -38), (350, -58), (326, -74), (292, -84), (262, -94), (232, -112)),
    ((232, -112), (212, -92), (176, -80), (124, -78), (72, -88), (22, -112)),
    ((22, -112), (10, -100), (6, -76), (4, -50), (10, -24)),
)
LOAFER_RIM = closed(
    ((22, -112), (80, -116), (150, -116), (206, -124), (236, -116)),
    ((236, -116), (212, -88), (176, -76), (124, -74), (72, -84), (22, -112)),
)
LOAFER_SOLE = closed(
    ((4, -27), (90, -27), (160, -24), (232, -17), (300, -16), (358, -24)),
    ((358, -24), (354, -12), (300, -2), (232, -3), (166, -10), (96, -13)),
    ((96, -13), (94, 2)),
    ((94, 2), (6, 2)),
    ((6, 2), (4, -27)),
)


def loafers(studio: Studio) -> None:
    """A slip-on pair with a raised apron seam: a saddle strap with a slot (``penny``) or two tassels."""
    tassel = studio.garment.style == "tassel"

    def shoe(pen: Studio) -> None:
        form(pen, LOAFER_SOLE, plain(EBONY), volume=0.3)
        insole(pen, LOAFER_RIM)
        tongue = closed(
            ((246, -100), (232, -128), (208, -144)),
            ((208, -144), (190, -136), (186, -118)),
            ((186, -118), (200, -98), (226, -86)),
        )
        form(pen, tongue, gloss=0.4, shade=-0.05)
        form(pen, LOAFER, gloss=0.6)
        apron = within(
            LOAFER,
            closed(
                ((196, -86), (226, -74), (270, -58), (312, -52), (334, -58), (336, -70)),
                ((336, -70), (300, -110), (232, -140), (196, -86)),
            ),
        )
        form(pen, apron, gloss=0.8, shade=0.12)
        seam_points = ((206, -82), (226, -74), (270, -58), (312, -52), (333, -58), (337, -68))
        pen.line(curve(*seam_points), width=3.4, rgb=ink(pen), alpha=0.8)
        pen.stitch(curve(*((x + 1, y + 5) for x, y in seam_points)), width=2)
        if tassel:
            _tassels(pen)
        else:
            saddle = within(LOAFER, strap(((196, -14), (208, -44), (226, -72), (262, -112)), 38, 34))
            pen.shadow(saddle, 0.3, 3)
            form(pen, saddle, gloss=0.8, shade=-0.02)
            slot = closed(((222, -66), (244, -79), (253, -103)), ((253, -103), (231, -90), (222, -66)))
            pen.line(slot, width=3.0, rgb=ink(pen), alpha=0.5)
            form(pen, slot, plain(ink(pen)), volume=0)
        seam(pen, curve((66, -86), (62, -60), (44, -26)))

    pair(studio, shoe, front=(285, 392), rear=(251, 258), scale=1.12, skew=0.14, flip=True)


def _tassels(pen: Studio) -> None:
    form(pen, strap(((28, -104), (72, -84), (124, -73), (176, -75), (212, -87), (236, -98)), 7), shade=-0.35)
    for x, y, lean in ((252, -84, 14), (240, -80, -12)):
        skirt = closed(
            ((x - 6, y), (x + 6, y)),
            ((x + 6, y), (x + lean + 15, y + 40)),
            ((x + lean + 15, y + 40), (x + lean - 13, y + 42)),
        )
        pen.shadow(skirt, 0.4, 3)
        form(pen, skirt, shade=-0.12, gloss=0.3)
        for share in (-8, -2, 4, 10):
            pen.line(
                curve((x + share / 3, y + 8), (x + lean + share, y + 40)), width=1.4, rgb=ink(pen), alpha=0.6
            )
        form(pen, oval(x, y, 8, 8), gloss=0.8, shade=-0.1)


FLAT_SOLE = closed(
    ((8, -14), (100, -12), (180, -8), (260, -6), (340, -12)),
    ((340, -12), (346, -4), (300, 4), (180, 2), (80, 0)),
    ((80, 0), (78, 6), (14, 6)),
    ((14, 6), (8, -14)),
)
FLAT = closed(
    ((8, -14), (100, -12), (180, -8), (260, -4), (320, -4), (346, -14)),
    ((346, -14), (354, -34), (342, -56), (310, -70), (274, -74)),
    ((274, -74), (262, -56), (228, -44), (160, -40), (90, -46), (44, -64), (18, -88)),
    ((18, -88), (8, -80), (4, -54), (8, -14)),
)
FLAT_INSIDE = closed(
    ((18, -88), (60, -96), (130, -92), (200, -92), (250, -92), (282, -78)),
    ((282, -78), (262, -52), (228, -40), (160, -36), (90, -42), (44, -60), (18, -88)),
)


def ballet_flats(studio: Studio) -> None:
    """A low, wide-open pair with a round toe and a bound edge; ``bow`` ties a bow at the throat."""
    bowed = studio.garment.style != "plain"

    def shoe(pen: Studio) -> None:
        form(pen, FLAT_SOLE, plain((70, 52, 42)), volume=0.2)
        form(pen, FLAT_INSIDE, shade=-0.3, volume=0.4)
        insole(
            pen,
            closed(
                ((30, -72), (90, -80), (180, -74), (258, -72)),
                ((258, -72), (240, -44), (160, -36), (90, -42), (30, -72)),
            ),
        )
        form(pen, FLAT, gloss=0.6)
        edge = ((18, -88), (44, -64), (90, -46), (160, -40), (228, -44), (262, -56), (276, -75))
        form(pen, strap(edge, 6), shade=-0.25, volume=0.2)
        form(
            pen,
            strap(((18, -88), (60, -96), (130, -92), (200, -92), (250, -91), (278, -76)), 5),
            shade=-0.25,
            volume=0.2,
        )
        if bowed:
            _bow(pen, 282, -70)

    pair(studio, shoe, front=(206, 372), rear=(286, 240), scale=1.08, skew=0.2)


def _bow(pen: Studio, x: float, y: float) -> None:
    for side in (-1, 1):
        tail = closed(
            ((x, y), (x + side * 22 + 6, y + 30)),
            ((x + side * 22 + 6, y + 30), (x + side * 8 + 8, y + 34)),
            ((x + side * 8 + 8, y + 34), (x, y)),
        )
        form(pen, tail, shade=-0.15)
    for side in (-1, 1):
        wing = loop(
            (x, y + 2),
            (x + side * 20, y + 15 + side * 3),
            (x + side * 40, y + 10 + side * 5),
            (x + side * 38, y - 15 + side * 5),
            (x + side * 18, y - 9),
        )
        pen.shadow(wing, 0.35, 3)
        form(pen, wing, gloss=0.4, shade=0.05)
        pen.line(
            curve((x + side * 6, y), (x + side * 26, y - 1 + side * 2)), width=2, rgb=ink(pen), alpha=0.5
        )
    form(pen, oval(x, y, 8, 10), shade=-0.05, gloss=0.4)


CANVAS = closed(
    ((8, -34), (100, -32), (200, -30), (290, -30), (346, -36)),
    ((346, -36), (356, -54), (340, -74), (300, -88), (262, -98), (226, -116)),
    ((226, -116), (206, -98), (170, -84), (120, -82), (70, -92), (20, -114)),
    ((20, -114), (8, -100), (4, -70), (8, -34)),
)
CANVAS_RIM = closed(
    ((20, -114), (80, -118), (150, -116), (200, -124), (228, -118)),
    ((228, -118), (206, -94), (170, -80), (120, -78), (70, -88), (20, -114)),
)


def espadrilles(studio: Studio) -> None:
    """A canvas pair on a braided rope sole: flat slip-ons or a rope wedge with ankle ribbons."""
    if studio.garment.style == "wedge":
        pair(studio, _wedge, front=(209, 406), rear=(279, 330), scale=1.06, skew=0.04)
    else:
        pair(studio, _slip_on, front=(223, 389), rear=(267, 249), scale=1.12, skew=0.12)


def _slip_on(pen: Studio) -> None:
    insole(pen, CANVAS_RIM)
    form(pen, CANVAS)
    seam(pen, curve((232, -106), (206, -70), (196, -34)))
    pen.stitch(curve((24, -106), (72, -85), (120, -75), (170, -77), (204, -91), (222, -108)))
    gusset = closed(
        ((200, -96), (216, -106)), ((216, -106), (208, -82), (192, -54)), ((192, -54), (192, -74), (200, -96))
    )
    form(pen, gusset, plain(CREAM), volume=0.2)
    rope = closed(
        ((0, -36), (100, -35), (200, -33), (290, -33), (352, -40)),
        ((352, -40), (364, -30), (358, -8), (340, -1)),
        ((340, -1), (200, 2), (100, 2), (10, 0)),
        ((10, 0), (-4, -10), (-4, -28), (0, -36)),
    )
    form(pen, rope, plain(ROPE), volume=0.5)
    for row in range(3):
        _braid(
            pen,
            [(x, -31 + row * 11 + 3 * (x > 300) * (320 - x) / 30) for x in range(2, 356, 13)],
            row % 2 == 0,
        )
    pen.stitch(curve((8, -42), (100, -40), (200, -38), (290, -38), (344, -45)), rgb=CREAM, width=3)


def _braid(pen: Studio, points: list[Point], rising: bool) -> None:
    """One row of rope strands, leaning up or down; two rows make a braid."""
    strands = skia.Path()
    for x, y in points:
        first, last = (y + 8, y) if rising else (y, y + 8)
        strands.moveTo(x, first)
        strands.lineTo(x + 9, last)
    pen.line(strands, width=2.6, rgb=(134, 98, 52), alpha=0.75)


def _wedge(pen: Studio) -> None:
    rope = closed(
        ((4, -118), (60, -110), (120, -84), (180, -54), (240, -38), (300, -34), (350, -38)),
        ((350, -38), (360, -26), (352, -6), (336, 0)),
        ((336, 0), (200, 1), (120, 0), (18, 0)),
        ((18, 0), (12, -50), (4, -118)),
    )
    ribbon = plain(darker(pen))
    form(pen, strap(((96, -196), (130, -214), (156, -196)), 9), ribbon, shade=-0.2, volume=0.2)
    inside = closed(
        ((10, -118), (70, -118), (140, -86), (200, -60), (240, -62)),
        ((240, -62), (200, -40), (140, -68), (60, -104), (10, -112)),
    )
    insole(pen, inside)
    form(pen, rope, plain(ROPE), volume=0.5)
    with pen.clipped(rope):
        for row in range(9):
            y = -104.0 + row * 12
            end = 350 if y > -42 else int(60 + (y + 110) * 2.0)
            _braid(pen, [(float(x), y + 2.0) for x in range(2, end, 13)], row % 2 == 0)
    toe = closed(
        ((196, -50), (240, -40), (300, -35), (348, -40)),
        ((348, -40), (354, -54), (336, -72), (296, -88), (250, -98), (214, -100)),
        ((214, -100), (202, -80), (196, -50)),
    )
    form(pen, toe)
    pen.stitch(curve((204, -54), (240, -46), (300, -41), (346, -46)), rgb=CREAM, width=2.6)
    heel = closed(
        ((4, -118), (40, -114), (80, -104)),
        ((80, -104), (72, -140), (44, -172), (16, -182)),
        ((16, -182), (4, -160), (2, -136), (4, -118)),
    )
    form(pen, heel)
    form(pen, strap(((20, -168), (60, -182), (120, -186), (158, -198)), 9), ribbon, volume=0.2)
    form(pen, strap(((24, -178), (70, -204), (110, -206), (150, -190)), 9), ribbon, volume=0.2)
    form(pen, strap(((112, -196), (140, -170), (150, -140)), 8, 6), ribbon, volume=0.2)
    form(pen, strap(((118, -196), (112, -166), (120, -146)), 8, 6), ribbon, volume=0.2)
    for side in (-1, 1):
        wing = loop((116, -196), (116 + side * 16, -208), (116 + side * 30, -202), (116 + side * 26, -188))
        form(pen, wing, ribbon, volume=0.3)
    form(pen, oval(116, -196, 6, 6), ribbon, shade=-0.1, volume=0.2)


DRAWERS = {"Loafers": loafers, "Ballet flats": ballet_flats, "Espadrilles": espadrilles}
