"""FashionVLM's layers as inference runs them: one pass over the rows of many requests, keys and values kept outside.

`Backbone` computes with the parameters of the network's Phi module: query, key, value and the MLP's first layer read the
same input, so they become one matrix, of which the module's parameters are views. Rows of different requests are laid
one behind the other as ``[T, H]``; what a row sees is the business of an `Attention` (`vlm.attention`). Not covered:
training and dropout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.network import FashionVLM


class Attention(Protocol):
    """Who sees whom, and where keys and values are kept."""

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, wanted: Tensor | None
    ) -> Tensor:
        """Attend in one layer.

        Args:
            layer: Its number.
            query: ``[Q, heads, d]``: of all rows, or of those `wanted` names.
            key: ``[T, heads, d]``, of all rows.
            value: ``[T, heads, d]``.
            wanted: Numbers of the rows that queries are given for; None for all.

        Returns:
            ``[Q, heads * d]``.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer's parameters; the rows of `weight` are key, value, query, MLP."""

    norm: nn.LayerNorm
    weight: Tensor
    bias: Tensor
    query_norm: nn.LayerNorm | None
    key_norm: nn.LayerNorm | None
    dense: nn.Linear
    narrow: nn.Linear


class Backbone:
    """The layers of a `FashionVLM` in eval mode, on the device and in the dtype that its parameters have by then."""

    def __init__(self, network: FashionVLM) -> None:
        """Join the matrices. Do not move or cast the network afterwards."""
        config = network.config
        self.network, self.config = network, config
        self.heads, self.head_size = config.num_heads, config.hidden_size // config.num_heads
        weight = network.showo.lm_head.weight
        self.device, self.dtype = weight.device, weight.dtype
        self._layers = [_joined(layer) for layer in network.showo.model.layers]
        self._final = network.showo.model.final_layernorm
        positions = torch.arange(config.max_positions, device=self.device)
        like = torch.zeros((), dtype=self.dtype, device=self.device)
        cosine, sine = network.showo.model.rotary_emb(like, positions[None])
        # The second half of a table repeats the first.
        half = cosine.shape[-1] // 2
        self.cosine, self.sine = cosine[0, :, :half].contiguous(), sine[0, :, :half].contiguous()
        """Rotary tables ``[max_positions, rotated / 2]``."""

    @property
    def layers(self) -> int:
        """How many there are."""
        return len(self._layers)

    def run(
        self,
        rows: Tensor,
        positions: Tensor,
        attention: Attention,
        wanted: Tensor | None = None,
        which: Tensor | None = None,
    ) -> Tensor:
        """Run all layers.

        Args:
            rows: Embeddings ``[T, H]``; with `which` the distinct ones, ``[U, H]``.
            positions: Position of each row, long ``[T]``.
            attention: Who sees whom; also keeps keys and values.
            wanted: Numbers of the rows whose states are wanted, long ``[Q]``; None is all. The last layer computes
                nothing but keys and values for the others.
            which: Which of the distinct embeddings each row has, long ``[T]``. The first layer's matrices see them
                before any position does, and are applied once to each.

        Returns:
            Final hidden states ``[Q, H]``.
        """
        cosine, sine = self.cosine[positions][:, None], self.sine[positions][:, None]
        last = len(self._layers) - 1
        if which is not None and last == 0:
            rows, which = rows[which], None
        for number, layer in enumerate(self._layers):
            given = wanted if number == last else None
            rows = self._step(number, layer, rows, (cosine, sine), attention, given, which)
            which = None
        return cast(Tensor, self._final(rows))

    def _step(
        self,
        number: int,
        layer: _Layer,
        rows: Tensor,
        rotary: tuple[Tensor, Tensor],
        attention: Attention,
        wanted: Tensor | None,
        which: Tensor | None,
    ) -> Tensor:
        width, heads, size = self.config.hidden_size, self.heads, self.head_size
        normed = layer.norm(rows)
        if wanted is None:
            joined = F.linear(normed, layer.weight, layer.bias)
            attending, inner = joined[:, : 3 * width], joined[:, 3 * width :]
            narrowed = layer.narrow(F.gelu(inner, approximate="tanh"))
            if which is not None:
                attending, narrowed, rows = attending[which], narrowed[which], rows[which]
            key, value, query = attending.chunk(3, dim=1)
            turning = rotary
        else:
            both = F.linear(normed, layer.weight[: 2 * width], layer.bias[: 2 * width])
            key, value = both.chunk(2, dim=1)
            rest = F.linear(normed[wanted], layer.weight[2 * width :], layer.bias[2 * width :])
            query, inner = rest[:, :width], rest[:, width:]
            narrowed = layer.narrow(F.gelu(inner, approximate="tanh"))
            turning = (rotary[0][wanted], rotary[1][wanted])
            rows = rows[wanted]
        query, key = query.reshape(-1, heads, size), key.reshape(-1, heads, size)
        if layer.query_norm is not None and layer.key_norm is not None:
            query, key = layer.query_norm(query), layer.key_norm(key)
        seen = attention(
            number, _turned(query, *turning), _turned(key, *rotary), value.reshape(-1, heads, size), wanted
        )
        return cast(Tensor, layer.dense(seen) + narrowed + rows)


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary embedding over the first components of each head: ``[T, heads, d]``, tables ``[T, 1, rotated / 2]``."""
    half = cosine.shape[-1]
    first, second, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine, rest), dim=-1)


@torch.no_grad()
def _joined(layer: Any) -> _Layer:
    """One matrix of the four that read the same input; the layer's parameters become views of it."""
    attention, mlp = layer.self_attn, layer.mlp
    parts: list[nn.Linear] = [attention.k_proj, attention.v_proj, attention.q_proj, mlp.fc1]
    weight = torch.cat([part.weight for part in parts])
    bias = torch.cat([part.bias for part in parts])
    start = 0
    for part in parts:
        stop = start + part.out_features
        part.weight.data, part.bias.data = weight[start:stop], bias[start:stop]
        start = stop
    normed = bool(attention.qk_layernorm)
    return _Layer(
        norm=layer.input_layernorm,
        weight=weight,
        bias=bias,
        query_norm=attention.q_layernorm if normed else None,
        key_norm=attention.k_layernorm if normed else None,
        dense=attention.dense,
        narrow=mlp.fc2,
    )
