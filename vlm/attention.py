"""Where keys and values are kept while inference runs, and who sees whom.

Keys and values of a conversation live in a slot of `SlotMemory`, allocated once. Nothing here ever attends to a padded
position: what the layouts mask is left out instead, and positions are counted as if it were there.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from vlm.backbone import Backbone


class SlotMemory:
    """Keys and values of ``slots`` sequences of at most ``length`` positions, ``[layers, 2, slots, heads, length, d]``."""

    def __init__(self, backbone: Backbone, slots: int, length: int) -> None:
        """Allocate; one position more than `length` is held, which rows without a request may overwrite."""
        shape = (backbone.layers, 2, slots, backbone.heads, length + 1, backbone.head_size)
        self.data = torch.zeros(shape, dtype=backbone.dtype, device=backbone.device)
        self.slots, self.length = slots, length

    @property
    def bytes(self) -> int:
        """What is held."""
        return self.data.numel() * self.data.element_size()

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` positions of one slot to another."""
        self.data[:, :, target, :, :length] = self.data[:, :, source, :, :length]

    def swap(self, one: int, other: int) -> None:
        """Exchange the contents of two slots."""
        held = self.data[:, :, one].clone()
        self.data[:, :, one] = self.data[:, :, other]
        self.data[:, :, other] = held


class PrefillAttention:
    """Consecutive positions of one sequence, written to its slot from `start` on.

    Causal, and every position also sees the first `shared` positions of the sequence.
    """

    def __init__(self, memory: SlotMemory, slot: int, start: int, count: int, shared: int) -> None:
        """See the class; `count` positions are added."""
        self._memory, self._slot, self._start, self._stop = memory, slot, start, start + count
        self._visible: Tensor | None = None
        # All rows see all: no mask, which is also the fastest path of the kernels.
        if count > 1 and self._stop > shared:
            column = torch.arange(self._stop, device=memory.data.device)
            row = column[start:, None]
            self._visible = (column <= row) | (column < shared)

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """See `vlm.backbone.Attention`."""
        keys, values = self._memory.data[layer, :, self._slot]
        keys[:, self._start : self._stop] = key.transpose(0, 1)
        values[:, self._start : self._stop] = value.transpose(0, 1)
        visible = self._visible
        if visible is not None and wanted is not None:
            visible = visible[wanted]
        return attend(query, keys[:, : self._stop], values[:, : self._stop], visible)


class DecodeAttention:
    """One new position for each of several sequences, each in a slot of its own; every sequence attends alone."""

    def __init__(self, memory: SlotMemory, slots: Sequence[int], lengths: Sequence[int]) -> None:
        """`lengths` are the positions that the slots hold already."""
        self._memory, self._rows = memory, list(zip(slots, lengths, strict=True))

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """See `vlm.backbone.Attention`."""
        seen = []
        for row, (slot, length) in enumerate(self._rows):
            keys, values = self._memory.data[layer, :, slot]
            keys[:, length], values[:, length] = key[row], value[row]
            seen.append(attend(query[row : row + 1], keys[:, : length + 1], values[:, : length + 1]))
        return torch.cat(seen)


class PrefixAttention:
    """A drawing prompt's words: causal from the first one on; keys and values are kept layer by layer."""

    def __init__(self) -> None:
        self.kept: list[tuple[Tensor, Tensor]] = []
        """Keys and values of each layer, ``[heads, words, d]``."""

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """See `vlm.backbone.Attention`."""
        keys, values = key.transpose(0, 1).contiguous(), value.transpose(0, 1).contiguous()
        self.kept.append((keys, values))
        count = keys.shape[1]
        visible = torch.ones(count, count, dtype=torch.bool, device=key.device).tril_()
        return attend(query, keys, values, visible if wanted is None else visible[wanted])


class PictureAttention:
    """Pictures of equal size one behind the other, each seeing all of itself and of its prompt's words."""

    def __init__(self, prefixes: Sequence[Sequence[tuple[Tensor, Tensor]]], size: int) -> None:
        """Take what `PrefixAttention.kept` holds for each picture, and the positions of one picture."""
        self._prefixes, self._size = prefixes, size

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """See `vlm.backbone.Attention`."""
        counts = [self._size] * len(self._prefixes)
        if wanted is not None:
            # Wanted rows come in order, so each picture's are neighbors.
            counts = torch.bincount(wanted // self._size, minlength=len(self._prefixes)).tolist()
        seen = []
        for prefix, rows, new, fresh in zip(
            self._prefixes,
            torch.split(query, counts),
            torch.split(key, self._size),
            torch.split(value, self._size),
            strict=True,
        ):
            keys, values = prefix[layer]
            keys = torch.cat((keys, new.transpose(0, 1)), dim=1)
            values = torch.cat((values, fresh.transpose(0, 1)), dim=1)
            seen.append(attend(rows, keys, values))
        return torch.cat(seen)


def attend(query: Tensor, keys: Tensor, values: Tensor, visible: Tensor | None = None) -> Tensor:
    """Attention of one sequence: queries ``[Q, heads, d]``, keys and values ``[heads, S, d]``, to ``[Q, heads * d]``."""
    seen = F.scaled_dot_product_attention(
        query.transpose(0, 1)[None], keys[None], values[None], attn_mask=visible
    )
    return seen[0].transpose(0, 1).flatten(1)
