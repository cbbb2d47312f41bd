"""Step-wise masked drawing of image codes with guidance (MaskGIT's schedule as Show-o uses it, DESIGN.md section 3).

The text prefix never sees the picture, so its keys and values are computed once a request and the unconditional ones
once for all rows; every step runs the picture's positions only and computes logits for image codes only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from vlm.config import FashionVLMConfig
from vlm.layouts import additive, drawing_text, drawing_visibility
from vlm.network import FashionVLM


class DrawingStoppedError(RuntimeError):
    """The step callback asked to stop."""


@dataclass(frozen=True, slots=True)
class DrawingSettings:
    """How to draw: published values are 50 steps, guidance 5, temperature 1.

    Attributes:
        steps: Passes over the picture, at least 1.
        guidance: Guidance scale g in ``(1+g)·cond - g·uncond``; 0 runs no unconditional pass.
        temperature: Scale of the gumbel noise in the confidence; multiplied by ``1 - ratio`` at every step.
    """

    steps: int = 50
    guidance: float = 5.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        """Refuse settings that cannot draw."""
        if self.steps < 1 or self.guidance < 0 or self.temperature < 0:
            raise ValueError("drawing needs steps >= 1, guidance >= 0 and temperature >= 0")


class DrawingPrefix:
    """Keys and values of prompts, computed once and reused at every step."""

    def __init__(self, network: FashionVLM, prompts: Sequence[Sequence[int]]) -> None:
        """Run the text rows of `prompts` (token ids without layout tokens)."""
        config = network.config
        device = network.showo.lm_head.weight.device
        text = drawing_text(config, prompts).to(device)
        visible = drawing_visibility(config, text)
        slots = config.text_slots
        positions = torch.arange(visible.shape[1], device=device)[None].expand(len(prompts), -1)
        dtype = network.showo.lm_head.weight.dtype
        cache = DynamicCache()
        network.trunk(
            network.embed_text(text), additive(visible[:, :slots, :slots], dtype), positions[:, :slots], cache
        )
        self.cache = cache
        self.mask = additive(visible[:, slots:], dtype)
        self.positions = positions[:, slots:]
        self._slots = slots

    def picture_logits(self, network: FashionVLM, codes: Tensor) -> Tensor:
        """Logits ``[B, N, codebook_size]`` for pictures whose unknown slots hold the mask code."""
        config = network.config
        edges = torch.tensor(
            [config.special_id("<|soi|>"), config.special_id("<|eoi|>")], device=codes.device
        )
        soi, eoi = network.embed_text(edges).unbind(0)
        rows = codes.shape[0]
        embeddings = torch.cat(
            [soi.expand(rows, 1, -1), network.embed_codes(codes), eoi.expand(rows, 1, -1)], dim=1
        )
        hidden = network.trunk(embeddings, self.mask, self.positions, self.cache)
        self.cache.crop(-embeddings.shape[1])
        return network.code_logits(hidden[:, 1:-1])


def slots_to_mask(total: int, unknown: Tensor, ratio: float) -> Tensor:
    """How many slots of each row stay masked after a step: ``floor(N·cos(π/2·ratio))`` within [1, unknown - 1].

    The cosine is taken in float32 as the published code does: at ratio 2/3 double precision would give another count.
    """
    share = torch.cos(torch.tensor(ratio) * math.pi * 0.5)
    wanted = torch.full_like(unknown, int((total * share).floor()))
    return torch.maximum(torch.ones_like(unknown), torch.minimum(unknown - 1, wanted))


@torch.inference_mode()
def draw_codes(
    network: FashionVLM,
    prompts: Sequence[Sequence[int]],
    *,
    settings: DrawingSettings,
    generator: torch.Generator,
    fixed: Tensor | None = None,
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Tensor:
    """Draw one picture a prompt; returns image codes, long ``[B, num_vq_tokens]``.

    Args:
        network: The model, in eval mode.
        prompts: Token ids of each prompt, without layout tokens.
        settings: Steps, guidance and temperature.
        generator: Source of all randomness, on the network's device.
        fixed: Codes that stay, with the mask code (``codebook_size``) where to draw: ``[B, num_vq_tokens]``.
        on_step: Called after each step with (done, steps); returning True stops.

    Raises:
        DrawingStoppedError: Where `on_step` returned True.
    """
    config = network.config
    device = network.showo.lm_head.weight.device
    mask_code = config.codebook_size
    rows, total = len(prompts), config.num_vq_tokens
    codes = torch.full((rows, total), mask_code, device=device) if fixed is None else fixed.clone().to(device)
    conditional = DrawingPrefix(network, prompts)
    unconditional = DrawingPrefix(network, [[]] * rows) if settings.guidance > 0 else None
    temperature, sampled = settings.temperature, codes
    for step in range(settings.steps):
        logits = conditional.picture_logits(network, codes)
        if unconditional is not None:
            without = unconditional.picture_logits(network, codes)
            logits = (1 + settings.guidance) * logits - settings.guidance * without
        ratio = (step + 1) / settings.steps
        temperature *= 1.0 - ratio
        sampled, codes = _advance(config, codes, logits, ratio, temperature, generator)
        if on_step is not None and on_step(step + 1, settings.steps):
            raise DrawingStoppedError(f"stopped after step {step + 1} of {settings.steps}")
    return sampled


def _advance(
    config: FashionVLMConfig,
    codes: Tensor,
    logits: Tensor,
    ratio: float,
    temperature: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """One step: the whole draw, and the codes with the least confident slots masked again."""
    probabilities = logits.float().softmax(-1)
    rows, total, size = probabilities.shape
    drawn = torch.multinomial(probabilities.view(-1, size), 1, generator=generator).view(rows, total)
    unknown = codes == config.codebook_size
    sampled = torch.where(unknown, drawn, codes)
    chosen = probabilities.gather(-1, sampled[..., None])[..., 0]
    chosen = torch.where(unknown, chosen, torch.finfo(chosen.dtype).max)
    noise = torch.zeros_like(chosen).uniform_(0, 1, generator=generator)
    gumbel = -torch.log((-torch.log(noise.clamp(min=1e-20))).clamp(min=1e-20))
    confidence = torch.log(chosen.clamp(min=1e-20)) + temperature * gumbel
    to_mask = slots_to_mask(total, unknown.sum(-1, keepdim=True), ratio)
    cut_off = confidence.sort(-1).values.gather(1, to_mask)
    return sampled, torch.where(confidence < cut_off, config.codebook_size, sampled)
