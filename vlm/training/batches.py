"""What one training step sees: rows of drawing and rows of reading, composed anew at every step by seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fashion.dialogues import RecommendationSample, compose_recommendation
from fashion.garment import Garment
from fashion.language import caption, drawing_prompt, phrase
from vlm.reading import with_colors, with_items
from vlm.text_tokenizer import TextTokenizer, prompt_table
from vlm.training.photos import PhotoLabel
from vlm.training.picture_pool import OutfitSample
from vlm.training.telling import choice_alone, measured, told

Codes = npt.NDArray[np.uint16]
Features = npt.NDArray[np.float16]
Rounds = Sequence[tuple[str, str]]
"""Requests with their answers."""


@dataclass(frozen=True)
class Material:
    """Everything the transformer learns from, pictures already as codes and tower features.

    ``garment_features`` covers the first rows only; the rows that outfits name must be among these.
    """

    garments: Sequence[Garment]
    garment_codes: Codes
    garment_features: Features
    outfits: Sequence[OutfitSample]
    photos: Sequence[PhotoLabel]
    photo_codes: Codes
    photo_features: Features
    blank_codes: npt.NDArray[np.uint16]
    """Codes of a white picture, which stands for none."""


@dataclass(frozen=True)
class Mix:
    """Rows a step. Every other step reads with the tower: photos, garments, photos asked about, outfits; then without.

    `worded` rows of every step have no picture: recommendations composed anew for items of which kind and measured color
    are given. They cost little, and which things and colors go together, and why, takes many examples.
    """

    draw: int = 22
    photos: int = 5
    garments: int = 5
    photo_outfits: int = 3
    tower_outfits: int = 3
    plain_garments: int = 11
    plain_outfits: int = 6
    worded: int = 16
    chosen: int = 28
    """Rows a step like the worded ones of whose answers only the choice of an item is learned: a few words of each answer,
    which the many others of it would drown."""
    chosen_open: float = 0.75
    """Share of these that leave open what kind of thing is wanted."""
    shortened: float = 0.5
    """Share of these in which each word that names nothing is left out with a chance of a tenth to six tenths. There are
    a few hundred sentences to learn from, and a request in another one is understood by what it names."""
    wordless: float = 0.1
    """Share of prompts dropped, so that guidance has something to guide against."""
    pictureless: float = 0.1
    """Share of plain batches of one picture whose recommendations are asked without any."""
    unhinted: float = 0.1
    """Share of requests that do not hold what was measured."""
    mishinted: float = 0.03
    """Share of a garment's measured colors that are a palette color nearby; `vlm.color_reading` is wrong half as often."""
    miscalled: float = 0.02
    """Share of things shown that another kind is told of; the tower's heads are wrong about photos more often."""
    opened: float = 0.3
    """Share of the recommendations composed anew that must leave open what kind of thing is wanted; by chance it is one
    in eight, and which kinds an outfit still lacks is what is learned last."""
    recomposed: float = 0.5
    """Share of the outfits shown that are asked about in words composed anew, not in those of their dialogue: there are
    far more ways to ask than outfits drawn, and what a picture's kind leaves open is learned with pictures only."""


@dataclass(frozen=True)
class ReadingBatch:
    """Rows of one layout.

    Attributes:
        codes: ``[B, pictures, N]``; None where there are no pictures.
        features: ``[B, pictures, patches, F]`` or None.
        text: ``[B, L]``.
        targets: ``[B, L]``, -100 where nothing is to be learned.
    """

    codes: Tensor | None
    features: Tensor | None
    text: Tensor
    targets: Tensor


@dataclass(frozen=True)
class StepBatch:
    """Everything of one step.

    Attributes:
        prompts: Token ids.
        codes: To learn, long ``[B, N]``.
        reading: Batches of answers.
        chosen: One more, of choices alone (`Mix.chosen`).
    """

    prompts: list[list[int]]
    codes: Tensor
    reading: list[ReadingBatch]
    chosen: ReadingBatch | None = None


