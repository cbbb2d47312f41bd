"""The six patterns as repeating tiles: the ground color rules, contrast colors are drawn over it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import lru_cache

import skia

from fashion.color import rgb as palette_rgb
from fashion.drawing.shapes import oval, polygon, trace
from fashion.tables import load_table

RGB = tuple[int, int, int]


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """``first`` with ``share`` (0..1) of ``second`` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lightness(color: RGB) -> float:
    """Perceived lightness, 0 (black) to 1 (white)."""
    red, green, blue = color
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def tone(color: RGB, shade: float) -> RGB:
    """``color`` darker (``shade`` towards -1) or lighter (towards +1)."""
    return mix(color, (255, 255, 255) if shade > 0 else (0, 0, 0), abs(shade))


def paint(color: RGB, alpha: float = 1.0, *, stroke: float = 0.0) -> skia.Paint:
    """An antialiased paint; a stroke of that width where ``stroke`` is above 0."""
    result = skia.Paint(Color=skia.Color(*color, round(alpha * 255)), AntiAlias=True)
    if stroke > 0:
        result.setStyle(skia.Paint.kStroke_Style)
        result.setStrokeWidth(stroke)
        result.setStrokeJoin(skia.Paint.kRound_Join)
        result.setStrokeCap(skia.Paint.kRound_Cap)
    return result


def contrast_for(color: RGB, kind: str, rng: random.Random) -> RGB:
    """A contrast color of the list ``kind`` in ``drawing.yaml`` that stands out from ``color``."""
    names = load_table("drawing")["contrasts"][kind]
    choices = [palette_rgb(name) for name in names]
    clear = [choice for choice in choices if math.dist(choice, color) > 110]
    return rng.choice(clear or [(255, 255, 255) if lightness(color) < 0.5 else (20, 20, 24)])


def _striped(canvas: skia.Canvas, color: RGB, rng: random.Random) -> None:
    contrast = contrast_for(color, "dark_ground" if lightness(color) < 0.62 else "light_ground", rng)
    canvas.drawPath(trace("M 0 23 L 40 23 L 40 38 L 0 38 Z"), paint(contrast))


def _checked(canvas: skia.Canvas, color: RGB, rng: random.Random) -> None:
    dark = lightness(color) < 0.5
    band = tone(color, 0.5 if dark else -0.5)
    first = contrast_for(color, "dark_ground" if dark else "light_ground", rng)
    second = contrast_for(color, "tartan_line", rng)
    for turned in (False, True):
        canvas.save()
        if turned:
            canvas.concat(skia.Matrix.MakeAll(0, 1, 0, 1, 0, 0, 0, 0, 1))
        canvas.drawRect(skia.Rect.MakeXYWH(0, 10, 64, 18), paint(band, 0.42))
        canvas.drawRect(skia.Rect.MakeXYWH(0, 44, 64, 4.5), paint(first, 0.85))
        canvas.drawRect(skia.Rect.MakeXYWH(0, 17.5, 64, 2.5), paint(second, 0.6))
        canvas.restore()


def _dotted(canvas: skia.Canvas, color: RGB, rng: random.Random) -> None:
    contrast = contrast_for(color, "dark_ground" if lightness(color) < 0.62 else "light_ground", rng)
    for x, y in ((11, 11), (33, 33)):
        canvas.drawPath(oval(x, y, 7.6), paint(contrast))


def _blossom(canvas: skia.Canvas, radius: float, petal: RGB, heart: RGB, leaf: RGB) -> None:
    for angle in (40.0, 200.0):
        canvas.save()
        canvas.rotate(angle)
        canvas.drawPath(
            trace(f"M 0 0 Q {radius} {-radius * 0.9} {radius * 1.75} 0 Q {radius} {radius * 0.5} 0 0 Z"),
            paint(leaf),
        )
        canvas.restore()
    for index in range(5):
        canvas.save()
        canvas.rotate(index * 72)
        canvas.drawPath(oval(0, -radius * 0.62, radius * 0.44, radius * 0.5), paint(petal))
        canvas.drawPath(trace(f"M 0 0 L 0 {-radius * 0.8}"), paint(tone(petal, -0.25), 0.5, stroke=1.0))
        canvas.restore()
    canvas.drawPath(oval(0, 0, radius * 0.28), paint(heart))


