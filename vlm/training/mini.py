"""Trains a small FashionVLM from nothing: pictures, vision tower, image tokenizer, features, words, transformer.

Every stage leaves its result in the run folder and is skipped where that is there, so a run that was stopped
goes on where it was. The finished model is a folder that `vlm.checkpoint.load_model` reads.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import torch

from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.language import drawing_prompt
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES
from vlm.checkpoint import ModelParts, load_model, save_model
from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer
from vlm.network import FashionVLM
from vlm.pictures import squared
from vlm.text_tokenizer import TextTokenizer
from vlm.training.batches import BatchComposer, Material, corpus
from vlm.training.category_head import fit_category_head
from vlm.training.mini_material import Report, coded_material, photo_material, trained_image_tokenizer
from vlm.training.picture_pool import build_garments, build_outfits, large_side
from vlm.training.plans import SmallerPlan, mini_plan
from vlm.training.sheet import write_drawings
from vlm.training.start import take_parts
from vlm.training.tower_stage import trained_tower
from vlm.training.transformer import train_transformer

SHEET = "drawings.png"
"""The contact sheet in the run folder, written anew at every checkpoint."""


def train_mini(
    run: Path,
    out: Path,
    photos: Path,
    *,
    plan: SmallerPlan | None = None,
    extra_sentences: Callable[[], list[str]] = list,
    start: Path | None = None,
    resume: bool = True,
    report: Report | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train and write the finished model to `out`.

    Args:
        run: Folder of intermediate results and checkpoints (about 2 GB).
        out: Folder of the finished model.
        photos: Folder of phone photos, ``<class>/*.jpg``.
        plan: Sizes, budgets and device; `vlm.training.plans.mini_plan` if not given.
        extra_sentences: More text for the text tokenizer.
        start: A model folder to go on from: its vision tower is taken as it is, and its image tokenizer where the shape
            is the plan's; the transformer starts from its words, and from its weights where they fit.
        resume: Go on from checkpoints; otherwise the networks start anew.
        report: Told of progress.
        should_stop: Asked after every step of the networks.

    Raises:
        FileNotFoundError: `photos` holds no photos.
        StartError: The run folder holds a run that started from something else.
        TrainingStoppedError: `should_stop` said so; checkpoints are written.
    """
    plan = plan or mini_plan()
    tell = report or (lambda stage, done, total, note: None)
    workers = max(1, plan.workers or os.cpu_count() or 1)
    taken = take_parts(run, start, plan)
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
    tower, heads = trained_tower(
        run,
        photos,
        views=plan.tower_views,
        training=plan.tower,
        resume=resume or taken.tower,
        report=tell,
        should_stop=should_stop,
    )
    photo_set = photo_material(run / "photos" / "train", photos, tower, plan, tell)
    image_tokenizer = trained_image_tokenizer(
        run, photo_set, plan, resume or taken.image_tokenizer, tell, should_stop
    )
    material = coded_material(run, photo_set, tower.to(plan.compute.device), image_tokenizer, plan, tell)
    if not taken.tower:
        fit_category_head(heads, material, plan.category_steps)
    text = _text_tokenizer(run, material, plan, extra_sentences, start)
    torch.manual_seed(plan.seed)
    untrained = FashionVLM(
        _network_config(
            plan,
            image_tokenizer,
            vocabulary=text.size,
            end=text.end_of_text_id,
            tower=(material.garment_features.shape[2], material.garment_features.shape[1]),
        )
    )
    if start is not None:
        left = take_over(untrained, load_model(start, dtype=torch.float32).network)
        count = len(untrained.state_dict())
        tell("weights taken over", count - len(left), count, str(start))
    sheet = _sheet_writer(run, image_tokenizer, text, plan)
    network = train_transformer(
        untrained,
        BatchComposer(material, text, plan.mix, plan.seed),
        run / "transformer",
        minutes=None if plan.transformer_steps else plan.transformer_minutes,
        steps=plan.transformer_steps,
        seed=plan.seed,
        resume=resume,
        settings=plan.training,
        progress=lambda p: tell(
            "transformer",
            round(p.fraction * 1000),
            1000,
            f"step {p.step}: drawing {p.drawing:.3f} reading {p.reading:.3f}, {p.seconds_a_step:.2f} s a step, "
            f"{run / SHEET}",
        ),
        compute=plan.compute,
        workers=plan.workers,
        on_checkpoint=sheet,
        should_stop=should_stop,
    )
    save_model(out, ModelParts(network, image_tokenizer, text), plan.storage, plan.pictures_storage)
    tower.cpu().save_pretrained(out / "tower")
    heads.save_pretrained(out / "tower")


def _sheet_writer(
    run: Path, image_tokenizer: ImageTokenizer, text: TextTokenizer, plan: SmallerPlan
) -> Callable[[FashionVLM, int], None]:
    """Draws a few garments that no training picture shows, at every checkpoint, below the true ones."""
    chosen = [sheet_garment(plan.seed, index) for index in range(plan.sheet_pictures)]
    prompts = [drawing_prompt(garment, random.Random(index)) for index, garment in enumerate(chosen)]
    true = [
        squared(draw_garment(garment, size=large_side(plan.side), seed=index), plan.side)
        for index, garment in enumerate(chosen)
    ]

    def write(network: FashionVLM, step: int) -> None:
        if chosen:
            write_drawings(run / SHEET, ModelParts(network, image_tokenizer, text), prompts, true, plan.seed)

    return write


def sheet_garment(seed: int, index: int) -> Garment:
    """A garment of the combinations kept aside."""
    category = tuple(CATEGORIES)[(index * 7) % len(CATEGORIES)]
    return sample_garment(random.Random(f"{seed}/sheet/{index}"), category, split="heldout")


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
    plan: SmallerPlan, image_tokenizer: ImageTokenizer, *, vocabulary: int, end: int, tower: tuple[int, int]
) -> FashionVLMConfig:
    """`vocabulary` and `end` are the text tokenizer's, `tower` the width and number of its features."""
    rows, columns = image_tokenizer.grid()
    each = image_tokenizer.config.codes_per_place
    return FashionVLMConfig(
        llm_vocab_size=vocabulary,
        codebook_size=image_tokenizer.codebook_size,
        num_vq_tokens=rows * columns * each,
        codes_per_place=each,
        text_slots=plan.text_slots,
        end_of_text_id=end,
        hidden_size=plan.width,
        intermediate_size=4 * plan.width,
        num_layers=plan.layers,
        num_heads=plan.heads,
        max_positions=plan.max_positions,
        pack=plan.pack,
        tower_features=tower[0],
        tower_patches=tower[1],
        several="row",
        color_hint="items",
        # Looked at and judged on drawings of the shipped network (docs/benchmarks/quality.md).
        drawing_steps=9,
        drawing_guidance=3.0,
        drawing_sharpness=1.5,
        drawing_contrast=0.6,
    )


def _text_tokenizer(
    run: Path, material: Material, plan: SmallerPlan, extra: Callable[[], list[str]], start: Path | None
) -> TextTokenizer:
    if start is not None:
        return TextTokenizer.load(start / "tokenizer.json")
    path = run / "tokenizer.json"
    if not path.is_file():
        sentences = corpus(material.garments, material.outfits, extra)
        TextTokenizer.train(sentences, plan.vocabulary).save(path)
    return TextTokenizer.load(path)
