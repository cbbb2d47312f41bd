"""One step of masked drawing after the network: codes are drawn at all unknown slots, and the least confident hidden again.

MaskGIT (arXiv 2202.04200) as Show-o uses it (DESIGN.md section 3), number for number.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def slots_to_mask(total: int, unknown: Tensor, ratio: float) -> Tensor:
    """How many slots of each row stay masked after a step: ``floor(N·cos(π/2·ratio))`` within [1, unknown - 1].

    The cosine is taken in float32 as the published code does: at ratio 2/3 double precision would give another count.
    """
    share = torch.cos(torch.tensor(ratio) * math.pi * 0.5)
    wanted = torch.full_like(unknown, int((total * share).floor()))
    return torch.maximum(torch.ones_like(unknown), torch.minimum(unknown - 1, wanted))


def masked_step(
    mask: int,
    codes: Tensor,
    probabilities: Tensor,
    ratio: float,
    temperature: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """The whole draw of one step, and the same with the least confident slots masked again, both long ``[B, N]``.

    Args:
        mask: The mask code.
        codes: What is settled, the mask code elsewhere, long ``[B, N]``.
        probabilities: Of the codes at the unknown slots in raster order, float32 ``[unknown, C]``.
        ratio: Share of the steps that are done with this one.
        temperature: Of the gumbel noise on the confidence.
        generator: Source of all randomness.
    """
    unknown = codes == mask
    picked = _multinomial(probabilities, unknown, generator)
    drawn = codes.masked_scatter(unknown, picked)
    chosen = torch.full(codes.shape, torch.finfo(torch.float32).max, device=codes.device)
    chosen[unknown] = probabilities.gather(-1, picked[:, None])[:, 0]
    noise = torch.zeros_like(chosen).uniform_(0, 1, generator=generator)
    gumbel = -torch.log((-torch.log(noise.clamp(min=1e-20))).clamp(min=1e-20))
    confidence = torch.log(chosen.clamp(min=1e-20)) + temperature * gumbel
    to_mask = slots_to_mask(codes.shape[1], unknown.sum(-1, keepdim=True), ratio)
    cut_off = confidence.sort(-1).values.gather(1, to_mask)
    return drawn, torch.where(confidence < cut_off, mask, drawn)


def _multinomial(probabilities: Tensor, unknown: Tensor, generator: torch.Generator) -> Tensor:
    """What ``torch.multinomial`` over all slots draws at the unknown ones: ``[unknown, C]`` to long ``[unknown]``.

    One sample a row is the winner of a race against exponential noise; noise is drawn for the known slots too, so that
    the generator stands where the published code leaves it.
    """
    noise = probabilities.new_empty(unknown.numel(), probabilities.shape[-1]).exponential_(
        1, generator=generator
    )
    if probabilities.shape[0] < unknown.numel():
        noise = noise[unknown.flatten()]
    return torch.div(probabilities, noise, out=noise).argmax(-1)
