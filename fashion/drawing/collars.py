"""What sits at the neck and down the front: collars, lapels, plackets, hoods, rolled necks."""

from __future__ import annotations

import skia

from fashion.drawing.cuts import MIRROR, Torso, both, ribs
from fashion.drawing.fabric import Fabric
from fashion.drawing.pattern import RGB
from fashion.drawing.shapes import MIDDLE, box, symmetric, trace
from fashion.drawing.studio import Studio


def shirt_collar(
    studio: Studio,
    torso: Torso,
    fabric: Fabric | None = None,
    *,
    spread: float = 0.0,
    size: float = 1.0,
    gap: float = 0.0,
) -> None:
    """A folded collar with a stand; ``gap`` opens it at the front, ``spread`` moves the points outwards."""
    top, neck = torso.top, torso.neck
    stand = symmetric(
        f"M 256 {top - 6} Q {MIDDLE + neck - 12} {top - 8} {MIDDLE + neck - 4} {top - 14}"
        f" L {MIDDLE + neck + 2} {top + 4} Q {MIDDLE + neck - 10} {top + 22} 256 {top + 30 + gap}"
    )
    if not studio.worn:
        studio.piece(stand, (fabric or studio.fabric).flat(), shade=-0.3, volume=0.5)
    leaf = trace(
        f"M {MIDDLE + neck - 6} {top - 16} Q {MIDDLE + neck + 8} {top - 4} {MIDDLE + neck + 12} {top + 10}"
        f" L {MIDDLE + (38 + spread) * size} {top + 56 * size} L {MIDDLE + 1 + gap * 0.3} {top + 30 + gap}"
        f" Q {MIDDLE + neck * 0.62} {top + 16 + gap * 0.4} {MIDDLE + neck - 6} {top - 16} Z"
    )
    both(studio, leaf, fabric, angle=-20, volume=0.7)
    edge = trace(
        f"M {MIDDLE + neck + 8} {top + 9} L {MIDDLE + (36 + spread) * size} {top + 50 * size}"
        f" L {MIDDLE + 5 + gap * 0.3} {top + 30 + gap}"
    )
    for matrix in (skia.Matrix(), MIRROR):
        with studio.transformed(matrix):
            studio.line(edge, width=1.1, alpha=0.35)


def placket(
    studio: Studio,
    top: float,
    bottom: float,
    *,
    half: float = 10.0,
    buttons: int = 7,
    rgb: RGB | None = None,
    r: float = 4.2,
) -> None:
    """A button strip down the middle."""
    studio.piece(box(MIDDLE - half, top, MIDDLE + half, bottom), volume=0.3, outline=False)
    for x in (MIDDLE - half, MIDDLE + half):
        studio.line(trace(f"M {x} {top} L {x} {bottom}"), width=1.5, alpha=0.6)
    step = (bottom - top - 2 * half) / max(1, buttons - 1)
    for index in range(buttons):
        studio.button(MIDDLE, top + half + index * step, r, rgb)


def rolled_neck(studio: Studio, torso: Torso, height: float = 58.0) -> None:
    """A turtleneck, folded over and ribbed."""
    top, neck = torso.top, torso.neck
    for low, high, grow in ((20.0, height, 0.0), (24.0, height * 0.42, 5.0)):
        path = symmetric(
            f"M 256 {top - high - 5}"
            f" Q {MIDDLE + neck - 14} {top - high - 5} {MIDDLE + neck - 8 + grow} {top - high}"
            f" Q {MIDDLE + neck - 2 + grow} {top - high / 2} {MIDDLE + neck + 2 + grow} {top + 8}"
            f" Q {MIDDLE + neck * 0.6} {top + low + 6} 256 {top + low + 8}"
        )
        studio.piece(path, studio.fabric, volume=1.2)
        ribs(studio, path, gap=7, alpha=0.33)


