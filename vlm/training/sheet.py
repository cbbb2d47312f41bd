"""A sheet of pictures that a model in training draws from words, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.checkpoint import ModelParts
from vlm.drawing import DrawingRunner, draw_codes
from vlm.pictures import to_picture

_STEPS = 16
"""Passes over a picture at most: a sheet is to be looked at, not to be measured."""


@torch.inference_mode()
def write_drawings(
    path: Path, parts: ModelParts, prompts: Sequence[str], true: Sequence[Image.Image], seed: int
) -> None:
    """Write a picture file: above the true pictures, below what the model draws from the words of each.

    Args:
        path: PNG file.
        parts: The model. Its network's parameters are joined for inference: give one that is not trained on.
        prompts: Words, at least one.
        true: A picture each, of the image tokenizer's size.
        seed: Of the drawings.
    """
    config = parts.network.config
    device = parts.network.showo.lm_head.weight.device
    codes = draw_codes(
        DrawingRunner(Backbone(parts.network)),
        [parts.text_tokenizer.encode(prompt.strip()) for prompt in prompts],
        settings=DrawingSettings(
            min(_STEPS, config.drawing_steps), config.drawing_guidance, sharpness=config.drawing_sharpness
        ),
        generator=torch.Generator(device).manual_seed(seed),
    )
    drawn = [to_picture(parts.image_tokenizer.decode(row[None])[0].float()) for row in codes]
    side = parts.image_tokenizer.config.resolution
    sheet = Image.new("RGB", (side * len(drawn), side * 2), (255, 255, 255))
    for down, row in enumerate((true, drawn)):
        for across, picture in enumerate(row):
            sheet.paste(picture, (across * side, down * side))
    sheet.save(path)
