"""How trousers are cut, shared by pants, jeans, shorts, suits and sets."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from fashion.drawing.cuts import MIRROR, band
from fashion.drawing.fabric import Fabric
from fashion.drawing.pattern import RGB
from fashion.drawing.shapes import MIDDLE, mirrored, symmetric, trace
from fashion.drawing.studio import Studio


@dataclass(frozen=True, slots=True)
class Legs:
    """Measures of trousers, in units; half widths from the middle.

    Attributes:
        top: y of the waistband's upper edge.
        waist: Half width there.
        hip: Half width at the hip.
        crotch: y where the legs part.
        bottom: y of the hems.
        knee: Half way down: x of the outer leg line, from the middle.
        outer: x of the hem's outer corner, from the middle.
        inner: x of the hem's inner corner, from the middle.
        band: Height of the waistband.
    """

    top: float = 44.0
    waist: float = 74.0
    hip: float = 94.0
    crotch: float = 200.0
    bottom: float = 474.0
    knee: float = 98.0
    outer: float = 96.0
    inner: float = 22.0
    band: float = 20.0

    def leg(self) -> skia.Path:
        """The right leg, from waistband to hem, with its half of the seat."""
        hip_y = self.top + (self.crotch - self.top) * 0.62
        knee_y = (self.crotch + self.bottom) / 2
        inner_knee = (self.inner + 5) / 2
        return trace(
            f"M 256 {self.top + 6}"
            f" Q {MIDDLE + self.waist * 0.6} {self.top + 5} {MIDDLE + self.waist} {self.top}"
            f" C {MIDDLE + self.waist + 6} {self.top + 40} {MIDDLE + self.hip} {hip_y - 40}"
            f" {MIDDLE + self.hip} {hip_y}"
            f" Q {MIDDLE + self.hip + 2} {self.crotch + 30} {MIDDLE + self.knee} {knee_y}"
            f" L {MIDDLE + self.outer} {self.bottom - 3}"
            f" Q {MIDDLE + (self.outer + self.inner) / 2} {self.bottom + 4} {MIDDLE + self.inner}"
            f" {self.bottom}"
            f" L {MIDDLE + inner_knee} {knee_y} Q {MIDDLE + 5} {self.crotch + 30} {MIDDLE} {self.crotch} Z"
        )

    def waistband(self) -> skia.Path:
        """The waistband."""
        grow = self.band * 0.14
        low = self.top + self.band
        return symmetric(
            f"M 256 {self.top + 6}"
            f" Q {MIDDLE + self.waist * 0.6} {self.top + 5} {MIDDLE + self.waist} {self.top - 1}"
            f" L {MIDDLE + self.waist + grow} {low} Q {MIDDLE + self.waist * 0.6} {low + 6} 256 {low + 7}"
        )


def draw_legs(
    studio: Studio, cut: Legs, *, fabric: Fabric | None = None, crease: bool = False, fade: bool = False
) -> None:
    """Both legs with their folds.

    Args:
        studio: Where to draw.
        cut: The measures.
        fabric: The cloth, the main fabric by default.
        crease: Whether an ironed crease runs down each leg.
        fade: Whether the thighs are washed out, as on jeans.
    """
    inside = symmetric(
        f"M 256 {cut.top - 6}"
        f" Q {MIDDLE + cut.waist * 0.7} {cut.top - 6} {MIDDLE + cut.waist - 1} {cut.top}"
        f" L {MIDDLE + cut.waist - 4} {cut.top + 8} L 256 {cut.top + 12}"
    )
    if not studio.worn:
        studio.piece(inside, (fabric or studio.fabric).flat(), shade=-0.4, volume=0.3)
    leg = cut.leg()
    length = cut.bottom - cut.crotch
    center = (cut.outer + cut.inner) / 2
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.piece(leg, fabric)
            with studio.clipped(leg):
                if fade:
                    _fade(studio, cut)
                studio.fold((MIDDLE + 4, cut.crotch - 6), (MIDDLE + 44, cut.crotch - 34), 6, 0.3)
                studio.fold((MIDDLE + 6, cut.crotch + 4), (MIDDLE + 52, cut.crotch + 22), -5, 0.24)
                if length > 150:
                    knee = (cut.crotch + cut.bottom) / 2
                    studio.fold(
                        (MIDDLE + cut.knee - 4, knee - 8), (MIDDLE + cut.knee - 38, knee + 8), 4, 0.22
                    )
                    studio.fold(
                        (MIDDLE + cut.inner * 0.7 + 6, knee + 24), (MIDDLE + center, knee + 12), -4, 0.18
                    )
                    studio.fold(
                        (MIDDLE + cut.inner + 6, cut.bottom - 34),
                        (MIDDLE + center + 6, cut.bottom - 24),
                        -4,
                        0.2,
                    )
            if crease:
                studio.line(
                    trace(
                        f"M {MIDDLE + cut.waist * 0.55} {cut.top + cut.band + 30}"
                        f" Q {MIDDLE + center + 2} {cut.crotch + 20} {MIDDLE + center} {cut.bottom - 2}"
                    ),
                    width=2.0,
                    alpha=0.55,
                )


def _fade(studio: Studio, cut: Legs) -> None:
    x, y = MIDDLE + cut.hip * 0.52, (cut.crotch + cut.bottom) / 2 - 40
    colors = [int(skia.Color(255, 255, 255, 62)), int(skia.Color(255, 255, 255, 0))]
    shader = skia.GradientShader.MakeRadial(skia.Point(0, 0), 30.0, colors)
    studio.canvas.save()
    studio.canvas.translate(x, y)
    studio.canvas.scale(1.0, 4.2)
    studio.canvas.drawCircle(0, 0, 30, skia.Paint(Shader=shader, AntiAlias=True))
    studio.canvas.restore()


def waistband(
    studio: Studio,
    cut: Legs,
    *,
    fabric: Fabric | None = None,
    loops: bool = True,
    button: RGB | None = None,
    thread: RGB | None = None,
) -> None:
    """The waistband, its belt loops, its button and the fly's curve."""
    path = cut.waistband()
    studio.piece(path, fabric, volume=0.7)
    if loops:
        for x in (-0.82, -0.42, 0.42, 0.82):
            left = MIDDLE + x * cut.waist
            top = cut.top + 3 - abs(x) * 2
            studio.piece(
                trace(
                    f"M {left - 4} {top} L {left + 4} {top} L {left + 4} {top + cut.band + 7}"
                    f" L {left - 4} {top + cut.band + 7} Z"
                ),
                fabric,
                shade=-0.06,
                volume=0.2,
            )
    low, fly = cut.top + cut.band + 7, cut.crotch - 28
    studio.line(trace(f"M 256 {low} L 256 {cut.crotch}"), width=1.8, alpha=0.75)
    curve = trace(
        f"M {MIDDLE + 17} {low} L {MIDDLE + 17} {fly - 16} Q {MIDDLE + 15} {fly + 4} {MIDDLE} {fly + 8}"
    )
    if thread is not None:
        studio.stitch(curve, rgb=thread, width=1.8)
    else:
        studio.line(curve, width=1.3, alpha=0.45)
    studio.button(MIDDLE, cut.top + 6 + cut.band / 2, 5.2, button)


