"""A loaded FashionVLM with everything it needs to answer about pictures and to draw them; blocking calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlm.checkpoint import ModelParts, load_model
from vlm.client import Drawing, Reading
from vlm.drawing import DrawingSettings, draw_codes
from vlm.layouts import reading_prefix
from vlm.pictures import outfit_grid, to_picture, to_pixels
from vlm.reading import READING_TOKENS, agreement, reading_of, reading_request
from vlm.text_generation import TextSettings, generate
from vlm.vision_tower import VisionTower

StepOrStop = Callable[[int, int], bool | None]


@dataclass(frozen=True, slots=True)
class DrawingDefaults:
    """How the shipped model draws, and the side of what it gives out; ``docs/benchmarks`` has figures at these values."""

    steps: int = 16
    guidance: float = 3.0
    temperature: float = 1.0
    output_side: int = 512


class FashionVLMModel:
    """Network, image tokenizer, words and vision tower as one thing that can describe, converse and draw."""

    def __init__(
        self, parts: ModelParts, tower: VisionTower | None, defaults: DrawingDefaults | None = None
    ) -> None:
        """Put the parts together."""
        self.parts = parts
        self.tower = tower
        self.defaults = defaults or DrawingDefaults()
        self._side = parts.image_tokenizer.config.resolution

    @classmethod
    def from_pretrained(cls, directory: Path | None = None) -> FashionVLMModel:
        """Load a model folder, the shipped one by default; see `vlm.checkpoint.load_model` for errors."""
        parts = load_model(directory)
        return cls(parts, VisionTower() if parts.network.config.tower_features else None)

    @torch.inference_mode()
    def describe(self, picture: Image.Image) -> Reading:
        """Read one picture. The main color is measured and handed to the model as a hint."""
        words = self.converse(reading_request(picture), [picture], READING_TOKENS)
        return reading_of("".join(words))

    def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), max_tokens: int = 96
    ) -> Iterator[str]:
        """Yield the answer to a request about up to four pictures, piece by piece.

        Raises:
            ValueError: More than four pictures, or a request too long for the model.
        """
        tokenizer = self.parts.text_tokenizer
        ids = tokenizer.conversation(request)
        prefix = self._prefix(pictures)
        said: list[int] = []
        shown = ""
        for token in generate(self.parts.network, prefix, ids, TextSettings(max_tokens)):
            said.append(token)
            text = tokenizer.decode(said)
            # A character may be spread over several tokens; half of one decodes to U+FFFD.
            if not text.endswith("\ufffd"):
                piece = text[len(shown) :] if shown else text.lstrip()
                shown = text
                if piece:
                    yield piece

    @torch.inference_mode()
    def draw(
        self, prompt: str, seed: int = 0, candidates: int = 1, on_step: StepOrStop | None = None
    ) -> list[Drawing]:
        """Draw `candidates` pictures of a prompt; best first by how well the model's own reading agrees with the words.

        Raises:
            ValueError: Less than one candidate.
            DrawingStoppedError: `on_step` returned True.
        """
        if candidates < 1:
            raise ValueError(f"candidates must be at least 1, not {candidates}")
        ids = self.parts.text_tokenizer.encode(prompt.strip())
        settings = DrawingSettings(self.defaults.steps, self.defaults.guidance, self.defaults.temperature)
        codes = draw_codes(
            self.parts.network,
            [ids] * candidates,
            settings=settings,
            generator=torch.Generator().manual_seed(seed),
            on_step=on_step,
        )
        pictures = [to_picture(pixels) for pixels in self.parts.image_tokenizer.decode(codes)]
        drawings = [Drawing(self._enlarged(picture), self.describe(picture), seed) for picture in pictures]
        return sorted(drawings, key=lambda drawing: -agreement(prompt, drawing.reading))

    def _enlarged(self, picture: Image.Image) -> Image.Image:
        side = max(self.defaults.output_side, picture.width)
        return picture.resize((side, side), Image.Resampling.LANCZOS)

    @torch.inference_mode()
    def _prefix(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Everything before the words; no picture is read as a white one."""
        if not pictures:
            picture = Image.new("RGB", (self._side, self._side), (255, 255, 255))
        else:
            picture = outfit_grid(pictures, self._side)
        codes = self.parts.image_tokenizer.encode(to_pixels(np.asarray(picture)[None]))
        tower = None
        if self.tower is not None and pictures:
            seen = pictures[0] if len(pictures) == 1 else outfit_grid(pictures, self.tower.resolution)
            tower = self.tower.patch_features(self.tower.preprocess([seen]))
        return reading_prefix(self.parts.network, codes, tower)
