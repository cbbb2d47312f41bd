"""A FashionVLM on disk: one folder with the network, its image tokenizer, its words and its configuration.

``config.json`` · ``model.safetensors`` · ``tokenizer.json`` · ``image_tokenizer/``, and ``clip_tower/`` for a CLIP variant
(`vlm.towers`). Safetensors only, never a pickle.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vlm.config import FashionVLMConfig
from vlm.enlarger import Enlarger
from vlm.image_tokenizer import ImageTokenizer
from vlm.model_folder import WEIGHTS_FILE, check_model_folder
from vlm.network import FashionVLM
from vlm.precision import chosen_dtype
from vlm.published.files import check_fit
from vlm.shipped import shipped_directory
from vlm.text_tokenizer import TextTokenizer
from vlm.weight_storage import restored, stored

ENLARGER = "enlarger"


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What belongs together."""

    network: FashionVLM
    image_tokenizer: ImageTokenizer
    text_tokenizer: TextTokenizer
    enlarger: Enlarger | None = None
    """Enlarges what is drawn; None where the folder has none."""


def save_model(
    folder: Path,
    parts: ModelParts,
    dtype: torch.dtype | None = torch.float16,
    pictures_dtype: torch.dtype | None = None,
) -> None:
    """Write a model folder.

    Args:
        folder: Made where it does not exist.
        parts: The model.
        dtype: The network's weights are stored so (`vlm.weight_storage`); None is as they are.
        pictures_dtype: The image tokenizer's; None is float16 where that loses nothing, else float32.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts.network.config.save(folder / "config.json")
    tensors = stored(parts.network.state_dict(), dtype)
    save_file({name: _own(value) for name, value in tensors.items()}, folder / WEIGHTS_FILE)
    parts.text_tokenizer.save(folder / "tokenizer.json")
    pictures = parts.image_tokenizer
    exact = torch.float16 if _fits_half(pictures) else torch.float32
    pictures.save_pretrained(folder / "image_tokenizer", dtype=pictures_dtype or exact)
    if parts.enlarger is not None:
        parts.enlarger.save_pretrained(folder / ENLARGER)


def load_model(
    folder: Path | None = None,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype | None = None,
) -> ModelParts:
    """Read a model folder (the shipped one by default), eval mode. The file is mapped, not read into memory first.

    Args:
        folder: What `save_model` or ``fashionm3 vlm import`` wrote.
        device: Where the networks go.
        dtype: Of the network's weights; None is as `vlm.precision` has it. The image tokenizer stays in float32, which its
            signs are sensitive to.

    Raises:
        FileNotFoundError: A file is missing; the message names it and says what to do.
        ValueError: The weights do not fit the configuration; the message names the first odd keys.
    """
    folder = folder or shipped_directory()
    check_model_folder(folder)
    device = torch.device(device)
    config = FashionVLMConfig.load(folder / "config.json")
    with torch.device("meta"):
        network = FashionVLM(config)
    state = restored(
        load_file(folder / WEIGHTS_FILE, device=str(device)),
        dtype or chosen_dtype(device, config.hidden_size),
    )
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    check_fit(str(folder / WEIGHTS_FILE), expected, state)
    network.load_state_dict(state, assign=True)
    network.restore_buffers(device)
    image_tokenizer = ImageTokenizer.from_pretrained(folder / "image_tokenizer").to(device)
    enlarger = (
        Enlarger.from_pretrained(folder / ENLARGER).to(device) if (folder / ENLARGER).is_dir() else None
    )
    return ModelParts(
        network.eval().requires_grad_(False),
        image_tokenizer.eval().requires_grad_(False),
        TextTokenizer.load(folder / "tokenizer.json"),
        enlarger,
    )


def _fits_half(tokenizer: ImageTokenizer) -> bool:
    """Whether float16 holds every weight exactly, as it does after training, which leaves them in float16."""
    return all(bool((weight.half().float() == weight).all()) for weight in tokenizer.parameters())


def _own(tensor: Tensor) -> Tensor:
    """A tensor with memory of its own: inference joins matrices, and safetensors refuses parts of a whole."""
    whole = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    return tensor.contiguous() if whole else tensor.clone()
