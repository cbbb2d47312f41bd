"""What the embedding heads are asked for: a sentence nearest to the items that have all it names, and more.

Targets are graded: of two items that lack one and two of the named attributes the first is to be nearer, so that where
nothing has them all the next best comes first.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.embeddings.heads import EmbeddingHeads, HeadShape
from vlm.training.embedding_attributes import COLUMNS, SLOT_COLUMNS
from vlm.training.embedding_batches import Batch

LACK = 3.5
"""How many times less likely (as a power of e) an item is for each attribute that it lacks."""
LOOK = 14.0
"""The same for the share of the look that it does not have."""
_MINILM_SHARPNESS = 12.0
_LARGEST_SCALE = 60.0


class EmbeddingObjective(nn.Module):
    """The heads with what only training needs: sharpness, and a direction for each attribute value."""

    def __init__(self, shape: HeadShape) -> None:
        """Build with random weights."""
        super().__init__()
        self.heads = EmbeddingHeads(shape)
        self.directions = nn.Parameter(torch.randn(len(COLUMNS), shape.dimension) * 0.1)
        self.sharpness = nn.Parameter(torch.full((4,), math.log(14.0)))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The losses of a batch by name, each already weighted; their sum is what is minimized."""
        pictures = self.heads.picture(batch.patches)
        texts, queries = self.heads.text(*batch.texts), self.heads.text(*batch.queries)
        both = F.normalize(pictures + texts, dim=-1)
        named, look, free, direction = self.sharpness.exp().clamp(max=_LARGEST_SCALE)
        wanted = (-LACK * batch.lacking).softmax(-1)
        like = (LOOK * (batch.alike - 1.0)).softmax(-1)
        return {
            "words": 1.0 * _crossed(named * queries @ both.T, wanted)
            + 0.4 * _crossed(named * queries @ texts.T, wanted)
            + 0.6 * _crossed(named * queries @ pictures.T, wanted),
            "pictures": 0.5 * _crossed(look * pictures @ both.T, like)
            + 0.3 * _crossed(look * texts @ pictures.T, like),
            "attributes": 0.15
            * (
                self._told(pictures, batch.has, direction)
                + self._told(texts, batch.has, direction)
                + self._told(queries, batch.wants, direction)
            ),
            "meaning": 0.3 * self._meaning(batch, texts, free),
        }

    def _told(self, vectors: Tensor, rows: Tensor, scale: Tensor) -> Tensor:
        """How well each attribute can be told from the vectors, over the slots of which something is known."""
        scores = scale * vectors @ F.normalize(self.directions, dim=-1).T
        losses = []
        for columns in SLOT_COLUMNS.values():
            share = rows[:, columns]
            # Where half of everything may be there nothing is known.
            known = (share.sum(1) > 0) & ((share > 0) & (share < 1)).sum(1).eq(0)
            if known.any():
                target = share[known] / share[known].sum(1, keepdim=True)
                losses.append(_crossed(scores[known][:, columns], target))
        return torch.stack(losses).mean()

    def _meaning(self, batch: Batch, texts: Tensor, scale: Tensor) -> Tensor:
        """Free sentences keep the neighbors that MiniLM gives them, among item texts and among each other."""
        free = self.heads.text(*batch.free)
        theirs = batch.free_means @ torch.cat([batch.text_means, batch.free_means]).T
        ours = scale * free @ torch.cat([texts, free]).T
        itself = torch.cat(
            [torch.zeros(len(free), len(texts), dtype=torch.bool), torch.eye(len(free), dtype=torch.bool)], 1
        )
        lowest = torch.finfo(ours.dtype).min
        target = (_MINILM_SHARPNESS * theirs).masked_fill(itself, lowest).softmax(-1)
        return _crossed(ours.masked_fill(itself, lowest), target)


def _crossed(scores: Tensor, target: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of the scores' softmax from the target."""
    return F.kl_div(scores.log_softmax(-1), target, reduction="batchmean")
