"""Boots: ankle boots on a block heel, Chelsea boots with elastic gores, knee-high boots."""

from __future__ import annotations

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_parts import EBONY, darker, form, ink, lining, seam
from fashion.drawing.footwear_shape import box, closed, curve, oval, pair, strap, within
from fashion.drawing.studio import Studio

ANKLE = closed(
    ((14, -66), (60, -62), (110, -46), (170, -22), (230, -12), (300, -11), (348, -15)),
    (
        (348, -15),
        (354, -26),
        (342, -42),
        (310, -56),
        (272, -72),
        (234, -100),
        (206, -140),
        (194, -190),
        (194, -232),
    ),
    ((194, -232), (160, -226), (110, -226), (60, -236)),
    ((60, -236), (46, -190), (38, -150), (18, -116), (10, -88), (14, -66)),
)
ANKLE_RIM = closed(
    ((60, -236), (100, -246), (150, -246), (194, -232)), ((194, -232), (160, -222), (110, -222), (60, -236))
)
ANKLE_SOLE = closed(
    ((10, -68), (60, -65), (110, -49), (170, -25), (230, -15), (300, -13), (358, -17)),
    ((358, -17), (354, -6), (300, -1), (230, -2), (168, -12), (112, -36), (96, -42)),
    ((96, -42), (90, 0)),
    ((90, 0), (24, 0)),
    ((24, 0), (10, -68)),
)

CHELSEA = closed(
    ((12, -30), (90, -30), (160, -26), (240, -16), (300, -14), (346, -20)),
    (
        (346, -20),
        (356, -38),
        (346, -58),
        (316, -72),
        (278, -84),
        (238, -108),
        (210, -146),
        (200, -190),
        (202, -226),
    ),
    ((202, -226), (160, -218), (100, -218), (46, -228)),
    ((46, -228), (34, -180), (26, -130), (10, -90), (6, -58), (12, -30)),
)
CHELSEA_RIM = closed(
    ((46, -228), (90, -240), (155, -240), (202, -226)), ((202, -226), (160, -214), (100, -214), (46, -228))
)
CHELSEA_SOLE = closed(
    ((5, -34), (90, -33), (160, -29), (240, -19), (300, -17), (358, -23)),
    ((358, -23), (356, -8), (300, 0), (235, -1), (168, -12), (102, -16)),
    ((102, -16), (100, 3)),
    ((100, 3), (8, 3)),
    ((8, 3), (5, -34)),
)

TALL = closed(
    ((14, -46), (70, -44), (120, -34), (180, -18), (240, -11), (300, -10), (346, -16)),
    (
        (346, -16),
        (352, -28),
        (340, -44),
        (310, -58),
        (272, -76),
        (236, -104),
        (210, -150),
        (204, -210),
        (220, -320),
        (230, -430),
        (228, -520),
    ),
    ((228, -520), (170, -508), (110, -508), (50, -516)),
    ((50, -516), (36, -420), (34, -320), (48, -220), (44, -160), (16, -100), (8, -70), (14, -46)),
)
TALL_RIM = closed(
    ((50, -516), (100, -534), (180, -536), (228, -520)), ((228, -520), (170, -504), (110, -504), (50, -516))
)
TALL_SOLE = closed(
    ((9, -50), (70, -47), (120, -37), (180, -21), (240, -14), (300, -13), (356, -19)),
    ((356, -19), (352, -8), (300, -2), (240, -2), (176, -10), (116, -26), (98, -30)),
    ((98, -30), (94, 2)),
    ((94, 2), (18, 2)),
    ((18, 2), (9, -50)),
)


def boots(studio: Studio) -> None:
    """A pair of boots: a zipped ankle boot, a Chelsea boot, or a boot up to the knee."""
    style = studio.garment.style
    if style == "knee-high":
        pair(studio, _knee_high, front=(194, 483), rear=(300, 457), scale=0.8, skew=0.03)
    elif style == "chelsea":
        pair(studio, _chelsea, front=(201, 419), rear=(285, 375), scale=1.08, skew=0.04, flip=False)
    else:
        pair(studio, _ankle, front=(199, 412), rear=(283, 366), scale=1.08, skew=0.03)


