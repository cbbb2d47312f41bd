"""The same picture in slightly other light."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image


def a_little_relit(picture: Image.Image, rng: random.Random) -> Image.Image:
    """An RGB picture in slightly other light: not so much that a person would say another color."""
    levels = np.arange(256) / 255.0
    gamma, gain = rng.uniform(0.88, 1.14), rng.uniform(0.92, 1.08)
    warmth, tint = rng.gauss(0, 0.025), rng.gauss(0, 0.012)
    table: list[int] = []
    for white in (1 + warmth, 1 + tint, 1 - warmth):
        table += [int(value * 255 + 0.5) for value in (levels * gain * white).clip(0, 1) ** gamma]
    return picture.point(table)
