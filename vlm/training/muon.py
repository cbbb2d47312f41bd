"""Muon: momentum made orthogonal before each step, for the matrices of the backbone (Keller Jordan, 2024).

``torch.optim.Muon`` iterates in bfloat16, which this CPU has no fast arithmetic for; here it is float32.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalized(matrix: Tensor, iterations: int = 5) -> Tensor:
    """Roughly the nearest (semi-)orthogonal matrix, by Newton-Schulz; singular values end within about 0.7 to 1.2."""
    a, b, c = _COEFFICIENTS
    x: Tensor
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.T


class FloatMuon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalized, scaled to the size of an AdamW update (``0.2·√max(rows, columns)``).

    A convolution's weight is taken as a matrix with one row an output channel.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 6e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        """Take weights of two dimensions or more; raises ValueError for others."""
        rows = list(parameters)
        if any(row.ndim < 2 for row in rows):
            raise ValueError("Muon takes matrices and convolution weights only")
        super().__init__(rows, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                buffer = state["momentum"]
                buffer.lerp_(parameter.grad, 1 - group["momentum"])
                ahead = parameter.grad.lerp(buffer, group["momentum"]).flatten(1)
                direction = orthogonalized(ahead).view_as(parameter)
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(direction, alpha=-group["lr"] * 0.2 * max(ahead.shape) ** 0.5)