def _ankle(pen: Studio) -> None:
    form(pen, ANKLE_SOLE, plain(EBONY), volume=0.4)
    form(pen, ANKLE_RIM, lining(pen), shade=-0.4, volume=0.2)
    form(pen, ANKLE, gloss=0.7)
    seam(pen, curve((200, -150), (186, -100), (150, -34)))
    pen.fold((204, -128), (150, -112), 4, 0.3)
    pen.fold((52, -150), (110, -128), -4, 0.22)
    pen.line(curve((112, -226), (108, -160), (104, -84)), width=7, rgb=(40, 38, 38), alpha=0.75)
    pen.metal(strap(((112, -224), (108, -160), (104, -86)), 3.4), "gold")
    pen.metal(box(101, -98, 108, -74), "gold")


def _chelsea(pen: Studio) -> None:
    form(pen, CHELSEA_SOLE, plain(EBONY), volume=0.4)
    form(pen, strap(((40, -222), (34, -252), (50, -256), (58, -222)), 9), shade=-0.1, volume=0.3)
    form(pen, CHELSEA_RIM, lining(pen), shade=-0.4, volume=0.2)
    form(pen, CHELSEA, gloss=0.7)
    gore = within(
        CHELSEA,
        closed(
            ((92, -230), (100, -170), (128, -110)),
            ((128, -110), (142, -106), (152, -114)),
            ((152, -114), (164, -170), (162, -230)),
            ((162, -230), (92, -230)),
        ),
    )
    form(pen, gore, plain(darker(pen)), volume=0.5)
    with pen.clipped(gore):
        for step in range(11):
            x = 94 + step * 7
            pen.line(curve((x, -232), (x + (128 - x) * 0.4, -104)), width=1.8, rgb=(0, 0, 0), alpha=0.35)
    seam(pen, curve((86, -224), (96, -166), (122, -104), (108, -60), (96, -34)))
    seam(pen, curve((168, -224), (170, -166), (158, -108), (170, -66), (190, -26)))
    pen.fold((236, -112), (180, -92), 4, 0.25)
    pen.line(curve((10, -30), (160, -25), (300, -13), (350, -20)), width=2.4, rgb=(110, 96, 80), alpha=0.8)


def _knee_high(pen: Studio) -> None:
    form(pen, TALL_SOLE, plain(EBONY), volume=0.4)
    form(pen, TALL_RIM, lining(pen), shade=-0.4, volume=0.2)
    form(pen, TALL)
    with pen.clipped(TALL):
        sheen = strap(((160, -500), (158, -380), (140, -240), (150, -150)), 46, 24)
        pen.highlight(sheen, 0.10, 26)
    pen.fold((208, -170), (120, -150), 6, 0.35)
    pen.fold((206, -205), (130, -196), 5, 0.25)
    pen.fold((48, -180), (120, -166), -5, 0.3)
    pen.fold((46, -140), (110, -126), -5, 0.25)
    pen.fold((224, -400), (190, -260), 6, 0.2)
    seam(pen, curve((96, -508), (90, -380), (92, -220), (86, -120), (80, -46)))
    seam(pen, curve((206, -150), (190, -104), (150, -28)))
    pen.line(curve((49, -496), (110, -488), (170, -488), (229, -500)), width=2.2, rgb=ink(pen), alpha=0.6)
    form(pen, strap(((40, -118), (100, -128), (160, -132), (214, -142)), 13), shade=-0.15, volume=0.5)
    pen.metal(oval(128, -130, 11, 11), "gold")
    form(pen, oval(128, -130, 5.5, 5.5), shade=-0.15, volume=0)


DRAWERS = {"Boots": boots}
