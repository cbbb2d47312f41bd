"""Muon: momentum made orthogonal before each step, for the matrices of the backbone (Keller Jordan, 2024).

``torch.optim.Muon`` iterates in bfloat16, which this CPU has no fast arithmetic for; here it is float32.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalized(matrix: Tensor, iterations: int = 5) -> Tensor:
    """Roughly the nearest (semi-)orthogonal matrix, by Newton-Schulz; singular values end within about 0.7 to 1.2.

    Takes ``[..., rows, columns]``: matrices of one shape are worked on together, which on a GPU saves launches.
    """
    a, b, c = _COEFFICIENTS
    x: Tensor
    wide = matrix.shape[-2] <= matrix.shape[-1]
    x = matrix if wide else matrix.mT
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.mT


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
            shapes: dict[tuple[int, ...], list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault(tuple(parameter.shape), []).append(parameter)
            for parameters in shapes.values():
                self._step_alike(parameters, group)

    def _step_alike(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        """Update parameters of one shape together."""
        for parameter in parameters:
            if "momentum" not in self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        buffers = [self.state[parameter]["momentum"] for parameter in parameters]
        gradients: list[Tensor] = [parameter.grad for parameter in parameters]  # type: ignore[misc]
        torch._foreach_lerp_(buffers, gradients, 1 - group["momentum"])
        ahead = torch.stack(torch._foreach_lerp(gradients, buffers, group["momentum"])).flatten(2)
        directions = orthogonalized(ahead).reshape(-1, *parameters[0].shape).unbind()
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(parameters, directions, alpha=-group["lr"] * 0.2 * max(ahead.shape[1:]) ** 0.5)
