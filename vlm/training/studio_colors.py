"""Fits the reading of colors of studio pictures: drawn garments, some in slightly other light, and shapes of any color.

The shapes keep it general: what has a color that no drawn garment has is named as the palette's distances name it.
Garments are of training's combinations alone. Some ten minutes of one core for the shipped weights; deterministic by seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from fashion.color import COLORS
from fashion.drawing import draw_garment
from vlm.color_reading import is_studio, lab_of
from vlm.palette_votes import PLACES, STUDIO, squared_distances
from vlm.studio_color import ground_distance, studio_features
from vlm.training.descent import descend
from vlm.training.light import a_little_relit
from vlm.training.picture_pool import single_garment

Array = npt.NDArray[np.float32]

_FIRST = 6_000_000
"""Number of the first garment: others than those FashionVLM learns from."""
_PALETTE = tuple(COLORS)


@dataclass(frozen=True)
class StudioTraining:
    """Settings of a fit.

    Attributes:
        seed: Of everything.
        pictures: Rows to learn from.
        shapes: Share of them that are plain shapes; half of these are of a palette color, half of any.
        relit: Share of the garments in slightly other light.
        side: Of the pictures in pixels.
        hidden: Width of the network.
        steps: Of its training.
        noise: Spread of what is added to its normalized inputs.
        smoothing: Of the labels.
    """

    seed: int = 7
    pictures: int = 14_000
    shapes: float = 0.12
    relit: float = 0.4
    side: int = 192
    hidden: int = 64
    steps: int = 4000
    noise: float = 0.05
    smoothing: float = 0.02


def studio_scene(index: int, settings: StudioTraining) -> tuple[Image.Image, str]:
    """A picture by its number, and the palette name of its color."""
    rng = random.Random(f"{settings.seed}/studio/{index}")
    if rng.random() < settings.shapes:
        return _shape(settings.side, rng)
    garment = single_garment(settings.seed, _FIRST + index)
    picture = draw_garment(garment, size=settings.side, seed=rng.getrandbits(31))
    return (a_little_relit(picture, rng) if rng.random() < settings.relit else picture), garment.color


def _shape(side: int, rng: random.Random) -> tuple[Image.Image, str]:
    """A plain rectangle or ellipse on a pale ground."""
    name = _PALETTE[rng.choice(PLACES)]
    rgb = COLORS[name].rgb
    if rng.random() < 0.5:
        rgb = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        lab = lab_of(Image.new("RGB", (1, 1), rgb))
        name = _PALETTE[PLACES[int(squared_distances(lab, STUDIO)[0].argmin())]]
    tone = rng.randint(222, 255)
    picture = Image.new("RGB", (side, side), tuple(min(255, tone + rng.randint(-5, 5)) for _ in range(3)))
    across, down = rng.uniform(0.35, 0.8) * side, rng.uniform(0.35, 0.8) * side
    left, top = rng.uniform(0.1, 0.9) * (side - across), rng.uniform(0.1, 0.9) * (side - down)
    draw = ImageDraw.Draw(picture)
    (draw.rectangle if rng.random() < 0.5 else draw.ellipse)((left, top, left + across, top + down), fill=rgb)
    return picture, name


def studio_rows(settings: StudioTraining) -> Iterator[tuple[Array, int]]:
    """Features and place in the palette of every picture on a studio ground; slightly other light loses some."""
    for index in range(settings.pictures):
        picture, name = studio_scene(index, settings)
        lab = lab_of(picture)
        if is_studio(lab):
            yield studio_features(lab, ground_distance(lab)), _PALETTE.index(name)


def fit_studio_colors(out: Path, settings: StudioTraining | None = None) -> None:
    """Fit the network and write it to `out`, a safetensors file (shipped as ``vlm/data/studio_color.safetensors``)."""
    settings = settings or StudioTraining()
    rows = list(studio_rows(settings))
    inputs, names = np.stack([row for row, _ in rows]), torch.tensor([name for _, name in rows])
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-2
    seen = torch.from_numpy((inputs - mean) / spread)
    torch.manual_seed(settings.seed)
    first, last = nn.Linear(seen.shape[1], settings.hidden), nn.Linear(settings.hidden, len(_PALETTE))
    network = nn.Sequential(first, nn.ReLU(), nn.Dropout(0.1), last)

    def loss(batch: Tensor) -> Tensor:
        shaken = seen[batch] + settings.noise * torch.randn(len(batch), seen.shape[1])
        return F.cross_entropy(network(shaken), names[batch], label_smoothing=settings.smoothing)

    descend(network, loss, len(seen), settings.steps, rate=3e-3, decay=0.02, batch=256)
    weights = {"mean": mean, "spread": spread}
    for name, layer in (("first", first), ("last", last)):
        weights[f"{name}.weight"] = layer.weight.detach().numpy()
        weights[f"{name}.bias"] = layer.bias.detach().numpy()
    save_file({name: np.ascontiguousarray(value.astype(np.float16)) for name, value in weights.items()}, out)
