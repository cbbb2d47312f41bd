"""Lace-up leather shoes: Oxford shoes, Derby shoes and Brogues."""

from __future__ import annotations

import skia

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_parts import (
    CREAM,
    EBONY,
    accent,
    darker,
    eyelets,
    form,
    ink,
    laces,
    lining,
    perforations,
    seam,
)
from fashion.drawing.footwear_shape import Point, between, closed, curve, loop, oval, pair, strap, within
from fashion.drawing.studio import Studio

SLEEK_BOTTOM: tuple[Point, ...] = ((12, -24), (90, -25), (160, -21), (232, -12), (300, -11), (348, -17))
SLEEK = closed(
    SLEEK_BOTTOM,
    ((348, -17), (354, -28), (346, -42), (320, -54), (286, -65), (250, -82), (218, -106), (192, -130)),
    ((192, -130), (180, -120), (150, -106), (112, -95), (74, -97), (42, -110), (22, -122)),
    ((22, -122), (12, -112), (8, -88), (5, -60), (7, -38), (12, -24)),
)
SLEEK_RIM = closed(
    ((22, -122), (60, -120), (120, -114), (170, -126), (192, -130)),
    ((192, -130), (180, -118), (150, -102), (112, -91), (74, -93), (42, -106), (22, -122)),
)
THIN_SOLE = closed(
    ((7, -25), (90, -27), (160, -23), (232, -14), (300, -13), (357, -19)),
    ((357, -19), (352, -10), (300, -3), (232, -4), (166, -12), (96, -16)),
    ((96, -16), (94, 0)),
    ((94, 0), (8, 0)),
    ((8, 0), (7, -25)),
)

ROUND = closed(
    ((10, -36), (90, -36), (170, -34), (250, -30), (310, -29), (346, -34)),
    ((346, -34), (358, -52), (350, -76), (322, -90), (286, -96), (254, -106), (226, -124), (200, -148)),
    ((200, -148), (186, -138), (152, -122), (112, -114), (74, -116), (44, -128), (22, -142)),
    ((22, -142), (10, -130), (6, -100), (3, -72), (5, -50), (10, -36)),
)
ROUND_RIM = closed(
    ((22, -142), (60, -140), (120, -134), (172, -146), (200, -150)),
    ((200, -150), (186, -136), (152, -118), (112, -110), (74, -112), (44, -124), (22, -142)),
)


def oxford(studio: Studio) -> None:
    """A sleek pair on a thin sole with closed lacing; ``cap-toe`` has one straight seam across the toe."""
    capped = studio.garment.style != "plain"

    def shoe(pen: Studio) -> None:
        form(pen, THIN_SOLE, plain(EBONY), volume=0.3)
        form(pen, SLEEK_RIM, lining(pen), shade=-0.35, volume=0.2)
        form(pen, SLEEK, gloss=0.8)
        if capped:
            cap = within(
                SLEEK,
                closed(((296, -90), (308, -44), (298, 4)), ((298, 4), (380, 4)), ((380, 4), (380, -90))),
            )
            with pen.clipped(SLEEK):
                pen.line(curve((289, -66), (301, -40), (292, -9)), width=5.5, rgb=ink(pen), alpha=0.35)
                pen.stitch(curve((284, -66), (296, -40), (287, -9)), width=1.8)
            form(pen, cap, gloss=1.0, shade=0.1)
            pen.line(curve((297, -59), (308, -38), (299, -11)), width=3.0, rgb=ink(pen), alpha=0.95)
        seam(pen, curve((246, -82), (222, -76), (192, -56), (168, -22)))
        pen.line(curve((250, -82), (226, -74), (197, -54), (173, -22)), width=1.8, rgb=ink(pen), alpha=0.6)
        seam(pen, curve((70, -96), (66, -70), (40, -26)))
        pen.line(curve((236, -88), (210, -108), (188, -127)), width=2.4, rgb=ink(pen), alpha=0.8)
        near = [between((229, -84), (184, -117), step / 4) for step in range(5)]
        far = [(x + 13, y - 9) for x, y in near]
        laces(pen, near, far, darker(pen), 4.2)
        eyelets(pen, near, 1.9)

    pair(studio, shoe, front=(218, 389), rear=(268, 269), scale=1.16, skew=0.06)


