"""What a FashionVLM's folder holds, and whether a folder looks like one; nothing is loaded for that."""

from __future__ import annotations

from pathlib import Path

from vlm.shipped import NAMES

WEIGHTS_FILE = "model.safetensors"
PARTS = ("config.json", WEIGHTS_FILE, "tokenizer.json", "image_tokenizer")


def check_model_folder(folder: Path) -> None:
    """Refuse a folder that cannot be a FashionVLM.

    Raises:
        FileNotFoundError: Something is missing; the message names it and says what to do.
    """
    for name in PARTS:
        if not (folder / name).exists():
            raise FileNotFoundError(
                f"{folder} is no FashionVLM folder: {name} is missing. Set FASHIONM3_VLM_DIR to {' or '.join(NAMES)}, the "
                "models in the package, or to a folder made by `fashionm3 vlm import` or `fashionm3 train mini`."
            )
