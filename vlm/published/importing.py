"""Published checkpoints put together as a model folder of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from vlm.checkpoint import ModelParts, save_model
from vlm.clip_tower import ClipTower
from vlm.image_tokenizer import ImageTokenizer
from vlm.network import FashionVLM
from vlm.published.files import CheckpointError, read_json, weight_files
from vlm.published.hub import WORDS_ALONE, fetch
from vlm.published.magvit import load_magvit
from vlm.published.showo import load_published
from vlm.published.words import check_words, load_words
from vlm.towers import TOWER_FOLDER

TEXT_SLOTS = {256: 129, 1024: 382}
"""Slots of a drawing prompt by image slots, as the published configurations have them."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Where everything comes from: folders or hub ids.

    Attributes:
        source: The network, or an image tokenizer alone.
        words: The text tokenizer; None is the source's own, else that of phi-1_5.
        image_tokenizer: MAGVIT-v2.
        clip: The vision tower of a CLIP variant.
        dtype: The network's weights are stored so; None is as they are.
        text_slots: Slots of a drawing prompt; None is the published number for the picture's size.
        cache: The hub's cache; None is its own.
        offline: Ask no network.
    """

    source: str
    words: str | None = None
    image_tokenizer: str = "showlab/magvitv2"
    clip: str = "openai/clip-vit-large-patch14-336"
    dtype: torch.dtype | None = None
    text_slots: int | None = None
    cache: Path | None = None
    offline: bool = False

    def folder(self, source: str, complete: Callable[[Path], object]) -> Path:
        """See `vlm.published.hub.fetch`."""
        return fetch(source, complete, cache=self.cache, offline=self.offline)

    def words_folder(self, source: str) -> Path:
        """The folder of a text tokenizer, whose weights are not fetched; see `vlm.published.hub.fetch`."""
        return fetch(source, check_words, cache=self.cache, offline=self.offline, wanted=WORDS_ALONE)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written.

    Attributes:
        folder: Where.
        kind: ``model`` or ``image tokenizer``.
        parameters: Of the network that was the source.
    """

    folder: Path
    kind: str
    parameters: int


def import_checkpoint(plan: ImportPlan, out: Path, tell: Callable[[str], None] = lambda _: None) -> Imported:
    """Write a model folder (`vlm.checkpoint`), or an image tokenizer's where the source is one.

    `out` appears whole or not at all.

    Args:
        plan: What to put together.
        out: Must not exist, or be empty.
        tell: Told what is being done.

    Raises:
        CheckpointError: Something is missing, odd or does not fit together.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CheckpointError(f"{out} exists already: name another folder")
    tell(f"looking for {plan.source}")
    source = plan.folder(plan.source, weight_files)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as place:
        made = Path(place) / "model"
        if _is_language_model(source):
            imported = _import_model(plan, source, made, tell)
        else:
            tell("reading the image tokenizer")
            tokenizer = load_magvit(source)
            tokenizer.save_pretrained(made)
            imported = Imported(out, "image tokenizer", _count(tokenizer))
        if out.exists():
            out.rmdir()
        made.replace(out)
    return Imported(out, imported.kind, imported.parameters)


def _is_language_model(folder: Path) -> bool:
    config = folder / "config.json"
    return config.is_file() and "llm_vocab_size" in read_json(config)


def _import_model(plan: ImportPlan, source: Path, made: Path, tell: Callable[[str], None]) -> Imported:
    tell("reading the text tokenizer")
    words = load_words(_words_folder(plan, source))
    slots = plan.text_slots or TEXT_SLOTS.get(int(read_json(source / "config.json").get("num_vq_tokens", 0)))
    if slots is None:
        raise CheckpointError(
            f"{source} is of no published size: say how many text slots a drawing prompt has"
        )
    tell("reading the network")
    network = load_published(source, text_slots=slots, end_of_text_id=words.end_of_text_id)
    config = network.config
    if words.size > config.llm_vocab_size:
        raise CheckpointError(
            f"the text tokenizer has {words.size} entries, the network only {config.llm_vocab_size}: it belongs to another"
        )
    tell("reading the image tokenizer")
    pictures = _image_tokenizer(plan, network)
    tower = None
    if config.tower_features:
        tell("reading the CLIP tower")
        tower = _clip_tower(plan, network)
    tell("writing")
    save_model(made, ModelParts(network, pictures, words), dtype=plan.dtype)
    if tower is not None:
        tower.save_pretrained(made / TOWER_FOLDER)
    return Imported(made, "model", _count(network))


def _words_folder(plan: ImportPlan, source: Path) -> Path:
    if plan.words is not None:
        return plan.words_folder(plan.words)
    try:
        check_words(source)
    except CheckpointError:
        return plan.words_folder("microsoft/phi-1_5")
    return source


def _image_tokenizer(plan: ImportPlan, network: FashionVLM) -> ImageTokenizer:
    config = network.config
    folder = plan.folder(plan.image_tokenizer, weight_files)
    tokenizer = load_magvit(folder)
    if tokenizer.codebook_size != config.codebook_size:
        raise CheckpointError(
            f"{folder} has {tokenizer.codebook_size} image codes, the network {config.codebook_size}: it belongs to another"
        )
    return load_magvit(folder, resolution=config.grid_side * tokenizer.downsample)


def _clip_tower(plan: ImportPlan, network: FashionVLM) -> ClipTower:
    folder = plan.folder(plan.clip, weight_files)
    try:
        tower = ClipTower.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder} holds no CLIP vision tower: {str(error).partition(chr(10))[0]}"
        ) from None
    wanted = (network.config.tower_features, network.config.tower_patches)
    if (tower.features, tower.patches) != wanted:
        raise CheckpointError(
            f"{folder} gives {tower.patches} patches of {tower.features} features, the network wants "
            f"{wanted[1]} of {wanted[0]}"
        )
    return tower


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
