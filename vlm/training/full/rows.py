"""Samples of FashionRec as the rows of one training step: token ids, targets and pixels, the same for a step and seed.

Nothing here needs the networks, so that other processes can prepare steps ahead.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from fashion.fashionrec import DrawingSample, FashionRecError, Sample
from vlm.config import FashionVLMConfig
from vlm.layouts import drawing_text
from vlm.photo_attributes import PhotoReader
from vlm.pictures import fitted
from vlm.reading import talk_request
from vlm.text_tokenizer import TextTokenizer, prompt_table
from vlm.training.fashionrec_source import picture_of, training_row
from vlm.training.full.plan import FullPlan

Row = TypeVar("Row", covariant=True)
Sample_ = TypeVar("Sample_", Sample, DrawingSample)
_TRIES = 20
NOTHING = -100
"""The target of a position that is not learned from."""


class Numbered(Protocol[Row]):
    """Samples by number."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, index: int) -> Row:
        """One of them; raises FashionRecError where it is broken."""
        ...


@dataclass(frozen=True, slots=True)
class Samples:
    """What is learned from, or measured on. `texts` None takes the words of the dialogues."""

    drawings: Numbered[DrawingSample]
    dialogues: Numbered[Sample]
    texts: Sequence[str] | None = None


class DrawingRows(NamedTuple):
    """Prompts with padding long ``[B, slots]``, pixels uint8 ``[B, S, S, 3]``, hidden codes bool ``[B, N]``."""

    text: Tensor
    pixels: Tensor
    hidden: Tensor


class ReadingRows(NamedTuple):
    """Pixels uint8 ``[B, S, S, 3]``, the pictures themselves, words and targets long ``[B, L]``."""

    pixels: Tensor
    pictures: list[Image.Image]
    text: Tensor
    targets: Tensor


class TextRows(NamedTuple):
    """Words and targets, long ``[B, L]``."""

    text: Tensor
    targets: Tensor


class StepRows(NamedTuple):
    """Everything that one batch learns from; None where the plan wants no such rows.

    `skipped` says which samples could not be used: the next good one stands in for each.
    """

    drawing: DrawingRows | None
    reading: ReadingRows | None
    text: TextRows | None
    skipped: tuple[str, ...] = ()


class Shuffled:
    """An endless order through numbered samples: each once an epoch, every epoch in an order of its own."""

    def __init__(self, count: int, seed: int, name: str) -> None:
        """`name` sets several orders of one seed apart."""
        self._count, self._seed, self._name = count, seed, name
        self._epoch, self._order = -1, np.empty(0, np.int64)

    def __getitem__(self, place: int) -> int:
        """The sample at a place of the endless order."""
        epoch, index = divmod(place, self._count)
        if epoch != self._epoch:
            chance = random.Random(f"{self._seed}/{self._name}/{epoch}").getrandbits(64)
            self._epoch, self._order = epoch, np.random.default_rng(chance).permutation(self._count)
        return int(self._order[index])


def conversation_row(
    tokenizer: TextTokenizer, opening: int, messages: Sequence[tuple[str, str]], *, all_words: bool = False
) -> tuple[list[int], list[int]]:
    """A conversation as ids, laid out as when it is served, and what each position is to predict.

    Args:
        tokenizer: Of the model.
        opening: What stands before the words.
        messages: Pairs of role (``user`` or ``assistant``) and text.
        all_words: Learn the requests as well as the answers.
    """
    table = prompt_table()
    ids, learned, words = [opening], [False], ""
    for role, said in messages:
        if role == "user":
            words += table["user"].format(message=said.strip())
            continue
        asked, answer = tokenizer.encode(words + table["assistant"]), tokenizer.answer(said)
        ids += asked + answer
        learned += [all_words] * len(asked) + [True] * len(answer)
        words = ""
    wanted = [word if is_learned else NOTHING for word, is_learned in zip(ids, learned, strict=True)]
    # The position before a word predicts it.
    return ids, [*wanted[1:], NOTHING]


def text_row(tokenizer: TextTokenizer, text: str) -> tuple[list[int], list[int]]:
    """Plain text between two ends of text, every word of it learned."""
    ids = [tokenizer.end_of_text_id, *tokenizer.encode(text), tokenizer.end_of_text_id]
    return ids, [*ids[1:], NOTHING]


