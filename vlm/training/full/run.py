"""The fine-tuning run: accelerate around one network, resumable to the bit, measured on samples kept aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vlm.text_tokenizer import prompt_table
from vlm.towers import load_photo_reader, load_tower
from vlm.training.ahead import made_ahead
from vlm.training.full.adapters import add_adapters, require
from vlm.training.full.checkpoint import (
    Position,
    load_checkpoint,
    save_checkpoint,
    trained_parameters,
)
from vlm.training.full.evaluation import measured, write_sheet
from vlm.training.full.journal import Journal
from vlm.training.full.objective import Objective
from vlm.training.full.plan import FullPlan, Pace
from vlm.training.full.rows import Samples, StepComposer, StepRows
from vlm.training.full.seeing import Seeing
from vlm.training.full.source import Source, write_model
from vlm.training.stopping import TrainingStoppedError

MODEL = "model"
_KINDS = ("drawing", "reading", "text")


@dataclass(frozen=True, slots=True)
class FullProgress:
    """A report after a step.

    Attributes:
        step: Steps done.
        steps: Steps in all.
        losses: Of drawing, reading and text: this step's.
        rate: Learning rate of this step.
        seconds_a_step: Mean over the whole run.
        test: Losses on the samples kept aside, where they were measured after this step.
        sheet: The contact sheet, where one was written.
    """

    step: int
    steps: int
    losses: dict[str, float]
    rate: float
    seconds_a_step: float
    test: dict[str, float] | None = None
    sheet: Path | None = None


def train_full(
    source: Source,
    train: Samples,
    test: Samples | None,
    out: Path,
    *,
    plan: FullPlan,
    pace: Pace | None = None,
    storage: torch.dtype = torch.bfloat16,
    resume: bool = True,
    should_stop: Callable[[], bool] = lambda: False,
    progress: Callable[[FullProgress], None] = lambda _: None,
) -> Path:
    """Fine-tune a model and write it, adapters merged in, as a model folder; its path is returned.

    Args:
        source: The model, on the device that trains it, with weights in float32 (with LoRA in any type). Its network is
            changed in place.
        train: What is learned from.
        test: What is only measured on; None measures nothing.
        out: Folder for ``checkpoint/``, ``log.jsonl`` (losses of every step, and the tests'), contact sheets, ``model/``.
        plan: The recipe.
        pace: When it writes and measures.
        storage: The finished model's weights are stored so (`vlm.weight_storage`).
        resume: Go on from the folder's checkpoint when it has one.
        should_stop: Asked after every step; where it says so, a checkpoint is written and the run ends.
        progress: Told after every step.

    Raises:
        MissingPackageError: accelerate (or, with LoRA, peft) is not installed.
        OtherRunError: The folder's checkpoint is of another run.
        TrainingStoppedError: `should_stop` said so.
        FashionRecError: A sample is broken.
    """
    require("accelerate")
    run = _Run(source, train, test, out, plan, pace or Pace())
    run.begin(resume)
    run.train(should_stop, progress)
    if run.accelerator.is_main_process:
        write_model(out / MODEL, source, storage, run.facts)
    run.accelerator.wait_for_everyone()
    return out / MODEL


class _Run:
    """The state of one run."""

    def __init__(
        self, source: Source, train: Samples, test: Samples | None, out: Path, plan: FullPlan, pace: Pace
    ) -> None:
        from accelerate import Accelerator

        self.plan, self.pace, self.out, self.parts = plan, pace, out, source.parts
        network = source.parts.network
        self.device = network.showo.lm_head.weight.device
        self.accelerator: Any = Accelerator(
            mixed_precision="bf16" if plan.bf16 else "no", cpu=self.device.type == "cpu"
        )
        network.train().requires_grad_(True)
        if plan.lora_rank:
            add_adapters(network, plan.lora_rank, plan.lora_scale, plan.lora_dropout, plan.seed)
        if plan.gradient_checkpointing:
            network.showo.activation_checkpointing_enable({"use_reentrant": False})
        clip = network.config.tower_kind == "clip" and source.tower is not None
        system = source.parts.text_tokenizer.encode(prompt_table()["system"]) if clip else []
        self.objective = Objective(network, system)
        self.optimizer = _optimizer(network, plan, self.device)
        self.prepared, self.stepper = self.accelerator.prepare(self.objective, self.optimizer)
        self.seeing = Seeing(source.parts, source.tower, self.device)
        side = source.parts.image_tokenizer.config.resolution
        process = (self.accelerator.process_index, self.accelerator.num_processes)
        words, config = source.parts.text_tokenizer, network.config
        # On the CPU, where rows are made: the model's own tower may be on a GPU, which a forked process cannot use.
        told = config.color_hint == "items"
        photos = load_photo_reader(source.folder, load_tower(source.folder, config)) if told else None
        self.composer = StepComposer(train, words, config, side, plan, process, photos)
        self.test_samples = test
        self.test = None if test is None else StepComposer(test, words, config, side, plan, photos=photos)
        self.weights = torch.tensor(
            [plan.drawing_weight, plan.reading_weight, plan.text_weight], device=self.device
        )
        self.facts = plan.facts() | {
            "model": source.name,
            "samples": [len(train.drawings), len(train.dialogues), len(train.texts or ())],
            "processes": self.accelerator.num_processes,
        }
        self.position = Position()
        self.journal = Journal(out / "log.jsonl")

    def begin(self, resume: bool) -> None:
        """Take up the checkpoint; what a cut-off run wrote to its log behind it is dropped."""
        self.out.mkdir(parents=True, exist_ok=True)
        if resume:
            self.position = load_checkpoint(self.out, self.objective.network, self.optimizer, self.facts)
        if self.accelerator.is_main_process:
            self.journal.keep_until(self.position.step)

    def train(self, should_stop: Callable[[], bool], progress: Callable[[FullProgress], None]) -> None:
        """Run to the last step, measuring and saving in between."""
        first = self.position.step * self.plan.accumulate
        last = self.plan.steps * self.plan.accumulate
        batches = made_ahead(self.composer.__getitem__, first, last, self.pace.workers)
        saved = time.monotonic()
        if self.position.step == 0:
            self._measure(progress, {}, 0.0)
        while self.position.step < self.plan.steps:
            began = time.monotonic()
            skipped: list[str] = []
            rate, losses = self._step(batches, skipped)
            seconds = self.position.seconds + time.monotonic() - began
            self.position = Position(self.position.step + 1, seconds)
            self._told(progress, rate, losses, skipped)
            stop = self._agreed(should_stop())
            if stop or time.monotonic() - saved > self.pace.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if stop:
                raise TrainingStoppedError(self.position.step)
        self._save()

    def _step(self, batches: Iterator[StepRows], skipped: list[str]) -> tuple[float, dict[str, float]]:
        """One optimizer step; its rate and losses. Samples that could not be used are added to `skipped`."""
        plan, number = self.plan, self.position.step
        # What dropout draws follows from the step, so that a resumed run draws the same.
        torch.manual_seed((plan.seed * 1_000_003 + number) * 1009 + self.accelerator.process_index)
        total = torch.zeros(3, device=self.device)
        for part in range(plan.accumulate):
            last = part == plan.accumulate - 1
            with nullcontext() if last else self.accelerator.no_sync(self.prepared):
                rows = next(batches)
                skipped += rows.skipped
                losses: Tensor = self.prepared(*self.seeing(rows))
                self.accelerator.backward((losses * self.weights).sum() / plan.accumulate)
            total += losses.detach() / plan.accumulate
        self.accelerator.clip_grad_norm_(self.trained, plan.gradient_limit)
        rate = plan.rate(number)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.stepper.step()
        self.stepper.zero_grad(set_to_none=True)
        mean = self.accelerator.reduce(total, "mean").tolist()
        return rate, dict(zip(_KINDS, mean, strict=True))

    @property
    def trained(self) -> list[torch.nn.Parameter]:
        return list(trained_parameters(self.objective).values())

    def _told(
        self,
        progress: Callable[[FullProgress], None],
        rate: float,
        losses: dict[str, float],
        skipped: Sequence[str],
    ) -> None:
        if not self.accelerator.is_main_process:
            return
        step = self.position.step
        told = {"skipped": list(skipped)} if skipped else {}
        self.journal.write({"step": step, "rate": rate, **losses, **told})
        every = self.pace.evaluate_steps
        if every and (step % every == 0 or step == self.plan.steps):
            self._measure(progress, losses, rate)
        else:
            progress(self._progress(losses, rate))

    def _measure(
        self, progress: Callable[[FullProgress], None], losses: dict[str, float], rate: float
    ) -> None:
        """Losses on the samples kept aside and a contact sheet; on the main process alone."""
        if self.test is None or not self.pace.evaluate_steps or not self.accelerator.is_main_process:
            return
        step = self.position.step
        test = measured(
            self.objective, self.seeing, self.test, self.pace.evaluate_batches, self.accelerator.autocast
        )
        self.journal.write({"step": step, "test": test})
        sheet = None
        if self.pace.sheet_pictures and self.plan.drawing and self.test_samples is not None:
            sheet = self.out / f"sheet-{step:06}.png"
            write_sheet(sheet, self.parts, self.test_samples, self.pace.sheet_pictures, self.plan.seed)
        progress(self._progress(losses, rate, test, sheet))

    def _progress(
        self,
        losses: dict[str, float],
        rate: float,
        test: dict[str, float] | None = None,
        sheet: Path | None = None,
    ) -> FullProgress:
        done, seconds = self.position.step, self.position.seconds
        return FullProgress(done, self.plan.steps, losses, rate, seconds / max(done, 1), test, sheet)

    def _agreed(self, stop: bool) -> bool:
        """Whether any process was asked to stop; all have to end after the same step."""
        if self.accelerator.num_processes == 1:
            return stop
        flag = torch.tensor([float(stop)], device=self.device)
        return bool(self.accelerator.reduce(flag, "sum").item() > 0)

    def _save(self) -> None:
        if self.accelerator.is_main_process:
            save_checkpoint(self.out, self.objective.network, self.optimizer, self.position, self.facts)
        self.accelerator.wait_for_everyone()


def _optimizer(network: torch.nn.Module, plan: FullPlan, device: torch.device) -> torch.optim.AdamW:
    """AdamW with decay on matrices; norms and biases are left to find their own size."""
    trained = list(trained_parameters(network).values())
    groups = [
        {"params": [value for value in trained if value.ndim >= 2], "weight_decay": plan.weight_decay},
        {"params": [value for value in trained if value.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=plan.learning_rate,
        betas=plan.betas,
        fused=device.type == "cuda",
    )