def lapels(
    studio: Studio,
    torso: Torso,
    button_y: float,
    *,
    width: float = 58.0,
    fabric: Fabric | None = None,
    peak: bool = False,
) -> None:
    """A tailored collar and two notched lapels meeting at ``button_y``."""
    top, neck = torso.top, torso.neck
    notch = top + 62
    outer = MIDDLE + width + 12
    tip_y = notch - 12 if peak else notch + 3
    lapel = trace(
        f"M {MIDDLE + neck - 12} {top + 4} L {MIDDLE + neck + 14} {notch - 8}"
        f" L {outer + (6 if peak else 0)} {tip_y}"
        f" Q {outer - 8} {(notch + button_y) / 2 + 12} {MIDDLE + 1} {button_y}"
        f" Q {MIDDLE + 16} {(top + button_y) / 2 + 10} {MIDDLE + neck - 12} {top + 4} Z"
    )
    both(studio, lapel, fabric, angle=12, shade=0.03, volume=0.8)
    collar = trace(
        f"M {MIDDLE + neck - 12} {top - 14} Q {MIDDLE + neck + 4} {top - 6} {MIDDLE + neck + 13} {top + 6}"
        f" L {MIDDLE + neck + 26} {notch - 22} L {MIDDLE + neck + 7} {notch - 3}"
        f" Q {MIDDLE + neck - 12} {top + 30} {MIDDLE + neck - 16} {top + 2} Z"
    )
    both(studio, collar, fabric, angle=-24, shade=-0.04, volume=0.7)


def lapel_opening(torso: Torso, button_y: float) -> str:
    """The spec of the opening that `lapels` frames."""
    return (
        f"M 256 {button_y} Q {MIDDLE + 16} {(torso.top + button_y) / 2 + 10}"
        f" {MIDDLE + torso.neck} {torso.top}"
    )


def lining(studio: Studio, torso: Torso, button_y: float, fabric: Fabric | None = None) -> None:
    """The inside of a jacket's back, seen between the lapels where nobody wears it."""
    if studio.worn:
        return
    side, top = torso.neck, torso.top
    path = symmetric(
        f"M 256 {top - 12} Q {MIDDLE + side - 8} {top - 12} {MIDDLE + side - 2} {top - 4}"
        f" L {MIDDLE + side + 14} {top + 50} L 256 {button_y + 6}"
    )
    cloth = fabric or studio.fabric.flat()
    studio.piece(path, cloth, shade=-0.42, volume=0.4)
    studio.line(
        trace(f"M {MIDDLE - side + 6} {top + 6} Q 256 {top + 16} {MIDDLE + side - 6} {top + 6}"),
        width=2,
        alpha=0.5,
    )
    studio.piece(box(MIDDLE - 11, top + 14, MIDDLE + 11, top + 28, 1.5), Fabric((232, 226, 214)), volume=0)


def shirt_and_tie(studio: Studio, torso: Torso, button_y: float, tie: Fabric) -> None:
    """A white shirt with a tie, seen between lapels."""
    side, top = torso.neck, torso.top
    white = Fabric((246, 246, 248))
    rise = -30 if studio.worn else 12
    studio.piece(
        symmetric(
            f"M 256 {top - rise} L {MIDDLE + side - 8} {top - min(rise, 0) - 14} L {MIDDLE + side + 10} {top + 50}"
            f" L 256 {button_y + 10}"
        ),
        white,
        volume=0.5,
    )
    studio.piece(
        trace(
            f"M 244 {top + 26} L 268 {top + 26} L 263 {top + 46} L 274 {button_y - 20}"
            f" L 256 {button_y + 8} L 238 {button_y - 20} L 249 {top + 46} Z"
        ),
        tie,
        volume=0.8,
    )
    studio.piece(
        trace(f"M 242 {top + 14} L 270 {top + 14} L 263 {top + 42} L 249 {top + 42} Z"), tie, shade=0.06
    )
    shirt_collar(studio, torso, white, spread=2, size=0.86)


def hood(studio: Studio, torso: Torso, height: float = 62.0) -> None:
    """A hood seen from the front, standing behind the neck; worn, it lies on the back and is not seen."""
    if studio.worn:
        return
    top, neck = torso.top, torso.neck
    outer = symmetric(
        f"M 256 {top - height}"
        f" C {MIDDLE + neck + 10} {top - height} {MIDDLE + neck + 38} {top - 26}"
        f" {MIDDLE + neck + 26} {top + 22}"
        f" Q {MIDDLE + neck * 0.5} {top + 44} 256 {top + 46}"
    )
    studio.piece(outer, volume=1.2)
    inner = symmetric(
        f"M 256 {top - height + 16}"
        f" C {MIDDLE + neck - 6} {top - height + 16} {MIDDLE + neck + 14} {top - 14}"
        f" {MIDDLE + neck - 2} {top + 16}"
        f" Q {MIDDLE + neck * 0.5} {top + 38} 256 {top + 44}"
    )
    studio.piece(inner, studio.fabric.flat(), shade=-0.42, volume=0.9)
