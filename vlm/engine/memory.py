"""How much memory an engine takes, counted before it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from vlm.config import FashionVLMConfig
from vlm.engine.cgroups import free_in_groups
from vlm.engine.pressure import free_memory
from vlm.engine.requests import MAX_CANDIDATES
from vlm.engine.scheduler import Limits
from vlm.model import FashionVLMModel

_GIB = 1 << 30
_SPARE = 0.92
"""Share of the free memory that is planned with; the rest is for the allocator's cuts and the kernels' own."""


class MemoryPlanError(ValueError):
    """The engine as wanted does not fit; the message has the numbers."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What is taken, in bytes.

    Attributes:
        weights: Network, image tokenizer and tower.
        slot: Keys and values of one answer at its longest.
        drawing: Keys and values of one prompt at its longest, and of what it is held against.
        work: What a step of `together` drawings, or of one with all candidates, or decoding a picture needs at its
            peak, estimated.
        slots: Answers at once.
        drawings: Pictures at once.
        limit: What may be taken in all.
    """

    weights: int
    slot: int
    drawing: int
    work: int
    slots: int
    drawings: int
    limit: int

    @property
    def total(self) -> int:
        """All that is planned."""
        return self.weights + self.slot * self.slots + self.drawing * self.drawings + self.work


def plan_memory(
    config: FashionVLMConfig,
    *,
    weights: int,
    element: int,
    limit: int,
    slots: int | None,
    drawings: int,
    together: int,
    readings: int = 1,
    picture_work: int = 0,
) -> MemoryPlan:
    """Plan an engine.

    Args:
        config: The network's.
        weights: Bytes of all parameters.
        element: Bytes of one number of keys, values and states.
        limit: Bytes that may be taken, weights included.
        slots: Answers at once; None is as many as fit, at most 16.
        drawings: Pictures at once.
        together: Pictures advanced in one pass, or in passes beside one another.
        readings: Candidates read beside one another.
        picture_work: Bytes that coding or decoding one picture needs at its peak.

    Raises:
        MemoryPlanError: It does not fit.
    """
    position = config.num_layers * 2 * config.hidden_size * element
    slot = position * (config.max_positions + 1)
    # A prompt, and what it is held against.
    drawing = 2 * position * config.text_slots
    # Candidates are ranked in memory of their own, beside the slots.
    reading = readings * (_reading_work(config, element) + slot)
    work = max(_drawing_work(config, element, together), reading, picture_work)
    fixed = weights + drawing * drawings + work
    fitting = max(0, (limit - fixed) // slot)
    wanted = min(16, fitting) if slots is None else slots
    if wanted < 1 or wanted > fitting:
        raise MemoryPlanError(
            f"the model does not fit in {_gib(limit)}: weights {_gib(weights)}, {max(wanted, 1)} answers at once "
            f"{_gib(slot * max(wanted, 1))} ({_gib(slot)} each), {drawings} drawings {_gib(drawing * drawings)}, room to "
            f"work {_gib(work)}; {f'at most {fitting} answers fit' if fitting else 'not even one answer fits'}"
        )
    return MemoryPlan(weights, slot, drawing, work, wanted, drawings, limit)


def plan_for(
    model: FashionVLMModel, texts: int | None, drawings: int | None, waiting: int, memory_bytes: int | None
) -> tuple[MemoryPlan, Limits]:
    """The plan and the limits of an engine for a loaded model; see `vlm.engine.engine.Engine.from_model`.

    Raises:
        MemoryPlanError: It does not fit.
    """
    device = model.backbone.device
    drawings = drawings if drawings is not None else (8 if device.type == "cuda" else 2)
    together = min(drawings, model.drawing.at_once)
    plan = plan_memory(
        model.parts.network.config,
        weights=model.weight_bytes,
        element=model.backbone.dtype.itemsize,
        limit=memory_limit(device, model.weight_bytes) if memory_bytes is None else memory_bytes,
        slots=texts,
        drawings=drawings,
        together=max(together, model.drawing.passes),
        readings=model.drawing.passes,
        picture_work=model.picture_work_bytes,
    )
    return plan, Limits(plan.slots, drawings, together, waiting)


def _drawing_work(config: FashionVLMConfig, element: int, together: int) -> int:
    rows = 3 * together * (config.image_positions + 2)
    states = rows * (3 * config.hidden_size + 3 * config.intermediate_size + 4 * config.hidden_size) * element
    picture = config.num_vq_tokens * config.codebook_size
    # Where several codes share a position, logits are mixed, in float32 besides; elsewhere the far smaller states are.
    mixed = 4 if config.codes_per_position > 1 else 0
    # Of one pass the logits with words, without and plain; of all candidates of one request, which share their noise, the
    # guided ones, and in float32 those, their softmax, the noise and its part at the unknown slots.
    return (
        states
        + 3 * together * picture * (element + mixed)
        + max(together, MAX_CANDIDATES) * picture * (max(element, mixed) + 4 * 4)
    )


def _reading_work(config: FashionVLMConfig, element: int) -> int:
    rows = config.max_positions
    return rows * (7 * config.hidden_size + 3 * config.intermediate_size) * element + rows * rows * element


def memory_limit(device: torch.device, held: int) -> int:
    """What may be taken on a device where `held` bytes of it are taken by the weights already.

    On a GPU the free memory as the driver tells it; on a CPU what Linux calls available, or what the control groups of a
    container leave where that is less.

    Raises:
        MemoryPlanError: The system does not tell.
    """
    if device.type == "cuda":
        # What the allocator keeps for reuse, as from loading the weights, the driver calls taken.
        free_memory(device)
        free, _ = torch.cuda.mem_get_info(device)
        return int(free * _SPARE) + held
    meminfo = Path("/proc/meminfo")
    if not meminfo.is_file():
        raise MemoryPlanError("this system does not tell its free memory: give a memory limit")
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            available, own = int(line.split()[1]) * 1024, free_in_groups()
            return int((available if own is None else min(available, own)) * _SPARE) + held
    raise MemoryPlanError("/proc/meminfo has no MemAvailable: give a memory limit")


def _gib(count: int) -> str:
    return f"{count / _GIB:.2f} GiB"
