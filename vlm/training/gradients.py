"""Gradients of several losses put together, without waiting for a GPU."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Gradients = Sequence[Tensor | None]
"""One a parameter; None where a loss does not reach it."""


def summed(ours: Gradients, others: Gradients, weight: float) -> Gradients:
    """``ours + weight * others``, where one of the two may be missing."""
    both = [
        (one, other) for one, other in zip(ours, others, strict=True) if one is not None and other is not None
    ]
    sums = iter(
        torch._foreach_add([one for one, _ in both], [other for _, other in both], alpha=weight)
        if both
        else ()
    )
    return [
        (one if other is None else other * weight) if one is None or other is None else next(sums)
        for one, other in zip(ours, others, strict=True)
    ]
