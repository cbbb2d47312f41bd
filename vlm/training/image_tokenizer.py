"""Training of the image tokenizer within a given time, on a CPU or a GPU, resumable.

The learning rate and the share of quantized samples follow the fraction of the budget that is spent. A budget
in steps gives the same weights every time for one seed (on one machine); a budget in minutes does not
quite, because the number of steps depends on the machine.

Left in the output folder: ``config.json`` and ``model.safetensors`` (averaged weights, float16),
``reconstructions.png``, and ``checkpoint/`` to resume from.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig, mini_config
from vlm.training.ahead import made_ahead
from vlm.training.compute import Compute
from vlm.training.muon import FloatMuon
from vlm.training.stopping import TrainingStoppedError
from vlm.training.tokenizer_checkpoint import Position, load_checkpoint, save_checkpoint
from vlm.training.tokenizer_crops import CropSource, Pictures, open_pool
from vlm.training.tokenizer_report import measure, to_pixels

SHEET_FILE = "reconstructions.png"
_ENDLESS = 1 << 40
LOSS_WEIGHTS = {
    "absolute": 1.0,
    "square": 4.0,
    "gradient": 0.7,
    "chroma": 1.5,
    "commitment": 0.02,
    "entropy": 0.02,
    "decorrelation": 0.05,
}


@dataclass(frozen=True)
class TokenizerTraining:
    """What a run may be told besides its data.

    Attributes:
        learning_rate: The highest, of AdamW: norms, biases, depthwise filters, first and last layers.
        matrix_learning_rate: The highest, of Muon: the weights inside the levels.
        weight_decay: On weights of more than one dimension.
        warmup_steps: Steps over which the learning rate rises.
        decay_from: Fraction of the budget after which the learning rate falls linearly to 0.
        quantized_at_start: Share of samples quantized at first.
        quantized_until: Fraction of the budget over which that share rises to 1.
        average_decay: Of the weight average.
        gradient_limit: Norm that gradients are clipped to.
        checkpoint_seconds: Between checkpoints.
        report_seconds: Between measurements on the pictures kept aside.
    """

    learning_rate: float = 2e-3
    matrix_learning_rate: float = 4e-3
    weight_decay: float = 0.01
    warmup_steps: int = 60
    decay_from: float = 0.35
    quantized_at_start: float = 0.4
    quantized_until: float = 0.15
    average_decay: float = 0.995
    gradient_limit: float = 1.0
    checkpoint_seconds: float = 120.0
    report_seconds: float = 60.0


@dataclass(frozen=True)
class TokenizerProgress:
    """A report during a run.

    Attributes:
        step: Steps done.
        fraction: Of the budget spent, 0…1.
        loss: The weighted sum, averaged over the steps since the last report.
        crops_per_second: Since the run (or its resumption) began.
        psnr: On the pictures kept aside, in dB, with averaged weights.
        codes_used: Different codes among their tokens.
    """

    step: int
    fraction: float
    loss: float
    crops_per_second: float
    psnr: float
    codes_used: int


def train_from_pool(
    out_dir: str | Path,
    pool: str | Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    resume: bool = True,
    aside: int = 128,
    batch: int = 32,
    crop: int = 64,
    progress: Callable[[TokenizerProgress], None] | None = None,
    config: ImageTokenizerConfig | None = None,
    training: TokenizerTraining | None = None,
    compute: Compute | None = None,
    workers: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImageTokenizer:
    """Train on a picture pool file (uint8 ``[N, S, S, 3]``), of which the last `aside` are only measured.

    A step sees `batch` crops of `crop` pixels a side. The other arguments are those of `train_image_tokenizer`.
    """
    pictures = open_pool(pool)
    if len(pictures) <= aside:
        raise ValueError(f"{pool} holds {len(pictures)} pictures; more than {aside} are needed")
    return train_image_tokenizer(
        out_dir,
        batches=CropSource(pictures[:-aside], seed=seed, batch=batch, side=crop),
        aside=pictures[-aside:],
        minutes=minutes,
        steps=steps,
        seed=seed,
        resume=resume,
        progress=progress,
        config=config,
        training=training,
        compute=compute,
        workers=workers,
        should_stop=should_stop,
    )


def train_image_tokenizer(
    out_dir: str | Path,
    *,
    batches: Callable[[int], Pictures],
    aside: Pictures,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    resume: bool = True,
    progress: Callable[[TokenizerProgress], None] | None = None,
    config: ImageTokenizerConfig | None = None,
    training: TokenizerTraining | None = None,
    compute: Compute | None = None,
    workers: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImageTokenizer:
    """Train a tokenizer and return it with averaged weights, in evaluation mode, on the device that trained it.

    Args:
        out_dir: Folder for everything that is written.
        batches: Gives the crops of a step, uint8 ``[B, H, W, 3]``, by its number.
        aside: Pictures to measure on, uint8 ``[N, H, W, 3]``.
        minutes: Budget of training time, counted over all resumptions.
        steps: Budget of steps; exactly one of the two must be given.
        seed: Of the first weights and of all that is drawn here.
        resume: Go on from the folder's checkpoint when it has one.
        progress: Called at every report and at the end.
        config: Shape of the tokenizer; `mini_config` when None.
        training: See `TokenizerTraining`.
        compute: Where and how; None is the CPU in float32.
        workers: Processes that make crops ahead; 0 makes them when they are wanted.
        should_stop: Asked after every step.

    Raises:
        TrainingStoppedError: `should_stop` said so; a checkpoint is written.
        ValueError: Both budgets or none are given, or the checkpoint is of another shape.
    """
    if (minutes is None) == (steps is None):
        raise ValueError("give a budget either in minutes or in steps")
    shape, plan = config or mini_config(), training or TokenizerTraining()
    run = _Run(Path(out_dir), shape, plan, seed, compute or Compute())
    if resume:
        run.position = load_checkpoint(run.out_dir, run.model, run.average, run.optimizers)

    def spent(position: Position) -> float:
        if minutes is None:
            return position.step / steps if steps else 1.0
        return position.seconds / (60.0 * minutes) if minutes > 0 else 1.0

    ahead = made_ahead(batches, run.position.step, _ENDLESS, workers)
    run.train(ahead, aside, spent, progress, should_stop)
    return run.average.eval()


def _optimizers(model: ImageTokenizer, training: TokenizerTraining) -> list[torch.optim.Optimizer]:
    """Muon for the weights inside the levels, AdamW for all others; each group knows its peak rate."""
    inner, outer, vectors = [], [], []
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2:
            vectors.append(parameter)
        elif name.split(".")[1] in {"down", "up", "mid"} and parameter.shape[1] > 1:
            inner.append(parameter)
        else:
            outer.append(parameter)
    decay, peak = training.weight_decay, training.learning_rate
    adamw = torch.optim.AdamW(
        [{"params": outer, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=peak,
        betas=(0.9, 0.98),
    )
    muon = FloatMuon(inner, lr=training.matrix_learning_rate, weight_decay=decay)
    for optimizer in (adamw, muon):
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return [adamw, muon]


class _Run:
    """The state of one run."""

    def __init__(
        self,
        out_dir: Path,
        config: ImageTokenizerConfig,
        training: TokenizerTraining,
        seed: int,
        compute: Compute,
    ) -> None:
        self.out_dir, self.training, self.seed, self.compute = out_dir, training, seed, compute
        self.position = Position()
        out_dir.mkdir(parents=True, exist_ok=True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = ImageTokenizer(config)
        self.average = ImageTokenizer(config)
        self.average.load_state_dict(self.model.state_dict())
        for tokenizer in (self.model, self.average):
            tokenizer.to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average.requires_grad_(False)
        self.optimizers = _optimizers(self.model, training)

    def train(
        self,
        batches: Iterator[Pictures],
        aside: Pictures,
        spent: Callable[[Position], float],
        progress: Callable[[TokenizerProgress], None] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        """Run until `spent` reaches 1, reporting and saving by the clock."""
        began = reported = saved = self.position.seconds
        crops, losses = 0, [0.0]
        while (fraction := spent(self.position)) < 1.0:
            clock = time.perf_counter()
            pixels = to_pixels(next(batches)).to(self.compute.device)
            losses.append(self._step(pixels, fraction))
            crops += len(pixels)
            seconds = self.position.seconds + time.perf_counter() - clock
            self.position = Position(self.position.step + 1, seconds)
            if seconds - reported > self.training.report_seconds:
                reported = seconds
                self._report(aside, fraction, losses, crops / (seconds - began), progress)
                losses = [losses[-1]]
            stop = should_stop()
            if stop or seconds - saved > self.training.checkpoint_seconds:
                saved = seconds
                save_checkpoint(self.out_dir, self.model, self.average, self.optimizers, self.position)
            if stop:
                raise TrainingStoppedError(self.position.step)
        save_checkpoint(self.out_dir, self.model, self.average, self.optimizers, self.position)
        self.average.save_pretrained(self.out_dir, dtype=torch.float16)
        self._report(aside, 1.0, losses, crops / max(self.position.seconds - began, 1e-9), progress)

    def _step(self, pixels: Tensor, fraction: float) -> float:
        """One optimizer step on ``[B, 3, H, W]``; the weighted loss."""
        plan = self.training
        rise = min(1.0, fraction / plan.quantized_until)
        share = plan.quantized_at_start + (1.0 - plan.quantized_at_start) * rise
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * self._schedule(fraction)
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.position.step)
        with self.compute.autocast():
            output = self.model(pixels, quantized_share=share, generator=generator)
        terms = [weight * output.losses[name] for name, weight in LOSS_WEIGHTS.items()]
        loss = torch.stack(terms).sum()
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), plan.gradient_limit)
        for optimizer in self.optimizers:
            optimizer.step()
        self._follow()
        return float(loss.detach())

    def _schedule(self, fraction: float) -> float:
        """The learning rate as a share of its peak."""
        plan = self.training
        warm = min(1.0, (self.position.step + 1) / plan.warmup_steps)
        fall = min(1.0, (1.0 - fraction) / (1.0 - plan.decay_from))
        return warm * max(fall, 0.0)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the weight average; it follows faster at first, so that it forgets the random start."""
        decay = min(self.training.average_decay, (1 + self.position.step) / (10 + self.position.step))
        averages: list[Tensor] = list(self.average.parameters())
        values: list[Tensor] = list(self.model.parameters())
        torch._foreach_lerp_(averages, values, 1.0 - decay)

    def _report(
        self,
        aside: Pictures,
        fraction: float,
        losses: list[float],
        speed: float,
        progress: Callable[[TokenizerProgress], None] | None,
    ) -> None:
        quality = measure(self.average, aside, self.out_dir / SHEET_FILE)
        if progress is not None:
            loss = sum(losses[1:]) / max(len(losses) - 1, 1)
            step = self.position.step
            progress(TokenizerProgress(step, fraction, loss, speed, quality.psnr, quality.codes_used))
