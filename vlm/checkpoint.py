"""A FashionVLM on disk: one folder with the network, its image tokenizer, its words and its configuration.

``config.json`` · ``model.safetensors`` (float16 on disk, float32 in memory) · ``tokenizer.json`` ·
``image_tokenizer/``. Safetensors only, never a pickle.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer
from vlm.network import FashionVLM
from vlm.text_tokenizer import TextTokenizer

SHIPPED = "mini"


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What belongs together."""

    network: FashionVLM
    image_tokenizer: ImageTokenizer
    text_tokenizer: TextTokenizer


def shipped_directory() -> Path:
    """Where the model in the box lies."""
    return Path(str(files("vlm"))) / "weights" / SHIPPED


def save_model(folder: Path, parts: ModelParts, dtype: torch.dtype = torch.float16) -> None:
    """Write a model folder; floating-point weights are stored as `dtype`."""
    folder.mkdir(parents=True, exist_ok=True)
    parts.network.config.save(folder / "config.json")
    tensors = {name: value.to(dtype).contiguous() for name, value in parts.network.state_dict().items()}
    save_file(tensors, folder / "model.safetensors")
    parts.text_tokenizer.save(folder / "tokenizer.json")
    parts.image_tokenizer.save_pretrained(folder / "image_tokenizer")


def load_model(folder: Path | None = None) -> ModelParts:
    """Read a model folder (the shipped one by default) into float32, eval mode.

    Raises:
        FileNotFoundError: A file is missing; the message names it and says what to do.
        ValueError: The weights do not fit the configuration; the message names the first odd keys.
    """
    folder = folder or shipped_directory()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "image_tokenizer"):
        if not (folder / name).exists():
            raise FileNotFoundError(
                f"{folder} is no FashionVLM folder: {name} is missing. Point FASHIONM3_VLM_DIR at a folder made by "
                "`fashionm3 train mini`, or leave it unset for the shipped model."
            )
    config = FashionVLMConfig.load(folder / "config.json")
    with torch.device("meta"):
        network = FashionVLM(config)
    state = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    expected = set(network.state_dict())
    if odd := sorted(expected ^ set(state)):
        raise ValueError(f"{folder / 'model.safetensors'} does not fit config.json: {', '.join(odd[:5])}")
    network.load_state_dict(state, assign=True)
    network.restore_buffers()
    return ModelParts(
        network.eval().requires_grad_(False),
        ImageTokenizer.from_pretrained(folder / "image_tokenizer").eval().requires_grad_(False),
        TextTokenizer.load(folder / "tokenizer.json"),
    )
