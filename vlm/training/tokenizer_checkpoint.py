"""Checkpoints of an image tokenizer's training: safetensors and JSON, replaced as a whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vlm.image_tokenizer import ImageTokenizer

_FOLDER = "checkpoint"


@dataclass(frozen=True)
class Position:
    """How far a run has come: steps done and seconds spent in them."""

    step: int = 0
    seconds: float = 0.0


def save_checkpoint(
    out_dir: Path,
    model: ImageTokenizer,
    average: ImageTokenizer,
    optimizers: list[torch.optim.Optimizer],
    position: Position,
) -> None:
    """Write everything a run needs to go on; an interrupted write leaves the checkpoint before it."""
    fresh, old, final = (out_dir / f"{_FOLDER}{suffix}" for suffix in (".new", ".old", ""))
    shutil.rmtree(fresh, ignore_errors=True)
    model.save_pretrained(fresh / "model")
    average.save_pretrained(fresh / "average")
    save_file(optimizer_tensors(optimizers), fresh / "optimizer.safetensors")
    (fresh / "position.json").write_text(json.dumps(asdict(position)) + "\n", encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    fresh.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(
    out_dir: Path, model: ImageTokenizer, average: ImageTokenizer, optimizers: list[torch.optim.Optimizer]
) -> Position:
    """Take up the newest whole checkpoint; the start position when there is none.

    Raises:
        ValueError: The checkpoint is of a tokenizer of another shape.
    """
    folder = next((f for f in (out_dir / _FOLDER, out_dir / f"{_FOLDER}.old") if f.is_dir()), None)
    if folder is None:
        return Position()
    for target, name in ((model, "model"), (average, "average")):
        saved = ImageTokenizer.from_pretrained(folder / name)
        if saved.config != target.config:
            raise ValueError(
                f"{folder} holds a tokenizer of another shape; train into another folder or without resuming"
            )
        target.load_weights(dict(saved.named_parameters()))
    restore_optimizers(optimizers, load_file(folder / "optimizer.safetensors"))
    return Position(**json.loads((folder / "position.json").read_text(encoding="utf-8")))


def optimizer_tensors(optimizers: list[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """The state of several optimizers as flat names, which `restore_optimizers` takes."""
    return {
        f"{which}.{index}.{name}": tensor.contiguous()
        for which, optimizer in enumerate(optimizers)
        for index, values in optimizer.state_dict()["state"].items()
        for name, tensor in values.items()
    }


def restore_optimizers(optimizers: list[torch.optim.Optimizer], tensors: dict[str, Tensor]) -> None:
    """Give optimizers the state that `optimizer_tensors` read from like ones."""
    states: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimizers]
    for key, tensor in tensors.items():
        which, index, name = key.split(".", 2)
        states[int(which)].setdefault(int(index), {})[name] = tensor
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
