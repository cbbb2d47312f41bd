"""What every space of words and pictures offers, whichever network is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Vectors = npt.NDArray[np.float32]


class EmbeddingSpace(Protocol):
    """Words and pictures as vectors that can be compared with each other; thread-safe, calls block."""

    @property
    def identity(self) -> str:
        """Which networks made the vectors; two spaces of one identity can be mixed, others never."""
        ...

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Sentences as float32 of shape ``(len(texts), dimension)``, each row of length 1."""
        ...

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Vectors:
        """RGB pictures as float32 of shape ``(len(pictures), dimension)``, each row of length 1."""
        ...
