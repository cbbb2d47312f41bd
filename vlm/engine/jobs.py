"""Requests under way: what the engine knows of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from vlm.canvas import Canvas, DrawingSettings
from vlm.engine.requests import Event, Look, PictureDone, Piece, TextDone
from vlm.engine.words import WordStream
from vlm.sampling import TextSettings

Emit = Callable[[Event], None]
"""Hands an event to whoever asked; from the engine's thread, never blocking."""


@dataclass(eq=False, slots=True)
class TextJob:
    """An answer under way.

    Attributes:
        emit: Where its events go.
        look: The pictures that it is about.
        ids: Tokens behind the prefix, the request's.
        prompt: Positions of the request, prefix included.
        room: New tokens at most.
        settings: How to choose.
        generator: Of the sampling; None where greedy.
        words: Tokens to text.
        slot: Where its keys and values lie, once begun.
        token: The latest new token, not yet run.
        produced: New tokens so far.
        cached: Positions that were there already.
        last: Its last event, told once all that it held is free.
        failed: Whether that is a failure.
    """

    emit: Emit
    look: Look
    ids: list[int]
    prompt: int
    room: int
    settings: TextSettings
    generator: torch.Generator | None
    words: WordStream
    end_of_text: int
    asked_at: float = field(default_factory=time.monotonic)
    kind: Literal["text"] = "text"
    slot: int | None = None
    token: int = 0
    produced: int = 0
    cached: int = 0
    last: Event | None = None
    failed: bool = False

    def take(self, token: int) -> None:
        """A new token was chosen: tell its words, and end where it is the last."""
        self.produced += 1
        self.token = token
        if token == self.end_of_text:
            self._end("stop", self.words.finish(), 0)
            return
        text = self.words.feed(token)
        if self.words.stopped:
            self._end("stop", text, 1)
        elif self.produced >= self.room:
            self._end("length", text + self.words.finish(), 1)
        else:
            self.emit(Piece(text, 1))

    def _end(self, reason: Literal["stop", "length"], text: str, tokens: int) -> None:
        if text or tokens:
            self.emit(Piece(text, tokens))
        self.last = TextDone(reason, self.prompt, self.produced, self.cached)


@dataclass(eq=False, slots=True)
class DrawJob:
    """A drawing under way.

    Attributes:
        emit: Where its events go.
        words: What is drawn.
        prompt: Their token ids.
        plain: Token ids of what they are held against (`vlm.contrast`), or None.
        settings: How to draw.
        seed: Of all randomness.
        candidates: Pictures drawn together.
        kept: How many of them are given out, the best.
        picture: What is repainted, as the model reads it, or None.
        anew: Which of its codes are drawn anew, bool ``[num_vq_tokens]``.
        previews: Steps between two previews; 0 is never.
        canvas: The drawing, once begun.
        told: Steps that were told.
        last: Its last event, told once all that it held is free.
        failed: Whether that is a failure.
    """

    emit: Emit
    words: str
    prompt: list[int]
    plain: list[int] | None
    settings: DrawingSettings
    seed: int
    candidates: int
    kept: int
    picture: Image.Image | None
    anew: Tensor | None
    previews: int
    asked_at: float = field(default_factory=time.monotonic)
    kind: Literal["draw"] = "draw"
    canvas: Canvas | None = None
    told: int = 0
    last: Event | None = None
    failed: bool = False

    def finish(self, pictures: Sequence[Image.Image]) -> None:
        """The pictures are there."""
        self.last = PictureDone(pictures[0], self.settings.steps, tuple(pictures[1:]))


Job = TextJob | DrawJob
