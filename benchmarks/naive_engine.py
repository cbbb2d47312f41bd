"""How the published inference code serves, as an engine: one request at a time, and everything anew at every step.

The whole sequence is forwarded again for every word; at every drawing step all positions are run, text slots and padding
included, with logits of the whole vocabulary at each. Same weights, same numbers; beside it `vlm.engine` is timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import torch
from PIL import Image
from torch import Tensor

from vlm.drawing import DrawingRunner, draw_codes
from vlm.engine.requests import (
    DrawRequest,
    EngineStats,
    Event,
    PictureDone,
    Piece,
    Request,
    Step,
    TextDone,
    TextRequest,
)  # fmt: skip
from vlm.engine.words import WordStream
from vlm.layouts import additive, drawing_text, drawing_visibility, reading_visibility
from vlm.model import FashionVLMModel


class NaiveRunner(DrawingRunner):
    """Draws without kept prefixes and with every logit; the prefixes that it passes around are token ids."""

    def prefix(self, prompt: Sequence[int]) -> Sequence[int]:  # type: ignore[override]
        return list(prompt)

    @torch.inference_mode()
    def picture_states(self, prefixes: Sequence[Sequence[int]], codes: Tensor) -> list[Tensor]:  # type: ignore[override]
        """Logits already, so that the head has nothing left to do."""
        config, network = self.config, self.backbone.network
        text = drawing_text(config, prefixes).to(codes.device)
        soi, eoi = (edge.expand(len(text), 1, -1) for edge in network.embed_text(self._edge_ids))
        rows = torch.cat([network.embed_text(text), soi, network.embed_codes(codes), eoi], dim=1)
        mask = additive(drawing_visibility(config, text), rows.dtype)
        positions = torch.arange(rows.shape[1], device=codes.device)[None]
        hidden = network.trunk(rows, mask, positions)
        everything = network.token_logits(hidden)
        inner = slice(config.text_slots + 1, -1)
        if config.codes_per_position > 1:
            logits = network.code_logits(hidden[:, inner])
        else:
            logits = everything[:, inner, config.image_offset : config.mask_token_id]
        return [one[row == config.codebook_size] for one, row in zip(logits, codes)]

    def _head(self, states: Tensor, codes: Tensor) -> Tensor:
        return states


@torch.inference_mode()
def naive_tokens(model: FashionVLMModel, request: TextRequest) -> list[int]:
    """Greedy token ids of an answer, the whole sequence forwarded again for each."""
    network = model.parts.network
    prefix = model.prefixes.rows(request.pictures)[None]
    ids = model.prefixes.words([(message.role, message.text) for message in request.messages])
    said: list[int] = []
    end = model.parts.text_tokenizer.end_of_text_id
    while len(said) < request.max_tokens:
        text = network.embed_text(torch.tensor([[*ids, *said]], device=prefix.device))
        rows = torch.cat([prefix, text], dim=1)
        length = rows.shape[1]
        mask = additive(reading_visibility(prefix.shape[1], length, prefix.device), rows.dtype)
        hidden = network.trunk(rows, mask, torch.arange(length, device=prefix.device)[None])
        token = int(network.token_logits(hidden)[0, -1, : network.config.llm_vocab_size].argmax())
        if token == end:
            break
        said.append(token)
    return said


class NaiveEngine:
    """A `vlm.engine.protocol.ServingEngine` of the naive method."""

    def __init__(self, model: FashionVLMModel, name: str) -> None:
        self.model, self.model_name = model, name
        self.resolution, self.default_steps = model.output_side, model.defaults.steps
        self.color_hint = model.parts.network.config.color_hint
        self._runner = NaiveRunner(model.backbone, at_once=1)
        self._one = asyncio.Lock()
        self._waiting = self._tokens = self._pictures = 0

    def look(self, pictures: Sequence[Image.Image]) -> Sequence[Image.Image]:
        return pictures

    async def events(self, request: Request) -> AsyncIterator[Event]:
        self._waiting += 1
        async with self._one:
            self._waiting -= 1
            if isinstance(request, DrawRequest):
                picture = await asyncio.to_thread(self._draw, request)
                self._pictures += 1
                yield Step(self.default_steps, self.default_steps)
                yield PictureDone(picture, self.default_steps)
                return
            said = await asyncio.to_thread(naive_tokens, self.model, request)
            self._tokens += len(said)
            words = WordStream(self.model.parts.text_tokenizer)
            text = "".join([*(words.feed(token) for token in said), words.finish()])
            yield Piece(text, len(said))
            yield TextDone("stop" if len(said) < request.max_tokens else "length", 0, len(said))

    def stats(self) -> EngineStats:
        return EngineStats(self._waiting, 0, 0, self._tokens, self._pictures, 0, 0, 0, 0)

    async def close(self) -> None:
        pass

    def _draw(self, request: DrawRequest):
        defaults = self.model.defaults
        settings = replace(defaults, steps=request.steps or defaults.steps)
        ids = self.model.parts.text_tokenizer.encode(request.prompt)
        generator = torch.Generator(self.model.backbone.device).manual_seed(request.seed)
        codes = draw_codes(self._runner, [ids], settings=settings, generator=generator)
        return self.model.enlarged(self.model.painted(codes)[0])
