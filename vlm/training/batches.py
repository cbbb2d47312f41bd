"""What one training step sees: rows of drawing and rows of reading, composed anew at every step by seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fashion.dialogues import compose_recommendation
from fashion.garment import Garment
from fashion.language import caption, drawing_prompt, phrase
from vlm.text_tokenizer import TextTokenizer, prompt_table
from vlm.training.photos import PhotoLabel
from vlm.training.picture_pool import OutfitSample

Codes = npt.NDArray[np.uint16]
Features = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Material:
    """Everything the transformer learns from, pictures already as codes and tower features.

    ``garment_features`` and ``outfit_features`` cover the first rows only.
    """

    garments: Sequence[Garment]
    garment_codes: Codes
    garment_colors: Sequence[str]
    garment_features: Features
    outfits: Sequence[OutfitSample]
    outfit_codes: Codes
    outfit_features: Features
    photos: Sequence[PhotoLabel]
    photo_codes: Codes
    photo_features: Features
    blank_codes: npt.NDArray[np.uint16]
    """Codes of a white picture, which stands for none."""


@dataclass(frozen=True)
class Mix:
    """Rows a step. With the tower: photos, garments, outfits, photos asked about; without it: garments, outfits."""

    draw: int = 22
    photos: int = 4
    garments: int = 7
    outfits: int = 2
    photo_outfits: int = 2
    plain_garments: int = 12
    plain_outfits: int = 6
    wordless: float = 0.1
    """Share of prompts dropped, so that guidance has something to guide against."""
    pictureless: float = 0.1
    """Share of plain recommendations asked without a picture."""


@dataclass(frozen=True)
class ReadingBatch:
    """Rows of one layout: codes ``[B, N]``, features ``[B, P, F]`` or None, text and targets ``[B, L]`` (-100 = none)."""

    codes: Tensor
    features: Tensor | None
    text: Tensor
    targets: Tensor


class BatchComposer:
    """Composes batches; the same seed and step give the same batch."""

    def __init__(self, material: Material, tokenizer: TextTokenizer, mix: Mix, seed: int) -> None:
        """Keep what batches are composed from."""
        self._material, self._tokenizer, self._mix, self._seed = material, tokenizer, mix, seed

    def drawing(self, step: int) -> tuple[list[list[int]], Tensor]:
        """Prompts (token ids) and the codes to learn, long ``[B, N]``."""
        rng = random.Random(f"{self._seed}/draw/{step}")
        rows = [rng.randrange(len(self._material.garments)) for _ in range(self._mix.draw)]
        prompts = [
            []
            if rng.random() < self._mix.wordless
            else self._tokenizer.encode(drawing_prompt(self._material.garments[row], rng))
            for row in rows
        ]
        return prompts, torch.from_numpy(self._material.garment_codes[rows].astype(np.int64))

    def reading_with_tower(self, step: int) -> ReadingBatch:
        """Photos, garments and outfits read through codes and tower together."""
        rng = random.Random(f"{self._seed}/tower/{step}")
        m, mix = self._material, self._mix
        rows: list[tuple[npt.NDArray[np.uint16], npt.NDArray[np.float16], str, str]] = []
        for _ in range(mix.photos):
            i = rng.randrange(len(m.photos))
            rows.append((m.photo_codes[i], m.photo_features[i], *self._photo_text(m.photos[i], rng)))
        for _ in range(mix.garments):
            i = rng.randrange(len(m.garment_features))
            rows.append((m.garment_codes[i], m.garment_features[i], *self._garment_text(i, rng)))
        for _ in range(mix.outfits):
            i = rng.randrange(len(m.outfit_features))
            rows.append((m.outfit_codes[i], m.outfit_features[i], m.outfits[i].request, m.outfits[i].answer))
        for _ in range(mix.photo_outfits):
            i = rng.randrange(len(m.photos))
            sample = compose_recommendation(rng, items=(photo_garment(m.photos[i]),))
            rows.append((m.photo_codes[i], m.photo_features[i], sample.request, sample.answer))
        features = torch.from_numpy(np.stack([row[1] for row in rows]).astype(np.float32))
        return self._batch([row[0] for row in rows], features, [(row[2], row[3]) for row in rows])

    def plain_reading(self, step: int) -> ReadingBatch:
        """Garments and outfits read through codes alone."""
        rng = random.Random(f"{self._seed}/plain/{step}")
        m, mix = self._material, self._mix
        codes: list[npt.NDArray[np.uint16]] = []
        texts: list[tuple[str, str]] = []
        for _ in range(mix.plain_garments):
            i = rng.randrange(len(m.garments))
            codes.append(m.garment_codes[i])
            texts.append(self._garment_text(i, rng))
        for _ in range(mix.plain_outfits):
            i = rng.randrange(len(m.outfits))
            codes.append(m.blank_codes if rng.random() < mix.pictureless else m.outfit_codes[i])
            texts.append((m.outfits[i].request, m.outfits[i].answer))
        return self._batch(codes, None, texts)

    def _garment_text(self, row: int, rng: random.Random) -> tuple[str, str]:
        garment = self._material.garments[row]
        request = rng.choice(prompt_table()["describe"])
        if rng.random() < 0.8:
            request = with_color_hint(request, self._material.garment_colors[row])
        return request, caption(garment, rng)

    def _photo_text(self, label: PhotoLabel, rng: random.Random) -> tuple[str, str]:
        request = with_color_hint(rng.choice(prompt_table()["describe"]), label.color)
        words = phrase(photo_garment(label), rng)
        return request, str(rng.choice(prompt_table()["photo_captions"])).format(np=words)

    def _batch(
        self,
        codes: Sequence[npt.NDArray[np.uint16]],
        features: Tensor | None,
        texts: Sequence[tuple[str, str]],
    ) -> ReadingBatch:
        encoded = []
        for request, answer in texts:
            asked = self._tokenizer.conversation(request)
            encoded.append((asked, self._tokenizer.answer(answer)))
        length = max(len(asked) + len(said) for asked, said in encoded)
        text = torch.full((len(encoded), length), self._tokenizer.end_of_text_id)
        targets = torch.full((len(encoded), length), -100)
        for row, (asked, said) in enumerate(encoded):
            text[row, : len(asked) + len(said)] = torch.tensor([*asked, *said])
            # The position before a word predicts it.
            targets[row, len(asked) - 1 : len(asked) + len(said) - 1] = torch.tensor(said)
        return ReadingBatch(torch.from_numpy(np.stack(codes).astype(np.int64)), features, text, targets)


def photo_garment(label: PhotoLabel) -> Garment:
    """A photo's label as a garment; its pattern is not known and said to be plain."""
    return Garment(category=label.category, color=label.color, sleeve=label.sleeve)


def with_color_hint(request: str, color: str) -> str:
    """A request with the measured color handed to the model."""
    return str(prompt_table()["color_hint"]).format(request=request, color=color)


def corpus(
    material_garments: Sequence[Garment], outfits: Sequence[OutfitSample], extra: Callable[[], list[str]]
) -> list[str]:
    """Sentences for the text tokenizer: captions, prompts, requests and answers, and what `extra` adds."""
    rng = random.Random(7)
    table = prompt_table()
    sentences = [*extra()]
    for garment in material_garments:
        sentences += [caption(garment, rng), drawing_prompt(garment, rng)]
    for sample in outfits:
        sentences.append(
            table["user"].format(message=sample.request) + table["assistant"] + " " + sample.answer
        )
    sentences += [with_color_hint(request, "navy") for request in table["describe"]]
    return sentences
