"""Training of a small transformer within a budget, on a CPU or a GPU, resumable, deterministic by seed and step count.

Muon on the backbone's matrices, AdamW on the rest; learning rate and weight average follow the fraction of the
budget spent. Checkpoints hold weights, averages and optimizer state as safetensors and JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vlm.network import FashionVLM
from vlm.training.ahead import made_ahead
from vlm.training.batches import BatchComposer, StepBatch
from vlm.training.compute import Compute
from vlm.training.gradients import Gradients, summed
from vlm.training.losses import drawing_loss, reading_loss
from vlm.training.muon import FloatMuon
from vlm.training.stopping import TrainingStoppedError

_ENDLESS = 1 << 40


@dataclass(frozen=True)
class TransformerTraining:
    """Settings of a run.

    Attributes:
        muon_rate: Learning rate of backbone matrices.
        adam_rate: Learning rate of everything else.
        warmup_steps: Steps over which both rise.
        decay_from: Fraction of the budget after which both fall linearly to a fiftieth.
        average_decay: Of the weight average.
        gradient_limit: Norm that gradients are clipped to.
        reading_weight: Weight of a reading batch against a drawing batch.
        checkpoint_seconds: Between checkpoints.
        report_seconds: Between reports at least; for the losses of each a GPU is waited for.
    """

    muon_rate: float = 6e-3
    adam_rate: float = 1.5e-3
    warmup_steps: int = 60
    decay_from: float = 0.4
    average_decay: float = 0.99
    gradient_limit: float = 1.0
    reading_weight: float = 0.8
    checkpoint_seconds: float = 150.0
    report_seconds: float = 0.0


@dataclass(frozen=True)
class TransformerProgress:
    """A report after a step: losses are running means."""

    step: int
    fraction: float
    drawing: float
    reading: float
    seconds_a_step: float


def train_transformer(
    network: FashionVLM,
    composer: BatchComposer,
    folder: Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    resume: bool = True,
    settings: TransformerTraining | None = None,
    progress: Callable[[TransformerProgress], None] | None = None,
    compute: Compute | None = None,
    workers: int = 0,
    on_checkpoint: Callable[[FashionVLM, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FashionVLM:
    """Train in place and return a network with the averaged weights, on the CPU.

    Exactly one of `minutes` and `steps` sets the budget; a resumed run goes on with what is left of it.

    Args:
        network: Moved to the device that computes.
        composer: Makes the batches.
        folder: Of the checkpoint.
        minutes: Budget in time.
        steps: Budget in steps.
        seed: Of the codes that are hidden.
        resume: Go on from the checkpoint in `folder`.
        settings: See `TransformerTraining`.
        progress: Told after a step, where the settings do not ask for fewer reports.
        compute: Where and how; None is the CPU in float32.
        workers: Processes that make batches ahead; 0 makes each when it is wanted.
        on_checkpoint: Given the averaged network and the steps done at every checkpoint.
        should_stop: Asked after every step.

    Raises:
        ValueError: Both budgets or none given.
        TrainingStoppedError: `should_stop` said so; a checkpoint is written.
    """
    if (minutes is None) == (steps is None):
        raise ValueError("give either minutes or steps")
    compute = compute or Compute()
    run = _Run(compute.placed(network), folder, settings or TransformerTraining(), seed, compute)
    if resume:
        run.load()
    budget = None if minutes is None else minutes * 60
    with compute.one_thread_a_lane():
        run.train(composer, budget, steps, workers, _Told(progress, on_checkpoint, should_stop))
    return run.averaged().cpu()


@dataclass(frozen=True)
class _Told:
    """Whom a run tells what."""

    progress: Callable[[TransformerProgress], None] | None
    on_checkpoint: Callable[[FashionVLM, int], None] | None
    should_stop: Callable[[], bool]


class _Run:
    """The state of one run."""

    def __init__(
        self, network: FashionVLM, folder: Path, settings: TransformerTraining, seed: int, compute: Compute
    ) -> None:
        self.network, self.folder, self.settings, self.seed = network, folder, settings, seed
        self.compute = compute
        self.lanes = ThreadPoolExecutor(2) if compute.lanes > 1 else None
        self.learned = list(network.parameters())
        matrices = [p for name, p in network.named_parameters() if ".layers." in name and p.ndim == 2]
        chosen = {id(p) for p in matrices}
        rest = [p for p in network.parameters() if id(p) not in chosen]
        self.muon = FloatMuon(matrices, lr=settings.muon_rate)
        self.adam = torch.optim.AdamW(rest, lr=settings.adam_rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.average = {name: value.clone() for name, value in network.state_dict().items()}
        self.step, self.seconds = 0, 0.0
        # Kept on the device: to ask for a value is to wait for it.
        self.drawing, self.reading = torch.zeros(2, device=compute.device).unbind()

    def train(
        self, composer: BatchComposer, budget: float | None, steps: int | None, workers: int, told: _Told
    ) -> None:
        self.network.train()
        saved = reported = time.monotonic()
        batches = made_ahead(composer.step, self.step, _ENDLESS, workers)
        fraction = self._spent(budget, steps)
        while fraction < 1.0:
            started = time.monotonic()
            self._one_step(next(batches), fraction)
            self.seconds += time.monotonic() - started
            before, fraction = fraction, self._spent(budget, steps)
            due = fraction >= 1.0 or started - reported >= self.settings.report_seconds
            if told.progress is not None and due:
                reported = started
                told.progress(self._progress(before))
            stop = told.should_stop()
            if stop or time.monotonic() - saved > self.settings.checkpoint_seconds:
                self._save(told)
                saved = time.monotonic()
            if stop:
                raise TrainingStoppedError(self.step)
        self._save(told)

    def _spent(self, budget: float | None, steps: int | None) -> float:
        """The fraction of the budget that is spent."""
        return self.seconds / budget if budget is not None else self.step / max(steps or 1, 1)

    def _progress(self, fraction: float) -> TransformerProgress:
        spent = self.seconds / self.step
        return TransformerProgress(self.step, fraction, float(self.drawing), float(self.reading), spent)

    def _save(self, told: _Told) -> None:
        self.save()
        if told.on_checkpoint is not None:
            told.on_checkpoint(self.averaged(), self.step)

    def _one_step(self, batch: StepBatch, fraction: float) -> None:
        if self.lanes is None:
            done = self._draw(batch), self._read(batch)
        else:
            # On a CPU a half on each core takes less time than one after the other on both.
            halves = [self.lanes.submit(self._draw, batch), self.lanes.submit(self._read, batch)]
            done = halves[0].result(), halves[1].result()
        (drawing, ours), (reading, others) = done
        both = summed(ours, others, self.settings.reading_weight)
        for parameter, gradient in zip(self.learned, both, strict=True):
            parameter.grad = gradient
        torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], self.settings.gradient_limit)
        self._set_rates(fraction)
        self.muon.step()
        self.adam.step()
        self.network.zero_grad(set_to_none=True)
        self._update_average()
        keep = 0.95 if self.step else 0.0
        self.drawing = keep * self.drawing + (1 - keep) * drawing
        self.reading = keep * self.reading + (1 - keep) * reading
        self.step += 1

    def _draw(self, batch: StepBatch) -> tuple[Tensor, Gradients]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        with self.compute.autocast():
            loss = drawing_loss(self.network, batch.prompts, batch.codes, generator)
        drawn = torch.autograd.grad(loss, self.learned, allow_unused=True)
        if batch.chosen is None:
            return loss.detach(), drawn
        # Choices count as a reading batch; they are worked on here so that both halves of a step take as long.
        with self.compute.autocast():
            choice = reading_loss(self.network, batch.chosen) / (len(batch.reading) + 1)
        chosen = torch.autograd.grad(choice, self.learned, allow_unused=True)
        return loss.detach(), summed(drawn, chosen, self.settings.reading_weight)

    def _read(self, batch: StepBatch) -> tuple[Tensor, Gradients]:
        losses: list[Tensor] = []
        total: Gradients = [None] * len(self.learned)
        count = len(batch.reading) + (batch.chosen is not None)
        for rows in batch.reading:
            with self.compute.autocast():
                loss = reading_loss(self.network, rows) / count
            found = torch.autograd.grad(loss, self.learned, allow_unused=True)
            total = summed(total, found, 1.0)
            losses.append(loss.detach())
        # Of these batches alone, as it is told; choices have their own share of the gradients.
        return torch.stack(losses).sum() * count / len(batch.reading), total

    def _set_rates(self, fraction: float) -> None:
        rise = min(1.0, (self.step + 1) / self.settings.warmup_steps)
        fall = 1.0
        if fraction > self.settings.decay_from:
            fall = max(0.02, (1 - fraction) / (1 - self.settings.decay_from))
        self.muon.param_groups[0]["lr"] = self.settings.muon_rate * rise * fall
        self.adam.param_groups[0]["lr"] = self.settings.adam_rate * rise * fall

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.settings.average_decay, (1 + self.step) / (10 + self.step))
        values = self.network.state_dict()
        torch._foreach_lerp_([self.average[name] for name in values], [*values.values()], 1 - decay)

    def averaged(self) -> FashionVLM:
        network = FashionVLM(self.network.config).to(self.compute.device)
        network.load_state_dict(self.average)
        return network.eval().requires_grad_(False)

    def save(self) -> None:
        """Write a checkpoint; a run that is cut off in between keeps the former one."""
        tensors: dict[str, Tensor] = {}
        tensors |= {f"network.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.items()}
        for name, optimizer in (("muon", self.muon), ("adam", self.adam)):
            for index, state in optimizer.state_dict()["state"].items():
                tensors |= {f"{name}.{index}.{key}": torch.as_tensor(value) for key, value in state.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, self.folder / "new.safetensors")
        position = {
            "step": self.step,
            "seconds": self.seconds,
            "drawing": float(self.drawing),
            "reading": float(self.reading),
        }
        (self.folder / "new.json").write_text(json.dumps(position), encoding="utf-8")
        (self.folder / "new.safetensors").replace(self.folder / "state.safetensors")
        (self.folder / "new.json").replace(self.folder / "position.json")

    def load(self) -> None:
        """Go on from a checkpoint, where there is one."""
        if not (self.folder / "position.json").is_file():
            return
        # On the CPU first: what is loaded goes where it belongs, and AdamW's counts of steps stay off a GPU.
        tensors = load_file(self.folder / "state.safetensors")
        groups: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "muon": {}, "adam": {}}
        for name, value in tensors.items():
            head, _, tail = name.partition(".")
            groups[head][tail] = value
        self.network.load_state_dict(groups["network"])
        self.average = {name: value.to(self.compute.device) for name, value in groups["average"].items()}
        for optimizer, kept in ((self.muon, groups["muon"]), (self.adam, groups["adam"])):
            state = optimizer.state_dict()
            state["state"] = _grouped(kept)
            optimizer.load_state_dict(state)
        position = json.loads((self.folder / "position.json").read_text(encoding="utf-8"))
        self.step, self.seconds = position["step"], position["seconds"]
        losses = torch.tensor([position["drawing"], position["reading"]], device=self.compute.device)
        self.drawing, self.reading = losses.unbind()


def _grouped(flat: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in flat.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    return state
