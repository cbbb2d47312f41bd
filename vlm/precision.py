"""The floating-point type that a network computes in unless told: the fastest of its device that is exact enough."""

from __future__ import annotations

from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]

_WIDE = 512
"""Hidden size from which a CPU that multiplies bfloat16 takes it. Narrower networks are quick as they are, and with
float32 they say and draw nearly the same on every CPU."""


def chosen_dtype(device: torch.device, hidden_size: int) -> torch.dtype:
    """What a network's weights are loaded as where nothing is asked for.

    bfloat16 on a GPU, and on a CPU that has instructions for it (AVX-512 BF16 or AMX) if the network is as wide as `small`
    or wider; else float32. Without such instructions bfloat16 is some hundred times slower than float32.

    Args:
        device: Where it runs.
        hidden_size: Of the network.
    """
    if device.type != "cpu":
        return torch.bfloat16
    return torch.bfloat16 if hidden_size >= _WIDE and cpu_multiplies_bfloat16() else torch.float32


def named_dtype(name: Precision | None) -> torch.dtype | None:
    """The type of this name; None stays None."""
    return None if name is None else {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]


def cpu_multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for products of bfloat16 matrices."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
