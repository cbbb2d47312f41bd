"""What a run takes from the model that it starts from, besides words and weights."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from vlm.image_tokenizer import ImageTokenizer
from vlm.model_folder import WEIGHTS_FILE
from vlm.tower_heads import HEADS_FILE
from vlm.towers import LITE_TOWER_FOLDER
from vlm.training.plans import SmallerPlan

_MARK = "start.txt"
_LATER = (
    "tower",
    "image_tokenizer",
    "grown",
    "decoder",
    "codes",
    "features",
    "transformer",
    "tokenizer.json",
)
"""What stages leave in a run folder that depends on what the run started from."""


class StartError(ValueError):
    """A run folder belongs to a run that started from something else; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Which parts stand in the run folder as if they had been trained there."""

    tower: bool = False
    image_tokenizer: bool = False


def take_parts(run: Path, start: Path | None, plan: SmallerPlan) -> Taken:
    """Put a model's tower, and its image tokenizer where the shape is the plan's, into a run's folder.

    Args:
        run: The folder; it remembers what the run started from.
        start: A model folder, or None.
        plan: Of the run.

    Raises:
        StartError: The folder holds stages of a run that started from something else, or from nothing.
    """
    mark = run / _MARK
    before = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    now = "" if start is None else _fingerprint(start)
    if before != now and (before or any((run / name).exists() for name in _LATER)):
        raise StartError(
            f"{run} holds a run that started from {'another model' if before else 'nothing'}. "
            "Give --start as it was then, or another --run."
        )
    if start is None:
        return Taken()
    run.mkdir(parents=True, exist_ok=True)
    mark.write_text(now, encoding="utf-8")
    tower = (start / LITE_TOWER_FOLDER / HEADS_FILE).is_file()
    if tower:
        shutil.copytree(start / LITE_TOWER_FOLDER, run / "tower", dirs_exist_ok=True)
    return Taken(tower, _take_image_tokenizer(run / "decoder", start, plan))


def _take_image_tokenizer(out: Path, start: Path, plan: SmallerPlan) -> bool:
    image_tokenizer = ImageTokenizer.from_pretrained(start / "image_tokenizer")
    grown = replace(
        plan.image_tokenizer, encoder_blocks=plan.encoder_blocks, decoder_blocks=plan.decoder_blocks
    )
    if replace(image_tokenizer.config, resolution=plan.side) != grown:
        return False
    # It works on pictures of any side; the codes of one place do not depend on it.
    image_tokenizer.config = grown
    image_tokenizer.save_pretrained(out, dtype=torch.float16)
    (out / "finished").touch()
    return True


def _fingerprint(start: Path) -> str:
    return hashlib.sha256((start / WEIGHTS_FILE).read_bytes()).hexdigest()