class BatchComposer:
    """Composes batches; the same seed and step give the same batch."""

    def __init__(self, material: Material, tokenizer: TextTokenizer, mix: Mix, seed: int) -> None:
        """Keep what batches are composed from."""
        self._material, self._tokenizer, self._mix, self._seed = material, tokenizer, mix, seed
        self._by_count: dict[int, list[OutfitSample]] = {}
        for sample in material.outfits:
            self._by_count.setdefault(len(sample.rows), []).append(sample)

    def step(self, number: int) -> StepBatch:
        """All batches of a step."""
        chosen = self._choices(number) if self._mix.chosen else None
        return StepBatch(*self.drawing(number), self.reading(number), chosen)

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

    def reading(self, step: int) -> list[ReadingBatch]:
        """The reading batches of a step: single pictures, outfits of one number of pictures, and words alone."""
        rng = random.Random(f"{self._seed}/read/{step}")
        if step % 2:
            shown = [self._plain_garments(rng), self._outfits(rng, self._mix.plain_outfits, tower=False)]
        else:
            shown = [self._seen_singles(rng), self._outfits(rng, self._mix.tower_outfits, tower=True)]
        return [*shown, self._worded(rng)] if self._mix.worded else shown

    def _seen_singles(self, rng: random.Random) -> ReadingBatch:
        """Photos and garments described and photos asked about, through codes and tower together."""
        m, mix = self._material, self._mix
        codes, features = [], []
        texts: list[Rounds] = []
        for place in range(mix.photos + mix.photo_outfits):
            i = rng.randrange(len(m.photos))
            codes.append(m.photo_codes[i])
            features.append(m.photo_features[i])
            texts.append(
                self._photo_text(m.photos[i], rng) if place < mix.photos else self._photo_talk(i, rng)
            )
        for _ in range(mix.garments):
            i = rng.randrange(len(m.garment_features))
            codes.append(m.garment_codes[i])
            features.append(m.garment_features[i])
            texts.append(self._garment_text(i, rng))
        return self._batch([[one] for one in codes], [[one] for one in features], texts)

    def _plain_garments(self, rng: random.Random) -> ReadingBatch:
        rows = [rng.randrange(len(self._material.garments)) for _ in range(self._mix.plain_garments)]
        texts = [self._garment_text(row, rng) for row in rows]
        return self._batch([[self._material.garment_codes[row]] for row in rows], None, texts)

    def _outfits(self, rng: random.Random, count: int, *, tower: bool) -> ReadingBatch:
        """Outfits of one number of pictures; without the tower, some of one picture are asked without any."""
        m = self._material
        numbers = sorted(self._by_count)
        number = rng.choices(numbers, [len(self._by_count[n]) for n in numbers])[0]
        blank = number == 1 and not tower and rng.random() < self._mix.pictureless * len(numbers)
        samples = [rng.choice(self._by_count[number]) for _ in range(count)]
        codes = [[m.blank_codes] if blank else [m.garment_codes[row] for row in one.rows] for one in samples]
        features = [[m.garment_features[row] for row in one.rows] for one in samples] if tower else None
        texts = [
            one.rounds
            if blank
            else told(rng, self._mix, self._outfit_talk(rng, one), [m.garments[row] for row in one.rows])
            for one in samples
        ]
        return self._batch(codes, features, texts)

    def _outfit_talk(self, rng: random.Random, sample: OutfitSample) -> Rounds:
        """What is said about an outfit: its dialogue, or one request composed anew."""
        if rng.random() >= self._mix.recomposed:
            return sample.rounds
        items = tuple(self._material.garments[row] for row in sample.rows)
        is_open = rng.random() < self._mix.opened
        made = compose_recommendation(rng, split="train", items=items, is_open=is_open)
        return [(made.request, made.answer)]

    def _worded(self, rng: random.Random) -> ReadingBatch:
        """Recommendations for items that are known by what was measured alone."""
        made = [self._asked_in_words(rng, self._mix.opened) for _ in range(self._mix.worded)]
        texts = [[(with_items(sample.request, sample.items), sample.answer)] for sample in made]
        return self._batch(None, None, texts)

    def _choices(self, step: int) -> ReadingBatch:
        """The same, of whose answers only the choice of the item is learned, and not that an answer ends there."""
        rng = random.Random(f"{self._seed}/chosen/{step}")
        made = [
            self._asked_in_words(rng, self._mix.chosen_open, self._left_out(rng))
            for _ in range(self._mix.chosen)
        ]
        texts = [[(with_items(sample.request, sample.items), choice_alone(sample))] for sample in made]
        batch = self._batch(None, None, texts)
        for row in batch.targets:
            row[(row != -100).nonzero()[-1]] = -100
        return batch

    def _left_out(self, rng: random.Random) -> float:
        return rng.uniform(0.1, 0.6) if rng.random() < self._mix.shortened else 0.0

    def _asked_in_words(
        self, rng: random.Random, opened: float, left_out: float = 0.0
    ) -> RecommendationSample:
        rows = rng.choice(self._material.outfits).rows
        shown = (self._material.garments[row] for row in rows)
        items = tuple(Garment(category=one.category, color=one.color) for one in shown)
        is_open = rng.random() < opened
        return compose_recommendation(rng, split="train", items=items, is_open=is_open, left_out=left_out)

    def _garment_text(self, row: int, rng: random.Random) -> Rounds:
        m = self._material
        request = rng.choice(prompt_table()["describe"])
        if rng.random() >= self._mix.unhinted:
            request = with_colors(request, [measured(rng, self._mix, m.garments[row].color)])
        return [(request, caption(m.garments[row], rng))]

    def _photo_text(self, label: PhotoLabel, rng: random.Random) -> Rounds:
        request = with_colors(rng.choice(prompt_table()["describe"]), [label.color])
        words = phrase(photo_garment(label), rng)
        return [(request, str(rng.choice(prompt_table()["photo_captions"])).format(np=words))]

    def _photo_talk(self, row: int, rng: random.Random) -> Rounds:
        item = photo_garment(self._material.photos[row])
        sample = compose_recommendation(rng, split="train", items=(item,))
        return told(rng, self._mix, [(sample.request, sample.answer)], [item])

    def _batch(
        self,
        codes: Sequence[Sequence[npt.NDArray[np.uint16]]] | None,
        features: Sequence[Sequence[npt.NDArray[np.float16]]] | None,
        texts: Sequence[Rounds],
    ) -> ReadingBatch:
        encoded = [self._encoded(rounds) for rounds in texts]
        length = max(len(ids) for ids, _ in encoded)
        text = torch.full((len(encoded), length), self._tokenizer.end_of_text_id)
        targets = torch.full((len(encoded), length), -100)
        for row, (ids, learned) in enumerate(encoded):
            text[row, : len(ids)] = torch.tensor(ids)
            targets[row, : len(ids)] = torch.tensor(learned)
        return ReadingBatch(
            None if codes is None else torch.from_numpy(np.array(codes).astype(np.int64)),
            None if features is None else torch.from_numpy(np.array(features).astype(np.float32)),
            text,
            targets,
        )

    def _encoded(self, rounds: Rounds) -> tuple[list[int], list[int]]:
        """Token ids of a conversation, and what each position is to predict: the next word where that is an answer's."""
        ids: list[int] = []
        learned: list[int] = []
        for index, (request, answer) in enumerate(rounds):
            asked = self._tokenizer.conversation(request)[0 if index == 0 else 1 :]
            said = self._tokenizer.answer(answer)
            ids += [*asked, *said]
            learned += [*[-100] * (len(asked) - 1), *said, -100]
        return ids, learned


def photo_garment(label: PhotoLabel) -> Garment:
    """A photo's label as a garment; its pattern is not known and said to be plain."""
    return Garment(category=label.category, color=label.color, sleeve=label.sleeve)


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
        for request, answer in sample.rounds:
            sentences.append(table["user"].format(message=request) + table["assistant"] + " " + answer)
    sentences += [with_colors(request, ["navy"]) for request in table["describe"]]
    return sentences
