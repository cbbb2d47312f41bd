"""The palette: 26 named colors, their distance, and how two of them go together."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from fashion.tables import load_table

HarmonyKind = Literal[
    "neutral", "tonal", "monochrome", "analogous", "complementary", "triad", "contrast", "clash"
]


@dataclass(frozen=True, slots=True)
class Color:
    """One named color.

    Attributes:
        name: The house name, for example ``"light blue"``.
        hex: ``#RRGGBB``.
        family: ``neutral`` or ``chromatic``.
        temperature: ``warm``, ``cool`` or ``neutral``.
        aliases: Other words for it (lower case).
    """

    name: str
    hex: str
    family: Literal["neutral", "chromatic"]
    temperature: Literal["warm", "cool", "neutral"]
    aliases: tuple[str, ...]

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0..255."""
        return int(self.hex[1:3], 16), int(self.hex[3:5], 16), int(self.hex[5:7], 16)

    @property
    def lab(self) -> tuple[float, float, float]:
        """CIELAB (D65): L 0..100, a and b about -128..127."""
        return rgb_to_lab(self.rgb)

    @property
    def hue(self) -> float:
        """HSV hue in degrees, 0..360."""
        red, green, blue = (channel / 255 for channel in self.rgb)
        return colorsys.rgb_to_hsv(red, green, blue)[0] * 360


@dataclass(frozen=True, slots=True)
class Harmony:
    """How two colors relate.

    Attributes:
        kind: The relation's name.
        score: 0 (they fight) .. 1 (a classic pair).
        reason: A clause in words, for example ``"navy and camel are a classic pair"``.
    """

    kind: HarmonyKind
    score: float
    reason: str


def rgb_to_lab(rgb_value: tuple[int, int, int]) -> tuple[float, float, float]:
    """Convert 8-bit sRGB to CIELAB under D65."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in rgb_value)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883

    def curve(value: float) -> float:
        return math.cbrt(value) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116

    fx, fy, fz = curve(x), curve(y), curve(z)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _load_colors() -> Mapping[str, Color]:
    colors = (
        Color(row["name"], row["hex"], row["family"], row["temperature"], tuple(row["aliases"]))
        for row in load_table("palette")
    )
    return MappingProxyType({color.name: color for color in colors})


COLORS: Mapping[str, Color] = _load_colors()


def _known(name: str) -> Color:
    try:
        return COLORS[name]
    except KeyError:
        raise ValueError(f"unknown color {name!r}; expected one of: {', '.join(COLORS)}") from None


def rgb(name: str) -> tuple[int, int, int]:
    """Red, green, blue (0..255) of a palette name. Raises ValueError for an unknown name."""
    return _known(name).rgb


def lab(name: str) -> tuple[float, float, float]:
    """CIELAB of a palette name. Raises ValueError for an unknown name."""
    return _known(name).lab


def delta_e(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """CIE76 distance of two Lab colors: about 2 is just visible, 14 is plainly another color."""
    return math.dist(first, second)


def nearest_color(rgb_value: tuple[int, int, int]) -> str:
    """The palette name closest in Lab to an 8-bit sRGB color (gold and silver never answer)."""
    target = rgb_to_lab(rgb_value)
    plain = (color for color in COLORS.values() if color.name not in ("gold", "silver"))
    return min(plain, key=lambda color: delta_e(color.lab, target)).name


@cache
def harmony(first: str, second: str) -> Harmony:
    """Judge two palette names together; the order does not change kind or score.

    Raises:
        ValueError: A name is not in the palette.
    """
    a, b = _known(first), _known(second)
    rules = load_table("harmony")
    pair = f"{first} and {second}"
    if first == second:
        kind: HarmonyKind = "tonal" if a.family == "neutral" else "monochrome"
        return _judged(kind, pair, rules, color=first)
    for row in rules["classics"]:
        if {first, second} == set(row[:2]):
            return Harmony(
                "neutral" if "neutral" in (a.family, b.family) else "contrast",
                rules["classic_score"],
                rules["classic_reason"].format(pair=pair),
            )
    for row in rules["clashes"]:
        if {first, second} == set(row):
            return _judged("clash", pair, rules)
    if a.family == "neutral" or b.family == "neutral":
        return _with_neutral(a, b, pair, rules)
    gap = abs(a.hue - b.hue)
    return _judged(_kind_by_hue(min(gap, 360 - gap)), pair, rules)


def _kind_by_hue(gap: float) -> HarmonyKind:
    if gap < 16:
        return "tonal"
    if gap < 62:
        return "analogous"
    if gap < 95:
        return "clash"
    return "triad" if gap < 145 else "complementary"


def _with_neutral(a: Color, b: Color, pair: str, rules: dict[str, Any]) -> Harmony:
    if a.family == b.family:
        kind: HarmonyKind = "tonal" if delta_e(a.lab, b.lab) < 40 else "neutral"
        return _judged(kind, pair, rules)
    neutral, accent = (a, b) if a.family == "neutral" else (b, a)
    return _judged("neutral", pair, rules, color=neutral.name, accent=accent.name)


def _judged(
    kind: HarmonyKind, pair: str, rules: dict[str, Any], color: str = "", accent: str = ""
) -> Harmony:
    row = rules["kinds"][kind]
    template = row["accent_reason"] if accent else row["same_reason"] if color else row["reason"]
    return Harmony(kind, row["score"], template.format(pair=pair, color=color, accent=accent))
