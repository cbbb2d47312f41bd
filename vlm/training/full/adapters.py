"""LoRA on a FashionVLM's layers by peft, and the same weights with the adapters merged in."""

from __future__ import annotations

import importlib.util

import torch
from torch import Tensor

from vlm.network import FashionVLM

TARGETS = ("q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2")
"""Every matrix of attention and MLP; embeddings and heads stay as they are."""
_ADAPTER = "default"


class MissingPackageError(RuntimeError):
    """A package that training needs is not installed; the message says how to get it."""


def require(package: str) -> None:
    """Whether a package is at hand.

    Raises:
        MissingPackageError: It is not.
    """
    if importlib.util.find_spec(package) is None:
        raise MissingPackageError(
            f"Full-size training needs the package {package}, which is not installed. "
            "Install it: pip install 'fashionm3[train]'"
        )


def add_adapters(network: FashionVLM, rank: int, scale: float, dropout: float, seed: int) -> None:
    """Put adapters beside the matrices of all layers, in place; from now on they alone are trained.

    Raises:
        MissingPackageError: peft is not installed.
    """
    require("peft")
    from peft import LoraConfig, inject_adapter_in_model

    config = LoraConfig(
        r=rank, lora_alpha=rank * scale, lora_dropout=dropout, target_modules=list(TARGETS), bias="none"
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inject_adapter_in_model(config, network, _ADAPTER)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(".lora_" in name)
        if ".lora_" in name:
            parameter.data = parameter.data.float()


@torch.no_grad()
def merged_state(network: FashionVLM) -> dict[str, Tensor]:
    """Weights by the names of a network without adapters, adapters added in; the network itself stays as it is."""
    layers = {
        name: module
        for name, module in network.named_modules()
        if hasattr(module, "get_delta_weight") and hasattr(module, "base_layer")
    }
    state: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        if ".lora_" in name:
            continue
        owner, _, tail = name.partition(".base_layer.")
        if tail == "weight":
            value = value.float() + layers[owner].get_delta_weight(_ADAPTER).float()
        state[name.replace(".base_layer.", ".")] = value
    return state


def merged(network: FashionVLM, dtype: torch.dtype | None = None) -> FashionVLM:
    """A network of its own to draw with or to save; it shares memory with `network` where nothing had to change.

    Args:
        network: With or without adapters.
        dtype: Of the new one's weights; None is that of `network`.
    """
    dtype = dtype or network.showo.lm_head.weight.dtype
    with torch.device("meta"):
        whole = FashionVLM(network.config)
    state = merged_state(network)
    whole.load_state_dict({name: value.to(dtype) for name, value in state.items()}, assign=True)
    whole.restore_buffers(network.showo.lm_head.weight.device)
    return whole.eval().requires_grad_(False)
