"""Trains the small FashionVLM from nothing on a CPU: pictures, image tokenizer, features, words, transformer.

Every stage leaves its result in the run folder and is skipped where that is there, so a run that was stopped
goes on where it was. The finished model is a folder that `vlm.checkpoint.load_model` reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import torch

from vlm.checkpoint import ModelParts, load_model, save_model
from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer
from vlm.network import FashionVLM
from vlm.text_tokenizer import TextTokenizer
from vlm.training.batches import BatchComposer, Material, Mix, corpus
from vlm.training.mini_material import (
    MiniPlan,
    Report,
    coded_material,
    photo_material,
    trained_image_tokenizer,
)
from vlm.training.picture_pool import build_garments, build_outfits
from vlm.training.transformer import train_transformer
from vlm.vision_tower import VisionTower

__all__ = ["MiniPlan", "take_over", "train_mini"]


def train_mini(
    run: Path,
    out: Path,
    photos: Path,
    *,
    plan: MiniPlan | None = None,
    extra_sentences: Callable[[], list[str]] = list,
    start: Path | None = None,
    resume: bool = True,
    report: Report | None = None,
) -> None:
    """Train and write the finished model to `out`.

    Args:
        run: Folder of intermediate results and checkpoints (about 2 GB).
        out: Folder of the finished model.
        photos: Folder of phone photos, ``<class>/*.jpg``.
        plan: Sizes and budgets.
        extra_sentences: More text for the text tokenizer.
        start: A model folder whose words, and whose weights where they fit, the transformer starts from.
        resume: Go on from checkpoints; otherwise the two networks start anew.
        report: Told of progress.

    Raises:
        FileNotFoundError: `photos` holds no photos.
    """
    plan = plan or MiniPlan()
    tell = report or (lambda stage, done, total, note: None)
    workers = max(1, (os.cpu_count() or 1))
    build_garments(
        run / "pool",
        count=plan.garments,
        seed=plan.seed,
        side=plan.side,
        workers=workers,
        on_progress=lambda done, total: tell("garments", done, total, ""),
    )
    build_outfits(
        run / "pool",
        count=plan.outfits,
        seed=plan.seed,
        side=plan.side,
        workers=workers,
        on_progress=lambda done, total: tell("outfits", done, total, ""),
    )
    tower = VisionTower()
    photo_set = photo_material(run / "photos" / "train", photos, tower, plan, tell)
    image_tokenizer = trained_image_tokenizer(run, photo_set, plan, resume, tell)
    material = coded_material(run, photo_set, tower, image_tokenizer, plan, tell)
    text = _text_tokenizer(run, material, plan, extra_sentences, start)
    torch.manual_seed(plan.seed)
    untrained = FashionVLM(_network_config(plan, image_tokenizer, text, material))
    if start is not None:
        take_over(untrained, load_model(start).network)
    network = train_transformer(
        untrained,
        BatchComposer(material, text, Mix(), plan.seed),
        run / "transformer",
        minutes=None if plan.transformer_steps else plan.transformer_minutes,
        steps=plan.transformer_steps,
        seed=plan.seed,
        resume=resume,
        progress=lambda p: tell(
            "transformer",
            round(p.fraction * 1000),
            1000,
            f"step {p.step}: drawing {p.drawing:.3f} reading {p.reading:.3f}, {p.seconds_a_step:.2f} s a step",
        ),
    )
    save_model(out, ModelParts(network, image_tokenizer, text))


def take_over(network: FashionVLM, trained: FashionVLM) -> list[str]:
    """Copy every weight of `trained` that has a like-named one of the same shape in `network`; names what was left."""
    own, left = network.state_dict(), []
    for name, value in trained.state_dict().items():
        if name in own and own[name].shape == value.shape:
            own[name].copy_(value)
        else:
            left.append(name)
    return left


def _network_config(
    plan: MiniPlan, image_tokenizer: ImageTokenizer, text: TextTokenizer, material: Material
) -> FashionVLMConfig:
    return FashionVLMConfig(
        llm_vocab_size=text.size,
        codebook_size=image_tokenizer.codebook_size,
        num_vq_tokens=material.garment_codes.shape[1],
        codes_per_place=plan.codes_per_place,
        text_slots=24,
        end_of_text_id=text.end_of_text_id,
        hidden_size=plan.width,
        intermediate_size=4 * plan.width,
        num_layers=plan.layers,
        num_heads=plan.heads,
        max_positions=1024,
        pack=2,
        tower_features=material.garment_features.shape[2],
        tower_patches=material.garment_features.shape[1],
        several="row",
        color_hint="always",
    )


def _text_tokenizer(
    run: Path, material: Material, plan: MiniPlan, extra: Callable[[], list[str]], start: Path | None
) -> TextTokenizer:
    if start is not None:
        return TextTokenizer.load(start / "tokenizer.json")
    path = run / "tokenizer.json"
    if not path.is_file():
        sentences = corpus(material.garments, material.outfits, extra)
        TextTokenizer.train(sentences, plan.vocabulary).save(path)
    return TextTokenizer.load(path)
