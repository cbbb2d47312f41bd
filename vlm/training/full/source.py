"""The model that a run starts from (a model folder, or a published checkpoint that is imported first), and its end."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vlm.checkpoint import ModelParts, load_model, save_model
from vlm.model_folder import WEIGHTS_FILE
from vlm.published.importing import ImportPlan, import_checkpoint
from vlm.shipped import named_directory
from vlm.towers import Tower, load_tower
from vlm.training.compute import Compute
from vlm.training.full.adapters import merged


@dataclass(frozen=True, slots=True)
class Source:
    """A model in memory, what it is called, and the model folder that it was read from."""

    name: str
    parts: ModelParts
    tower: Tower | None
    folder: Path | None = None


def open_source(
    plan: ImportPlan,
    place: Path,
    *,
    compute: Compute,
    frozen: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Source:
    """Load a model to train.

    Args:
        plan: `source` is a model folder, ``mini`` or ``small`` for one in the package, a folder in the published layout, or
            a hub id; the rest matters for the latter two only.
        place: An imported model is kept in this folder, so that the next run does not import it again.
        compute: Where it goes.
        frozen: Its own weights will not change, so they may be in the type that computes; else they are in float32.
        tell: Told what is being done.

    Raises:
        FileNotFoundError: A model folder lacks a part.
        ValueError: The weights do not fit, or a published checkpoint cannot be imported (`CheckpointError`).
    """
    folder = named_directory(plan.source)
    if not _is_model_folder(folder):
        mark = hashlib.sha256(repr(plan).encode()).hexdigest()[:8]
        folder = place / f"source-{mark}"
        if not _is_model_folder(folder):
            import_checkpoint(plan, folder, tell)
    tell(f"loading {folder}")
    dtype = torch.bfloat16 if frozen and compute.bf16 else torch.float32
    parts = load_model(folder, device=compute.device, dtype=dtype)
    tower = load_tower(folder, parts.network.config, device=compute.device)
    return Source(plan.source, parts, tower, folder)


def write_model(folder: Path, source: Source, storage: torch.dtype, facts: Mapping[str, Any]) -> None:
    """Write a trained model as a model folder, adapters merged in, with its recipe in ``training.json``.

    The folder appears whole; one that is there already is replaced.
    """
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    if source.folder is not None:
        # Towers, heads and whatever else belongs to the model and was not trained.
        top = str(source.folder)
        shutil.copytree(source.folder, fresh, ignore=lambda at, _: [WEIGHTS_FILE] if at == top else [])
    parts = source.parts
    whole = merged(parts.network, torch.float32)
    words, enlarger = parts.text_tokenizer, parts.enlarger
    save_model(fresh, ModelParts(whole, parts.image_tokenizer, words, enlarger), dtype=storage)
    told = json.dumps(dict(facts), indent=1)
    (fresh / "training.json").write_text(told + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)


def _is_model_folder(folder: Path) -> bool:
    return (folder / WEIGHTS_FILE).is_file() and (folder / "image_tokenizer").is_dir()
