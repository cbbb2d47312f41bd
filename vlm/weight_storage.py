"""How a model folder stores weights: in a floating-point type, or as one byte a weight with a scale for each row.

With ``torch.int8``, every tensor of two dimensions or more becomes whole numbers from -127 to 127 and, beside it under
``<name>.row_scale``, a float32 for each row (all dimensions but the last; of a convolution what goes to one output
channel); vectors become float16. Rows are scaled by
their largest weight, so a weight is off by at most half a step of its row. Computation stays in floating point: what
is read back is dequantized at once.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from vlm.published.files import CheckpointError

STORAGES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int8": torch.int8,
}
"""What weights can be stored as, by the names that commands know."""
_SCALE = ".row_scale"
_LARGEST = 127


def stored(state: Mapping[str, Tensor], dtype: torch.dtype | None) -> dict[str, Tensor]:
    """Weights as they go to a file.

    Args:
        state: By name.
        dtype: One of `STORAGES`; None keeps each weight's own.

    Raises:
        ValueError: A weight is not finite, which whole numbers could not show.
    """
    if dtype is not torch.int8:
        return {name: value if dtype is None else value.to(dtype) for name, value in state.items()}
    tensors: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.ndim < 2:
            tensors[name] = value.to(torch.float16)
            continue
        rows = _rows(value).float()
        largest = rows.abs().amax(-1)
        if not bool(largest.isfinite().all()):
            raise ValueError(f"{name} holds a weight that is not finite: it cannot be stored as int8")
        scale = largest / _LARGEST
        steps = rows / scale.clamp(min=torch.finfo(torch.float32).tiny)[..., None]
        tensors[name] = steps.round().clamp(-_LARGEST, _LARGEST).to(torch.int8).view(value.shape)
        tensors[name + _SCALE] = scale
    return tensors


def restored(tensors: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Weights of a file in the floating-point type that computes; the inverse of `stored` but for its rounding.

    Raises:
        CheckpointError: Whole numbers without their scales.
    """
    state: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if name.endswith(_SCALE):
            continue
        if value.dtype is torch.int8:
            scale = tensors.get(name + _SCALE)
            rows = _rows(value)
            if scale is None or scale.shape != rows.shape[:-1]:
                raise CheckpointError(
                    f"{name} is stored as int8, but {name}{_SCALE} is missing or does not fit"
                )
            value = (rows.float() * scale[..., None]).view(value.shape)
        state[name] = value.to(dtype)
    return state


def _rows(value: Tensor) -> Tensor:
    """The weights that share a scale along the last dimension; a convolution has four."""
    return value.flatten(1) if value.ndim == 4 else value
