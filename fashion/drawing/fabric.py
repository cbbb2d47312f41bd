"""Fabric: a color, a pattern and a material, ready to paint with."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import skia

from fashion.color import rgb as palette_rgb
from fashion.drawing.pattern import RGB, pattern_shader, tone
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

    def matrix(self, angle: float = 0.0, x: float = 256.0, y: float = 256.0) -> skia.Matrix:
        """Where tiles lie when the piece is turned by ``angle`` degrees more, round ``(x, y)``."""
        result = skia.Matrix()
        result.setRotate(self.angle + angle, x, y)
        return result

    def shader(self, size: int, angle: float = 0.0, x: float = 256.0, y: float = 256.0) -> skia.Shader:
        """The color and pattern, for a picture of ``size`` pixels (see `matrix` for the rest)."""
        matrix = self.matrix(angle, x, y)
        return pattern_shader(self.pattern, self.color, self.seed, size, self.scale, matrix)

    def texture(self, size: int, angle: float = 0.0, x: float = 256.0, y: float = 256.0) -> skia.Shader | None:
        """The material's surface as translucent light and dark, or None for a smooth one."""
        weave, strength, _ = _surface(self.material)
        return texture_shader(str(weave), float(strength), size, self.matrix(angle, x, y))

    def shaded(self, shade: float) -> Fabric:
        """The same fabric, darker (towards -1) or lighter (towards +1)."""
        return replace(self, color=tone(self.color, shade)) if shade else self

    def flat(self) -> Fabric:
        """The same fabric without its pattern."""
        return replace(self, pattern="solid")


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
