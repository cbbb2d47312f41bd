"""FashionVLM's network: a Phi backbone over text tokens, image codes and tower patches (DESIGN.md section 3, Show-o).

Image codes are given as ``0 … codebook_size - 1``; the value ``codebook_size`` stands for the mask token. The network
knows nothing of masks, layouts or sampling: see `vlm.layouts`, `vlm.text_generation`, `vlm.drawing`.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from transformers import PhiForCausalLM

from vlm.config import FashionVLMConfig


class PackedCodes(nn.Module):
    """The codes of ``pack x pack`` neighboring places in one position: sub-embeddings in, one head a code out.

    Not in the published model (pack 1, one code a place), where codes share the backbone's own tables.
    """

    def __init__(self, config: FashionVLMConfig) -> None:
        """Make tables for every code in the pack."""
        super().__init__()
        self.pack, self.depth = config.pack, config.codes_per_place
        self.side = config.grid_side
        places = config.codes_per_position
        self.embeddings = nn.Parameter(
            torch.randn(places, config.codebook_size + 1, config.hidden_size) * (0.02 / places**0.5 * 2)
        )
        self.place_transform = nn.Linear(config.hidden_size, places * config.hidden_size)
        self.head = nn.Linear(config.hidden_size, config.codebook_size)
        self.place_bias = nn.Parameter(torch.zeros(places, config.codebook_size))

    def _packed(self, grid: Tensor) -> Tensor:
        """``[B, N]`` in raster order to ``[B, positions, codes of a position]``."""
        cells, pack, depth = self.side // self.pack, self.pack, self.depth
        rows = grid.view(-1, cells, pack, cells, pack, depth).permute(0, 1, 3, 2, 4, 5)
        return rows.reshape(grid.shape[0], cells * cells, pack * pack * depth)

    def embed(self, codes: Tensor) -> Tensor:
        """Codes ``[B, N]`` to embeddings ``[B, positions, H]``."""
        packed = self._packed(codes)
        places = torch.arange(packed.shape[2], device=codes.device)
        return self.embeddings[places, packed].sum(2)

    def _raster(self, packed: Tensor) -> Tensor:
        """``[B, positions, codes of a position, C]`` to ``[B, N, C]`` in raster order; the inverse of `_packed`."""
        cells, pack, depth = self.side // self.pack, self.pack, self.depth
        rows = packed.view(-1, cells, cells, pack, pack, depth, packed.shape[-1]).permute(0, 1, 3, 2, 4, 5, 6)
        return rows.reshape(packed.shape[0], cells * pack * cells * pack * depth, packed.shape[-1])

    def logits(self, hidden: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Hidden states ``[B, positions, H]`` to logits ``[B, N, codebook_size]`` in raster order.

        With `wanted`, bool ``[B, N]``, to those of the wanted slots alone: ``[wanted, codebook_size]``.
        """
        states = torch.nn.functional.gelu(self.place_transform(hidden))
        states = states.view(*hidden.shape[:2], -1, hidden.shape[2]) + hidden[:, :, None]
        states = self._raster(states)
        places = torch.arange(states.shape[1] // hidden.shape[1], device=hidden.device)
        places = self._raster(places.expand(1, hidden.shape[1], -1)[..., None])[..., 0].expand(
            len(hidden), -1
        )
        if wanted is not None:
            states, places = states[wanted], places[wanted]
        return cast(Tensor, self.head(states)) + self.place_bias[places]


class TowerProjector(nn.Module):
    """Patch features of the vision tower to the backbone's width (Show-o's CLIP variant uses two layers with GELU)."""

    def __init__(self, config: FashionVLMConfig) -> None:
        """One linear layer, or two with GELU where ``tower_hidden`` is set.

        The ``lite`` tower's features are normed before, and each patch has a learned position added.
        """
        super().__init__()
        self._plain = config.tower_kind == "clip"
        if not self._plain:
            self.norm = nn.LayerNorm(config.tower_features)
            self.position = nn.Parameter(torch.zeros(config.tower_patches, config.hidden_size))
        if config.tower_hidden:
            self.project: nn.Module = nn.Sequential(
                nn.Linear(config.tower_features, config.tower_hidden),
                nn.GELU(),
                nn.Linear(config.tower_hidden, config.hidden_size),
            )
        else:
            self.project = nn.Linear(config.tower_features, config.hidden_size)

    def forward(self, features: Tensor) -> Tensor:
        """``[B, patches, features]`` to ``[B, patches, H]``."""
        if self._plain:
            return cast(Tensor, self.project(features))
        return cast(Tensor, self.project(self.norm(features)) + self.position)


class FashionVLM(nn.Module):
    """The unified network. Parameters of the backbone carry the published prefix ``showo.``."""

    def __init__(self, config: FashionVLMConfig) -> None:
        """Build with random weights (normal, 0.02)."""
        super().__init__()
        self.config = config
        self.showo = PhiForCausalLM(config.phi())
        self.packed = PackedCodes(config) if config.codes_per_position > 1 else None
        self.tower_projector = TowerProjector(config) if config.tower_features else None

    def restore_buffers(self, device: torch.device | None = None) -> None:
        """Make what no checkpoint holds: the rotary frequencies, absent in a network built on the meta device."""
        model = self.showo.model
        model.rotary_emb = type(model.rotary_emb)(self.config.phi()).to(device)

    def embed_text(self, ids: Tensor) -> Tensor:
        """Token ids (text and special) ``[B, L]`` to ``[B, L, H]``."""
        return self.showo.model.embed_tokens(ids)  # type: ignore[no-any-return]

    def embed_codes(self, codes: Tensor) -> Tensor:
        """Image codes ``[B, num_vq_tokens]`` to ``[B, image_positions, H]``."""
        if self.packed is not None:
            return self.packed.embed(codes)
        return self.embed_text(codes + self.config.image_offset)

    def embed_tower(self, features: Tensor) -> Tensor:
        """Tower patch features to the backbone's width; raises ValueError where the model has no tower."""
        if self.tower_projector is None:
            raise ValueError("this FashionVLM has no vision tower: its config has tower_features 0")
        return self.tower_projector(features)  # type: ignore[no-any-return]

    def trunk(self, embeddings: Tensor, mask: Tensor, positions: Tensor) -> Tensor:
        """Run whole sequences through the backbone, for training; returns final hidden states ``[B, L, H]``.

        Inference runs the same parameters by `vlm.backbone`.

        Args:
            embeddings: ``[B, L, H]``.
            mask: Additive float mask ``[B, 1, L, L]``: 0 where a row sees a column, else the dtype's minimum.
                A bool mask leaks under eager attention.
            positions: ``[B, L]``.
        """
        output = self.showo.model(
            inputs_embeds=embeddings,
            attention_mask=mask,
            position_ids=positions,
            use_cache=False,
        )
        return output.last_hidden_state  # type: ignore[no-any-return]

    def token_logits(self, hidden: Tensor) -> Tensor:
        """Logits over the backbone's whole vocabulary, ``[..., vocab]``."""
        return self.showo.lm_head(hidden)  # type: ignore[no-any-return]

    def code_logits(self, hidden: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Logits over image codes alone: ``[B, image_positions, H]`` to ``[B, num_vq_tokens, codebook_size]``.

        Args:
            hidden: Final states. Without packing a position is a slot, and they may be any selection ``[..., H]``.
            wanted: Slots whose logits are wanted, bool ``[B, num_vq_tokens]``: ``[wanted, codebook_size]`` is returned.
        """
        if self.packed is not None:
            return self.packed.logits(hidden, wanted)
        first, last = self.config.image_offset, self.config.mask_token_id
        head = self.showo.lm_head
        rows = hidden if wanted is None else hidden[wanted]
        return torch.nn.functional.linear(rows, head.weight[first:last], head.bias[first:last])
