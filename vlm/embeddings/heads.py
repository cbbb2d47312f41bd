"""The two heads of the built-in space: from MiniLM's token states and from the vision tower's patches to one vector.

Both pool by attention with a few learned queries, so that one query can look for the color word and another for the
sleeve: a mean of tokens loses which of several attributes were named together.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.embeddings.sentences import TEXT_DIMENSION
from vlm.vision_tower import FEATURES, PATCH_COLORS
from vlm.weight_storage import restored, stored

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
COLOR_GAIN = 4.0
"""Patch colors are six numbers beside 1,280 features; so they are heard from the first step on."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """Sizes of the heads.

    Attributes:
        dimension: Length of the vectors.
        text_queries: How many things a sentence is asked for.
        text_width: What each of them keeps.
        picture_queries: The same for pictures.
        picture_width: What is kept of a patch.
        picture_hidden: Width of the picture head's middle layer.
    """

    dimension: int = 256
    text_queries: int = 8
    text_width: int = 32
    picture_queries: int = 4
    picture_width: int = 64
    picture_hidden: int = 128


def read_facts(folder: Path) -> dict[str, Any]:
    """The configuration of stored heads: their ``shape``, what is known of them, and their ``identity``.

    The identity is made here from the weights and from the fingerprint of the tower that they were trained on, so that it
    changes with either, whoever wrote the folder.

    Raises:
        FileNotFoundError: A file is missing; the message names it.
    """
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} lacks {name}: embedding heads are {CONFIG} and {WEIGHTS}")
    facts: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes() + str(facts.get("tower")).encode())
    return {**facts, "identity": f"builtin-{digest.hexdigest()[:12]}"}


class TextHead(nn.Module):
    """Token states to the space."""

    def __init__(self, shape: HeadShape) -> None:
        """Build with random weights."""
        super().__init__()
        self.queries = nn.Parameter(torch.randn(shape.text_queries, TEXT_DIMENSION) * 0.05)
        spread = TEXT_DIMENSION**-0.5
        self.values = nn.Parameter(torch.randn(shape.text_queries, TEXT_DIMENSION, shape.text_width) * spread)
        self.whole = nn.Linear(TEXT_DIMENSION, shape.dimension)
        self.out = nn.Linear(shape.text_queries * shape.text_width, shape.dimension)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States ``[B, L, 384]`` with a mask ``[B, L]`` (1 where there is a token) to unit vectors ``[B, D]``."""
        scores = (states @ self.queries.T).masked_fill(mask.unsqueeze(-1) == 0, float("-inf"))
        pooled = scores.softmax(1).transpose(1, 2) @ states
        parts = torch.einsum("bqd,qdw->bqw", pooled, self.values).flatten(1)
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        return F.normalize(self.out(F.gelu(parts)) + self.whole(mean), dim=-1)


class PictureHead(nn.Module):
    """Patch features and patch colors to the space."""

    def __init__(self, shape: HeadShape) -> None:
        """Build with random weights."""
        super().__init__()
        self.patch = nn.Linear(FEATURES + PATCH_COLORS, shape.picture_width)
        self.queries = nn.Parameter(torch.randn(shape.picture_queries, shape.picture_width) * 0.1)
        width = (shape.picture_queries + 1) * shape.picture_width
        self.hidden = nn.Linear(width, shape.picture_hidden)
        self.out = nn.Linear(shape.picture_hidden, shape.dimension)

    def forward(self, patches: Tensor) -> Tensor:
        """Patches ``[B, P, 1280 + 6]`` to unit vectors ``[B, D]``."""
        features = F.layer_norm(patches[..., :FEATURES], (FEATURES,))
        states = F.gelu(self.patch(torch.cat([features, COLOR_GAIN * patches[..., FEATURES:]], dim=-1)))
        weights = (states @ self.queries.T).softmax(1).transpose(1, 2)
        parts = torch.cat([(weights @ states).flatten(1), states.mean(1)], dim=-1)
        return F.normalize(self.out(F.gelu(self.hidden(parts))), dim=-1)


class EmbeddingHeads(nn.Module):
    """Both heads, as they are trained, stored and used together."""

    def __init__(self, shape: HeadShape, facts: dict[str, Any] | None = None) -> None:
        """Build with random weights; `facts` are kept beside them (identity, the tower's fingerprint, …)."""
        super().__init__()
        self.shape = shape
        self.facts = dict(facts or {})
        self.text = TextHead(shape)
        self.picture = PictureHead(shape)

    @classmethod
    def from_pretrained(cls, folder: Path) -> EmbeddingHeads:
        """Read what `save_pretrained` wrote, as float32.

        Raises:
            FileNotFoundError: A file is missing; the message names it.
            ValueError: The weights do not fit the configuration.
        """
        config = read_facts(folder)
        heads = cls(HeadShape(**config.pop("shape")), config)
        try:
            heads.load_state_dict(restored(load_file(folder / WEIGHTS), torch.float32))
        except RuntimeError as error:
            raise ValueError(f"the weights in {folder} do not fit its {CONFIG}: {error}") from None
        return heads.eval().requires_grad_(False)

    def save_pretrained(self, folder: Path) -> None:
        """Write ``config.json`` and ``model.safetensors``, a byte a weight (`vlm.weight_storage`)."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(stored(self.state_dict(), torch.int8), folder / WEIGHTS)
        config = {"shape": asdict(self.shape), **self.facts}
        (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
