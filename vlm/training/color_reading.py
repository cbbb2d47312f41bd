"""Fits the reading of colors of phone photos: the garment's mask on drawn scenes, the names on photos labeled by eye.

A minute or two of one core; deterministic by seed. ``vlm/data/photo_colors.yaml`` holds the labels; those that measure the
result are others (``evals/data/photo_colors.yaml``).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import yaml
from PIL import Image
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from fashion.drawing import draw_cutout
from vlm.color_reading import NAMES, phone_features, shrunk, to_lab
from vlm.garment_mask import SIDE, garment_mask, pixel_features
from vlm.training.descent import descend
from vlm.training.grounds import ground, photo_border
from vlm.training.light import a_little_relit
from vlm.training.picture_pool import pool_garment
from vlm.training.tower_pictures import degraded, lay, places, relit
from vlm.training.tower_views import opened_photo

Array = npt.NDArray[np.float32]

_LABELS = Path(__file__).parent.parent / "data" / "photo_colors.yaml"
_SHAPES = ((180, 240), (180, 240), (240, 180), (240, 240))
_PIXELS = 200


@dataclass(frozen=True)
class ColorTraining:
    """Settings of a fit.

    Attributes:
        seed: Of everything.
        scenes: Drawn garments on grounds, for the mask; a third of them also teaches names, some of which photos lack.
        mask_steps: Steps of the mask's network.
        name_steps: Steps of the names' layer.
        variants: Views of each labeled photo, the first unchanged.
        decay: Weight decay of the names' layer.
        drawn_weight: Weight of a drawn scene against a photo.
        main_share: How much of a photo's label the first word has; the other fair ones share the rest.
    """

    seed: int = 7
    scenes: int = 1500
    mask_steps: int = 3000
    name_steps: int = 400
    variants: int = 3
    decay: float = 0.1
    drawn_weight: float = 0.4
    main_share: float = 0.75


@dataclass(frozen=True, slots=True)
class LabeledColor:
    """A photo, the color a person would say first, and further fair answers."""

    photo: str
    main: str
    fair: tuple[str, ...]


def labeled_colors() -> list[LabeledColor]:
    """The labels to learn from."""
    rows: list[dict[str, Any]] = yaml.safe_load(_LABELS.read_text(encoding="utf-8"))["photos"]
    return [LabeledColor(row["photo"], row["main"], tuple(row["fair"])) for row in rows]


def drawn_scene(
    index: int, seed: int, borders: Sequence[Image.Image]
) -> tuple[Image.Image, Image.Image, str]:
    """A drawn garment on a ground, its true mask (``L``) and its color."""
    rng = random.Random(f"{seed}/color/{index}")
    garment = pool_garment(seed, 4_000_000 + index)
    cutout = draw_cutout(garment, size=192, seed=index)
    shape = rng.choice(_SHAPES)
    picture = ground(shape, borders, rng)
    box = places(1, shape, rng)[0]
    before = rng.getstate()
    lay(picture, cutout, box, rng)
    after = rng.getstate()
    white = Image.new("RGBA", cutout.size, (255, 255, 255, 0))
    white.putalpha(cutout.getchannel("A"))
    mask = Image.new("RGB", shape)
    rng.setstate(before)
    lay(mask, white, box, rng)
    rng.setstate(after)
    return degraded(relit(picture, rng), rng), mask.convert("L"), garment.color


def fit_mask(
    scenes: Sequence[tuple[Image.Image, Image.Image, str]], settings: ColorTraining
) -> dict[str, Array]:
    """Train the mask's network; its weights by name."""
    chance = np.random.default_rng(settings.seed)
    rows, truths = [], []
    for picture, mask, _ in scenes:
        chosen = chance.choice(SIDE * SIDE, _PIXELS, replace=False)
        rows.append(pixel_features(to_lab(shrunk(picture))).reshape(SIDE * SIDE, -1)[chosen])
        small = np.asarray(mask.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255.0
        truths.append(small.reshape(-1)[chosen])
    inputs, truth = np.concatenate(rows), torch.from_numpy(np.concatenate(truths))
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-3
    seen = torch.from_numpy((inputs - mean) / spread)
    torch.manual_seed(settings.seed)
    layers = [nn.Linear(seen.shape[1], 24), nn.Linear(24, 16), nn.Linear(16, 1)]
    network = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])

    def loss(batch: Tensor) -> Tensor:
        found: Tensor = F.binary_cross_entropy_with_logits(network(seen[batch])[:, 0], truth[batch])
        return found

    descend(network, loss, len(seen), settings.mask_steps, rate=3e-3, decay=1e-3, batch=1024)
    weights = {"mask.mean": mean, "mask.spread": spread}
    for name, layer in zip(("first", "second", "last"), layers, strict=True):
        weights[f"mask.{name}.weight"] = layer.weight.detach().numpy()
        weights[f"mask.{name}.bias"] = layer.bias.detach().numpy()
    return weights


