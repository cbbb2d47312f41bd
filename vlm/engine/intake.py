"""Requests to jobs: what can never be served is refused here, before it waits."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from vlm.canvas import DrawingSettings
from vlm.engine.jobs import DrawJob, Emit, Job, TextJob
from vlm.engine.requests import MAX_CANDIDATES, DrawRequest, Look, Request, RequestRefusedError, TextRequest
from vlm.engine.words import WordStream
from vlm.model import FashionVLMModel
from vlm.pictures import MAX_OUTFIT_ITEMS, fitted, repaint_slots
from vlm.sampling import TextSettings

MAX_STEPS = 1000
_CHARACTERS_A_TOKEN = 64
"""Far more than any text reaches on average; longer ones need not be cut into tokens to be refused."""


def job_of(model: FashionVLMModel, request: Request, emit: Emit) -> Job:
    """Check a request and make ready what can be without the network.

    Raises:
        RequestRefusedError: It cannot be served.
    """
    if isinstance(request, DrawRequest):
        return draw_job(model, request, emit)
    return text_job(model, request, emit)


def text_job(model: FashionVLMModel, request: TextRequest, emit: Emit) -> TextJob:
    """Check a request for words and lay it out.

    Raises:
        RequestRefusedError: It cannot be served.
    """
    config, tokenizer = model.parts.network.config, model.parts.text_tokenizer
    if not request.messages or request.messages[-1].role != "user":
        raise RequestRefusedError("the last message of a conversation must be the user's")
    if len(request.pictures) > MAX_OUTFIT_ITEMS:
        raise RequestRefusedError(
            f"at most {MAX_OUTFIT_ITEMS} pictures can be read together, not {len(request.pictures)}"
        )
    try:
        settings = TextSettings(request.max_tokens, request.temperature, request.top_k, request.top_p)
    except ValueError as error:
        raise RequestRefusedError(str(error)) from None
    look = request.pictures if isinstance(request.pictures, Look) else model.prefixes.look(request.pictures)
    shared = model.prefixes.length(look)
    characters = sum(len(message.text) for message in request.messages)
    if characters > _CHARACTERS_A_TOKEN * config.max_positions:
        raise RequestRefusedError(
            f"the request has {characters} characters, more than {config.max_positions} positions can hold: shorten it"
        )
    ids = model.prefixes.words([(message.role, message.text) for message in request.messages])
    prompt = shared + len(ids)
    if prompt >= config.max_positions:
        raise RequestRefusedError(
            f"the request fills {prompt} of {config.max_positions} positions: shorten it"
        )
    generator = None
    if settings.temperature > 0:
        generator = torch.Generator(model.backbone.device).manual_seed(_seed(request.seed))
    return TextJob(
        emit=emit,
        look=look,
        ids=ids,
        prompt=prompt,
        room=min(settings.max_tokens, config.max_positions - prompt),
        settings=settings,
        generator=generator,
        words=WordStream(tokenizer, request.stop),
        end_of_text=config.end_of_text_id,
    )


def draw_job(model: FashionVLMModel, request: DrawRequest, emit: Emit) -> DrawJob:
    """Check a request for a picture.

    Raises:
        RequestRefusedError: It cannot be served.
    """
    if not 1 <= request.candidates <= MAX_CANDIDATES:
        raise RequestRefusedError(f"candidates must be 1 to {MAX_CANDIDATES}, not {request.candidates}")
    kept = request.candidates if request.kept is None else request.kept
    if not 1 <= kept <= request.candidates:
        raise RequestRefusedError(f"of {request.candidates} candidates {kept} cannot be kept")
    if (request.picture is None) != (request.mask is None):
        raise RequestRefusedError("repainting needs both a picture and a mask that is white where to repaint")
    defaults = model.defaults
    steps = defaults.steps if request.steps is None else request.steps
    if steps > MAX_STEPS:
        raise RequestRefusedError(f"a picture takes at most {MAX_STEPS} steps, not {steps}")
    guidance = defaults.guidance if request.guidance is None else request.guidance
    contrast = defaults.contrast if request.contrast is None else request.contrast
    try:
        settings = DrawingSettings(
            steps,
            guidance,
            defaults.temperature if request.temperature is None else request.temperature,
            defaults.sharpness,
            contrast,
        )
    except ValueError as error:
        raise RequestRefusedError(str(error)) from None
    picture, anew = _to_repaint(model, request)
    return DrawJob(
        emit=emit,
        words=request.prompt,
        prompt=model.parts.text_tokenizer.encode(request.prompt.strip()),
        plain=model.plain_prompt(request.prompt) if settings.contrast else None,
        settings=settings,
        seed=_seed(request.seed),
        candidates=request.candidates,
        kept=kept,
        picture=picture,
        anew=anew,
        previews=max(0, request.previews),
    )


def _to_repaint(model: FashionVLMModel, request: DrawRequest) -> tuple[Image.Image | None, Tensor | None]:
    """The picture as the model reads it, and which of its codes are drawn anew."""
    if request.picture is None or request.mask is None:
        return None, None
    config, side = model.parts.network.config, model.parts.image_tokenizer.config.resolution
    places = repaint_slots(request.mask, request.picture.size, config.grid_side, config.fit)
    return fitted(request.picture, side, config.fit), places.repeat_interleave(config.codes_per_place)


def _seed(seed: int) -> int:
    if not -(2**63) <= seed < 2**64:
        raise RequestRefusedError("a seed must fit in 64 bits")
    return seed
