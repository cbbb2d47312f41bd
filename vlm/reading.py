"""Asking FashionVLM what is in a picture, and what its answer comes to; the same in this process and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from PIL import Image

from fashion.captions import parse_caption
from fashion.garment import Garment
from fashion.language import phrase
from fashion.mentions import find_mentions
from vlm.client import Drawing, Reading
from vlm.color_reading import read_color
from vlm.config import ColorHint
from vlm.photo_attributes import Count, PhotoReader
from vlm.text_tokenizer import prompt_table

READING_TOKENS = 64

Answer = Callable[[str, Sequence[Image.Image], int], AsyncIterator[str]]
"""Streams the model's answer to a request about pictures, of so many tokens at most."""


async def describe_picture(
    picture: Image.Image, photos: PhotoReader | None, hint: ColorHint, answer: Answer
) -> Reading:
    """Read one picture, and say so where `photos` (if there is one) sees several garments in it or none."""
    count = await asyncio.to_thread(garments_in, picture, photos)
    return no_garment() if count == "none" else counted(await read_picture(picture, hint, answer), count)


async def read_picture(picture: Image.Image, hint: ColorHint, answer: Answer) -> Reading:
    """The model's own words about a picture, and what they name."""
    request = await asyncio.to_thread(reading_request, picture, hint)
    return reading_of("".join([piece async for piece in answer(request, [picture], READING_TOKENS)]))


def garments_in(picture: Image.Image, photos: PhotoReader | None) -> Count:
    """How many garments a picture shows; ``one`` where nothing is there to count them."""
    return photos.read(picture).count if photos is not None else "one"


def ranked(
    prompt: str, pictures: Sequence[Image.Image], readings: Sequence[Reading], seed: int
) -> list[Drawing]:
    """Drawings of a prompt with the model's own reading of each, best first by their `agreement` with it."""
    drawings = [Drawing(picture, reading, seed) for picture, reading in zip(pictures, readings, strict=True)]
    return sorted(drawings, key=lambda drawing: -agreement(prompt, drawing.reading))


def reading_request(picture: Image.Image, color_hint: ColorHint = True) -> str:
    """The words that ask for a description; a model trained with the hint is told the measured main color."""
    request = str(prompt_table()["describe_request"])
    return with_colors(request, [read_color(picture).color]) if color_hint else request


def talk_request(
    request: str, pictures: Sequence[Image.Image], color_hint: ColorHint, photos: PhotoReader | None = None
) -> str:
    """A request about pictures, with what was measured in each, for a model trained with that.

    Args:
        request: In the person's words.
        pictures: What it is about.
        color_hint: See `vlm.config.FashionVLMConfig`; ``items`` without `photos` is as ``always``.
        photos: Names the kind of thing in each picture.
    """
    if color_hint not in ("always", "items") or not pictures:
        return request
    colors = [read_color(picture).color for picture in pictures]
    if color_hint == "always" or photos is None:
        return with_colors(request, colors)
    kinds = [photos.category(picture) for picture in pictures]
    return with_items(request, [Garment(kind, color) for kind, color in zip(kinds, colors, strict=True)])


def with_items(request: str, items: Sequence[Garment]) -> str:
    """A request followed by the kind and the measured color of each thing in its pictures, in their order."""
    named = [phrase(Garment(item.category, item.color), style="bare") for item in items]
    return str(prompt_table()["item_hint"].format(request=request.strip(), items=", ".join(named)))


def with_colors(request: str, colors: Sequence[str]) -> str:
    """A request followed by the colors measured in its pictures, in their order."""
    name = "color_hint" if len(colors) == 1 else "color_hints"
    return str(prompt_table()[name].format(request=request.strip(), color=", ".join(colors)))


def reading_of(answer: str) -> Reading:
    """What an answer to `reading_request` names; only the text where it names no garment."""
    text = answer.strip()
    garment = parse_caption(text)
    if garment is None:
        return Reading(None, None, None, text)
    return Reading(garment.category, garment.color, garment.pattern, text)


def no_garment() -> Reading:
    """The reading of a picture without a garment: names nothing, and says so."""
    return Reading(None, None, None, str(prompt_table()["no_garment"]))


def counted(reading: Reading, count: Count) -> Reading:
    """A reading that says so where the picture shows none or several garments (`vlm.photo_attributes`)."""
    if count == "none":
        return no_garment()
    if count == "several":
        return replace(reading, text=str(prompt_table()["several_garments"].format(text=reading.text)))
    return reading


def agreement(prompt: str, reading: Reading | None) -> int:
    """How many of category, color and pattern named in the words the reading confirms, less those it contradicts."""
    if reading is None:
        return 0
    wanted = find_mentions(prompt)
    score = 0
    for named, seen in (
        (wanted.categories, reading.category),
        (wanted.colors, reading.color),
        (wanted.patterns, reading.pattern),
    ):
        if named:
            score += 1 if seen in named else -1
    return score