def fit_names(inputs: Array, targets: Array, weights: Array, settings: ColorTraining) -> dict[str, Array]:
    """Train the names' one layer on features, shares of names and row weights; its weights by name."""
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-2
    seen, aims = torch.from_numpy((inputs - mean) / spread), torch.from_numpy(targets)
    row_weights = torch.from_numpy(weights)
    torch.manual_seed(settings.seed)
    layer = nn.Linear(seen.shape[1], len(NAMES))

    def loss(batch: Tensor) -> Tensor:
        losses = -(layer(seen[batch]).log_softmax(-1) * aims[batch]).sum(-1)
        total: Tensor = (losses * row_weights[batch]).sum() / row_weights[batch].sum()
        return total

    descend(layer, loss, len(seen), settings.name_steps, rate=5e-3, decay=settings.decay, batch=256)
    return {
        "names.mean": mean,
        "names.spread": spread,
        "names.weight": layer.weight.detach().numpy(),
        "names.bias": layer.bias.detach().numpy(),
    }


def shares_of(label: LabeledColor, main_share: float) -> Array:
    """What a label says of every name, summing to 1."""
    shares = np.zeros(len(NAMES), np.float32)
    others = [name for name in label.fair if name in NAMES]
    shares[NAMES.index(label.main)] = main_share if others else 1.0
    for name in others:
        shares[NAMES.index(name)] = (1.0 - main_share) / len(others)
    return shares


def photo_rows(
    photos: Path, labels: Sequence[LabeledColor], weights: Mapping[str, Array], settings: ColorTraining
) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Features and shares of every view of labeled photos, and the number of the photo each belongs to."""
    rows, shares, numbers = [], [], []
    for number, label in enumerate(labels):
        photo = opened_photo(photos / label.photo)
        rng = random.Random(f"{settings.seed}/{label.photo}")
        for variant in range(settings.variants):
            view = photo if variant == 0 else _cropped(a_little_relit(photo, rng), rng)
            rows.append(_features(view, weights))
            shares.append(shares_of(label, settings.main_share))
            numbers.append(number)
    return np.stack(rows), np.stack(shares), np.array(numbers)


def fit_color_reading(photos: Path, out: Path, settings: ColorTraining | None = None) -> None:
    """Fit mask and names and write them to `out`, a safetensors file (shipped as ``vlm/data/color_reading.safetensors``).

    Args:
        photos: Folder of training photos, ``<class>/*.jpg``.
        out: The file, read by `vlm.garment_mask.color_weights`.
        settings: See there.
    """
    settings = settings or ColorTraining()
    labels = [label for label in labeled_colors() if label.main in NAMES]
    borders = [photo_border(opened_photo(photos / label.photo)) for label in labels]
    scenes = [drawn_scene(index, settings.seed, borders) for index in range(settings.scenes)]
    weights = fit_mask(scenes, settings)
    # The names are learned behind the mask as it will be stored.
    weights = {name: value.astype(np.float32) for name, value in _half(weights).items()}
    rows, shares, _ = photo_rows(photos, labels, weights, settings)
    drawn = [
        (_features(picture, weights), shares_of(LabeledColor("", color, ()), 1.0))
        for picture, _, color in scenes[::3]
        if color in NAMES
    ]
    inputs = np.concatenate([rows, np.stack([row for row, _ in drawn])])
    targets = np.concatenate([shares, np.stack([share for _, share in drawn])])
    strength = np.full(len(inputs), settings.drawn_weight, np.float32)
    strength[: len(rows)] = 1.0
    save_file(_half(weights | fit_names(inputs, targets, strength, settings)), out)


def _features(picture: Image.Image, weights: Mapping[str, Array]) -> Array:
    lab = to_lab(shrunk(picture))
    return phone_features(lab, garment_mask(lab, weights))


def _half(weights: dict[str, Array]) -> dict[str, npt.NDArray[np.float16]]:
    return {name: np.ascontiguousarray(value.astype(np.float16)) for name, value in weights.items()}


def _cropped(photo: Image.Image, rng: random.Random) -> Image.Image:
    width, height = photo.size
    keep = rng.uniform(0.88, 1.0)
    left, top = rng.uniform(0, 1 - keep) * width, rng.uniform(0, 1 - keep) * height
    return photo.crop((int(left), int(top), int(left + keep * width), int(top + keep * height)))
