"""How well FashionVLM draws from words, judged by a classifier trained apart, and what its tokenizer keeps of a picture."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from evals.drawing_judge import DrawingJudge, Verdict
from evals.quality_reading import heldout_garments
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.language import drawing_prompt
from vlm.image_tokenizer import ImageTokenizer
from vlm.pictures import squared
from vlm.training.picture_pool import large_side
from vlm.training.tokenizer_report import Quality, measure

_LABEL = 26


def prompts_of(garments: Sequence[Garment]) -> list[str]:
    """What a person might type to have each drawn: synonyms, details and all."""
    return [drawing_prompt(garment, random.Random(index)) for index, garment in enumerate(garments)]


def true_verdicts(judge: DrawingJudge, garments: Sequence[Garment], seed: int = 800_000) -> list[Verdict]:
    """What the judge says of the garments' own pictures: its ceiling."""
    verdicts: list[Verdict] = []
    for start in range(0, len(garments), 32):
        part = garments[start : start + 32]
        pictures = [
            draw_garment(garment, size=256, seed=seed + start + at) for at, garment in enumerate(part)
        ]
        verdicts += judge.judge(pictures)
    return verdicts


def tokenizer_quality(tokenizer: ImageTokenizer, count: int, seed: int = 610_000) -> Quality:
    """PSNR over drawn garments of held-out combinations, at the tokenizer's own side."""
    side = tokenizer.config.resolution
    rows = [
        np.asarray(squared(draw_garment(garment, size=large_side(side), seed=seed + index), side))
        for index, garment in enumerate(heldout_garments(count, seed))
    ]
    return measure(tokenizer, np.stack(rows))


def contact_sheet(
    path: Path, prompts: Sequence[str], pictures: Sequence[Image.Image], across: int = 8, side: int = 160
) -> None:
    """Write a sheet of pictures with their prompts below."""
    down = -(-len(pictures) // across)
    sheet = Image.new("RGB", (across * side, down * (side + _LABEL)), "white")
    pen = ImageDraw.Draw(sheet)
    letters = side // 6 + 3
    for index, (prompt, picture) in enumerate(zip(prompts, pictures, strict=True)):
        x, y = index % across * side, index // across * (side + _LABEL)
        sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (x, y))
        words = prompt if len(prompt) <= letters else prompt[: letters - 1] + "…"
        pen.text((x + 3, y + side + 6), words, fill="black")
    sheet.save(path, quality=92)
