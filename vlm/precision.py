"""The floating-point type that a network computes in unless told: float32 where that is quick, else bfloat16."""

from __future__ import annotations

import os
from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]

_WIDE = 512
"""Hidden size from which a CPU that multiplies bfloat16 takes it. Narrower networks are quick as they are, and with
float32 they say and draw nearly the same on every CPU."""


def chosen_dtype(device: torch.device, hidden_size: int) -> torch.dtype:
    """What a network's weights are loaded as where nothing is asked for.

    bfloat16 on a GPU, and on an x86 CPU that has instructions for it (AVX-512 BF16 or AMX) if the network is as wide as
    `small` or wider; else float32. A CPU without such instructions is several to some hundred times slower with bfloat16.

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
    """Whether this is an x86 CPU with instructions for products of bfloat16 matrices, and torch may use them.

    Whoever holds oneDNN to older instructions (``ONEDNN_MAX_CPU_ISA``) gets False. ARM's instructions are not looked for.
    """
    has = torch.cpu.get_capabilities()
    if not (has.get("avx512_bf16") or has.get("amx_bf16")):
        return False
    held = os.environ.get("ONEDNN_MAX_CPU_ISA", os.environ.get("DNNL_MAX_CPU_ISA", "ALL")).upper()
    unheld = held in ("", "ALL", "DEFAULT") or any(name in held for name in ("BF16", "FP16", "AMX", "AVX10"))
    usable = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return unheld and bool(usable and torch.backends.mkldnn.enabled)
