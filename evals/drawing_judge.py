"""A judge of drawn garments: a small classifier of category, color and pattern, trained apart from FashionVLM.

It shares no weight and no data row with the model it judges: its pictures were drawn with another seed
(`evals.drawing_judge_training`; of all combinations, also those that FashionVLM never saw), and it was shown no picture
that FashionVLM drew or coded. Its own score on true garments is the ceiling that drawn pictures are compared with. It
knows drawn garments only: what it says of photos means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from fashion.color import COLORS
from fashion.vocabulary import CATEGORIES, PATTERNS
from vlm.pictures import squared, to_pixels

SIDE = 64
"""Side in pixels of the pictures it judges; others are brought to it. At 96 it took twice the time and judged worse."""

SHIPPED = Path(__file__).parent / "weights" / "judge.safetensors"
CATEGORY_NAMES, COLOR_NAMES, PATTERN_NAMES = tuple(CATEGORIES), tuple(COLORS), tuple(PATTERNS)
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge sees in a picture."""

    category: str
    color: str
    pattern: str


class _Convolution(nn.Module):
    """A 3x3 convolution with batch norm."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.conv(x))
        return y


class _Residual(nn.Module):
    """Two convolutions beside a way past them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = _Convolution(channels, channels), _Convolution(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class DrawingJudge(nn.Module):
    """Three heads over a small convolutional network, the color head also over votes of single pixels."""

    def __init__(self, width: int = 40, votes: int = 96) -> None:
        """Build with random weights."""
        super().__init__()
        self.enter, self.fine = _Convolution(12, width, 2), _Convolution(width, width)
        self.narrow, self.middle = _Convolution(width, 2 * width, 2), _Residual(2 * width)
        self.narrower, self.coarse = _Convolution(2 * width, 4 * width, 2), _Residual(4 * width)
        self.pixel_votes = nn.Sequential(nn.Conv2d(3, 32, 1), nn.ReLU(), nn.Conv2d(32, votes, 1))
        self.category = nn.Linear(4 * width * 16, len(CATEGORY_NAMES))
        self.color = nn.Linear(8 * width + 2 * votes, len(COLOR_NAMES))
        self.pattern = nn.Linear(8 * width + 4 * width, len(PATTERN_NAMES))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels ``[B, 3, S, S]`` in [-1, 1], S a multiple of 32, to logits of category, color and pattern."""
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        x = F.relu(self.fine(F.relu(self.enter(F.pixel_unshuffle(pixels, 2)))))
        middle = self.middle(F.relu(self.narrow(x)))
        maps = self.coarse(F.relu(self.narrower(middle)))
        places = F.adaptive_avg_pool2d(maps, 4).flatten(1)
        pooled = _summary(maps)
        votes = self.pixel_votes(F.avg_pool2d(pixels, 2)).softmax(1)
        # The mean says how much of the picture has a color; behind the square root small garments count as well.
        colors = torch.cat([pooled, _spread(votes)], dim=1)
        return (
            self.category(places),
            self.color(colors),
            self.pattern(torch.cat([pooled, _summary(middle)], 1)),
        )

    @torch.inference_mode()
    def judge(self, pictures: Sequence[Image.Image]) -> list[Verdict]:
        """Name category, color and pattern of each picture, of any size."""
        verdicts: list[Verdict] = []
        for start in range(0, len(pictures), _BATCH):
            rows = np.stack(
                [np.asarray(squared(picture, SIDE)) for picture in pictures[start : start + _BATCH]]
            )
            named = [logits.argmax(-1).tolist() for logits in self(to_pixels(rows))]
            verdicts += [
                Verdict(CATEGORY_NAMES[a], COLOR_NAMES[b], PATTERN_NAMES[c])
                for a, b, c in zip(*named, strict=True)
            ]
        return verdicts


def _summary(maps: Tensor) -> Tensor:
    return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)


def _spread(votes: Tensor) -> Tensor:
    share = votes.mean((2, 3))
    return torch.cat([share, (share + 1e-4).sqrt()], dim=1)


def save_judge(judge: DrawingJudge, path: Path) -> None:
    """Write its weights: convolutions and heads as float16, norms as float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: (value.half() if value.ndim > 1 else value).contiguous()
        for name, value in judge.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    save_file(tensors, path)


def load_judge(path: Path = SHIPPED) -> DrawingJudge:
    """The judge in the box, or one that `save_judge` wrote; float32, in evaluation mode.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file holds the weights of something else.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"no judge at {path}: train one with `python -m evals.drawing_judge_training`"
        )
    judge = DrawingJudge()
    weights = {name: value.float() for name, value in load_file(path).items()}
    own = {
        name: value.shape
        for name, value in judge.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    if {name: value.shape for name, value in weights.items()} != own:
        raise ValueError(f"{path} does not hold the weights of a judge of this shape")
    judge.load_state_dict(weights, strict=False)
    return judge.eval().requires_grad_(False)
