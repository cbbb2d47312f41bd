"""Choosing the next token of each of several sequences; every sampling sequence draws from a generator of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_COLDEST = 1e-4
"""Colder is the same choice, but divides logits beyond what float32 holds: on a GPU that would end the whole process."""


@dataclass(frozen=True, slots=True)
class TextSettings:
    """How words are chosen and how many.

    Attributes:
        max_tokens: At most so many new tokens, at least 1.
        temperature: 0 is greedy.
        top_k: Sample from the k likeliest; 0 is all.
        top_p: Sample from the smallest set of likeliest tokens whose probability reaches this; 1 is all.
    """

    max_tokens: int = 96
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        """Refuse settings that cannot choose."""
        if self.max_tokens < 1 or self.temperature < 0 or self.top_k < 0 or not 0 < self.top_p <= 1:
            raise ValueError(
                "words need max_tokens >= 1, temperature >= 0, top_k >= 0 and top_p above 0 and at most 1"
            )


def choose(
    logits: Tensor, settings: Sequence[TextSettings], generators: Sequence[torch.Generator | None]
) -> list[int]:
    """One token a row of logits ``[B, vocab]``.

    Raises:
        ValueError: A row samples and has no generator.
    """
    chosen = logits.argmax(-1)
    for row, (how, generator) in enumerate(zip(settings, generators, strict=True)):
        if how.temperature > 0:
            if generator is None:
                raise ValueError("sampling at a temperature above 0 needs a generator")
            chosen[row] = torch.multinomial(probabilities(logits[row], how), 1, generator=generator)[0]
    tokens: list[int] = chosen.tolist()
    return tokens


def probabilities(logits: Tensor, settings: TextSettings) -> Tensor:
    """What a sampling row draws from: ``[vocab]``, float32, zero where `top_k` and `top_p` rule a token out."""
    scaled = logits.float() / max(settings.temperature, _COLDEST)
    if settings.top_k:
        floor = scaled.topk(min(settings.top_k, scaled.shape[-1])).values[-1]
        scaled = scaled.masked_fill(scaled < floor, float("-inf"))
    shares = scaled.softmax(-1)
    if settings.top_p < 1:
        ordered, order = shares.sort(descending=True)
        # A token stays while those before it have not reached top_p; the likeliest always stays.
        beyond = ordered.cumsum(-1) - ordered >= settings.top_p
        shares[order[beyond]] = 0
        shares = shares / shares.sum()
    return shares
