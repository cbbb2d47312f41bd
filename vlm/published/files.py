"""Reading checkpoint files: safetensors (memory-mapped) and PyTorch's own (weights only), whole or in shards."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

WEIGHT_FILES = (
    "model.safetensors",
    "pytorch_model.safetensors",
    "diffusion_pytorch_model.safetensors",
    "pytorch_model.bin",
    "diffusion_pytorch_model.bin",
)
"""Looked for in this order, each also as an index of shards; safetensors before anything that is unpickled."""
_NAMED = 5


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says what is missing, odd or of another shape."""


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a file.

    Raises:
        CheckpointError: There is no such file, or it holds no JSON object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(data, dict):
        raise CheckpointError(f"{path} holds no JSON object")
    return data


def weight_files(folder: Path) -> list[Path]:
    """The files that hold a folder's weights.

    Raises:
        CheckpointError: There are none, or a shard is missing.
    """
    for name in WEIGHT_FILES:
        if (folder / name).is_file():
            return [folder / name]
        index = folder / f"{name}.index.json"
        if index.is_file():
            shards = sorted(set(read_json(index).get("weight_map", {}).values()))
            absent = [shard for shard in shards if not (folder / shard).is_file()]
            if absent or not shards:
                raise CheckpointError(f"{index} names {listed(absent) or 'no shards'}: missing in {folder}")
            return [folder / shard for shard in shards]
    raise CheckpointError(f"{folder} has no weights: expected one of {', '.join(WEIGHT_FILES)}")


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All weights of a folder by name, on the CPU, mapped from the file where its format allows.

    Raises:
        CheckpointError: There are none, or a file is broken or holds more than tensors.
    """
    weights: dict[str, Tensor] = {}
    for path in weight_files(folder):
        weights |= _read(path)
    return weights


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, OSError, EOFError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CheckpointError(f"{path} cannot be read as weights: {reason}") from None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise CheckpointError(f"{path} holds something other than named tensors")
    return dict(state)


def check_fit(
    source: str,
    expected: Mapping[str, Sequence[int]],
    given: Mapping[str, Tensor],
    optional: Iterable[str] = (),
) -> None:
    """Whether weights are exactly those that a network has.

    Raises:
        CheckpointError: Names are missing or unknown, or shapes differ; the message names the first of each.
    """
    missing = sorted(set(expected) - set(given) - set(optional))
    unknown = sorted(set(given) - set(expected) - set(optional))
    wrong = [
        f"{name} (is {list(given[name].shape)}, expected {list(shape)})"
        for name, shape in expected.items()
        if name in given and tuple(given[name].shape) != tuple(shape)
    ]
    found = (("missing", missing), ("unknown", unknown), ("of another shape", wrong))
    problems = [f"{len(names)} {what}: {listed(names)}" for what, names in found if names]
    if problems:
        raise CheckpointError(f"{source} does not fit: {'; '.join(problems)}")


def listed(names: Sequence[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
