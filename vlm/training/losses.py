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
    """Cross entropy on masked codes; each row's share of masked slots is ``cos(π/2·u)``, u uniform."""
    config = network.config
    rows, total = codes.shape
    share = torch.cos(torch.rand(rows, 1, generator=generator) * math.pi / 2)
    count = (share * total).round().clamp(min=1)
    order = torch.rand(rows, total, generator=generator).argsort(-1).argsort(-1)
    hidden_slots = order < count
    seen = torch.where(hidden_slots, config.codebook_size, codes)
    text = drawing_text(config, prompts)
    visible = drawing_visibility(config, text)
    edges = network.embed_text(torch.tensor([config.special_id("<|soi|>"), config.special_id("<|eoi|>")]))
    soi, eoi = (edge.expand(rows, 1, -1) for edge in edges)
    embeddings = torch.cat([network.embed_text(text), soi, network.embed_codes(seen), eoi], dim=1)
    positions = torch.arange(embeddings.shape[1])[None].expand(rows, -1)
    states = network.trunk(embeddings, additive(visible, embeddings.dtype), positions)
    logits = network.code_logits(states[:, config.text_slots + 1 : -1])
    return F.cross_entropy(logits[hidden_slots], codes[hidden_slots])


def reading_loss(network: FashionVLM, batch: ReadingBatch) -> Tensor:
    """Cross entropy on the answer's words."""
    prefix = reading_prefix(network, batch.codes, batch.features)
    length = prefix.shape[1] + batch.text.shape[1]
    visible = reading_visibility(prefix.shape[1], length)
    embeddings = torch.cat([prefix, network.embed_text(batch.text)], dim=1)
    positions = torch.arange(length)[None].expand(len(batch.codes), -1)
    states = network.trunk(embeddings, additive(visible, embeddings.dtype), positions)[:, prefix.shape[1] :]
    wanted = batch.targets != -100
    return F.cross_entropy(network.token_logits(states[wanted]), batch.targets[wanted])
