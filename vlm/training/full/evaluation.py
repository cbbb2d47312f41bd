"""How a run is doing on samples kept aside: the three losses, and a sheet of pictures drawn from words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import torch

from vlm.checkpoint import ModelParts
from vlm.pictures import fitted
from vlm.training.fashionrec_source import picture_of
from vlm.training.full.adapters import merged
from vlm.training.full.objective import Objective
from vlm.training.full.rows import Samples, StepComposer
from vlm.training.full.seeing import Seeing
from vlm.training.sheet import write_drawings


@torch.no_grad()
def measured(
    objective: Objective,
    seeing: Seeing,
    composer: StepComposer,
    batches: int,
    autocast: Callable[[], AbstractContextManager[None]],
) -> dict[str, float]:
    """Mean losses over the first batches of a composer, always the same ones, hidden codes included."""
    training = objective.training
    objective.eval()
    total = torch.zeros(3)
    for number in range(batches):
        with autocast():
            total += objective(*seeing(composer[number])).float().cpu()
    objective.train(training)
    return dict(zip(("drawing", "reading", "text"), (total / batches).tolist(), strict=True))


def write_sheet(path: Path, parts: ModelParts, samples: Samples, count: int, seed: int) -> None:
    """Write the first pictures kept aside, and below each what the model draws from its words.

    Args:
        path: PNG file.
        parts: The model as it is by now, adapters and all; it is not changed.
        samples: Kept aside.
        count: How many pictures at most.
        seed: Of the drawings.
    """
    chosen = [samples.drawings[index] for index in range(min(count, len(samples.drawings)))]
    side, fit = parts.image_tokenizer.config.resolution, parts.network.config.fit
    device = parts.network.showo.lm_head.weight.device
    now = replace(
        parts, network=merged(parts.network, torch.bfloat16 if device.type == "cuda" else torch.float32)
    )
    true = [fitted(picture_of(sample), side, fit) for sample in chosen]
    write_drawings(path, now, [sample.text for sample in chosen], true, seed)
