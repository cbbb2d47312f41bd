"""Checkpoints of a fine-tuning run: safetensors and JSON, replaced as a whole or not at all.

They hold what is trained (all weights, or the adapters alone), the optimizer's state by the weights' names, the step,
and the facts of the run. Rates, samples and random numbers follow from the step and the seed, so nothing more is needed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

FOLDER = "checkpoint"
_STATE, _POSITION = "state.safetensors", "position.json"


class OtherRunError(ValueError):
    """A checkpoint is of a run with other settings, or cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come: steps done and seconds spent in them."""

    step: int = 0
    seconds: float = 0.0


def trained_parameters(network: nn.Module) -> dict[str, nn.Parameter]:
    """What a run changes, by name."""
    return {name: value for name, value in network.named_parameters() if value.requires_grad}


def save_checkpoint(
    out: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    position: Position,
    facts: Mapping[str, Any],
) -> None:
    """Write everything a run needs to go on; an interrupted write leaves the checkpoint before it."""
    fresh, old, final = (out / f"{FOLDER}{suffix}" for suffix in (".new", ".old", ""))
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    tensors: dict[str, Tensor] = {}
    for name, value in trained_parameters(network).items():
        tensors[f"weight/{name}"] = value.detach().contiguous()
        for key, held in optimizer.state[value].items():
            tensors[f"{key}/{name}"] = torch.as_tensor(held).contiguous()
    save_file(tensors, fresh / _STATE)
    told = json.dumps({"position": asdict(position), "facts": dict(facts)}, indent=1)
    (fresh / _POSITION).write_text(told + "\n", encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    fresh.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(
    out: Path, network: nn.Module, optimizer: torch.optim.Optimizer, facts: Mapping[str, Any]
) -> Position:
    """Take up the newest whole checkpoint; the start position when there is none.

    Raises:
        OtherRunError: It was made with other settings, or is broken.
    """
    folder = next((f for f in (out / FOLDER, out / f"{FOLDER}.old") if f.is_dir()), None)
    if folder is None:
        return Position()
    try:
        told = json.loads((folder / _POSITION).read_text(encoding="utf-8"))
        tensors = load_file(folder / _STATE)
        position, made_with = Position(**told["position"]), told["facts"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise OtherRunError(
            f"The checkpoint in {folder} cannot be read ({error}). Start anew with --no-resume."
        ) from error
    _check_facts(folder, made_with, facts)
    parameters = trained_parameters(network)
    if missing := sorted(name for name in parameters if f"weight/{name}" not in tensors):
        raise OtherRunError(
            f"The checkpoint in {folder} has no {missing[0]}. Start anew with --no-resume or another --out."
        )
    state: dict[nn.Parameter, dict[str, Tensor]] = {value: {} for value in parameters.values()}
    for key, tensor in tensors.items():
        kind, _, name = key.partition("/")
        if kind == "weight":
            with torch.no_grad():
                parameters[name].copy_(tensor)
        else:
            state[parameters[name]][kind] = tensor
    _restore(optimizer, state)
    return position


def _check_facts(folder: Path, made_with: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    now = json.loads(json.dumps(dict(facts)))
    other = sorted(name for name in made_with.keys() | now.keys() if made_with.get(name) != now.get(name))
    if other:
        told = "; ".join(f"{name} was {made_with.get(name)}, is now {now.get(name)}" for name in other[:4])
        raise OtherRunError(
            f"The checkpoint in {folder} is of another run: {told}. "
            "Use the same settings, another --out, or start anew with --no-resume."
        )


def _restore(optimizer: torch.optim.Optimizer, state: Mapping[nn.Parameter, Mapping[str, Tensor]]) -> None:
    """By the optimizer's own loader, which knows on which device each part belongs."""
    ordered = [value for group in optimizer.param_groups for value in group["params"]]
    optimizer.load_state_dict(
        {
            "state": {index: dict(state[value]) for index, value in enumerate(ordered) if state[value]},
            "param_groups": optimizer.state_dict()["param_groups"],
        }
    )
