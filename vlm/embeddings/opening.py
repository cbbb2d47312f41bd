"""Opens the space of words and pictures that a setting names: the built-in one, a folder, or an id of the hub."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vlm.embeddings.builtin import BuiltinSpace, shipped_identity
from vlm.embeddings.sentences import TextEmbedder, Vectors
from vlm.embeddings.space import EmbeddingSpace

BUILTIN = "builtin"
_WANTED = ("*.json", "*.safetensors", "merges.txt")


def open_space(source: str = BUILTIN, words: TextEmbedder | None = None) -> EmbeddingSpace:
    """Load a space; blocking.

    Args:
        source: ``builtin``; else a folder with a CLIP or SigLIP, or its id on the Hugging Face hub: only then is the
            network asked, and only for what the hub's cache lacks.
        words: MiniLM, where it is loaded already; only the built-in space uses it.

    Raises:
        CheckpointError: There is no such folder or id, or it holds no CLIP or SigLIP that can be read.
        FileNotFoundError: The package lacks the built-in heads.
        ValueError: The built-in heads do not fit the vision tower.
    """
    if source == BUILTIN:
        return BuiltinSpace.from_pretrained(words)
    # transformers' CLIP and SigLIP take a second to import, and only this path needs them.
    from vlm.embeddings.contrastive import ContrastiveSpace

    return ContrastiveSpace.from_pretrained(_folder(source))


class LazySpace:
    """A space that is loaded with the first words or picture; its identity is known before. Thread-safe."""

    def __init__(self, source: str = BUILTIN) -> None:
        """Name the space, as `open_space` takes it."""
        self._source = source
        self._opened: EmbeddingSpace | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """As the loaded space says."""
        if self._source == BUILTIN:
            return shipped_identity()
        from vlm.embeddings.contrastive import identity_of

        return self._opened.identity if self._opened is not None else identity_of(_folder(self._source))

    @property
    def dimension(self) -> int:
        """As the loaded space says."""
        return self._space().dimension

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """See `EmbeddingSpace.embed_texts`."""
        return self._space().embed_texts(texts)

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Vectors:
        """See `EmbeddingSpace.embed_pictures`."""
        return self._space().embed_pictures(pictures)

    def _space(self) -> EmbeddingSpace:
        with self._lock:
            if self._opened is None:
                self._opened = open_space(self._source)
            return self._opened


def _folder(source: str) -> Path:
    from vlm.embeddings.contrastive import check_folder
    from vlm.published.hub import fetch

    folder = fetch(source, check_folder, wanted=_WANTED)
    check_folder(folder)
    return folder
