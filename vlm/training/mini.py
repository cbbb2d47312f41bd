"""Trains the small FashionVLM from nothing on a CPU: pictures, image tokenizer, features, words, transformer.

Every stage leaves its result in the run folder and is skipped where that is there, so a run that was stopped
goes on where it was. The finished model is a folder that `vlm.checkpoint.load_model` reads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from vlm.checkpoint import ModelParts, save_model
from vlm.color_reading import read_color
from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer, mini_config
from vlm.network import FashionVLM
from vlm.pictures import to_pixels
from vlm.text_tokenizer import TextTokenizer
from vlm.training.batches import BatchComposer, Material, Mix, corpus
from vlm.training.image_tokenizer import train_from_pool
from vlm.training.photos import PhotoLabel, PhotoSet, prepare_photos
from vlm.training.picture_pool import build_garments, build_outfits, load_garments, load_outfits
from vlm.training.transformer import train_transformer
from vlm.vision_tower import VisionTower

Number = TypeVar("Number", bound=np.generic)
Report = Callable[[str, int, int, str], None]
"""Called as ``report(stage, done, total, note)``."""


@dataclass(frozen=True)
class MiniPlan:
    """Sizes and budgets of a run; ``vlm/weights/README.md`` tells how the shipped model's run differed.

    Attributes:
        seed: Of everything.
        side: Picture side in pixels.
        bits: Bits of an image code.
        garments: Drawn garments.
        outfits: Recommendations, each with its picture.
        tower_garments: How many garments are also read through the tower.
        tower_outfits: How many outfits are.
        photo_variants: Copies of each photo, the first unchanged.
        vocabulary: Entries of the text tokenizer.
        tokenizer_minutes: Budget of the image tokenizer.
        transformer_minutes: Budget of the transformer; ignored where `transformer_steps` is set.
        transformer_steps: Budget in steps, which gives the same weights on any machine speed.
    """

    seed: int = 20250425
    side: int = 128
    bits: int = 10
    garments: int = 14280
    outfits: int = 5000
    tower_garments: int = 2550
    tower_outfits: int = 1200
    photo_variants: int = 3
    vocabulary: int = 3000
    tokenizer_minutes: float = 16.0
    transformer_minutes: float = 40.0
    transformer_steps: int | None = None
    width: int = 256
    layers: int = 6
    heads: int = 4


def train_mini(
    run: Path,
    out: Path,
    photos: Path,
    *,
    plan: MiniPlan | None = None,
    extra_sentences: Callable[[], list[str]] = list,
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
    photo_set = _photos(run / "photos" / "train", photos, tower, plan, tell)
    image_tokenizer = _image_tokenizer(run, photo_set, plan, resume, tell)
    material = _material(run, photo_set, tower, image_tokenizer, plan, tell)
    text = _text_tokenizer(run, material, plan, extra_sentences)
    config = FashionVLMConfig(
        llm_vocab_size=text.size,
        codebook_size=image_tokenizer.codebook_size,
        num_vq_tokens=material.garment_codes.shape[1],
        text_slots=24,
        end_of_text_id=text.end_of_text_id,
        hidden_size=plan.width,
        intermediate_size=4 * plan.width,
        num_layers=plan.layers,
        num_heads=plan.heads,
        max_positions=512,
        pack=2,
        tower_features=material.garment_features.shape[2],
        tower_patches=material.garment_features.shape[1],
    )
    torch.manual_seed(plan.seed)
    network = train_transformer(
        FashionVLM(config),
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


def _photos(folder: Path, source: Path, tower: VisionTower, plan: MiniPlan, tell: Report) -> PhotoSet:
    if not (folder / "labels.json").is_file():
        made = prepare_photos(
            source,
            tower,
            side=plan.side,
            variants=plan.photo_variants,
            seed=1,
            on_progress=lambda done, total: tell("photos", done, total, ""),
        )
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "pixels.npy", made.pixels)
        np.save(folder / "features.npy", made.features)
        rows = [asdict(label) for label in made.labels]
        (folder / "labels.json").write_text(json.dumps(rows), encoding="utf-8")
    rows = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return PhotoSet(
        np.load(folder / "pixels.npy", mmap_mode="r", allow_pickle=False),
        np.load(folder / "features.npy", mmap_mode="r", allow_pickle=False),
        tuple(PhotoLabel(**row) for row in rows),
    )


def _image_tokenizer(
    run: Path, photos: PhotoSet, plan: MiniPlan, resume: bool, tell: Report
) -> ImageTokenizer:
    """Learns from garments, outfit grids and photos mixed, about 7 : 2 : 1."""
    folder = run / "image_tokenizer"
    if not (folder / "finished").is_file() or not resume:
        garments, _ = load_garments(run / "pool")
        outfits, _ = load_outfits(run / "pool")
        rng = np.random.default_rng(plan.seed)
        pool = run / "tokenizer_pool.npy"
        if not pool.is_file():
            mixed = np.concatenate(
                [
                    garments[: len(garments) * 3 // 4],
                    outfits[: len(garments) // 5],
                    photos.pixels[:: plan.photo_variants * 2],
                ]
            )
            np.save(pool, mixed[rng.permutation(len(mixed))])
        train_from_pool(
            folder,
            pool,
            minutes=plan.tokenizer_minutes,
            seed=plan.seed,
            resume=resume,
            config=mini_config(plan.bits),
            progress=lambda p: tell(
                "image tokenizer",
                round(p.fraction * 1000),
                1000,
                f"step {p.step}: {p.psnr:.2f} dB, {p.codes_used} codes used, {p.crops_per_second:.0f} crops/s",
            ),
        )
        (folder / "finished").touch()
    return ImageTokenizer.from_pretrained(folder).eval()


def _material(
    run: Path, photos: PhotoSet, tower: VisionTower, tokenizer: ImageTokenizer, plan: MiniPlan, tell: Report
) -> Material:
    garment_pixels, garments = load_garments(run / "pool")
    outfit_pixels, outfits = load_outfits(run / "pool")

    def codes(name: str, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
        return _cached(
            run / "codes" / f"{name}.npy",
            lambda: encode_all(tokenizer, pixels, lambda d, t: tell(f"codes of {name}", d, t, "")),
        )

    def features(name: str, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float16]:
        return _cached(
            run / "features" / f"{name}.npy",
            lambda: tower_all(tower, pixels, lambda d, t: tell(f"features of {name}", d, t, "")),
        )

    colors_file = run / "pool" / "colors.json"
    if not colors_file.is_file():
        colors = [read_color(Image.fromarray(np.asarray(row))).color for row in garment_pixels]
        colors_file.write_text(json.dumps(colors), encoding="utf-8")
    blank = np.full((1, plan.side, plan.side, 3), 255, np.uint8)
    return Material(
        garments=garments,
        garment_codes=codes("garments", garment_pixels),
        garment_colors=json.loads(colors_file.read_text(encoding="utf-8")),
        garment_features=features("garments", garment_pixels[: plan.tower_garments]),
        outfits=outfits,
        outfit_codes=codes("outfits", outfit_pixels),
        outfit_features=features("outfits", outfit_pixels[: plan.tower_outfits]),
        photos=photos.labels,
        photo_codes=codes("photos", photos.pixels),
        photo_features=photos.features,
        blank_codes=encode_all(tokenizer, blank)[0],
    )


def _cached(path: Path, make: Callable[[], npt.NDArray[Number]]) -> npt.NDArray[Number]:
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    return cast("npt.NDArray[Number]", np.load(path, allow_pickle=False))


@torch.inference_mode()
def encode_all(
    tokenizer: ImageTokenizer,
    pixels: npt.NDArray[np.uint8],
    on_progress: Callable[[int, int], None] | None = None,
    batch: int = 32,
) -> npt.NDArray[np.uint16]:
    """Image codes of many pictures: uint8 ``[N, S, S, 3]`` to uint16 ``[N, codes]``."""
    rows = []
    for start in range(0, len(pixels), batch):
        rows.append(tokenizer.encode(to_pixels(pixels[start : start + batch])).numpy().astype(np.uint16))
        if on_progress is not None:
            on_progress(min(start + batch, len(pixels)), len(pixels))
    return np.concatenate(rows)


@torch.inference_mode()
def tower_all(
    tower: VisionTower,
    pixels: npt.NDArray[np.uint8],
    on_progress: Callable[[int, int], None] | None = None,
    batch: int = 16,
) -> npt.NDArray[np.float16]:
    """Tower patch features of many pictures: uint8 ``[N, S, S, 3]`` to float16 ``[N, patches, 1286]``."""
    rows = []
    for start in range(0, len(pixels), batch):
        pictures = [Image.fromarray(np.asarray(row)) for row in pixels[start : start + batch]]
        rows.append(tower.patch_features(tower.preprocess(pictures)).numpy().astype(np.float16))
        if on_progress is not None:
            on_progress(min(start + batch, len(pixels)), len(pixels))
    return np.concatenate(rows)


def _text_tokenizer(
    run: Path, material: Material, plan: MiniPlan, extra: Callable[[], list[str]]
) -> TextTokenizer:
    path = run / "tokenizer.json"
    if not path.is_file():
        sentences = corpus(material.garments, material.outfits, extra)
        TextTokenizer.train(sentences, plan.vocabulary).save(path)
    return TextTokenizer.load(path)
