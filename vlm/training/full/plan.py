"""The published recipe in numbers, and the learning rate at every step."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FullPlan:
    """What a run may be told; the defaults are the published recipe (DESIGN.md section 3, Show-o's schedules).

    Attributes:
        steps: Optimizer steps in all.
        drawing: Drawing samples a step and process.
        reading: Understanding samples, likewise.
        text: Samples of text alone, likewise.
        drawing_weight: Of the drawing loss in the sum.
        reading_weight: Of the understanding loss.
        text_weight: Of the loss on text alone.
        wordless: Share of drawing prompts dropped, so that guidance has something to guide against.
        learning_rate: The highest.
        warmup_steps: Steps over which it rises from 0; afterwards it falls to 0 as half a cosine.
        betas: Of AdamW.
        weight_decay: On weights of more than one dimension.
        gradient_limit: Norm that gradients are clipped to.
        accumulate: Batches whose gradients are added up for one step.
        text_tokens: A conversation longer than that loses its end.
        lora_rank: Rank of the adapters; 0 trains all weights.
        lora_scale: Their output is multiplied by it (alpha divided by rank).
        lora_dropout: Share of their inputs dropped.
        bf16: Compute in bfloat16; weights and optimizer stay in float32.
        gradient_checkpointing: Compute activations again instead of keeping them.
        seed: Of everything that is drawn.
    """

    steps: int = 200_000
    drawing: int = 3
    reading: int = 2
    text: int = 1
    drawing_weight: float = 1.0
    reading_weight: float = 1.0
    text_weight: float = 0.1
    wordless: float = 0.1
    learning_rate: float = 5e-5
    warmup_steps: int = 1000
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    gradient_limit: float = 1.0
    accumulate: int = 1
    text_tokens: int = 381
    lora_rank: int = 0
    lora_scale: float = 2.0
    lora_dropout: float = 0.0
    bf16: bool = True
    gradient_checkpointing: bool = True
    seed: int = 20250425

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if self.steps < 1 or self.accumulate < 1:
            raise ValueError("steps and accumulate must be at least 1")
        if min(self.drawing, self.reading, self.text) < 0 or self.drawing + self.reading + self.text == 0:
            raise ValueError("a step needs at least one sample of drawing, reading or text")

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * step / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return self.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0)))

    def facts(self) -> dict[str, Any]:
        """The values as JSON can hold them: a checkpoint made with others is of another run."""
        return asdict(self) | {"betas": list(self.betas)}


@dataclass(frozen=True, slots=True)
class Pace:
    """When a run writes, measures and prepares; none of it changes the weights.

    Attributes:
        checkpoint_seconds: Between checkpoints.
        evaluate_steps: Between measurements on the test samples; 0 measures never.
        evaluate_batches: Batches measured each time.
        sheet_pictures: Pictures drawn for the contact sheet at every measurement; 0 draws none.
        workers: Processes that read and decode samples ahead; 0 reads in between.
    """

    checkpoint_seconds: float = 300.0
    evaluate_steps: int = 1000
    evaluate_batches: int = 20
    sheet_pictures: int = 8
    workers: int = 4
