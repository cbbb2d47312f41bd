"""Training of networks so small that all of their rows fit in memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def descend(
    network: nn.Module,
    loss: Callable[[Tensor], Tensor],
    count: int,
    steps: int,
    *,
    rate: float,
    decay: float,
    batch: int,
) -> None:
    """AdamW with a rate that falls to nothing.

    Args:
        network: What is trained, in place.
        loss: Of the rows of these numbers, long ``[batch]``.
        count: How many rows there are.
        steps: Batches, drawn by chance; the same number of steps draws the same ones.
        rate: Of the first step.
        decay: Of weights.
        batch: Rows a step.
    """
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=decay)
    chance = torch.Generator().manual_seed(steps)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimizer.zero_grad()
        loss(torch.randint(count, (batch,), generator=chance)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