class StepComposer:
    """Composes the rows of batches; a number, a seed and a process always give the same."""

    def __init__(
        self,
        samples: Samples,
        tokenizer: TextTokenizer,
        config: FashionVLMConfig,
        side: int,
        plan: FullPlan,
        process: tuple[int, int] = (0, 1),
        photos: PhotoReader | None = None,
    ) -> None:
        """Compose for a model.

        Args:
            samples: What is learned from.
            tokenizer: The model's words.
            config: Of its network.
            side: Of its pictures, in pixels.
            plan: How many rows of each kind.
            process: Number of this process and how many there are; they share the samples out.
            photos: Names what is shown, for a model that is told so (`vlm.reading.talk_request`); on the CPU.
        """
        self._photos = photos
        self._samples, self._tokenizer, self._config = samples, tokenizer, config
        self._side, self._plan, self._process = side, plan, process
        clip = config.tower_kind == "clip" and config.tower_features > 0
        self._opening = config.special_id("<|eoi|>") if clip else config.end_of_text_id
        texts = samples.dialogues if samples.texts is None else samples.texts
        sources = {"drawing": samples.drawings, "reading": samples.dialogues, "text": texts}
        self._orders = {
            name: Shuffled(len(rows), plan.seed, name) for name, rows in sources.items() if len(rows)
        }

    def __getitem__(self, number: int) -> StepRows:
        """The rows of a batch, by its number.

        Raises:
            FashionRecError: Many samples on end have pictures that cannot be read; the message names the last.
        """
        plan = self._plan
        skipped: list[str] = []
        drawing = self._drawing(number, skipped) if plan.drawing else None
        reading = self._reading(number, skipped) if plan.reading else None
        return StepRows(drawing, reading, self._text(number) if plan.text else None, tuple(skipped))

    def _places(self, name: str, number: int, count: int) -> list[int]:
        rank, world = self._process
        first = (number * world + rank) * count
        return [self._orders[name][first + place] for place in range(count)]

    def _drawing(self, number: int, skipped: list[str]) -> DrawingRows:
        plan, slots = self._plan, self._config.num_vq_tokens
        rng = np.random.default_rng((plan.seed, self._process[0], number))
        places = self._places("drawing", number, plan.drawing)
        chosen = [_usable(self._samples.drawings, place, skipped) for place in places]
        prompts = [
            [] if rng.random() < plan.wordless else self._tokenizer.encode(row.text.strip())
            for row, _ in chosen
        ]
        pixels = _stacked([self._pixels(picture) for _, picture in chosen])
        hidden = hidden_codes(rng, len(chosen), slots)
        return DrawingRows(drawing_text(self._config, prompts), pixels, hidden)

    def _reading(self, number: int, skipped: list[str]) -> ReadingRows:
        places = self._places("reading", number, self._plan.reading)
        chosen = [_usable(self._samples.dialogues, place, skipped) for place in places]
        rows = [
            conversation_row(self._tokenizer, self._opening, self._asked(sample, picture))
            for sample, picture in chosen
        ]
        pixels = _stacked([self._pixels(picture) for _, picture in chosen])
        kept = [picture for _, picture in chosen] if self._config.tower_features else []
        return ReadingRows(pixels, kept, *self._filled(rows))

    def _asked(self, sample: Sample, picture: Image.Image) -> Sequence[tuple[str, str]]:
        """The conversation, its first request put as the model is asked when it serves."""
        messages = training_row(sample).messages
        if messages[0][0] != "user":
            return messages
        asked = talk_request(messages[0][1], [picture], self._config.color_hint, self._photos)
        return [("user", asked), *messages[1:]]

    def _text(self, number: int) -> TextRows:
        places = self._places("text", number, self._plan.text)
        texts = self._samples.texts
        if texts is not None:
            return TextRows(*self._filled([text_row(self._tokenizer, texts[i]) for i in places]))
        end = self._config.end_of_text_id
        dialogues = [training_row(self._samples.dialogues[i]).messages for i in places]
        rows = [conversation_row(self._tokenizer, end, row, all_words=True) for row in dialogues]
        return TextRows(*self._filled(rows))

    def _filled(self, rows: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor]:
        """Rows of one length: cut at the end where they are too long, filled with end of text behind."""
        length = min(self._plan.text_tokens, max(len(ids) for ids, _ in rows))
        text = torch.full((len(rows), length), self._config.end_of_text_id)
        targets = torch.full((len(rows), length), NOTHING)
        for row, (ids, wanted) in enumerate(rows):
            text[row, : len(ids)] = torch.tensor(ids[:length])
            targets[row, : len(ids)] = torch.tensor(wanted[:length])
        return text, targets

    def _pixels(self, picture: Image.Image) -> npt.NDArray[np.uint8]:
        return np.asarray(fitted(picture, self._side, self._config.fit), np.uint8)


def hidden_codes(rng: np.random.Generator, rows: int, slots: int) -> Tensor:
    """Which codes are to be found: bool ``[rows, slots]``; a row's share is ``cos(π/2·u)``, u uniform, at least one."""
    share = np.cos(rng.random((rows, 1)) * np.pi / 2)
    count = np.maximum(1, np.round(share * slots))
    return torch.from_numpy(rng.random((rows, slots)).argsort(-1).argsort(-1) < count)


def _stacked(rows: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.stack(rows))


def _usable(rows: Numbered[Sample_], place: int, skipped: list[str]) -> tuple[Sample_, Image.Image]:
    """The sample of a number with its picture, or the next one whose picture can be read."""
    for step in range(_TRIES):
        sample = rows[(place + step) % len(rows)]
        try:
            return sample, picture_of(sample)
        except FashionRecError as problem:
            if step == _TRIES - 1:
                raise
            skipped.append(str(problem))
    raise AssertionError("the loop returns or raises")
