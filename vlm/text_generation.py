"""Autoregressive words after a picture, with a key/value cache: one prefill, then one position a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from vlm.layouts import additive, reading_visibility
from vlm.network import FashionVLM


@dataclass(frozen=True, slots=True)
class TextSettings:
    """How to choose words: greedy at temperature 0, else sampled from the `top_k` likeliest (0 = all)."""

    max_tokens: int = 96
    temperature: float = 0.0
    top_k: int = 0


@torch.inference_mode()
def generate(
    network: FashionVLM,
    prefix: Tensor,
    prompt: Sequence[int],
    settings: TextSettings,
    generator: torch.Generator | None = None,
) -> Iterator[int]:
    """Yield token ids one by one until end of text or `max_tokens`.

    Args:
        network: The model, in eval mode.
        prefix: What `vlm.layouts.reading_prefix` made, ``[1, P, H]``.
        prompt: Token ids of the text so far, beginning with start-of-text.
        settings: Length and sampling.
        generator: Needed where ``temperature > 0``.

    Raises:
        ValueError: Prefix and prompt leave no room within the model's positions.
    """
    config = network.config
    device = prefix.device
    start = prefix.shape[1] + len(prompt)
    if start >= config.max_positions:
        raise ValueError(f"the request fills {start} of {config.max_positions} positions: shorten it")
    text = network.embed_text(torch.tensor([list(prompt)], device=device))
    embeddings = torch.cat([prefix, text], dim=1)
    mask = additive(reading_visibility(prefix.shape[1], start, device), embeddings.dtype)
    cache = DynamicCache()
    for count in range(min(settings.max_tokens, config.max_positions - start)):
        positions = torch.arange(start + count - embeddings.shape[1], start + count, device=device)[None]
        hidden = network.trunk(embeddings, mask, positions, cache)
        token = _choose(network.token_logits(hidden[:, -1]), settings, generator)
        if token == config.end_of_text_id:
            return
        yield token
        embeddings = network.embed_text(torch.tensor([[token]], device=device))
        mask = torch.zeros(1, 1, 1, start + count + 1, dtype=embeddings.dtype, device=device)


def _choose(logits: Tensor, settings: TextSettings, generator: torch.Generator | None) -> int:
    if settings.temperature <= 0:
        return int(logits.argmax(-1))
    scaled = logits.float() / settings.temperature
    if settings.top_k:
        floor = scaled.topk(min(settings.top_k, scaled.shape[-1])).values[..., -1:]
        scaled = scaled.masked_fill(scaled < floor, float("-inf"))
    return int(torch.multinomial(scaled.softmax(-1), 1, generator=generator))
