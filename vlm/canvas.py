"""Pictures that are being drawn, and how they are to be drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

Prefix = Sequence[tuple[Tensor, Tensor]]
"""Keys and values of a prompt's words in every layer, ``[heads, words, d]``."""


@dataclass(frozen=True, slots=True)
class DrawingSettings:
    """How to draw: published values are 50 steps, guidance 5, temperature 1.

    Attributes:
        steps: Passes over the picture, at least 1.
        guidance: Guidance scale g in ``(1+g)·cond - g·uncond``; 0 runs no unconditional pass.
        temperature: Scale of the gumbel noise in the confidence; multiplied by ``1 - ratio`` at every step.
        sharpness: What guided logits are multiplied by before codes are sampled, above 0; published code samples from
            them as they are. A model that is unsure of details draws cleaner above 1, and less varied.
        contrast: Like the guidance scale, but against the same thing without what the prompt asks for besides
            (`vlm.contrast`), for pictures that have such words; 0 runs no such pass, nor does a guidance of 0.
    """

    steps: int = 50
    guidance: float = 5.0
    temperature: float = 1.0
    sharpness: float = 1.0
    contrast: float = 0.0

    def __post_init__(self) -> None:
        """Refuse settings that cannot draw."""
        if not (self.steps >= 1 and 0 <= self.guidance < math.inf and 0 <= self.temperature < math.inf):
            raise ValueError("drawing needs steps >= 1, guidance >= 0 and temperature >= 0")
        if not 0 <= self.contrast < math.inf:
            raise ValueError(f"contrast must be 0 or more, not {self.contrast}")
        if not 0 < self.sharpness < math.inf:
            raise ValueError(f"sharpness must be above 0, not {self.sharpness}")


@dataclass(slots=True, eq=False)
class Canvas:
    """Pictures that are drawn together from one generator.

    Attributes:
        prefixes: The words of each picture.
        plain: The words that each is held against, None where there are none.
        codes: What is settled, long ``[B, N]``; the mask code elsewhere.
        settings: How to draw.
        generator: Source of all randomness, on the network's device.
        drawn: The whole draw of the latest step, long ``[B, N]``.
        step: Steps done.
        temperature: Of the latest step's noise.
    """

    prefixes: list[Prefix]
    plain: list[Prefix | None]
    codes: Tensor
    settings: DrawingSettings
    generator: torch.Generator
    drawn: Tensor = field(init=False)
    step: int = field(init=False, default=0)
    temperature: float = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is drawn yet."""
        self.drawn, self.temperature = self.codes, self.settings.temperature

    @property
    def finished(self) -> bool:
        """Whether `drawn` is the answer."""
        return self.step >= self.settings.steps


def leaders(canvas: Canvas) -> list[int]:
    """For each picture the first one with the same words and codes: before the first step, all of a prompt are alike."""
    if canvas.step > 0:
        return list(range(len(canvas.prefixes)))
    first: dict[tuple[int, ...], int] = {}
    rows = zip(canvas.prefixes, canvas.plain, canvas.codes.tolist(), strict=True)
    return [
        first.setdefault((id(words), id(plain), *codes), row)
        for row, (words, plain, codes) in enumerate(rows)
    ]
