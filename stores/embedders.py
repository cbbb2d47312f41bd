"""A space of words and pictures in the shape Chroma wants."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from chromadb.api.types import Documents, EmbeddingFunction, Embeddings

if TYPE_CHECKING:
    # Imported in earnest it brings torch, which an export of notes should not wait for.
    from vlm.embeddings.space import EmbeddingSpace

Vectors = npt.NDArray[np.float32]


def mark_of(space: EmbeddingSpace) -> str:
    """A space's identity, short and safe as part of a collection's name."""
    return hashlib.sha256(space.identity.encode()).hexdigest()[:12]


class SpaceFunction(EmbeddingFunction[Documents]):
    """A space as Chroma takes it, so that Chroma never reaches for a model of its own."""

    def __init__(self, space: EmbeddingSpace | None) -> None:
        """Embed by `space`; without one, refuse."""
        self._space = space

    def __call__(self, input: Documents) -> Embeddings:
        """Embed documents for Chroma."""
        if self._space is None:
            raise RuntimeError("vectors are handed to the index, never made by it")
        return cast(Embeddings, list(self._space.embed_texts(list(input))))

    @staticmethod
    def name() -> str:
        """The name Chroma keeps with a collection."""
        return "fashionm3-space"

    def get_config(self) -> dict[str, Any]:
        """Nothing to keep: the collection's name says which space it is of."""
        return {}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> SpaceFunction:
        """One that refuses: Chroma builds one at every write, to check it, and never calls it."""
        return SpaceFunction(None)
