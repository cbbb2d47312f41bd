"""How text and pictures are laid out in a sequence, and who sees whom (DESIGN.md section 3).

Reading: ``<|mmu|> [tower patches] <|soi|> codes <|eoi|> <sot> text``. Causal, and every position also sees the whole
prefix up to the last ``<|eoi|>``. A model that reads several pictures in a row has all but ``<|mmu|>`` once a picture.
Show-o's CLIP variant reads ``<|mmu|> system <|soi|> patches``, all of which everyone sees, then ``<|eoi|> text``.

Drawing: ``[PAD]… <|t2i|> <sot> text <eot> <|soi|> codes <|eoi|>``. Text rows are causal and blind to padding, picture
rows see all but padding.

Masks are additive floats, 0 or the dtype's minimum.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vlm.config import FashionVLMConfig
from vlm.network import FashionVLM


def additive(visible: Tensor, dtype: torch.dtype) -> Tensor:
    """Turn visibility ``[B, L, S]`` (bool) into an additive mask ``[B, 1, L, S]``."""
    mask = torch.zeros(visible.shape, dtype=dtype, device=visible.device)
    return mask.masked_fill_(~visible, torch.finfo(dtype).min)[:, None]


def reading_prefix(
    network: FashionVLM, codes: Tensor | None, tower: Tensor | None = None, batch: int = 1
) -> Tensor:
    """Embeddings of everything up to and including the last ``<|eoi|>``, ``[B, P, H]``.

    Args:
        network: The model.
        codes: Image codes ``[B, num_vq_tokens]`` of one picture a row, or ``[B, pictures, num_vq_tokens]`` of several in
            a row, or None for a request without a picture.
        tower: Patch features ``[B, patches, features]``, or ``[B, pictures, patches, features]``, or None.
        batch: Rows, where both are None.
    """
    config = network.config
    given = codes if codes is not None else tower
    rows = given.shape[0] if given is not None else batch
    device = network.showo.lm_head.weight.device

    def special(token: str) -> Tensor:
        ids = torch.full((rows, 1), config.special_id(token), device=device)
        return network.embed_text(ids)

    several = codes.unbind(1) if codes is not None and codes.ndim == 3 else (codes,)
    patches = tower.unbind(1) if tower is not None and tower.ndim == 4 else (tower,) * len(several)
    soi, eoi = special("<|soi|>"), special("<|eoi|>")
    parts = [special("<|mmu|>")]
    for one, seen in zip(several, patches, strict=True):
        if seen is not None:
            parts.append(network.embed_tower(seen))
        parts.append(soi)
        if one is not None:
            parts.append(network.embed_codes(one))
        parts.append(eoi)
    return torch.cat(parts, dim=1)


def clip_prefix(network: FashionVLM, system: Sequence[int], tower: Tensor) -> Tensor:
    """The CLIP variant's prefix ``<|mmu|> system <|soi|> patches``, ``[B, P, H]``; words follow ``<|eoi|>``.

    Args:
        network: The model.
        system: Token ids of the system prompt.
        tower: Patch features ``[B, patches, features]``.
    """
    config = network.config
    ids = [config.special_id("<|mmu|>"), *system, config.special_id("<|soi|>")]
    opening = network.embed_text(torch.tensor(ids, device=tower.device))
    return torch.cat([opening.expand(tower.shape[0], -1, -1), network.embed_tower(tower)], dim=1)


def reading_visibility(prefix: int, length: int, device: torch.device | None = None) -> Tensor:
    """Who sees whom in a reading sequence of `length` with `prefix` positions up to ``<|eoi|>``: bool ``[1, L, L]``."""
    index = torch.arange(length, device=device)
    return ((index[None, :] <= index[:, None]) | (index[None, :] < prefix))[None]


def drawing_text(config: FashionVLMConfig, prompts: Sequence[Sequence[int]]) -> Tensor:
    """Prompt ids filled to ``text_slots`` with padding on the left: long ``[B, text_slots]``.

    A prompt that is too long loses its end; an empty one is the unconditional prompt.
    """
    rows = [drawing_words(config, prompt) for prompt in prompts]
    return torch.tensor(
        [[config.pad_id] * (config.text_slots - len(row)) + row for row in rows], dtype=torch.long
    )


def drawing_words(config: FashionVLMConfig, prompt: Sequence[int]) -> list[int]:
    """A prompt with its layout tokens, without padding: at most ``text_slots`` ids."""
    kept = list(prompt)[: config.text_slots - 3]
    return [config.special_id("<|t2i|>"), config.end_of_text_id, *kept, config.end_of_text_id]


def drawing_visibility(config: FashionVLMConfig, text: Tensor) -> Tensor:
    """Who sees whom in a whole drawing sequence: bool ``[B, L, L]``, L = text slots + image positions + 2.

    Padding rows see themselves alone, so that no row of the softmax is empty.
    """
    batch, slots = text.shape
    length = slots + config.image_positions + 2
    index = torch.arange(length, device=text.device)
    padding = torch.zeros(batch, length, dtype=torch.bool, device=text.device)
    padding[:, :slots] = text == config.pad_id
    picture_row = index >= slots
    seen = (index[None, :] <= index[:, None]) | picture_row[:, None]
    visible = seen[None] & ~padding[:, None, :]
    return visible | torch.eye(length, dtype=torch.bool, device=text.device)[None]
