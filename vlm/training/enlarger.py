"""Training of the enlarger: reconstructions of drawn garments at 128 px against the same garments drawn at 512 px.

Losses: detail-weighted L1, L1 of gradients (sharp edges), and, once the coarse is learned, the distance of features of a
pretrained picture network (EfficientNet-lite0), which values buttons and texture that L1 smooths away. The learning rate
follows the fraction of the budget; resumable; deterministic by seed and step count.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vlm.enlarger import Enlarger
from vlm.image_tokenizer import ImageTokenizer
from vlm.image_tokenizer.losses import pixel_losses
from vlm.training.feature_distance import FeatureDistance
from vlm.training.tokenizer_report import reconstruct, to_pixels
from vlm.vision_tower import VisionTower

Progress = Callable[[int, float, float], None]
"""Called as ``progress(step, fraction, loss)``."""


@dataclass(frozen=True, slots=True)
class EnlargerTraining:
    """Settings of a run.

    Attributes:
        batch: Crops a step.
        crop: Side of a crop before enlargement, in pixels.
        learning_rate: Peak of AdamW.
        decay_from: Fraction of the budget after which it falls linearly to zero.
        feature_weight: Of the feature distance against the pixel losses.
        features_from: Fraction of the budget after which it counts; before, steps take half the time without it.
        average_decay: Of the weight average.
        checkpoint_seconds: Between checkpoints.
    """

    batch: int = 12
    crop: int = 32
    learning_rate: float = 1e-3
    decay_from: float = 0.4
    feature_weight: float = 0.3
    features_from: float = 0.4
    average_decay: float = 0.995
    checkpoint_seconds: float = 120.0


@torch.inference_mode()
def build_pairs(
    tokenizer: ImageTokenizer, targets: npt.NDArray[np.uint8], small: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """What the tokenizer makes of `small` uint8 ``[N, S, S, 3]``, one row for each of `targets`.

    Raises:
        ValueError: The two differ in number.
    """
    if len(targets) != len(small):
        raise ValueError(f"{len(targets)} targets do not belong to {len(small)} pictures")
    return reconstruct(tokenizer, small)[0]


class _Crops:
    """Crops of a step by its number alone, biased to places with detail, mirrored half of the time."""

    def __init__(
        self, inputs: npt.NDArray[np.uint8], targets: npt.NDArray[np.uint8], seed: int, plan: EnlargerTraining
    ) -> None:
        self._inputs, self._targets, self._seed, self._plan = inputs, targets, seed, plan
        self._scale = targets.shape[1] // inputs.shape[1]

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self._seed, step))
        side, scale = self._plan.crop, self._scale
        small, large = [], []
        for index in rng.integers(len(self._inputs), size=self._plan.batch):
            corners = rng.integers(self._inputs.shape[1] - side + 1, size=(3, 2))
            cuts = [self._inputs[index, y : y + side, x : x + side] for y, x in corners]
            best = max(range(3), key=lambda at: float(cuts[at].std()))
            y, x = corners[best]
            wide = self._targets[index, y * scale : (y + side) * scale, x * scale : (x + side) * scale]
            turn = slice(None, None, -1 if rng.random() < 0.5 else 1)
            small.append(cuts[best][:, turn])
            large.append(wide[:, turn])
        return to_pixels(np.stack(small)), to_pixels(np.stack(large))


def train_enlarger(
    folder: Path,
    inputs: npt.NDArray[np.uint8],
    targets: npt.NDArray[np.uint8],
    *,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    network: Enlarger | None = None,
    plan: EnlargerTraining | None = None,
    progress: Progress | None = None,
) -> Enlarger:
    """Train and write the averaged weights to `folder`; goes on from a checkpoint there.

    Args:
        folder: Output and checkpoint.
        inputs: Reconstructions uint8 ``[N, S, S, 3]``.
        targets: The same pictures, uint8 ``[N, k·S, k·S, 3]``.
        minutes: Budget; or `steps`: exactly one of the two.
        steps: Budget.
        seed: Of the first weights and of all crops.
        network: The network to train; a new one of the default shape when None.
        plan: See `EnlargerTraining`.
        progress: Called after every step.

    Raises:
        ValueError: Both budgets or none given.
    """
    if (minutes is None) == (steps is None):
        raise ValueError("give a budget either in minutes or in steps")
    plan = plan or EnlargerTraining()
    if network is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = Enlarger()
    run = _Run(folder, network, plan)
    run.load()
    run.train(_Crops(inputs, targets, seed, plan), minutes, steps, progress)
    run.average.save_pretrained(folder)
    return run.average.eval()


class _Run:
    """The state of one run."""

    def __init__(self, folder: Path, network: Enlarger, plan: EnlargerTraining) -> None:
        self.folder, self.network, self.plan = folder, network, plan
        self.average = Enlarger(network.config)
        self.average.load_state_dict(network.state_dict())
        self.average.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate, betas=(0.9, 0.99))
        self.distance = FeatureDistance(VisionTower())
        self.step, self.seconds = 0, 0.0

    def train(
        self, crops: _Crops, minutes: float | None, steps: int | None, progress: Progress | None
    ) -> None:
        saved = self.seconds
        while (fraction := self._spent(minutes, steps)) < 1.0:
            clock = time.perf_counter()
            loss = self._one_step(*crops(self.step), fraction)
            self.step += 1
            self.seconds += time.perf_counter() - clock
            if progress is not None:
                progress(self.step, fraction, loss)
            if self.seconds - saved > self.plan.checkpoint_seconds:
                saved = self.seconds
                self.save()
        self.save()

    def _spent(self, minutes: float | None, steps: int | None) -> float:
        if minutes is not None:
            return self.seconds / (60.0 * minutes)
        return self.step / steps if steps else 1.0

    def _one_step(self, small: Tensor, large: Tensor, fraction: float) -> float:
        fall = min(1.0, (1.0 - fraction) / (1.0 - self.plan.decay_from))
        self.optimizer.param_groups[0]["lr"] = self.plan.learning_rate * min(1.0, (self.step + 1) / 50) * fall
        made = self.network(small)
        terms = pixel_losses(made, large)
        loss = terms["absolute"] + 0.7 * terms["gradient"]
        if self.plan.feature_weight and fraction >= self.plan.features_from:
            loss = loss + self.plan.feature_weight * self.distance(made, large)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        keep = min(self.plan.average_decay, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1.0 - keep)
        return float(loss.detach())

    def save(self) -> None:
        """Write a checkpoint; one that is cut off in between leaves the former."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{key}": torch.as_tensor(value) for key, value in state.items()}
        metadata = {"position": json.dumps({"step": self.step, "seconds": self.seconds})}
        fresh = self.folder / "checkpoint.new"
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, fresh, metadata=metadata)
        fresh.replace(self.folder / "checkpoint.safetensors")

    def load(self) -> None:
        """Go on from a checkpoint, where there is one."""
        path = self.folder / "checkpoint.safetensors"
        if not path.is_file():
            return
        tensors = load_file(path)
        for name, target in (("network.", self.network), ("average.", self.average)):
            target.load_state_dict({k[len(name) :]: v for k, v in tensors.items() if k.startswith(name)})
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("adam."):
                _, index, key = name.split(".", 2)
                state.setdefault(int(index), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        position = json.loads(_metadata(path)["position"])
        self.step, self.seconds = position["step"], position["seconds"]


def _metadata(path: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return dict(file.metadata() or {})
