"""Training of the judge of drawn garments, apart from FashionVLM: its own pictures, its own weights, its own seed.

    python -m evals.drawing_judge_training RUN [--out FILE] [--epochs N]

Pictures are drawn into RUN once, of any combination: the judge measures FashionVLM and is not measured by what it never
saw, or it takes every white denim jacket for one of another kind. They are reduced to the judge's side and disturbed as a
drawing may be: moved, turned, mirrored, softened, colors bled, blocks and noise. No picture comes from FashionVLM or its
image tokenizer. Resumable by epochs; some 25 minutes on one core.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from rich.console import Console
from rich.progress import Progress
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from evals.drawing_judge import (
    CATEGORY_NAMES,
    COLOR_NAMES,
    PATTERN_NAMES,
    SHIPPED,
    SIDE,
    DrawingJudge,
    save_judge,
)
from fashion.garment import Garment
from vlm.pictures import to_pixels
from vlm.training.muon import FloatMuon
from vlm.training.picture_pool import build_garments, load_garments
from vlm.training.tokenizer_checkpoint import optimizer_tensors, restore_optimizers

Pictures = npt.NDArray[np.uint8]
OnStep = Callable[[str, int, int], None]
_POOL_SIDE = 128


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """Settings of a run.

    Attributes:
        seed: Of pictures, first weights and disturbances.
        garments: Pictures drawn.
        epochs: Times each of them is seen.
        batch: Pictures a step.
        learning_rate: Peak of AdamW, which trains heads and norms.
        matrix_learning_rate: Peak of Muon, which trains the 3x3 convolutions.
        average_decay: Of the weight average, which is what is kept.
    """

    seed: int = 770031
    garments: int = 12240
    epochs: int = 16
    batch: int = 64
    learning_rate: float = 3e-3
    matrix_learning_rate: float = 1.5e-2
    average_decay: float = 0.996


def train_judge(
    folder: Path,
    *,
    plan: JudgePlan | None = None,
    stop_after: int | None = None,
    on_step: OnStep | None = None,
) -> DrawingJudge:
    """Draw the pictures, train, and return the averaged judge; goes on from a checkpoint in `folder`.

    Args:
        folder: Pictures and checkpoint.
        plan: See `JudgePlan`; a checkpoint belongs to the plan it was begun with.
        stop_after: End after so many epochs, to go on later.
        on_step: Called as ``on_step(stage, done, total)``.
    """
    plan = plan or JudgePlan()
    tell = on_step or (lambda stage, done, total: None)
    build_garments(
        folder,
        count=plan.garments,
        seed=plan.seed,
        side=_POOL_SIDE,
        workers=1,
        split="any",
        on_progress=lambda done, total: tell("pictures", done, total),
    )
    pixels, garments = load_garments(folder)
    run = _Run(folder, plan, len(pixels))
    run.load()
    small, targets = _reduced(folder, pixels, SIDE), _targets(garments)
    for epoch in range(run.epoch, min(plan.epochs, stop_after or plan.epochs)):
        run.one_epoch(small, targets, epoch, tell)
        run.save()
    return run.average.eval()


def _reduced(folder: Path, pixels: Pictures, side: int) -> Pictures:
    """The pictures at `side`, reduced once and kept."""
    path = folder / f"reduced_{side}.npy"
    if not path.is_file():
        rows = [
            np.asarray(Image.fromarray(row).resize((side, side), Image.Resampling.BICUBIC)) for row in pixels
        ]
        np.save(path, np.stack(rows))
    return np.asarray(np.load(path, allow_pickle=False), dtype=np.uint8)


def _targets(garments: Sequence[Garment]) -> Tensor:
    return torch.tensor(
        [
            (CATEGORY_NAMES.index(g.category), COLOR_NAMES.index(g.color), PATTERN_NAMES.index(g.pattern))
            for g in garments
        ]
    )


class _Run:
    """The state of one run; a checkpoint is its whole."""

    def __init__(self, folder: Path, plan: JudgePlan, count: int) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(plan.seed)
            self.judge = DrawingJudge()
        self.average = DrawingJudge().requires_grad_(False)
        self.average.load_state_dict(self.judge.state_dict())
        self.folder, self.plan, self.epoch = folder, plan, 0
        self.steps_an_epoch = count // plan.batch
        matrices = [p for name, p in self.judge.named_parameters() if name.endswith(".conv.weight")]
        chosen = {id(p) for p in matrices}
        rest = [p for p in self.judge.parameters() if id(p) not in chosen]
        adam = torch.optim.AdamW(rest, lr=plan.learning_rate, betas=(0.9, 0.98), weight_decay=0.05)
        muon = FloatMuon(matrices, lr=plan.matrix_learning_rate)
        self.optimizers: list[torch.optim.Optimizer] = [adam, muon]
        self.peaks = (plan.learning_rate, plan.matrix_learning_rate)

    def one_epoch(self, pixels: Pictures, targets: Tensor, epoch: int, tell: OnStep) -> None:
        rng = np.random.default_rng((self.plan.seed, epoch))
        order = rng.permutation(len(pixels))
        total = self.steps_an_epoch * self.plan.epochs
        self.judge.train()
        for index in range(self.steps_an_epoch):
            step = epoch * self.steps_an_epoch + index
            rows = order[index * self.plan.batch : (index + 1) * self.plan.batch]
            for optimizer, peak in zip(self.optimizers, self.peaks, strict=True):
                optimizer.param_groups[0]["lr"] = peak * _warmth(step / total)
            self._one_step(disturbed(to_pixels(pixels[rows]), rng), targets[rows], step)
            tell("judge", step + 1, total)
        self.epoch = epoch + 1

    def _one_step(self, x: Tensor, wanted: Tensor, step: int) -> None:
        losses = [
            F.cross_entropy(logits, wanted[:, head], label_smoothing=0.05)
            for head, logits in enumerate(self.judge(x))
        ]
        self.judge.zero_grad(set_to_none=True)
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step()
        keep = min(self.plan.average_decay, (1 + step) / (10 + step))
        state = self.judge.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(state[name], 1.0 - keep)

    def save(self) -> None:
        """Write a checkpoint; one that is cut off in between leaves the former."""
        tensors = {f"judge.{name}": value for name, value in self.judge.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        tensors |= {f"rates.{name}": value for name, value in optimizer_tensors(self.optimizers).items()}
        tensors["epoch"] = torch.tensor(self.epoch)
        fresh = self.folder / "checkpoint.new"
        save_file({name: value.contiguous().clone() for name, value in tensors.items()}, fresh)
        fresh.replace(self.folder / "checkpoint.safetensors")

    def load(self) -> None:
        """Go on from a checkpoint, where there is one."""
        path = self.folder / "checkpoint.safetensors"
        if not path.is_file():
            return
        tensors = load_file(path)
        self.epoch = int(tensors.pop("epoch"))
        groups: dict[str, dict[str, Tensor]] = {"judge": {}, "average": {}, "rates": {}}
        for name, value in tensors.items():
            head, _, tail = name.partition(".")
            groups[head][tail] = value
        self.judge.load_state_dict(groups["judge"])
        self.average.load_state_dict(groups["average"])
        restore_optimizers(self.optimizers, groups["rates"])


def _warmth(fraction: float) -> float:
    """The learning rate's share of its peak: up over the first 5 %, then down along a cosine."""
    return min(1.0, fraction / 0.05) * (0.5 + 0.5 * math.cos(math.pi * fraction))


