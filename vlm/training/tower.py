"""Trains the vision tower's upper half on clothes: photo classes, drawn garments' attributes, how many garments.

The lower half stays as it is, so that its maps are worked out once (`vlm.training.tower_views`) and an hour of a CPU is
spent where it matters. Deterministic by seed and steps; a run that was stopped goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.tower_heads import HEADS, TowerHeads
from vlm.training.stopping import TrainingStoppedError
from vlm.training.tower_views import KINDS, Views
from vlm.vision_tower import VisionTower

_CHECKPOINT = "checkpoint.safetensors"
_PROGRESS = "progress.json"
_HELD_VIEWS = 400


@dataclass(frozen=True)
class TowerTraining:
    """Settings of a run.

    Attributes:
        steps: Budget.
        seed: Of batches and mixtures.
        photos: Photo views in a batch; `garments` drawn or pasted ones; `scenes` with several garments or none.
        tower_rate: Learning rate of the tower; `head_rate` of the heads.
        warmup_steps: Steps over which both rise; then they fall along a cosine.
        weight_decay: Of matrices.
        average_decay: Of the weight average, which is the result.
        mix: Parameter of the beta distribution by which photo views are mixed in pairs, on half of the steps.
        smoothing: Label smoothing of the photo class.
        dropout: Of pooled features.
        held_until: Share of the steps after which photos set aside are trained on too; 1 never does.
        checkpoint_seconds: Between checkpoints.
    """

    steps: int = 1100
    seed: int = 20250425
    photos: int = 20
    garments: int = 8
    scenes: int = 4
    tower_rate: float = 3e-4
    head_rate: float = 3e-3
    warmup_steps: int = 60
    weight_decay: float = 0.02
    average_decay: float = 0.99
    mix: float = 0.4
    smoothing: float = 0.08
    dropout: float = 0.2
    held_until: float = 1.0
    checkpoint_seconds: float = 120.0


_WEIGHTS = {
    "photo_class": 1.0,
    "category": 0.4,
    "color": 0.15,
    "pattern": 0.3,
    "sleeve": 0.2,
    "length": 0.15,
    "count": 0.4,
}


@dataclass(frozen=True)
class TowerProgress:
    """A report after a step.

    Attributes:
        step: Steps done.
        loss: Running mean.
        seconds_a_step: Of the last one.
        held: Share of views of photos set aside whose class is right, where just measured.
    """

    step: int
    loss: float
    seconds_a_step: float
    held: float | None


def train_tower(
    tower: VisionTower,
    views: Views,
    folder: Path,
    settings: TowerTraining,
    *,
    resume: bool = True,
    progress: Callable[[TowerProgress], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[VisionTower, TowerHeads]:
    """Train `tower` in place and new heads; returns both with averaged weights, frozen.

    Args:
        tower: Starts from its weights.
        views: What `build_views` made.
        folder: Of checkpoints.
        settings: See there.
        resume: Go on from a checkpoint, if there is one.
        progress: Told after every step.
        should_stop: Asked after every step.

    Raises:
        TrainingStoppedError: `should_stop` said so; a checkpoint is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    run = _Run(tower, views, settings)
    step = run.restore(folder) if resume else 0
    last, saved, mean = time.monotonic(), time.monotonic(), float("nan")
    while step < settings.steps:
        loss = run.step(step)
        mean = loss if math.isnan(mean) else 0.95 * mean + 0.05 * loss
        step += 1
        stop = should_stop()
        if stop or time.monotonic() - saved > settings.checkpoint_seconds:
            run.save(folder, step)
            saved = time.monotonic()
        if stop:
            raise TrainingStoppedError(step)
        held = run.held_accuracy() if step % 200 == 0 or step == settings.steps else None
        if progress is not None:
            progress(TowerProgress(step, mean, time.monotonic() - last, held))
        last = time.monotonic()
    return run.finished()


