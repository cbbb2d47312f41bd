"""Fabric: a color, a pattern and a material, ready to paint with."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache

import skia

from fashion.color import rgb as palette_rgb
from fashion.drawing.pattern import RGB, lightness, pattern_shader, tone
from fashion.drawing.texture import texture_shader
from fashion.garment import Garment
from fashion.tables import load_table

_KNITTED = ("Knitwear", "Sweaters & knitwear")


@dataclass(frozen=True, slots=True)
class Fabric:
    """What a piece is cut from.

    Attributes:
        color: The main color, 0..255 a channel.
        pattern: One of the six pattern names.
        material: A material name of ``data/drawing.yaml`` (or ``"knit"``), or None for a smooth one.
        seed: Chooses the contrast colors and the scatter of motifs.
        angle: Turn of the pattern in degrees.
        scale: Motif size, 1.0 is normal.
    """

    color: RGB
    pattern: str = "solid"
    material: str | None = None
    seed: int = 0
    angle: float = 0.0
    scale: float = 1.0

    @property
    def gloss(self) -> float:
        """How much the material shines, 0..1."""
        return float(_surface(self.material)[2])

    def shader(self, size: int, angle: float = 0.0) -> skia.Shader:
        """The color and pattern, turned by ``angle`` degrees more, for a picture of ``size`` pixels."""
        turn = _turn(self.angle + angle)
        return pattern_shader(self.pattern, self.color, self.seed, size, self.scale, turn)

    def paints(self, size: int, angle: float = 0.0) -> tuple[skia.Paint, ...]:
        """What to fill a path with, in order: color and pattern, then the material's surface."""
        return _paints(self, size, round(self.angle + angle))

    def shaded(self, shade: float) -> Fabric:
        """The same fabric, darker (towards -1) or lighter (towards +1)."""
        return replace(self, color=tone(self.color, shade)) if shade else self

    def flat(self) -> Fabric:
        """The same fabric without its pattern."""
        return replace(self, pattern="solid")


def _turn(angle: float) -> skia.Matrix:
    matrix = skia.Matrix()
    matrix.setRotate(angle, 256, 256)
    return matrix


@lru_cache(maxsize=1024)
def _paints(fabric: Fabric, size: int, angle: int) -> tuple[skia.Paint, ...]:
    # Kept whole because skia-python copies the tile's pixels each time a shader is set on a paint.
    ground = skia.Paint(AntiAlias=True, Color=skia.Color(*fabric.color))
    if fabric.pattern != "solid":
        ground.setShader(fabric.shader(size, angle - fabric.angle))
    weave, strength, _ = _surface(fabric.material)
    # Light colors can only be darkened by a weave, so they get less of it.
    share = round(strength * (1.1 - 0.6 * lightness(fabric.color)), 2)
    surface = _texture_paint(str(weave), share, size, angle)
    return (ground,) if surface is None else (ground, surface)


@lru_cache(maxsize=512)
def _texture_paint(weave: str, strength: float, size: int, angle: int) -> skia.Paint | None:
    shader = texture_shader(weave, strength, size, _turn(angle))
    return None if shader is None else skia.Paint(AntiAlias=True, Shader=shader)


def _surface(material: str | None) -> tuple[object, float, float]:
    weave, strength, gloss = load_table("drawing")["materials"].get(material, ("none", 0.0, 0.0))
    return weave, float(strength), float(gloss)


def plain(color: RGB | str, material: str | None = None) -> Fabric:
    """A fabric without pattern, of an rgb or a palette color name."""
    return Fabric(palette_rgb(color) if isinstance(color, str) else color, material=material)


def fabric_for(garment: Garment, rng: random.Random) -> Fabric:
    """The garment's main fabric; ``rng`` chooses contrasts and motif size."""
    material = "knit" if garment.category in _KNITTED else garment.material
    return Fabric(
        palette_rgb(garment.color),
        garment.pattern,
        material,
        seed=rng.randrange(12),
        scale=rng.choice((0.9, 1.0, 1.1)),
    )
