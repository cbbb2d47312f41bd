"""A judge of drawn garments: a small classifier of category, color and pattern, trained apart from FashionVLM.

It shares no weight and no data row with the model it judges: its pictures are drawn with another seed. Its own
score on true garments is the ceiling that drawn pictures are compared with.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, PATTERNS
from vlm.pictures import squared, to_pixels
from vlm.training.picture_pool import build_garments, load_garments

SIDE = 64
_CATEGORIES, _COLORS, _PATTERNS = tuple(CATEGORIES), tuple(COLORS), tuple(PATTERNS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge sees in a picture."""

    category: str
    color: str
    pattern: str


class DrawingJudge(nn.Module):
    """Three heads over a small convolutional network on 64 px pictures."""

    def __init__(self, width: int = 48) -> None:
        """Build with random weights."""
        super().__init__()

        def stage(inputs: int, outputs: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            )

        self.stages = nn.Sequential(
            nn.PixelUnshuffle(2),
            stage(12, width),
            nn.MaxPool2d(2),
            stage(width, 2 * width),
            nn.MaxPool2d(2),
            stage(2 * width, 4 * width),
        )
        features = 8 * width
        self.category = nn.Linear(4 * width * 16, len(_CATEGORIES))
        self.color = nn.Linear(features, len(_COLORS))
        self.pattern = nn.Linear(features, len(_PATTERNS))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels ``[B, 3, 64, 64]`` in [-1, 1] to logits of category, color and pattern."""
        maps = self.stages(pixels)
        places = F.adaptive_avg_pool2d(maps, 4).flatten(1)
        pooled = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)
        return self.category(places), self.color(pooled), self.pattern(pooled)

    @torch.inference_mode()
    def judge(self, pictures: Sequence[Image.Image]) -> list[Verdict]:
        """Name category, color and pattern of each picture."""
        rows = np.stack([np.asarray(squared(picture, SIDE)) for picture in pictures])
        names = [logits.argmax(-1).tolist() for logits in self(to_pixels(rows))]
        return [Verdict(_CATEGORIES[a], _COLORS[b], _PATTERNS[c]) for a, b, c in zip(*names, strict=True)]


def load_judge(
    folder: Path,
    *,
    garments: int = 12240,
    epochs: int = 12,
    seed: int = 77,
    workers: int = 2,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> DrawingJudge:
    """The judge trained in `folder`, or one trained there now (minutes)."""
    judge = DrawingJudge()
    weights = folder / "judge.safetensors"
    if weights.is_file():
        judge.load_state_dict(load_file(weights))
        return judge.eval()
    tell = on_progress or (lambda stage, done, total: None)
    build_garments(
        folder,
        count=garments,
        seed=seed,
        side=SIDE,
        workers=workers,
        on_progress=lambda done, total: tell("judge's pictures", done, total),
    )
    pixels, labels = load_garments(folder)
    _train(judge, np.asarray(pixels), labels, epochs, seed, tell)
    save_file({k: v.contiguous() for k, v in judge.state_dict().items()}, weights)
    return judge.eval()


def _train(
    judge: DrawingJudge,
    pixels: npt.NDArray[np.uint8],
    labels: Sequence[Garment],
    epochs: int,
    seed: int,
    tell: Callable[[str, int, int], None],
) -> None:
    torch.manual_seed(seed)
    targets = torch.tensor(
        [(_CATEGORIES.index(g.category), _COLORS.index(g.color), _PATTERNS.index(g.pattern)) for g in labels]
    )
    batch, rng = 64, random.Random(seed)
    steps = epochs * (len(pixels) // batch)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    judge.train()
    for step in range(steps):
        rows = [rng.randrange(len(pixels)) for _ in range(batch)]
        x = _disturbed(to_pixels(pixels[rows]), rng)
        wanted = targets[rows]
        losses = [
            F.cross_entropy(logits, wanted[:, k], label_smoothing=0.05) for k, logits in enumerate(judge(x))
        ]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()
        tell("judge", step + 1, steps)


def _disturbed(x: Tensor, rng: random.Random) -> Tensor:
    """Shifted, mirrored and sometimes softened, so that the judge reads garments and not rendering details."""
    if rng.random() < 0.5:
        x = x.flip(3)
    x = torch.roll(x, (rng.randint(-3, 3), rng.randint(-3, 3)), (2, 3))
    if rng.random() < 0.4:
        x = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear", align_corners=False)
    return x
