"""What shoes are made of: shaded uppers, insoles, laces, eyelets, perforations and seams."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import skia

from fashion.drawing.fabric import Fabric, plain
from fashion.drawing.footwear_shape import Point, curve, strap
from fashion.drawing.pattern import RGB, lightness, mix, paint
from fashion.drawing.studio import Studio, edge_color, seam_color

RUBBER: RGB = (238, 237, 232)
SNOW: RGB = (250, 250, 248)
CREAM: RGB = (240, 230, 208)
EBONY: RGB = (46, 42, 41)
ROPE: RGB = (214, 180, 126)
INSOLE: RGB = (206, 168, 124)
_MATTE = (
    "suede",
    "canvas",
    "cotton",
    "linen",
    "denim",
    "wool",
    "corduroy",
    "tweed",
    "straw",
    "nylon",
    "jersey",
    "velvet",
)


def _fade(color: RGB, alpha: float) -> int:
    return int(skia.Color(*color, round(max(0.0, min(1.0, alpha)) * 255)))


def form(
    pen: Studio,
    path: skia.Path,
    fabric: Fabric | None = None,
    *,
    shade: float = 0.0,
    gloss: float = 0.0,
    volume: float = 1.0,
    outline: bool = True,
) -> None:
    """Cut `path` from a fabric and light it from above, as a shoe on a table is lit.

    Args:
        pen: Where to draw.
        path: A closed outline.
        fabric: The fabric, the garment's own by default.
        shade: Darker (towards -1) or lighter (towards +1).
        gloss: Shine of the toe and the heel, 0..1; a matte material keeps little of it.
        volume: How round the part looks, 0 for flat.
        outline: Whether a fine dark edge is drawn.
    """
    cloth = fabric or pen.fabric
    light = lightness(cloth.color)
    solid = cloth.pattern == "solid"
    ground, *surface = (cloth.shaded(shade) if solid else cloth).paints(pen.size)
    pen.canvas.drawPath(path, ground)
    for fill in surface if volume > 0 else ():
        pen.canvas.drawPath(path, fill)
    if shade and not solid:
        pen.canvas.drawPath(path, paint((255, 255, 255) if shade > 0 else (0, 0, 0), abs(shade)))
    if volume > 0:
        _light(pen, path, volume, light)
    if gloss > 0:
        metallic = fabric is None and pen.garment.color in ("gold", "silver")
        matte = cloth.material in _MATTE or cloth.pattern != "solid"
        _shine(pen, path, gloss * (0.25 if matte else 1.4 if metallic else 1.0), light)
    if outline:
        pen.canvas.drawPath(path, paint(edge_color(cloth.color), 0.8, stroke=1.5))


def _light(pen: Studio, path: skia.Path, volume: float, light: float) -> None:
    """Light from above over `path`, as thin level bands: a gradient shader takes three times as long."""
    bounds = path.getBounds()
    up, down = (0.20 if light < 0.3 else 0.16) * volume, (0.42 if light < 0.3 else 0.27) * volume
    count = max(6, min(52, int(bounds.height() / 2.6)))
    step = bounds.height() / count
    with pen.clipped(path):
        for band in range(count):
            share = (band + 0.5) / count
            level, alpha = _level(share, up, down)
            if alpha > 0.008:
                y = bounds.top() + band * step
                strip = skia.Rect.MakeLTRB(bounds.left() - 1, y, bounds.right() + 1, y + step)
                pen.canvas.drawRect(
                    strip, skia.Paint(Color=skia.Color(level, level, level, round(alpha * 255)))
                )
        if volume >= 0.8:
            pen.canvas.drawPath(path, paint((0, 0, 0), 0.1 * volume, stroke=11.0))


def _level(share: float, up: float, down: float) -> tuple[int, float]:
    """White or black, and how much of it, `share` of the way down a part."""
    if share < 0.22:
        return 255, up * (0.5 + share / 0.44)
    if share < 0.5:
        return 255, up * (0.5 - share) / 0.28
    return 0, down * max(0.0, share - 0.55) / 0.45


def _shine(pen: Studio, path: skia.Path, gloss: float, light: float) -> None:
    bounds = path.getBounds()
    wide, tall = bounds.width(), bounds.height()
    strength = gloss * (0.42 if light < 0.3 else 0.5)
    if wide < 130:
        glow(
            pen,
            path,
            (bounds.left() + wide * 0.5, bounds.top() + tall * 0.38),
            wide * 0.3,
            tall * 0.26,
            strength * 0.7,
        )
        return
    glow(
        pen, path, (bounds.left() + wide * 0.84, bounds.top() + tall * 0.64), 48, tall * 0.15, strength * 0.85
    )
    glow(
        pen, path, (bounds.left() + wide * 0.13, bounds.top() + tall * 0.42), 15, tall * 0.26, strength * 0.7
    )


def glow(pen: Studio, path: skia.Path, at: Point, across: float, down: float, strength: float) -> None:
    """A soft white spot round `at` with half axes `across` and `down`, inside `path`."""
    matrix = skia.Matrix.Translate(*at)
    matrix.preConcat(skia.Matrix.Scale(across, down))
    colors = [_fade((255, 255, 255), strength * share) for share in (1.0, 0.45, 0.0)]
    spot = skia.GradientShader.MakeRadial(
        skia.Point(0, 0), 1.0, colors, [0.0, 0.45, 1.0], skia.TileMode.kClamp, 0, matrix
    )
    reach = skia.Rect.MakeLTRB(at[0] - across, at[1] - down, at[0] + across, at[1] + down)
    with pen.clipped(path):
        pen.canvas.drawRect(reach, skia.Paint(Shader=spot))


def ink(pen: Studio) -> RGB:
    """The color of a drawn seam on the main color: darker, or lighter on near-black."""
    return seam_color(pen.rgb)


def darker(pen: Studio) -> RGB:
    """A color for laces and small trim: a step away from the main color."""
    return mix(pen.rgb, (0, 0, 0), 0.5) if lightness(pen.rgb) > 0.22 else mix(pen.rgb, (255, 255, 255), 0.16)


def accent(pen: Studio, strong: bool) -> Fabric:
    """A second fabric: clearly another color where `strong`, else a deeper tone of the same one."""
    color = pen.rgb
    if strong:
        light = lightness(color)
        other: RGB = (
            CREAM if light < 0.62 else (112, 70, 42) if pen.garment.category == "Brogues" else (48, 58, 84)
        )
        return plain(other, pen.fabric.material)
    return plain(
        mix(color, (20, 10, 6), 0.42) if lightness(color) > 0.2 else mix(color, (255, 255, 255), 0.2),
        pen.fabric.material,
    )


def lining(pen: Studio) -> Fabric:
    """The inside of a shoe, where no light falls."""
    return plain(mix(INSOLE, pen.rgb, 0.35))


def insole(pen: Studio, path: skia.Path) -> None:
    """A leather insole seen through the opening, dark where the upper shades it."""
    form(pen, path, plain(INSOLE), shade=-0.06, volume=0.5)
    pen.shadow(path, 0.5, 12)


def seam(pen: Studio, path: skia.Path) -> None:
    """A sewn seam: a groove with a row of stitches beside it."""
    pen.line(path, width=1.5, rgb=ink(pen), alpha=0.55)
    below = skia.Path(path)
    below.offset(2.6, 2.6)
    pen.stitch(below, width=1.2)


def laces(pen: Studio, near: Sequence[Point], far: Sequence[Point], color: RGB, width: float) -> None:
    """Lace rungs from each near eyelet to its far one, with the crossings below them."""
    cord = plain(color)
    crossings, rungs = skia.Path(), skia.Path()
    for here, there in pairwise(range(len(near))):
        crossings.addPath(strap((near[here], _bulge(near[here], far[there], 2.0), far[there]), width * 0.7))
    for start, end in zip(near, far, strict=True):
        rungs.addPath(strap((start, _bulge(start, end, 5.0), end), width))
    form(pen, crossings, cord, shade=-0.2, volume=0)
    form(pen, rungs, cord, volume=0)


def _bulge(start: Point, end: Point, height: float) -> Point:
    return (start[0] + end[0]) / 2 + height * 0.5, (start[1] + end[1]) / 2 - height


def eyelets(pen: Studio, points: Sequence[Point], radius: float) -> None:
    """A metal ring with a dark hole at each point."""
    for x, y in points:
        pen.canvas.drawCircle(x, y, radius + 1.1, paint((168, 168, 172)))
        pen.canvas.drawCircle(x, y, radius * 0.8, paint((34, 30, 30)))


def perforations(pen: Studio, line: Sequence[Point], color: RGB, radius: float, gap: float) -> None:
    """A row of punched dots along the smooth curve through `line`, one every `gap` units."""
    measure = skia.PathMeasure(curve(*line), False)
    dots = skia.Path()
    for step in range(int(measure.getLength() / gap) + 1):
        position, _ = measure.getPosTan(step * gap)
        dots.addCircle(position.x(), position.y(), radius)
    pen.canvas.drawPath(dots, paint(color, 0.95))
