"""The three losses of unified training on one network, over the layouts that serve (`vlm.layouts`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vlm.layouts import clip_prefix, reading_prefix
from vlm.network import FashionVLM
from vlm.training.losses import hidden_code_loss, word_loss


class DrawingBatch(NamedTuple):
    """Prompts with padding long ``[B, slots]``, codes long ``[B, N]``, which of them are hidden bool ``[B, N]``."""

    text: Tensor
    codes: Tensor
    hidden: Tensor


class ReadingBatch(NamedTuple):
    """Codes long ``[B, N]`` or tower features ``[B, P, F]`` or both; words and targets long ``[B, L]``."""

    codes: Tensor | None
    features: Tensor | None
    text: Tensor
    targets: Tensor


class TextBatch(NamedTuple):
    """Words and targets, long ``[B, L]``."""

    text: Tensor
    targets: Tensor


class Objective(nn.Module):
    """One module around the network, so that whatever wraps modules for several devices sees a single forward."""

    def __init__(self, network: FashionVLM, system: Sequence[int] = ()) -> None:
        """Train this network; `system` are the ids of the CLIP variant's system prompt."""
        super().__init__()
        self.network = network
        self._system = list(system)

    def forward(
        self, drawing: DrawingBatch | None, reading: ReadingBatch | None, text: TextBatch | None
    ) -> Tensor:
        """Losses of drawing, reading and text, float32 ``[3]``; 0 where there are no rows."""
        network = self.network
        none = network.showo.lm_head.weight.new_zeros((), dtype=torch.float32)
        return torch.stack(
            [
                none if drawing is None else hidden_code_loss(network, *drawing),
                none if reading is None else self._reading(reading),
                none if text is None else word_loss(network, None, *text),
            ]
        )

    def _reading(self, batch: ReadingBatch) -> Tensor:
        network = self.network
        if batch.features is not None and network.config.tower_kind == "clip":
            prefix = clip_prefix(network, self._system, batch.features)
        else:
            prefix = reading_prefix(network, batch.codes, batch.features)
        return word_loss(network, prefix, batch.text, batch.targets)
