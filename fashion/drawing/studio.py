"""The studio: one garment's canvas, with the strokes that make a flat shape look sewn.

Coordinates are a 512-unit square whatever the picture's size. Shading is made of gradients and nested
translucent strokes, because blurs at full size cost several milliseconds each.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import skia

from fashion.color import rgb as palette_rgb
from fashion.drawing.fabric import Fabric, fabric_for
from fashion.drawing.pattern import RGB, lightness, mix, paint, tone
from fashion.garment import Garment

_METALS: dict[str, RGB] = {"gold": (214, 172, 82), "silver": (186, 190, 198)}
_WHITE: RGB = (255, 255, 255)
_BLACK: RGB = (0, 0, 0)


def _fade(color: RGB, alpha: float) -> int:
    return int(skia.Color(*color, round(max(0.0, min(1.0, alpha)) * 255)))


class Studio:
    """A canvas, a fabric and the tools to draw one garment.

    Attributes:
        garment: What is drawn.
        size: The picture's side in pixels.
        rng: The picture's own random source.
        fabric: The main fabric.
        trim: A plain fabric of the same color, a little darker (lighter for black).
        rgb: The main color.
        worn: Whether somebody wears the garment: what then lies behind the body is left out.
        part: ``upper`` or ``lower`` to draw that half of a set alone, None for all of it.
        marks: Named places found while drawing, in units; they tell where the garment meets the body.
        canvas: The skia canvas, scaled to 512 units.
    """

    def __init__(self, garment: Garment, size: int, seed: int) -> None:
        """Opens a transparent canvas of ``size`` × ``size`` pixels; ``seed`` decides every variation."""
        self.garment = garment
        self.size = size
        self.rng = random.Random(seed)
        self.fabric = fabric_for(garment, self.rng)
        self.rgb = palette_rgb(garment.color)
        self.worn = False
        self.part: Literal["upper", "lower"] | None = None
        self.marks: dict[str, tuple[float, float]] = {}
        shade = 0.13 if lightness(self.rgb) < 0.16 else -0.14
        self.trim = self.fabric.flat().shaded(shade)
        self.surface = skia.Surface(size, size)
        self.canvas = self.surface.getCanvas()
        self.canvas.clear(0)
        self.canvas.scale(size / 512, size / 512)

    @contextmanager
    def transformed(self, matrix: skia.Matrix) -> Iterator[None]:
        """Draws what is inside the ``with`` through ``matrix`` (units)."""
        self.canvas.save()
        self.canvas.concat(matrix)
        try:
            yield
        finally:
            self.canvas.restore()

    def mark(self, name: str, x: float, y: float) -> None:
        """Remember the place ``(x, y)`` of the present frame under a name."""
        at = self.canvas.getTotalMatrix().mapXY(x, y)
        self.marks[name] = (at.x() * 512 / self.size, at.y() * 512 / self.size)

    @contextmanager
    def clipped(self, path: skia.Path) -> Iterator[None]:
        """Draws what is inside the ``with`` only within ``path``."""
        self.canvas.save()
        self.canvas.clipPath(path, doAntiAlias=True)
        try:
            yield
        finally:
            self.canvas.restore()

    def piece(
        self,
        path: skia.Path,
        fabric: Fabric | None = None,
        *,
        angle: float = 0.0,
        shade: float = 0.0,
        gloss: float = 0.0,
        volume: float = 1.0,
        outline: bool = True,
    ) -> None:
        """Cuts ``path`` from a fabric and gives it body.

        Args:
            path: A closed outline, units.
            fabric: The fabric, the main one by default.
            angle: Turn of pattern and texture, degrees; the shading across the piece turns with it.
            shade: Darker (towards -1) or lighter (towards +1).
            gloss: Shine added to the material's own, 0..1.
            volume: How round the piece looks, 0 for flat.
            outline: Whether a fine dark edge is drawn.
        """
        cloth = fabric or self.fabric
        solid = cloth.pattern == "solid"
        for fill in (cloth.shaded(shade) if solid else cloth).paints(self.size, angle):
            self.canvas.drawPath(path, fill)
        if shade and not solid:
            self.canvas.drawPath(path, paint(_WHITE if shade > 0 else _BLACK, abs(shade)))
        if volume > 0:
            self._round(path, angle, volume, lightness(cloth.color))
        shine = min(1.0, gloss + cloth.gloss)
        if shine > 0:
            self._shine(path, shine, light=lightness(cloth.color))
        if outline:
            self.canvas.drawPath(path, paint(edge_color(cloth.color), 0.75, stroke=1.5))

    def _across(self, path: skia.Path, angle: float) -> list[skia.Point]:
        bounds = path.getBounds()
        turn = skia.Matrix()
        turn.setRotate(angle, bounds.centerX(), bounds.centerY())
        ends = [skia.Point(bounds.left(), bounds.centerY()), skia.Point(bounds.right(), bounds.centerY())]
        return list(turn.mapPoints(ends))

    def _round(self, path: skia.Path, angle: float, volume: float, ground: float) -> None:
        light = (0.13 if ground < 0.2 else 0.10) * volume
        shadow = (0.30 if ground < 0.2 else 0.17 if ground < 0.75 else 0.12) * volume
        body = skia.Paint(AntiAlias=True)
        body.setShader(
            skia.GradientShader.MakeLinear(
                self._across(path, angle),
                [
                    _fade(_BLACK, shadow),
                    _fade(_BLACK, 0),
                    _fade(_WHITE, light),
                    _fade(_BLACK, 0),
                    _fade(_BLACK, shadow),
                ],
                [0.0, 0.22, 0.42, 0.68, 1.0],
            )
        )
        self.canvas.drawPath(path, body)
        with self.clipped(path):
            for width in (18.0, 9.0):
                self.canvas.drawPath(
                    path, paint(_BLACK, (0.05 if ground < 0.75 else 0.035) * volume, stroke=width)
                )

    def _shine(self, path: skia.Path, shine: float, light: float) -> None:
        bounds = path.getBounds()
        strength = shine * (0.34 if light < 0.5 else 0.42)
        paint_ = skia.Paint(AntiAlias=True)
        paint_.setShader(
            skia.GradientShader.MakeLinear(
                [skia.Point(bounds.left(), bounds.top()), skia.Point(bounds.right(), bounds.bottom())],
                [
                    _fade(_WHITE, 0),
                    _fade(_WHITE, strength),
                    _fade(_WHITE, 0),
                    _fade(_WHITE, strength * 0.45),
                    _fade(_WHITE, 0),
                ],
                [0.14, 0.3, 0.46, 0.62, 0.74],
            )
        )
        self.canvas.drawPath(path, paint_)

    def line(
        self, path: skia.Path, *, width: float = 1.6, rgb: RGB | None = None, alpha: float = 0.55
    ) -> None:
        """A seam along ``path``: darker than the fabric (lighter on black)."""
        self.canvas.drawPath(path, paint(rgb or seam_color(self.rgb), alpha, stroke=width))

    def stitch(self, path: skia.Path, *, rgb: RGB | None = None, width: float = 1.4) -> None:
        """A dashed line of stitches along ``path``."""
        thread = paint(rgb or seam_color(self.rgb), 0.8, stroke=width)
        if self.size >= 256:
            thread.setPathEffect(skia.DashPathEffect.Make([4.5, 4.0], 0))
        self.canvas.drawPath(path, thread)

    def fold(
        self, p0: Sequence[float], p1: Sequence[float], bend: float = 0.0, strength: float = 0.25
    ) -> None:
        """A soft tapering crease from ``p0`` to ``p1``, bowed sideways by ``bend`` units, lit at one side."""
        (x0, y0), (x1, y1) = p0, p1
        length = max(1.0, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
        nx, ny = -(y1 - y0) / length, (x1 - x0) / length
        mx, my = (x0 + x1) / 2 + nx * bend, (y0 + y1) / 2 + ny * bend
        dark = lightness(self.rgb) < 0.2
        for spread, share in ((9.0, 0.3), (5.0, 0.4), (2.2, 0.5)):
            leaf = skia.Path()
            leaf.moveTo(x0, y0)
            leaf.quadTo(mx + nx * spread, my + ny * spread, x1, y1)
            leaf.quadTo(mx - nx * spread * 0.2, my - ny * spread * 0.2, x0, y0)
            self.canvas.drawPath(leaf, paint(_BLACK, strength * share * (1.5 if dark else 1.0)))
        glow = skia.Path()
        glow.moveTo(x0, y0)
        glow.quadTo(mx - nx * 7, my - ny * 7, x1, y1)
        glow.quadTo(mx, my, x0, y0)
        self.canvas.drawPath(glow, paint(_WHITE, strength * (0.45 if dark else 0.35)))

    def shadow(self, path: skia.Path, strength: float = 0.3, blur: float = 8.0) -> None:
        """Shade inside ``path``, darkest at its edge: where another piece lies over it."""
        with self.clipped(path):
            for share in (2.0, 1.25, 0.6):
                self.canvas.drawPath(path, paint(_BLACK, strength / 3, stroke=blur * share))

    def highlight(self, path: skia.Path, strength: float = 0.3, blur: float = 6.0) -> None:
        """A soft light patch of the form ``path``, fading over ``blur`` units round it."""
        self.canvas.drawPath(path, paint(_WHITE, strength * 0.45))
        for share in (1.0, 0.5):
            self.canvas.drawPath(path, paint(_WHITE, strength * 0.3, stroke=blur * share))

    def button(self, x: float, y: float, r: float = 4.0, rgb: RGB | None = None) -> None:
        """A sewn button round ``(x, y)``."""
        color = rgb or (tone(self.rgb, 0.55) if lightness(self.rgb) < 0.5 else tone(self.rgb, -0.5))
        self.canvas.drawCircle(x + 0.5, y + 1.2, r + 0.5, paint(_BLACK, 0.35))
        self.canvas.drawCircle(x, y, r, paint(color))
        self.canvas.drawCircle(x, y, r * 0.72, paint(tone(color, -0.25), 0.6, stroke=0.8))
        if r > 3 and self.size >= 256:
            for dx, dy in ((-1, -1), (1, 1), (-1, 1), (1, -1)):
                self.canvas.drawCircle(
                    x + dx * r * 0.22, y + dy * r * 0.22, r * 0.12, paint(tone(color, -0.6))
                )

    def metal(self, path: skia.Path, tone: str | RGB = "silver") -> None:
        """A metal part with glints; ``tone`` is ``"gold"``, ``"silver"`` or an rgb."""
        color = _METALS[tone] if isinstance(tone, str) else tone
        bounds = path.getBounds()
        fill = skia.Paint(AntiAlias=True)
        fill.setShader(
            skia.GradientShader.MakeLinear(
                [skia.Point(bounds.left(), bounds.top()), skia.Point(bounds.right(), bounds.bottom())],
                [
                    _fade(mix(color, _WHITE, share) if share > 0 else mix(color, _BLACK, -share), 1)
                    for share in (-0.15, 0.65, 0.0, -0.3, 0.5, -0.1, -0.4)
                ],
                [0.0, 0.18, 0.34, 0.5, 0.66, 0.8, 1.0],
            )
        )
        self.canvas.drawPath(path, fill)
        self.canvas.drawPath(path, paint(mix(color, _BLACK, 0.6), 0.7, stroke=1.1))


def seam_color(color: RGB) -> RGB:
    """The color of a seam on ``color``: darker, or lighter where it is nearly black."""
    return mix(color, (150, 150, 158), 0.45) if lightness(color) < 0.16 else mix(color, _BLACK, 0.55)


def edge_color(color: RGB) -> RGB:
    """The color of a piece's outline: always darker than the fabric."""
    return mix(color, _BLACK, 0.62 if lightness(color) < 0.75 else 0.5)
