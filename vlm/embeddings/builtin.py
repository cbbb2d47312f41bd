"""The built-in space: the shipped heads over MiniLM and the vision tower, 256 dimensions, no network and no hub."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlm.embeddings.heads import EmbeddingHeads, read_facts
from vlm.embeddings.sentences import Remembered, TextEmbedder, Vectors
from vlm.vision_tower import VisionTower

_WEIGHTS = Path(__file__).parent.parent / "weights"
HEADS = _WEIGHTS / "embedding"
"""The shipped heads."""
TOWER = _WEIGHTS / "mini" / "tower"
"""The tower that they were trained on: the shipped model's own."""
_TEXT_BATCH = 32
_PICTURE_BATCH = 4
"""So few pictures at once stay in the processor's cache: almost twice as fast."""


class BuiltinSpace:
    """Words and pictures by the shipped heads; thread-safe."""

    def __init__(self, heads: EmbeddingHeads, words: TextEmbedder, tower: VisionTower) -> None:
        """Put the parts together.

        Raises:
            ValueError: The heads were trained on another tower.
        """
        if (trained_on := heads.facts.get("tower")) != (given := fingerprint(tower)):
            raise ValueError(
                f"the embedding heads were trained on the vision tower {trained_on}, not on {given}: "
                "train them again with python -m vlm.training.embedding"
            )
        self._heads = heads.eval()
        self._words = words
        self._tower = tower
        self._known = Remembered()

    @classmethod
    def from_pretrained(
        cls, words: TextEmbedder | None = None, tower: VisionTower | None = None, folder: Path = HEADS
    ) -> BuiltinSpace:
        """Load the shipped heads; MiniLM and the tower, where they are not given, too.

        Raises:
            FileNotFoundError: `folder` holds no heads.
            ValueError: The heads do not fit their configuration or the tower.
        """
        return cls(EmbeddingHeads.from_pretrained(folder), words or TextEmbedder(), tower or shipped_tower())

    @property
    def identity(self) -> str:
        """The heads' own name, which changes with them and with the tower that they were trained on."""
        return str(self._heads.facts["identity"])

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._heads.shape.dimension

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Sentences (cut at 256 tokens) as unit rows; the latest are not computed again."""
        rows = self._known.get(texts)
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        new.sort(key=len)
        for start in range(0, len(new), _TEXT_BATCH):
            chunk = new[start : start + _TEXT_BATCH]
            rows |= dict(zip(chunk, self._text_vectors(chunk), strict=True))
        self._known.keep({text: rows[text] for text in new})
        return (
            np.stack([rows[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)
        )

    @torch.inference_mode()
    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Pictures as unit rows."""
        rows = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(pictures), _PICTURE_BATCH):
            chunk = pictures[start : start + _PICTURE_BATCH]
            patches = self._tower.patch_features(self._tower.preprocess(chunk))
            rows.append(self._heads.picture(patches).numpy())
        return np.concatenate(rows)

    @torch.inference_mode()
    def _text_vectors(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._heads.text(*padded(self._words.states(texts))).numpy()
        return vectors


def shipped_tower() -> VisionTower:
    """The shipped model's tower."""
    return VisionTower.from_pretrained(TOWER)


def shipped_identity() -> str:
    """The identity of the shipped heads, without loading them."""
    return str(read_facts(HEADS)["identity"])


def padded(states: Sequence[Vectors]) -> tuple[Tensor, Tensor]:
    """Token states of several sentences as ``[B, L, 384]`` float32, with the mask ``[B, L]`` of what is there."""
    length = max(len(state) for state in states)
    rows = torch.zeros(len(states), length, states[0].shape[1])
    mask = torch.zeros(len(states), length, dtype=torch.long)
    for at, state in enumerate(states):
        rows[at, : len(state)] = torch.from_numpy(np.asarray(state, np.float32))
        mask[at, : len(state)] = 1
    return rows, mask


def fingerprint(tower: VisionTower) -> str:
    """Twelve hex digits that change with any weight of a tower and with how it fits pictures into its square."""
    digest = hashlib.sha256(f"{tower.resolution} {tower.squeeze}".encode())
    for name, tensor in sorted(tower.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().float().contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]
