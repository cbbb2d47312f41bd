"""Words after a picture: keys and values once a position, then one position a word, many sequences at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from vlm.attention import DecodeAttention, PrefillAttention, SlotMemory
from vlm.backbone import Backbone
from vlm.sampling import TextSettings, choose
from vlm.static_decode import StaticDecoder

__all__ = ["TextRunner", "TextSettings", "generate"]


class TextRunner:
    """Runs reading sequences whose keys and values lie in the slots of a `SlotMemory`.

    Every method runs under ``torch.inference_mode``.
    """

    def __init__(self, backbone: Backbone, memory: SlotMemory, static: StaticDecoder | None = None) -> None:
        """Use these layers and this memory; with `static`, `decode` takes the first slots only."""
        self.backbone, self.memory, self._static = backbone, memory, static

    @property
    def first_slots_only(self) -> bool:
        """Whether sequences that are decoded must lie in the first slots, without a gap."""
        return self._static is not None

    @torch.inference_mode()
    def prefix(self, slot: int, rows: Tensor, *, all_rows: bool = False) -> Tensor:
        """Begin a slot with everything up to ``<|eoi|>``, where every position sees every other; hidden states.

        Args:
            slot: Whose contents are overwritten.
            rows: What `vlm.layouts.reading_prefix` made, ``[P, H]``.
            all_rows: Give the states of all positions, not of the last one alone.
        """
        return self._extend(slot, 0, rows, rows.shape[0], all_rows)

    @torch.inference_mode()
    def words(
        self, slot: int, start: int, ids: Sequence[int], shared: int, *, all_rows: bool = False
    ) -> Tensor:
        """Add words behind the `start` positions of a slot, the first `shared` of which are its prefix; states."""
        embeddings = self.backbone.network.embed_text(torch.tensor(list(ids), device=self.backbone.device))
        return self._extend(slot, start, embeddings, shared, all_rows)

    @torch.inference_mode()
    def decode(self, slots: Sequence[int], lengths: Sequence[int], tokens: Sequence[int]) -> Tensor:
        """Add one word to each of several slots that hold `lengths` positions; logits ``[B, vocab]``.

        Raises:
            ValueError: The slots are not the first ones, where they have to be.
        """
        if self._static is not None:
            if list(slots) != list(range(len(slots))):
                raise ValueError(f"only the first slots can be decoded, not {list(slots)}")
            return self._static.logits(lengths, tokens)
        device = self.backbone.device
        rows = self.backbone.network.embed_text(torch.tensor(list(tokens), device=device))
        positions = torch.tensor(list(lengths), device=device)
        return self.logits(self.backbone.run(rows, positions, DecodeAttention(self.memory, slots, lengths)))

    @torch.inference_mode()
    def logits(self, states: Tensor) -> Tensor:
        """Logits over the whole vocabulary, ``[..., vocab]``."""
        return self.backbone.network.token_logits(states)

    def _extend(self, slot: int, start: int, rows: Tensor, shared: int, all_rows: bool) -> Tensor:
        count = rows.shape[0]
        positions = torch.arange(start, start + count, device=rows.device)
        attention = PrefillAttention(self.memory, slot, start, count, shared)
        wanted = None if all_rows else torch.tensor([count - 1], device=rows.device)
        return self.backbone.run(rows, positions, attention, wanted)


def generate(
    backbone: Backbone,
    prefix: Tensor,
    prompt: Sequence[int],
    settings: TextSettings,
    generator: torch.Generator | None = None,
) -> Iterator[int]:
    """Yield token ids of one request, one by one, until end of text or `max_tokens`.

    Args:
        backbone: The model's layers.
        prefix: What `vlm.layouts.reading_prefix` made, ``[1, P, H]``.
        prompt: Token ids of the text so far, beginning with start-of-text.
        settings: Length and sampling.
        generator: Needed where ``temperature > 0``, on the model's device.

    Raises:
        ValueError: Prefix and prompt leave no room within the model's positions.
    """
    config = backbone.config
    shared = prefix.shape[1]
    start = shared + len(prompt)
    if start >= config.max_positions:
        raise ValueError(f"the request fills {start} of {config.max_positions} positions: shorten it")
    room = min(settings.max_tokens, config.max_positions - start)
    runner = TextRunner(backbone, SlotMemory(backbone, 1, start + room))
    runner.prefix(0, prefix[0])
    logits = runner.logits(runner.words(0, shared, prompt, shared))
    for count in range(room):
        token = choose(logits, [settings], [generator])[0]
        if token == config.end_of_text_id:
            return
        yield token
        if count + 1 < room:
            logits = runner.decode([0], [start + count], [token])