def disturbed(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Pixels ``[B, 3, S, S]`` as a drawing may show them; one softness a batch, everything else a picture."""
    x = _moved(x, rng)
    count = len(x)
    if rng.random() < 0.5:
        soft = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear", align_corners=False)
        x = torch.lerp(x, soft, _each(rng.uniform(0, 1, count)))
    if rng.random() < 0.4:
        grey = x.mean(1, keepdim=True)
        bled = F.interpolate(F.avg_pool2d(x - grey, 4), scale_factor=4, mode="bilinear", align_corners=False)
        x = torch.lerp(x, grey + bled, _each(rng.uniform(0, 0.8, count)))
    side = x.shape[-1]
    blocks = torch.from_numpy(rng.normal(0, 1, (count, 1, side // 8, side // 8)).astype(np.float32))
    grain = torch.from_numpy(rng.normal(0, 1, (count, 1, side, side)).astype(np.float32))
    x = x + _each(rng.uniform(0, 0.03, count)) * F.interpolate(blocks, scale_factor=8)
    return x + _each(rng.uniform(0, 0.06, count)) * grain


def _moved(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Shifted, scaled, turned a little, half of them mirrored; the border goes on outwards."""
    count = len(x)
    scale, turn = rng.uniform(0.9, 1.1, count), rng.uniform(-0.06, 0.06, count)
    mirror = np.where(rng.random(count) < 0.5, -1.0, 1.0)
    shift = rng.uniform(-0.08, 0.08, (count, 2))
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    rows = np.stack(
        [np.stack([mirror * cos, -sin, shift[:, 0]], 1), np.stack([mirror * sin, cos, shift[:, 1]], 1)], 1
    )
    grid = F.affine_grid(torch.from_numpy(rows.astype(np.float32)), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _each(values: npt.NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))[:, None, None, None]


def main() -> None:
    """Train with progress on the screen and write the judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of pictures and checkpoints (about 2 GB)")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--epochs", type=int, help="stop after so many epochs; the next call goes on")
    options = parser.parse_args()
    with Progress(console=Console(stderr=True)) as bar:
        tasks = {stage: bar.add_task(stage, total=None) for stage in ("pictures", "judge")}
        judge = train_judge(
            options.run,
            stop_after=options.epochs,
            on_step=lambda stage, done, total: bar.update(tasks[stage], completed=done, total=total),
        )
    save_judge(judge, options.out)


if __name__ == "__main__":
    main()
