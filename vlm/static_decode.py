"""One decoding step with fixed shapes and addresses, so that a GPU can replay it as a CUDA graph.

At one word a step the kernels are too short for Python to keep up with; a replayed graph launches them all at once.
Sequences must lie in the first slots of the memory (`SlotMemory.swap` brings them there). Batch and span are rounded up to
a few sizes, one graph each, captured when first needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from vlm.attention import SlotMemory
from vlm.backbone import Backbone

_SPAN = 256
"""Spans are multiples of this many positions."""


@dataclass(frozen=True, slots=True)
class _Graph:
    graph: torch.cuda.CUDAGraph
    given: Tensor
    logits: Tensor


class _StaticAttention:
    """Rows ``0 … batch - 1`` of the memory, each seeing its positions below `span` up to its own."""

    def __init__(self, memory: SlotMemory, positions: Tensor, span: int, dtype: torch.dtype) -> None:
        self._memory, self._positions, self._span = memory, positions, span
        self._rows = torch.arange(len(positions), device=positions.device)
        columns = torch.arange(span, device=positions.device)
        hidden = columns[None] > positions[:, None]
        # A spare row's position lies behind the span: it sees all of it, and nobody reads what it makes of that.
        bias = torch.zeros(hidden.shape, dtype=dtype, device=positions.device)
        self._bias = bias.masked_fill(hidden, float("-inf"))[:, None, None]

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """See `vlm.backbone.Attention`."""
        keys, values = self._memory.data[layer, :, : len(self._rows)]
        keys[self._rows, :, self._positions] = key
        values[self._rows, :, self._positions] = value
        seen = F.scaled_dot_product_attention(
            query[:, :, None], keys[:, :, : self._span], values[:, :, : self._span], attn_mask=self._bias
        )
        return seen.flatten(1)


class StaticDecoder:
    """Decoding steps of the first slots of a memory, captured as CUDA graphs."""

    def __init__(self, backbone: Backbone, memory: SlotMemory, *, capture: bool = True) -> None:
        """Use these layers and this memory; without `capture` every step is run as it stands, on any device."""
        self._backbone, self._memory, self._capture = backbone, memory, capture
        self._graphs: dict[tuple[int, int], _Graph] = {}
        self._pool = torch.cuda.graph_pool_handle() if capture else None

    @torch.inference_mode()
    def logits(self, lengths: Sequence[int], tokens: Sequence[int]) -> Tensor:
        """Add one word to each of the slots ``0 … B - 1``; logits ``[B, vocab]``, overwritten by the next call.

        Args:
            lengths: Positions that the slots hold.
            tokens: The words.
        """
        count = len(tokens)
        batch, span = self._sizes(count, max(lengths) + 1)
        spare = batch - count
        # Spare rows write to the position behind the longest sequence, which no request ever has.
        rows = torch.tensor([[*tokens, *[0] * spare], [*lengths, *[self._memory.length] * spare]])
        if not self._capture:
            return self._step(rows.to(self._backbone.device), span)[:count]
        graph = self._graphs.get((batch, span)) or self._captured(rows, batch, span)
        graph.given.copy_(rows, non_blocking=True)
        graph.graph.replay()
        return graph.logits[:count]

    def _sizes(self, count: int, length: int) -> tuple[int, int]:
        batch = min(1 << (count - 1).bit_length(), self._memory.slots)
        return batch, min(-(-length // _SPAN) * _SPAN, self._memory.length)

    def _step(self, given: Tensor, span: int) -> Tensor:
        tokens, positions = given
        network = self._backbone.network
        attention = _StaticAttention(self._memory, positions, span, self._backbone.dtype)
        turned = positions.clamp(max=self._backbone.config.max_positions - 1)
        states = self._backbone.run(network.embed_text(tokens), turned, attention)
        return network.token_logits(states)

    def _captured(self, rows: Tensor, batch: int, span: int) -> _Graph:
        given = rows.to(self._backbone.device)
        # Kernels choose their algorithms at the first run, which a capture cannot hold.
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._step(given, span)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        # Only this thread is held to the rules of a capture: others may load pictures meanwhile.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            logits = self._step(given, span)
        self._graphs[batch, span] = _Graph(graph, given, logits)
        return self._graphs[batch, span]
