"""The one interface through which everything above `vlm` uses FashionVLM.

In-process (`vlm.local.LocalFashionVLM`) or over HTTP (`vlm.http_client.HttpFashionVLM`); callers never know which.
Pictures cross this border as PIL RGB images that have already passed the image gate.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image

StepCallback = Callable[[int, int], None]
"""Called as ``on_step(step_done, steps_in_all)`` while a picture is drawn; may be called from another thread."""


class FashionVLMUnavailableError(RuntimeError):
    """The model cannot answer now; the message is one sentence fit for a person."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model sees in one picture.

    Attributes:
        category: One of the 51 categories, or None where the model named none.
        color: Palette color name, or None.
        pattern: Pattern name, or None.
        text: The model's own sentence, one or two.
    """

    category: str | None
    color: str | None
    pattern: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawn picture and the model's own reading of it."""

    picture: Image.Image
    reading: Reading | None
    seed: int


@runtime_checkable
class FashionVLMClient(Protocol):
    """What FashionVLM does for the assistant; every method may raise `FashionVLMUnavailableError`."""

    async def describe(self, picture: Image.Image) -> Reading:
        """Read one picture: category, color, pattern and a sentence."""
        ...

    def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """Stream the answer to a request about up to four pictures (pasted as one 2x2 grid), piece by piece."""
        ...

    async def draw(
        self,
        prompt: str,
        *,
        seed: int = 0,
        candidates: int = 1,
        kept: int = 1,
        contrast: float | None = None,
        on_step: StepCallback | None = None,
    ) -> list[Drawing]:
        """Draw a picture from words.

        Args:
            prompt: What it shows.
            seed: The same words and seed, the same picture.
            candidates: So many are drawn together, 1 to 8.
            kept: So many of them are given, best first by the model's own reading of them.
            contrast: How strongly a pattern that the words ask for is held against the same thing plain, 0 or more
                (`vlm.contrast`); the model's own default if None.
            on_step: Told of progress.

        Raises:
            ValueError: Numbers out of range, or a prompt that the model cannot take.
        """
        ...

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Sentences in one space of words and pictures, shape ``(len(texts), d)``, each row of length 1."""
        ...

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Pictures in the same space, shape ``(len(pictures), d)``, each row of length 1."""
        ...

    async def close(self) -> None:
        """Release the model; pending calls end with `FashionVLMUnavailableError`."""
        ...
