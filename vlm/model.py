"""A loaded FashionVLM with everything it needs to answer about pictures and to draw them; blocking calls, one at a time.

`vlm.engine` serves many requests at once with the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlm.backbone import Backbone
from vlm.candidates import CandidateRanking
from vlm.canvas import DrawingSettings
from vlm.checkpoint import ModelParts, load_model
from vlm.client import Drawing, Reading
from vlm.contrast import plain_words
from vlm.drawing import DrawingRunner, draw_codes
from vlm.engine.words import WordStream
from vlm.photo_attributes import PhotoReader
from vlm.picture_prefix import PicturePrefixes
from vlm.pictures import to_picture, to_pixels
from vlm.reading import (
    READING_TOKENS,
    counted,
    garments_in,
    no_garment,
    ranked,
    reading_of,
    reading_request,
    talk_request,
)
from vlm.text_generation import TextSettings, generate
from vlm.towers import Tower, load_photo_reader, load_tower

StepOrStop = Callable[[int, int], bool | None]

OUTPUT_SIDE = 512
"""Side in pixels of what is given out, at least; drawings of a smaller model are enlarged."""


def chosen_device(device: str | None = None) -> str:
    """``cpu`` or ``cuda`` as asked for; None is a GPU if there is one.

    Raises:
        ValueError: A GPU is asked for and there is none that torch can use.
    """
    usable = torch.cuda.is_available()
    if device == "cuda" and not usable:
        raise ValueError(
            "cuda was asked for, and there is no GPU here that torch can use: say cpu, or leave the device out "
            "(FASHIONM3_VLM_DEVICE)."
        )
    return device or ("cuda" if usable else "cpu")


class FashionVLMModel:
    """Network, image tokenizer, words and vision tower as one thing that can describe, converse and draw."""

    def __init__(
        self,
        parts: ModelParts,
        tower: Tower | None,
        defaults: DrawingSettings | None = None,
        photos: PhotoReader | None = None,
    ) -> None:
        """Put the parts together; `defaults` of drawing are those of the network's configuration if not given."""
        config = parts.network.config
        self.photos = photos
        self.parts = parts
        self.tower = tower
        self.defaults = defaults or DrawingSettings(
            config.drawing_steps,
            config.drawing_guidance,
            sharpness=config.drawing_sharpness,
            contrast=config.drawing_contrast,
        )
        self.backbone = Backbone(parts.network)
        self.drawing = DrawingRunner(self.backbone)
        self.prefixes = PicturePrefixes(parts, tower)
        self._ranking = CandidateRanking(
            self.backbone,
            self.prefixes,
            parts.text_tokenizer,
            reads_codes=config.tower_kind != "clip",
            hint=bool(config.color_hint),
            passes=self.drawing.passes,
        )

    @classmethod
    def from_pretrained(
        cls,
        directory: Path | None = None,
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype | None = None,
    ) -> FashionVLMModel:
        """Load a model folder, the shipped one by default; see `vlm.checkpoint.load_model` for arguments and errors."""
        parts = load_model(directory, device=device, dtype=dtype)
        # A tower has a type of its own: what the network computes in changes nothing that it sees.
        tower = load_tower(directory, parts.network.config, device=device)
        return cls(parts, tower, photos=load_photo_reader(directory, tower))

    @property
    def weight_bytes(self) -> int:
        """What the parameters and tables of all its networks take."""
        more = [part for part in (self.tower, self.parts.enlarger) if part is not None]
        modules = [self.parts.network, self.parts.image_tokenizer, *more]
        tensors = [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    @property
    def picture_work_bytes(self) -> int:
        """What decoding one picture needs at its peak: a few copies of its widest feature map, estimated."""
        shape = self.parts.image_tokenizer.config
        pixels = (shape.resolution // shape.pixel_patch) ** 2
        return pixels * shape.channels * shape.decoder_multipliers[0] * 4 * 6

    @property
    def output_side(self) -> int:
        """Side in pixels of the pictures given out."""
        return max(OUTPUT_SIDE, self.parts.image_tokenizer.config.resolution)

    def describe(self, picture: Image.Image) -> Reading:
        """Read one picture, and say so where it shows several garments or none.

        The main color is measured and handed to a model that was trained with it as a hint.
        """
        count = garments_in(picture, self.photos)
        return no_garment() if count == "none" else counted(self._read(picture), count)

    def _read(self, picture: Image.Image) -> Reading:
        """The model's own words about a picture."""
        request = reading_request(picture, self.parts.network.config.color_hint)
        return reading_of("".join(self._answer(request, [picture], READING_TOKENS)))

    def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), max_tokens: int = 96
    ) -> Iterator[str]:
        """Yield the answer to a request about up to four pictures, piece by piece.

        Raises:
            ValueError: More than four pictures, or a request too long for the model.
        """
        request = talk_request(request, pictures, self.parts.network.config.color_hint, self.photos)
        yield from self._answer(request, pictures, max_tokens)

    def _answer(self, request: str, pictures: Sequence[Image.Image], max_tokens: int) -> Iterator[str]:
        words = WordStream(self.parts.text_tokenizer)
        ids = self.prefixes.words([("user", request)])
        prefix = self.prefixes.rows(pictures)[None]
        for token in generate(self.backbone, prefix, ids, TextSettings(max_tokens)):
            if piece := words.feed(token):
                yield piece
        if piece := words.finish():
            yield piece

    def draw(
        self,
        prompt: str,
        seed: int = 0,
        candidates: int = 1,
        kept: int = 1,
        contrast: float | None = None,
        on_step: StepOrStop | None = None,
    ) -> list[Drawing]:
        """Draw `candidates` pictures of a prompt and give the `kept` best, best first (`vlm.candidates`).

        A `contrast` of None is the model's own (`vlm.contrast`).

        Raises:
            ValueError: Less than one candidate, more kept than drawn, or a contrast below 0.
            DrawingStoppedError: `on_step` returned True.
        """
        if not 1 <= kept <= candidates:
            raise ValueError(f"of {candidates} candidates {kept} cannot be kept")
        ids = self.parts.text_tokenizer.encode(prompt.strip())
        settings = self.defaults if contrast is None else replace(self.defaults, contrast=contrast)
        codes = draw_codes(
            self.drawing,
            [ids] * candidates,
            settings=settings,
            plain=[self.plain_prompt(prompt) if settings.contrast else None] * candidates,
            generator=torch.Generator(self.backbone.device).manual_seed(seed),
            on_step=on_step,
        )
        pictures = self.finished(prompt, codes, kept)
        return ranked(prompt, pictures, [self._read(picture) for picture in pictures], seed)

    def plain_prompt(self, prompt: str) -> list[int] | None:
        """Token ids of what a prompt's drawing can be held against (`vlm.contrast`), if there is such a thing."""
        words = plain_words(prompt)
        return None if words is None else self.parts.text_tokenizer.encode(words)

    def finished(self, prompt: str, codes: Tensor, kept: int) -> list[Image.Image]:
        """Drawings ``[B, num_vq_tokens]`` of a prompt as they are given out: the `kept` best of them, best first."""
        # One at a time: decoding is the peak of memory, and no faster together.
        small = [self.painted(row[None])[0] for row in codes]
        order = self._ranking.best_first(prompt, codes, small) if len(small) > 1 else [0]
        return [self.enlarged(small[at]) for at in order[:kept]]

    @torch.inference_mode()
    def painted(self, codes: Tensor) -> list[Image.Image]:
        """Codes ``[B, num_vq_tokens]`` as pictures of the image tokenizer's own size."""
        return [to_picture(pixels) for pixels in self.parts.image_tokenizer.decode(codes).float()]

    @torch.inference_mode()
    def enlarged(self, picture: Image.Image) -> Image.Image:
        """A drawn picture at the size it is given out."""
        if self.parts.enlarger is not None:
            pixels = to_pixels(np.asarray(picture)[None]).to(self.backbone.device)
            picture = to_picture(self.parts.enlarger(pixels)[0])
        return picture.resize((self.output_side,) * 2, Image.Resampling.LANCZOS)