def _floral(canvas: skia.Canvas, color: RGB, rng: random.Random) -> None:
    dark = lightness(color) < 0.55
    kind = "blossoms_on_dark" if dark else "blossoms_on_light"
    petals = [contrast_for(color, kind, rng) for _ in range(2)]
    green = palette_rgb("green")
    leaf = green if math.dist(green, color) > 90 else tone(color, 0.55)
    if dark and leaf == green:
        leaf = tone(green, 0.35)
    spots = ((20, 20, 13), (62, 34, 10.5), (30, 68, 10.5), (72, 76, 13))
    for index, (x, y, radius) in enumerate(spots):
        turn = rng.uniform(0, 360)
        petal = petals[index % 2]
        heart = (236, 180, 60) if math.dist(petal, (236, 180, 60)) > 90 else (140, 70, 40)
        for dx in (-92, 0, 92):
            for dy in (-92, 0, 92):
                canvas.save()
                canvas.translate(x + dx, y + dy)
                canvas.rotate(turn)
                _blossom(canvas, radius, petal, heart, leaf)
                canvas.restore()


def _animal(canvas: skia.Canvas, color: RGB, rng: random.Random) -> None:
    light = lightness(color)
    spot = (38, 26, 20) if light > 0.3 else tone(color, 0.62)
    middle = mix(color, spot, 0.32)
    side = 96.0
    placed: list[tuple[float, float]] = []
    for _ in range(220):
        x, y = rng.uniform(0, side), rng.uniform(0, side)
        near = (
            math.hypot(min(abs(x - a), side - abs(x - a)), min(abs(y - b), side - abs(y - b)))
            for a, b in placed
        )
        if any(distance < 22 for distance in near):
            continue
        placed.append((x, y))
        radius, turn, squash = rng.uniform(6.0, 8.0), rng.uniform(0, 360), rng.uniform(0.7, 1.0)
        gaps = [rng.uniform(70, 95) for _ in range(3)]
        for dx in (-side, 0, side):
            for dy in (-side, 0, side):
                canvas.save()
                canvas.translate(x + dx, y + dy)
                canvas.rotate(turn)
                canvas.scale(1, squash)
                canvas.drawPath(oval(0, 0, radius * 0.8), paint(middle))
                for index, sweep in enumerate(gaps):
                    arc = skia.Path()
                    arc.addArc(skia.Rect.MakeLTRB(-radius, -radius, radius, radius), index * 120, sweep)
                    canvas.drawPath(arc, paint(spot, stroke=3.6))
                canvas.restore()
    for x, y in ((a + 11, b + 11) for a, b in placed[::2]):
        near = (math.hypot(x % side - a, y % side - b) for a, b in placed)
        if all(distance > 12 for distance in near):
            canvas.drawPath(polygon([(x, y - 2.5), (x + 3, y), (x, y + 3), (x - 2.5, y)]), paint(spot))


_Tile = Callable[[skia.Canvas, RGB, random.Random], None]
_TILES: dict[str, tuple[float, _Tile]] = {
    "striped": (40.0, _striped),
    "checked": (64.0, _checked),
    "polka dot": (44.0, _dotted),
    "floral": (92.0, _floral),
    "animal print": (96.0, _animal),
}


@lru_cache(maxsize=256)
def _tile(pattern: str, color: RGB, seed: int, side: int) -> skia.Image:
    units, draw = _TILES[pattern]
    surface = skia.Surface(side, side)
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(*color))
    canvas.scale(side / units, side / units)
    draw(canvas, color, random.Random(seed))
    return surface.makeImageSnapshot()


def pattern_shader(
    pattern: str, color: RGB, seed: int, size: int, scale: float, matrix: skia.Matrix
) -> skia.Shader:
    """The shader of ``pattern`` on a ground of ``color``.

    Args:
        pattern: One of the six pattern names.
        color: The ground, 0..255 a channel.
        seed: Chooses contrast colors and the scatter of motifs.
        size: The picture's side in pixels.
        scale: Motif size, 1.0 is normal.
        matrix: Where the tile lies, in units of the 512-unit square.
    """
    if pattern == "solid":
        return skia.Shaders.Color(skia.Color(*color))
    units = _TILES[pattern][0]
    side = max(4, round(units * scale * size / 512))
    local = skia.Matrix.Concat(matrix, skia.Matrix())
    local.preScale(units * scale / side, units * scale / side)
    repeat = skia.TileMode.kRepeat
    linear = skia.SamplingOptions(skia.FilterMode.kLinear)
    return _tile(pattern, color, seed, side).makeShader(repeat, repeat, linear, local)
