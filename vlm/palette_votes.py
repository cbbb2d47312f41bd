"""How like the palette's names pixels are, by kind of light: distances in Lab to several prototypes of each name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce

import numpy as np
import numpy.typing as npt

from fashion.color import COLORS

Array = npt.NDArray[np.float32]

_SHADES = (-9.0, 0.0, 6.0)
"""Lightness of the prototypes of a name against the palette's; light and shade move a color."""
_METALS = ("gold", "silver")
"""Names of a shine, which no pixel has."""
_NEUTRAL = frozenset({"black", "charcoal", "grey", "white"})
_PALETTE = tuple(COLORS)
PLACES = np.array([at for at, name in enumerate(_PALETTE) if name not in _METALS])
"""Places in the palette of the names that pixels may be given, in its order."""


@dataclass(frozen=True, slots=True)
class Light:
    """How colors are compared under one kind of light.

    Attributes:
        axes: Weights of L, a and b. Hue and chroma name a color more than lightness does, which shade moves.
        chroma: Factor on a and b of the picture.
        neutral_penalty: Distance added to black, charcoal, grey and white.
    """

    axes: tuple[float, float, float]
    chroma: float = 1.0
    neutral_penalty: float = 0.0


STUDIO = Light((0.6, 1.7, 1.7))
PHONE = Light((1.0, 1.3, 1.3), chroma=1.5, neutral_penalty=8.0)


def squared_distances(lab: Array, light: Light) -> Array:
    """From pixels in Lab ``[..., 3]`` to the nearest prototype of every name of `PLACES`: ``[pixels, names]``."""
    axes = np.array(light.axes, np.float32)
    seen = lab.reshape(-1, 3) * np.array([1.0, light.chroma, light.chroma], np.float32) * axes
    rows = _prototypes() * axes
    squares = (seen**2).sum(1)[:, None] + (rows**2).sum(1)[None] - 2.0 * seen @ rows.T
    # Slices against one another: numpy's own minimum over so short an axis takes ten times as long.
    shades = np.maximum(squares, 0.0).reshape(len(seen), -1, len(_SHADES))
    nearest = reduce(np.minimum, [shades[..., at] for at in range(len(_SHADES))])
    penalty = np.array([light.neutral_penalty if _PALETTE[at] in _NEUTRAL else 0.0 for at in PLACES])
    distances: Array = nearest + penalty.astype(np.float32) ** 2
    return distances


def nearest_names(squares: Array) -> Array:
    """Each pixel's vote, given to the nearest name alone: ``[pixels, names]`` of 0 and 1."""
    votes = np.zeros_like(squares)
    votes[np.arange(len(squares)), squares.argmin(1)] = 1.0
    return votes


def shared_names(squares: Array, softness: float) -> Array:
    """Each pixel's vote, shared between names over a distance of `softness`: ``[pixels, names]``, rows summing to 1."""
    near = np.exp((squares.min(1, keepdims=True) - squares) / softness**2)
    shares: Array = near / near.sum(1, keepdims=True)
    return shares


def on_palette(votes: Array) -> Array:
    """Votes ``[..., names]`` as ones over the whole palette ``[..., colors]``."""
    whole = np.zeros((*votes.shape[:-1], len(_PALETTE)), np.float32)
    whole[..., PLACES] = votes
    return whole


@cache
def _prototypes() -> Array:
    """In Lab, names of `PLACES` after one another, the shades of each together."""
    rows: list[tuple[float, float, float]] = []
    for at in PLACES:
        lightness, a, b = COLORS[_PALETTE[at]].lab
        for shade in _SHADES:
            # A darker shade of a color is also less colorful.
            scale = max(0.2, (lightness + shade) / max(lightness, 1.0)) if shade < 0 else 1.0
            rows.append((min(100.0, max(0.0, lightness + shade)), a * scale, b * scale))
    return np.array(rows, np.float32)
