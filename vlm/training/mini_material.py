"""What a small model learns from, stage by stage: photos, image tokenizer, and everything as codes and features.

Every stage leaves its result in the run folder and is skipped where that is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from vlm.image_tokenizer import ImageTokenizer
from vlm.pictures import squared, to_pixels
from vlm.training.batches import Material
from vlm.training.image_tokenizer import SHEET_FILE, TokenizerProgress, train_from_pool
from vlm.training.photos import PhotoLabel, PhotoSet, prepare_photos
from vlm.training.picture_pool import build_large_garments, load_garments, load_outfits
from vlm.training.plans import SmallerPlan
from vlm.training.tokenizer_crops import CropSource, Pictures, open_pool
from vlm.training.tokenizer_finish import TokenizerFinish, finish_tokenizer
from vlm.training.tokenizer_growth import deepened
from vlm.vision_tower import VisionTower

Number = TypeVar("Number", bound=np.generic)
Report = Callable[[str, int, int, str], None]
"""Called as ``report(stage, done, total, note)``."""

TOKENIZER_POOL = "tokenizer_pool.npy"
"""In the run folder: what the image tokenizer learns from."""


def photo_material(
    folder: Path, source: Path, tower: VisionTower, plan: SmallerPlan, tell: Report
) -> PhotoSet:
    """The photos in `source` with variants of each, as pixels, tower features and labels; kept in `folder`."""
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


def trained_image_tokenizer(
    run: Path,
    photos: PhotoSet,
    plan: SmallerPlan,
    resume: bool,
    tell: Report,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImageTokenizer:
    """Learns from garments and photos mixed, about ten to one; then grown, and in the end its decoder alone."""
    done = run / "decoder"
    if resume and (done / "finished").is_file():
        return ImageTokenizer.from_pretrained(done).eval().to(plan.compute.device)
    folder = run / "image_tokenizer"
    pool = _tokenizer_pool(run, photos, plan)
    aside = min(128, len(pool) // 9)
    if not (folder / "finished").is_file() or not resume:
        train_from_pool(
            folder,
            run / TOKENIZER_POOL,
            minutes=None if plan.tokenizer_steps else plan.tokenizer_minutes,
            steps=plan.tokenizer_steps,
            seed=plan.seed,
            resume=resume,
            aside=aside,
            batch=plan.crops,
            crop=plan.crop,
            config=plan.image_tokenizer,
            compute=plan.compute,
            workers=plan.workers,
            should_stop=should_stop,
            progress=_told(tell, "image tokenizer", folder),
        )
        (folder / "finished").touch()
    # Both halves deepened, then the decoder alone, while the codes stay.
    stages = (
        ("grown", folder, plan.grown_steps, plan.growth),
        ("decoder", run / "grown", plan.decoder_steps, TokenizerFinish()),
    )
    for number, (stage, before, steps, settings) in enumerate(stages, 1):
        out = run / stage
        if (out / "finished").is_file() and resume:
            continue
        finish_tokenizer(
            deepened(
                ImageTokenizer.from_pretrained(before).to(plan.compute.device),
                plan.decoder_blocks,
                plan.encoder_blocks,
            ),
            out,
            batches=CropSource(pool[:-aside], seed=plan.seed + number, batch=plan.crops, side=plan.crop),
            aside=pool[-aside:],
            steps=steps,
            seed=plan.seed,
            resume=resume,
            settings=settings,
            progress=_told(tell, stage, out),
            should_stop=should_stop,
        )
        (out / "finished").touch()
    return ImageTokenizer.from_pretrained(done).eval().to(plan.compute.device)


def _tokenizer_pool(run: Path, photos: PhotoSet, plan: SmallerPlan) -> Pictures:
    path = run / TOKENIZER_POOL
    if not path.is_file():
        garments, _ = load_garments(run / "pool")
        own = photos.pixels[:: plan.photo_variants]
        mixed = np.concatenate([garments, own[: len(garments) // 10]])
        np.save(path, mixed[np.random.default_rng(plan.seed).permutation(len(mixed))])
    return open_pool(path)


def _told(tell: Report, stage: str, folder: Path) -> Callable[[TokenizerProgress], None]:
    return lambda p: tell(
        stage,
        round(p.fraction * 1000),
        1000,
        f"step {p.step}: loss {p.loss:.3f}, {p.psnr:.2f} dB, {p.codes_used} codes used, "
        f"{p.crops_per_second:.0f} crops/s, {folder / SHEET_FILE}",
    )


def coded_material(
    run: Path,
    photos: PhotoSet,
    tower: VisionTower,
    tokenizer: ImageTokenizer,
    plan: SmallerPlan,
    tell: Report,
) -> Material:
    """Garments of outfits come first: outfits name rows, and the tower's features cover the first rows."""
    single_pixels, single = load_garments(run / "pool")
    tower_single = build_large_garments(
        run / "pool",
        count=plan.tower_garments,
        seed=plan.seed,
        side=plan.side,
        workers=max(1, plan.workers or os.cpu_count() or 1),
        on_progress=lambda done, total: tell("garments for the tower", done, total, ""),
    )
    shown_pixels, shown, outfits = load_outfits(run / "pool")

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

    blank = np.full((1, plan.side, plan.side, 3), 255, np.uint8)
    return Material(
        garments=[*shown, *single],
        garment_codes=np.concatenate([codes("outfits", shown_pixels), codes("garments", single_pixels)]),
        garment_features=np.concatenate(
            [features("outfits", shown_pixels), features("garments", tower_single)]
        ),
        outfits=outfits,
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
    """Image codes of many pictures: uint8 ``[N, S, S, 3]`` of any one size to uint16 ``[N, codes]``."""
    device = next(tokenizer.parameters()).device
    side = tokenizer.config.resolution
    rows = []
    for start in range(0, len(pixels), batch):
        codes = tokenizer.encode(to_pixels(_reduced(pixels[start : start + batch], side)).to(device))
        rows.append(codes.cpu().numpy().astype(np.uint16))
        if on_progress is not None:
            on_progress(min(start + batch, len(pixels)), len(pixels))
    return np.concatenate(rows)


def _reduced(pixels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    if pixels.shape[1] == side:
        return pixels
    return np.stack([np.asarray(squared(Image.fromarray(np.asarray(row)), side)) for row in pixels])


@torch.inference_mode()
def tower_all(
    tower: VisionTower,
    pixels: npt.NDArray[np.uint8],
    on_progress: Callable[[int, int], None] | None = None,
    batch: int = 16,
) -> npt.NDArray[np.float16]:
    """Tower patch features of many pictures: uint8 ``[N, S, S, 3]`` to float16 ``[N, patches, 1286]``."""
    device = next(tower.parameters()).device
    rows = []
    for start in range(0, len(pixels), batch):
        pictures = [Image.fromarray(np.asarray(row)) for row in pixels[start : start + batch]]
        features = tower.patch_features(tower.preprocess(pictures).to(device))
        rows.append(features.cpu().numpy().astype(np.float16))
        if on_progress is not None:
            on_progress(min(start + batch, len(pixels)), len(pixels))
    return np.concatenate(rows)
