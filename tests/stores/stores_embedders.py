"""A small deterministic embedding space with the interface of the real ones: a bag of hashed words, and coarse pixels."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

_WORDS, _PIXELS = 384, 768


class WordEmbedder:
    """Sentences that share words are close, and so are pictures of the same color; the two lie in places apart."""

    dimension = _WORDS + _PIXELS + 1

    def __init__(self, identity: str = "words and pixels") -> None:
        self.identity = identity
        self.sentences = 0

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.sentences += len(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        rows[:, :_WORDS] = 1e-3
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"[a-z]+", text.lower()):
                row[zlib.crc32(word.encode()) % _WORDS] += 1
        return _normalized(rows)

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(pictures), self.dimension), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            pixels = np.asarray(picture.convert("RGB").resize((16, 16)), np.float32).reshape(-1) / 255 - 0.5
            row[_WORDS : _WORDS + _PIXELS] = pixels
            row[-1] = 1e-3
        return _normalized(rows)


def _normalized(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
