"""What the stores ask of an embedder, and the same thing in the shape Chroma wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Images
from PIL import Image

Vectors = npt.NDArray[np.float32]


class SentenceEmbedder(Protocol):
    """Turns sentences into vectors; `vlm.embeddings.TextEmbedder` is one."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Float32 of shape ``(len(texts), d)``, each row of length 1."""
        ...


class ImageEmbedder(Protocol):
    """Turns RGB pictures into vectors; `vlm.embeddings.PictureEmbedder` is one."""

    def embed(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Float32 of shape ``(len(pictures), d)``, each row of length 1."""
        ...


class SentenceFunction(EmbeddingFunction[Documents]):
    """Our sentence embedder as Chroma takes it, so that Chroma never reaches for a model of its own."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder

    def __call__(self, input: Documents) -> Embeddings:
        """Embed documents for Chroma."""
        return cast(Embeddings, list(self._embedder.embed(list(input))))

    @staticmethod
    def name() -> str:
        """The name Chroma keeps with a collection."""
        return "fashionm3-sentences"

    def get_config(self) -> dict[str, Any]:
        """Nothing to keep: the embedder is the installed package's."""
        return {}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> SentenceFunction:
        """Make one whose network loads on first use: Chroma builds one at every write, to check it."""
        return SentenceFunction(_SentencesWhenAsked())


class PictureFunction(EmbeddingFunction[Images]):
    """Our picture embedder as a Chroma embedding function over ``uint8`` arrays of shape ``(h, w, 3)``."""

    def __init__(self, embedder: ImageEmbedder) -> None:
        self._embedder = embedder

    def __call__(self, input: Images) -> Embeddings:
        """Embed pictures for Chroma."""
        pictures = [Image.fromarray(np.asarray(array, np.uint8)) for array in input]
        return cast(Embeddings, list(self._embedder.embed(pictures)))

    @staticmethod
    def name() -> str:
        """The name Chroma keeps with a collection."""
        return "fashionm3-pictures"

    def get_config(self) -> dict[str, Any]:
        """Nothing to keep: the embedder is the installed package's."""
        return {}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> PictureFunction:
        """Make one whose network loads on first use: Chroma builds one at every write, to check it."""
        return PictureFunction(_PicturesWhenAsked())


class _SentencesWhenAsked:
    """The real sentence network, loaded at the first sentence."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        from vlm.embeddings import TextEmbedder  # torch is heavy, and only this path needs it

        return TextEmbedder().embed(texts)


class _PicturesWhenAsked:
    """The real picture network, loaded at the first picture."""

    def embed(self, pictures: Sequence[Image.Image]) -> Vectors:
        from vlm.embeddings import PictureEmbedder  # torch is heavy, and only this path needs it

        return PictureEmbedder().embed(pictures)