def derby(studio: Studio) -> None:
    """A rounder pair with open lacing on a thick lugged, welted sole; ``chunky`` is thicker yet."""
    tall = 26.0 if studio.garment.style == "chunky" else 8.0

    def shoe(pen: Studio) -> None:
        _lugged_sole(pen, tall)
        form(pen, ROUND_RIM, lining(pen), shade=-0.4, volume=0.2)
        tongue = closed(
            ((262, -92), (236, -118), (212, -156), (190, -168)),
            ((190, -168), (176, -150), (200, -120), (240, -84)),
        )
        form(pen, tongue, shade=-0.2)
        form(pen, ROUND, gloss=0.6)
        gap = closed(
            ((256, -108), (226, -128), (200, -152)),
            ((200, -152), (180, -140)),
            ((180, -140), (204, -112), (236, -90)),
            ((236, -90), (258, -92), (256, -108)),
        )
        form(pen, within(ROUND, gap), shade=-0.45, outline=False)
        flap = closed(
            ((132, -30), (150, -60), (188, -80), (226, -84)),
            ((226, -84), (238, -88), (236, -98)),
            ((236, -98), (206, -118), (180, -146)),
            ((180, -146), (152, -124), (112, -116), (74, -118), (44, -130), (22, -144)),
            ((22, -144), (10, -130), (6, -100), (3, -72), (5, -50), (10, -33)),
        )
        pen.shadow(flap, 0.35, 4)
        form(pen, flap, gloss=0.6)
        seam(
            pen,
            curve(
                (138, -36),
                (154, -58),
                (190, -75),
                (222, -79),
                (231, -88),
                (229, -97),
                (200, -117),
                (177, -141),
            ),
        )
        seam(pen, curve((84, -114), (78, -80), (46, -38)))
        near = [between((219, -92), (181, -131), step / 3) for step in range(4)]
        far = [(x + 32, y - 16) for x, y in near]
        laces(pen, near, far, CREAM if tall > 10 else darker(pen), 6.5)
        eyelets(pen, near, 3.2)

    pair(studio, shoe, front=(212, 404 - tall * 0.4), rear=(274, 284 - tall * 0.9), scale=1.06, skew=0.03)


def _lugged_sole(pen: Studio, tall: float) -> None:
    """A thick rubber sole with teeth, reaching `tall` units below the ground line, and its welt stitch."""
    teeth: list[Point] = [(352, -26 + tall * 0.6), (344, -10 + tall)]
    for step in range(13):
        x = 336 - step * 26
        teeth += [(x, tall), (x - 14, tall), (x - 17, tall - 8), (x - 24, tall - 8)]
    sole = skia.Path()
    outline: list[Point] = [
        (2, -38),
        (358, -36),
        (362, -28),
        *(point for point in teeth if point[0] > 8),
        (8, tall),
        (4, -10),
    ]
    sole.addPoly([skia.Point(*point) for point in outline], True)
    form(pen, sole, plain(EBONY), volume=0.5)
    form(pen, strap(((2, -35), (90, -36), (250, -32), (352, -34)), 9), plain((120, 92, 60)), volume=0.2)
    pen.stitch(curve((8, -35), (90, -36), (250, -32), (350, -34)), rgb=(246, 214, 110), width=2.6)
    pen.line(
        curve((6, -16 + tall / 2), (180, -14 + tall / 2), (350, -18 + tall / 2)),
        width=1.6,
        rgb=(90, 90, 90),
        alpha=0.6,
    )


def brogue(studio: Studio) -> None:
    """A pair with a wing-tip cap, heel counter and facings edged by dotted perforation, in a second color."""
    strong = studio.garment.style == "two-tone"

    def shoe(pen: Studio) -> None:
        other = accent(pen, strong)
        dots = CREAM if sum(other.color) < 330 else (44, 32, 26)
        form(pen, THIN_SOLE, plain((92, 60, 38)), volume=0.3)
        pen.stitch(
            curve((12, -22), (90, -24), (160, -20), (232, -11), (300, -10), (350, -16)), rgb=CREAM, width=1.8
        )
        form(pen, SLEEK_RIM, lining(pen), shade=-0.35, volume=0.2)
        form(pen, SLEEK, gloss=0.6)
        wing = within(
            SLEEK,
            closed(
                ((150, -4), (176, -36), (216, -52), (256, -54)),
                ((256, -54), (254, -68), (246, -92)),
                ((246, -92), (300, -92), (380, -60), (380, 10), (150, 10)),
            ),
        )
        form(pen, wing, other, gloss=0.8)
        perforations(pen, ((166, -24), (184, -33), (220, -45), (264, -47)), dots, 2.5, 7.5)
        perforations(pen, ((264, -47), (262, -60), (258, -71)), dots, 2.5, 7.5)
        for x, y in ((312, -36), (304, -42), (304, -31), (320, -40), (320, -30), (312, -46), (312, -26)):
            form(pen, oval(x, y, 2.3, 2.3), plain(dots), volume=0, outline=False)
        counter = within(
            SLEEK, closed(((-10, -140), (30, -124), (54, -80), (74, -10)), ((74, -10), (-10, 0)))
        )
        form(pen, counter, other, gloss=0.5)
        perforations(pen, ((30, -110), (47, -80), (64, -30)), dots, 2.2, 7.5)
        facing = within(
            SLEEK, loop((250, -78), (216, -78), (180, -94), (150, -116), (180, -140), (210, -130), (240, -96))
        )
        form(pen, facing, other, gloss=0.5)
        perforations(pen, ((240, -80), (214, -82), (184, -96), (160, -108)), dots, 2.2, 7.5)
        near = [between((229, -88), (186, -120), step / 4) for step in range(5)]
        far = [(x + 13, y - 9) for x, y in near]
        laces(pen, near, far, dots, 4.4)

    pair(studio, shoe, front=(295, 393), rear=(241, 265), scale=1.16, skew=0.06, flip=True)


DRAWERS = {"Oxford shoes": oxford, "Derby shoes": derby, "Brogues": brogue}
