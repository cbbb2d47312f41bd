"""Losses of the unified model: masked codes for drawing, next words for reading (Show-o, section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from vlm.layouts import additive, drawing_text, drawing_visibility, reading_prefix, reading_visibility
from vlm.network import FashionVLM
from vlm.training.batches import ReadingBatch


def drawing_loss(
    network: FashionVLM, prompts: Sequence[Sequence[int]], codes: Tensor, generator: torch.Generator
) -> Tensor:
    """Cross entropy on masked codes; each row's share of masked slots is ``cos(π/2·u)``, u uniform.

    `generator` is one of the CPU, so that a seed hides the same codes on every device.
    """
    rows, total = codes.shape
    share = torch.cos(torch.rand(rows, 1, generator=generator) * math.pi / 2)
    count = (share * total).round().clamp(min=1).long()
    device = network.showo.lm_head.weight.device
    noise = torch.rand(rows, total, generator=generator).to(device)
    hidden = noise <= noise.sort(-1).values.gather(1, count.to(device) - 1)
    text = drawing_text(network.config, prompts).to(device)
    return hidden_code_loss(network, text, codes.to(device), hidden)


def hidden_code_loss(network: FashionVLM, text: Tensor, codes: Tensor, hidden: Tensor) -> Tensor:
    """Cross entropy over the image vocabulary, from which drawing samples, at the hidden codes.

    Args:
        network: The model.
        text: Prompts with padding, long ``[B, text_slots]``.
        codes: Long ``[B, num_vq_tokens]``.
        hidden: Which of them are to be found, bool of the same shape.
    """
    config = network.config
    seen = codes.masked_fill(hidden, config.codebook_size)
    edges = torch.tensor([config.special_id("<|soi|>"), config.special_id("<|eoi|>")], device=codes.device)
    soi, eoi = (edge.expand(len(codes), 1, -1) for edge in network.embed_text(edges))
    embeddings = torch.cat([network.embed_text(text), soi, network.embed_codes(seen), eoi], dim=1)
    states = _states(network, embeddings, drawing_visibility(config, text))
    states = states[:, config.text_slots + 1 : -1]
    return F.cross_entropy(network.code_logits(states, hidden).float(), codes[hidden])


def reading_loss(network: FashionVLM, batch: ReadingBatch) -> Tensor:
    """Cross entropy on the answer's words."""
    device = network.showo.lm_head.weight.device
    features = None if batch.features is None else batch.features.to(device)
    prefix = None if batch.codes is None else reading_prefix(network, batch.codes.to(device), features)
    return word_loss(network, prefix, batch.text.to(device), batch.targets.to(device))


def word_loss(network: FashionVLM, prefix: Tensor | None, text: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy on the words that are to be learned.

    Args:
        network: The model.
        prefix: Embeddings of what every word sees, ``[B, P, H]``, or None.
        text: Long ``[B, L]``.
        targets: The word that follows each position, or -100: long ``[B, L]``. Without any the loss is 0.
    """
    words = network.embed_text(text)
    embeddings = words if prefix is None else torch.cat([prefix, words], dim=1)
    start = embeddings.shape[1] - text.shape[1]
    visible = reading_visibility(start, embeddings.shape[1], embeddings.device)
    wanted = targets != -100
    logits = network.token_logits(_states(network, embeddings, visible)[:, start:][wanted]).float()
    # A conversation whose request alone fills the row has no answer left: the sum of nothing, not 0 / 0.
    return F.cross_entropy(logits, targets[wanted], reduction="sum") / wanted.sum().clamp(min=1)


def _states(network: FashionVLM, embeddings: Tensor, visible: Tensor) -> Tensor:
    kind = embeddings.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else embeddings.dtype
    positions = torch.arange(embeddings.shape[1], device=embeddings.device).expand(len(embeddings), -1)
    return network.trunk(embeddings, additive(visible, dtype), positions)