class _Run:
    """Networks, optimizer and average of one run."""

    def __init__(self, tower: VisionTower, views: Views, settings: TowerTraining) -> None:
        self.tower, self.heads, self.views, self.settings = tower, TowerHeads(), views, settings
        self.upper = tower.upper_state()
        for value in self.upper.values():
            value.requires_grad_(True)
        self.parameters = {f"tower.{name}": value for name, value in self.upper.items()} | {
            f"heads.{name}": value for name, value in self.heads.named_parameters()
        }
        self.average = {name: value.detach().clone() for name, value in self.parameters.items()}
        matrices = [value for value in self.upper.values() if value.dim() > 1]
        biases = [value for value in self.upper.values() if value.dim() == 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "lr": settings.tower_rate},
                {"params": biases, "lr": settings.tower_rate, "weight_decay": 0.0},
                {"params": list(self.heads.parameters()), "lr": settings.head_rate},
            ],
            weight_decay=settings.weight_decay,
            betas=(0.9, 0.99),
        )
        self.rates = [float(group["lr"]) for group in self.optimizer.param_groups]
        self.pools = self._pools()

    def _pools(self) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64] | None]]:
        """Row numbers by kind of view; photos with the chance of each, rarer classes somewhat more often."""
        kinds = self.views.kinds
        photo = np.flatnonzero(kinds == KINDS.index("photo"))
        free = photo[~self.views.held[photo]]
        pools: dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64] | None]] = {
            "free": (free, self._chances(free)),
            "all": (photo, self._chances(photo)),
        }
        pools["garments"] = (
            np.flatnonzero((kinds == KINDS.index("drawn")) | (kinds == KINDS.index("pasted"))),
            None,
        )
        pools["scenes"] = (
            np.flatnonzero((kinds == KINDS.index("several")) | (kinds == KINDS.index("none"))),
            None,
        )
        return pools

    def _chances(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        classes = self.views.labels[rows, list(HEADS).index("photo_class")]
        sizes = np.bincount(classes, minlength=len(HEADS["photo_class"])).astype(np.float64)
        chances = 1.0 / np.sqrt(sizes[classes])
        share: npt.NDArray[np.float64] = chances / chances.sum()
        return share

    def step(self, number: int) -> float:
        """One optimizer step; which rows and mixtures depends on the seed and the number alone."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, number])
        torch.manual_seed(settings.seed + number)
        fraction = number / settings.steps
        warm = min(1.0, (number + 1) / settings.warmup_steps)
        factor = warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fraction)))
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        rows = self._rows(rng, fraction)
        maps = self._maps(rows)
        labels = torch.from_numpy(self.views.labels[rows].astype(np.int64))
        other, share = torch.arange(len(rows)), 1.0
        if rng.random() < 0.5:
            share = float(rng.beta(settings.mix, settings.mix))
            other[: settings.photos] = torch.from_numpy(rng.permutation(settings.photos))
            maps = share * maps + (1 - share) * maps[other]
        pooled = self.tower.upper(maps).mean((2, 3))
        scores = self.heads(F.dropout(pooled, settings.dropout))
        loss = share * self._loss(scores, labels) + (1 - share) * self._loss(scores, labels[other])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(self.parameters.values()), 2.0)
        self.optimizer.step()
        decay = min(settings.average_decay, (number + 1) / (number + 10))
        with torch.no_grad():
            for name, value in self.parameters.items():
                self.average[name].lerp_(value, 1 - decay)
        return float(loss.detach())

    def _rows(self, rng: np.random.Generator, fraction: float) -> npt.NDArray[np.int64]:
        settings = self.settings
        photos, chances = self.pools["free" if fraction < settings.held_until else "all"]
        return np.concatenate(
            [
                rng.choice(photos, settings.photos, replace=False, p=chances),
                rng.choice(self.pools["garments"][0], settings.garments, replace=False),
                rng.choice(self.pools["scenes"][0], settings.scenes, replace=False),
            ]
        )

    def _maps(self, rows: npt.NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(self.views.maps[rows].astype(np.float32)).permute(0, 3, 1, 2)

    def _loss(self, scores: dict[str, Tensor], labels: Tensor) -> Tensor:
        total = torch.zeros(())
        for column, (name, weight) in enumerate(_WEIGHTS.items()):
            smoothing = self.settings.smoothing if name == "photo_class" else 0.02
            known = labels[:, column] >= 0
            if bool(known.any()):
                losses = F.cross_entropy(
                    scores[name][known], labels[known, column], label_smoothing=smoothing, reduction="sum"
                )
                total = total + weight * losses / len(labels)
        return total * 1.6

    @torch.no_grad()
    def held_accuracy(self) -> float:
        """Class accuracy of the averaged weights on unchanged and changed views of photos set aside."""
        rows = np.flatnonzero(self.views.held)[:_HELD_VIEWS]
        now = {name: value.detach().clone() for name, value in self.parameters.items()}
        self._put(self.average)
        right = 0
        for start in range(0, len(rows), 32):
            batch = rows[start : start + 32]
            scores = self.heads(self.tower.upper(self._maps(batch)).mean((2, 3)))["photo_class"]
            truth = torch.from_numpy(
                self.views.labels[batch, list(HEADS).index("photo_class")].astype(np.int64)
            )
            right += int((scores.argmax(1) == truth).sum())
        self._put(now)
        return right / max(1, len(rows))

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, value in self.parameters.items():
            value.copy_(values[name])

    def finished(self) -> tuple[VisionTower, TowerHeads]:
        """Tower and heads with averaged weights."""
        self._put(self.average)
        self.tower.requires_grad_(False).eval()
        return self.tower, self.heads.requires_grad_(False).eval()

    def save(self, folder: Path, step: int) -> None:
        """Write a checkpoint."""
        tensors = {f"now.{name}": value.detach() for name, value in self.parameters.items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for name, value in self.parameters.items():
            for key, state in self.optimizer.state[value].items():
                tensors[f"optimizer.{key}.{name}"] = state
        partial = folder / "partial.safetensors"
        save_file({name: value.contiguous() for name, value in tensors.items()}, partial)
        partial.rename(folder / _CHECKPOINT)
        (folder / _PROGRESS).write_text(json.dumps({"step": step}), encoding="utf-8")

    def restore(self, folder: Path) -> int:
        """Read the checkpoint; the step to go on with, 0 where there is none."""
        if not (folder / _PROGRESS).is_file():
            return 0
        tensors = load_file(folder / _CHECKPOINT)
        self._put({name: tensors[f"now.{name}"] for name in self.parameters})
        self.average = {name: tensors[f"average.{name}"] for name in self.parameters}
        for name, value in self.parameters.items():
            # A head that no label has reached yet has no state.
            if f"optimizer.step.{name}" in tensors:
                self.optimizer.state[value] = {
                    key: tensors[f"optimizer.{key}.{name}"] for key in ("step", "exp_avg", "exp_avg_sq")
                }
        return int(json.loads((folder / _PROGRESS).read_text(encoding="utf-8"))["step"])
