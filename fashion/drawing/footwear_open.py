"""Open shoes: sandals, slides and flip flops."""

from __future__ import annotations

from fashion.drawing.fabric import plain
from fashion.drawing.footwear_heels import ring, strappy_heel
from fashion.drawing.footwear_parts import EBONY, INSOLE, darker, form
from fashion.drawing.footwear_shape import Point, closed, curve, loop, oval, pair, strap, thick
from fashion.drawing.pattern import paint, tone
from fashion.drawing.studio import Studio

BED: tuple[Point, ...] = (
    (2, -38),
    (14, -10),
    (60, 4),
    (130, 4),
    (200, 14),
    (270, 18),
    (326, 4),
    (348, -24),
    (332, -50),
    (280, -64),
    (200, -58),
    (120, -58),
    (50, -66),
    (14, -60),
)


def sandals(studio: Studio) -> None:
    """An open pair: thin straps on a high heel, or a flat pair with crossed straps and an ankle strap."""
    if studio.garment.style == "flat":
        pair(studio, _flat_sandal, front=(223, 380), rear=(279, 264), scale=1.1, skew=0.14)
    else:
        pair(studio, strappy_heel, front=(203, 435), rear=(279, 361), scale=1.1, skew=0.05)


def _flat_sandal(pen: Studio) -> None:
    form(pen, thick(BED, 10), plain((104, 72, 48)), volume=0.3)
    form(pen, loop(*BED), plain(INSOLE), volume=0.4)
    pen.line(
        loop(*((20 + (x - 20) * 0.94, -25 + (y + 25) * 0.82) for x, y in BED)),
        width=1.4,
        rgb=(150, 112, 74),
        alpha=0.8,
    )
    form(pen, strap(((34, -106), (58, -122), (102, -124), (130, -108)), 10), shade=-0.35, volume=0.2)
    form(pen, strap(((300, 12), (314, -40), (296, -68)), 15), gloss=0.4)
    form(pen, strap(((236, 17), (262, -50), (300, -62), (306, -56)), 15), gloss=0.4)
    form(pen, strap(((276, 16), (256, -66), (214, -76), (196, -56)), 15), gloss=0.4)
    form(pen, strap(((284, -46), (230, -76), (176, -88), (126, -106)), 12), gloss=0.4)
    heel = closed(
        ((2, -40), (10, -14), (34, 0)),
        ((34, 0), (40, -40), (58, -92)),
        ((58, -92), (30, -104)),
        ((30, -104), (10, -80), (2, -40)),
    )
    form(pen, heel, gloss=0.3)
    form(pen, strap(((38, -100), (64, -88), (106, -90), (131, -107)), 12), gloss=0.4)
    pen.metal(ring(86, -88, 10), "gold")


def slides(studio: Studio) -> None:
    """Thick slides with one broad band, or flip flops with a thong between the toes, seen from above."""
    if studio.garment.style == "flip flop":
        pair(
            studio,
            _flip_flop,
            front=(172, 262),
            rear=(342, 250),
            scale=1.22,
            turn=-84,
            rear_turn=-96,
            flip_rear=True,
        )
    else:
        pair(studio, _slide, front=(224, 334), rear=(276, 204), scale=1.12, skew=0.16)


def _slide(pen: Studio) -> None:
    form(pen, thick(BED, 30), plain(darker(pen)), volume=0.7)
    for drop in (13.0, 21.0):
        pen.line(
            curve(
                (4, -30 + drop),
                (20, -8 + drop),
                (60, 5 + drop),
                (130, 6 + drop),
                (200, 15 + drop),
                (270, 19 + drop),
                (326, 6 + drop),
                (346, -14 + drop),
            ),
            width=1.8,
            rgb=(255, 255, 255),
            alpha=0.22,
        )
    form(pen, loop(*BED), plain(tone(darker(pen), 0.22)), volume=0.3)
    pen.shadow(loop(*BED), 0.25, 10)
    form(
        pen,
        closed(
            ((178, -20), (204, -62), (250, -76)),
            ((250, -76), (238, -50), (226, -30)),
            ((226, -30), (178, -20)),
        ),
        shade=-0.5,
        volume=0.2,
    )
    band = closed(
        ((168, 14), (200, 19), (240, 23), (282, 23), (312, 15)),
        ((312, 15), (318, -24), (306, -68), (284, -94)),
        ((284, -94), (262, -98), (232, -94)),
        ((232, -94), (200, -72), (178, -34), (168, 14)),
    )
    form(pen, band, gloss=0.5)
    pen.stitch(curve((232, -87), (206, -68), (186, -32), (176, 12)))
    pen.stitch(curve((282, -88), (300, -64), (310, -24), (305, 15)))


THONG_BED: tuple[Point, ...] = (
    (2, -8),
    (10, 34),
    (48, 50),
    (110, 44),
    (170, 42),
    (230, 58),
    (290, 58),
    (330, 34),
    (342, 0),
    (330, -32),
    (296, -50),
    (240, -50),
    (180, -36),
    (110, -42),
    (48, -50),
    (10, -38),
)


def _flip_flop(pen: Studio) -> None:
    under = loop(*((x - 5, y - 4) for x, y in THONG_BED))
    form(pen, under, plain(tone(darker(pen), -0.2)), volume=0.2)
    form(pen, loop(*THONG_BED), volume=0.3)
    pen.line(loop(*((16 + (x - 16) * 0.94, 1 + (y - 1) * 0.88) for x, y in THONG_BED)), width=1.6, alpha=0.45)
    cord = plain(darker(pen) if pen.fabric.pattern == "solid" else EBONY)
    for side, end in ((-1, (150, -37)), (1, (144, 46))):
        line = ((268, 4), (236, 12 * side + 4), (190, 32 * side + 3), end)
        cast = strap([(x - 5, y - 3) for x, y in line], 12, 22)
        pen.canvas.drawPath(cast, paint((0, 0, 0), 0.22))
        form(pen, strap(line, 12, 22), cord, volume=0.5, gloss=0.2)
    form(pen, oval(268, 4, 9, 9), cord, volume=0.6)


DRAWERS = {"Sandals": sandals, "Slides & flip flops": slides}
