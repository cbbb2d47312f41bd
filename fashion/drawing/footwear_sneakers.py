"""Sneakers: low-top, high-top and runner, on white rubber."""

from __future__ import annotations

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_parts import (
    RUBBER,
    SNOW,
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
from fashion.drawing.footwear_shape import Point, between, closed, curve, oval, pair, strap, within
from fashion.drawing.pattern import paint
from fashion.drawing.studio import Studio

COURT = closed(
    ((10, -34), (90, -33), (180, -32), (260, -31), (338, -34)),
    ((338, -34), (350, -50), (340, -70), (312, -82), (280, -90), (248, -106), (218, -128), (192, -150)),
    ((192, -150), (176, -138), (146, -122), (108, -116), (72, -120), (42, -136), (20, -148)),
    ((20, -148), (8, -136), (8, -104), (2, -72), (4, -50), (10, -34)),
)
COURT_RIM = closed(
    ((20, -148), (60, -142), (120, -136), (168, -150), (192, -156)),
    ((192, -156), (180, -136), (146, -118), (108, -112), (72, -116), (42, -130), (20, -148)),
)
COURT_TONGUE = closed(
    ((250, -98), (224, -126), (200, -156), (188, -184)),
    ((188, -184), (172, -184), (158, -170)),
    ((158, -170), (170, -140), (200, -114), (230, -90)),
)
TALL = closed(
    ((12, -34), (90, -33), (180, -32), (260, -31), (338, -34)),
    (
        (338, -34),
        (348, -48),
        (338, -64),
        (312, -76),
        (282, -84),
        (250, -100),
        (222, -128),
        (200, -166),
        (186, -206),
        (178, -244),
    ),
    ((178, -244), (150, -236), (110, -234), (70, -240), (44, -248)),
    ((44, -248), (34, -210), (34, -160), (22, -110), (8, -70), (12, -34)),
)


def sneakers(studio: Studio) -> None:
    """A pair of sneakers: a court shoe, a canvas high-top with a rubber toe, or a runner on sculpted foam."""
    style = studio.garment.style
    if style == "high-top":
        pair(studio, _high_top, front=(212, 424), rear=(282, 376), scale=1.08, skew=0.04)
    elif style == "runner":
        pair(studio, _runner, front=(218, 419), rear=(280, 287), scale=1.06, skew=0.03, turn=-3)
    else:
        pair(studio, _low_top, front=(217, 418), rear=(277, 290), scale=1.1, skew=0.04)


def _cup_sole(pen: Studio, height: float) -> None:
    sole = closed(
        ((2, -height), (90, -height + 1), (180, -height + 2), (270, -height + 2), (350, -height - 2)),
        ((350, -height - 2), (357, -height + 8), (353, -12), (336, -1)),
        ((336, -1), (250, 0), (100, 0), (12, 0)),
        ((12, 0), (2, -8), (0, -height + 10), (2, -height)),
    )
    form(pen, sole, plain(RUBBER), volume=0.45)


def _low_top(pen: Studio) -> None:
    other = accent(pen, strong=True)
    form(pen, COURT_RIM, lining(pen), shade=-0.3, volume=0.2)
    form(pen, COURT_TONGUE, shade=0.05)
    form(pen, COURT, gloss=0.3)
    toe = within(
        COURT,
        closed(((268, -110), (288, -70), (262, -20)), ((262, -20), (380, -20)), ((380, -110), (268, -110))),
    )
    form(pen, toe, shade=0.05, gloss=0.3)
    for row in range(3):
        for column in range(4):
            form(
                pen,
                oval(294 + column * 8 + row * 3, -74 + row * 7 + column * 2, 1.8, 1.5),
                plain(darker(pen)),
                volume=0,
                outline=False,
            )
    heel = within(
        COURT, closed(((-10, -160), (30, -160)), ((30, -160), (40, -110), (30, -84)), ((30, -84), (-10, -84)))
    )
    form(pen, heel, other, gloss=0.3)
    facing = within(
        COURT,
        closed(
            ((262, -108), (252, -82), (232, -78)),
            ((232, -78), (200, -94), (150, -118)),
            ((150, -118), (168, -170)),
            ((168, -170), (262, -108)),
        ),
    )
    form(pen, facing, shade=-0.06, gloss=0.3)
    seam(pen, curve((40, -128), (70, -106), (120, -100), (160, -108)))
    seam(pen, curve((228, -76), (196, -56), (184, -34)))
    seam(pen, curve((36, -84), (60, -60), (66, -36)))
    near = [between((234, -90), (176, -131), step / 4) for step in range(5)]
    far = [(x + 22, y - 15) for x, y in near]
    laces(pen, near, far, SNOW, 7.5)
    eyelets(pen, near, 2.6)
    _cup_sole(pen, 37)
    pen.stitch(curve((6, -31), (90, -30), (250, -29), (350, -32)), rgb=(176, 176, 172), width=1.6)
    pen.line(curve((2, -11), (170, -10), (352, -13)), width=1.2, rgb=(120, 120, 118), alpha=0.4)


def _high_top(pen: Studio) -> None:
    form(
        pen,
        closed(
            ((44, -248), (90, -262), (150, -262), (180, -250)),
            ((180, -250), (150, -232), (110, -230), (70, -236), (44, -248)),
        ),
        lining(pen),
        shade=-0.4,
        volume=0.2,
    )
    form(
        pen,
        closed(
            ((196, -170), (198, -210), (192, -266)),
            ((192, -266), (172, -272), (156, -262)),
            ((156, -262), (160, -210), (196, -170)),
        ),
        shade=-0.05,
    )
    form(pen, TALL)
    strip = ((252, -92), (218, -116), (192, -162), (176, -208), (168, -240))
    seam(pen, curve(*((x - 18, y + 8) for x, y in strip)))
    form(
        pen, within(TALL, strap(((40, -250), (40, -200), (34, -150), (16, -90), (10, -30)), 26)), shade=-0.12
    )
    seam(pen, curve((226, -88), (196, -60), (186, -34)))
    seam(pen, curve((30, -140), (90, -130), (168, -150)))
    near: list[Point] = [
        (232, -96),
        (212, -114),
        (197, -136),
        (186, -160),
        (177, -185),
        (170, -210),
        (165, -233),
    ]
    far: list[Point] = [
        (258, -106),
        (236, -126),
        (220, -148),
        (208, -172),
        (199, -196),
        (191, -220),
        (187, -243),
    ]
    laces(pen, near, far, SNOW, 7)
    eyelets(pen, near, 3)
    form(pen, oval(98, -176, 27, 27), plain(SNOW), volume=0.15)
    pen.canvas.drawCircle(98, -176, 20, paint(darker(pen), 0.9, stroke=3.5))
    pen.canvas.drawCircle(98, -176, 9, paint(darker(pen)))
    cap = within(
        TALL,
        closed(((292, -110), (282, -70), (300, -30)), ((300, -30), (380, -30)), ((380, -110), (292, -110))),
    )
    form(pen, cap, plain(RUBBER), gloss=0.4)
    _cup_sole(pen, 36)
    pen.line(curve((2, -27), (170, -25), (352, -29)), width=3.2, rgb=ink(pen), alpha=0.9)
    pen.line(curve((2, -8), (170, -7), (350, -9)), width=1.6, rgb=(140, 140, 136), alpha=0.5)


def _runner(pen: Studio) -> None:
    other = accent(pen, strong=True)
    form(pen, COURT_RIM, lining(pen), shade=-0.3, volume=0.2)
    form(pen, COURT_TONGUE, other)
    form(pen, COURT)
    swoop = within(
        COURT,
        closed(
            ((60, -30), (110, -70), (170, -92), (222, -104)),
            ((222, -104), (210, -86), (190, -60), (176, -26)),
            ((176, -26), (60, -26)),
        ),
    )
    form(pen, swoop, other, shade=0.0)
    for step in range(2):
        x = 104 + step * 38
        pen.line(curve((x, -36), (x + 34, -68), (x + 66, -92 - step * 3)), width=4, rgb=SNOW, alpha=0.9)
    guard = within(
        COURT,
        closed(
            ((236, -26), (290, -46), (326, -60), (360, -86)),
            ((360, -86), (380, -20)),
            ((380, -20), (236, -20)),
        ),
    )
    form(pen, guard, other)
    counter = within(COURT, closed(((-10, -120), (30, -104), (62, -70), (76, -26)), ((76, -26), (-10, -26))))
    form(pen, counter, other)
    form(pen, strap(((22, -150), (10, -164), (4, -150), (10, -126)), 7), other, volume=0.2)
    perforations(pen, ((262, -84), (284, -76), (310, -70)), darker(pen), 1.6, 7)
    perforations(pen, ((252, -76), (276, -66), (300, -60)), darker(pen), 1.6, 7)
    near = [between((240, -94), (180, -134), step / 4) for step in range(5)]
    far = [(x + 20, y - 14) for x, y in near]
    laces(pen, near, far, SNOW, 6)
    sole = closed(
        ((-4, -62), (30, -44), (90, -38), (180, -34), (270, -30), (352, -44)),
        ((352, -44), (366, -36), (356, -18), (330, -3)),
        ((330, -3), (280, 0), (210, 0), (180, -6), (150, -2)),
        ((150, -2), (90, 0), (30, 0)),
        ((30, 0), (8, -4), (-8, -30), (-4, -62)),
    )
    form(pen, sole, plain(RUBBER), volume=0.6)
    pen.line(
        curve((-4, -34), (60, -24), (150, -20), (250, -17), (354, -28)), width=3.4, rgb=other.color, alpha=0.9
    )
    tread = closed(
        ((20, -3), (150, -4), (180, -9), (215, -4), (334, -6)),
        ((334, -6), (320, 4), (230, 4), (180, -3), (140, 4), (34, 4), (20, -3)),
    )
    form(pen, tread, plain((64, 64, 66)), volume=0.2)


DRAWERS = {"Sneakers": sneakers}