def drawstring(studio: Studio, cut: Legs, fabric: Fabric | None = None) -> None:
    """An elastic waistband, gathered, with a tied cord."""
    studio.piece(cut.waistband(), fabric or studio.trim)
    steps = int(cut.waist / 6)
    for index in range(-steps, steps + 1):
        x = MIDDLE + index * 6
        studio.line(trace(f"M {x} {cut.top + 5} L {x} {cut.top + cut.band + 3}"), width=1.2, alpha=0.35)
    cord = Fabric((238, 236, 230))
    for side in (-1, 1):
        band(
            studio,
            trace(
                f"M {MIDDLE + side * 8} {cut.top + cut.band - 4}"
                f" Q {MIDDLE + side * 16} {cut.top + 50} {MIDDLE + side * 10} {cut.top + 78}"
            ),
            4,
            cord,
        )


def slant_pockets(studio: Studio, cut: Legs) -> None:
    """Slanted side pockets."""
    path = trace(
        f"M {MIDDLE + cut.waist * 0.66} {cut.top + cut.band + 4}"
        f" L {MIDDLE + cut.hip - 3} {cut.top + cut.band + 74}"
    )
    for side in (path, mirrored(path)):
        studio.line(side, width=2.0, alpha=0.7)


def hems(studio: Studio, cut: Legs, rise: float = 10.0, *, thread: RGB | None = None) -> None:
    """The stitched line above each hem."""
    path = trace(
        f"M {MIDDLE + cut.inner - 1} {cut.bottom - rise}"
        f" Q {MIDDLE + (cut.inner + cut.outer) / 2} {cut.bottom - rise + 4} {MIDDLE + cut.outer}"
        f" {cut.bottom - rise - 3}"
    )
    for side in (path, mirrored(path)):
        if thread is not None:
            studio.stitch(side, rgb=thread, width=1.8)
        else:
            studio.line(side, width=1.4, alpha=0.5)
