"""Composed dialogues and drawn garments as FashionRec samples, each from a seed and a number alone."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Sequence

from PIL import Image

from fashion.dialogues import Dialogue, compose_dialogue
from fashion.drawing import draw_garment
from fashion.fashionrec import DrawingSample, Exchange, Item, Sample, Task
from fashion.garment import Garment
from fashion.language import caption, drawing_prompt, phrase
from fashion.people import Person, sample_person
from fashion.sampling import Split, sample_garment
from fashion.vocabulary import CATEGORIES, category_of

_QUALITY = 90
_TYPED = 0.5
"""Share of drawings described as people type; the others have a caption."""


def people_of(seed: int, split: Split, count: int) -> tuple[Person, ...]:
    """The people whose dialogues are written, in the order in which they take turns."""
    rng = random.Random(f"{seed}/people/{split}")
    return tuple(sample_person(rng, split) for _ in range(count))


def make_dialogue(seed: int, task: Task, split: Split, number: int, people: Sequence[Person]) -> Dialogue:
    """The dialogue of a number."""
    person = people[number % len(people)] if task == "personalized" else None
    return compose_dialogue(
        random.Random(f"{seed}/{task}/{split}/{number}"), task, split=split, person=person
    )


def make_sample(made: Dialogue, key: str, side: int) -> Sample:
    """A dialogue as a sample: the picture is `side` wide and high."""
    conversation = tuple(
        message
        for one in made.rounds
        for message in (Exchange("human", one.request), Exchange("gpt", one.answer))
    )
    targets = list(dict.fromkeys(one.target for one in reversed(made.rounds)))
    changed = () if made.changed is None else (item_of(targets[0]), item_of(made.changed))
    return Sample(
        key,
        jpeg(outfit_picture(made.items, side)),
        conversation,
        partial_outfit=tuple(map(item_of, made.items)),
        target_items=() if changed else tuple(map(item_of, reversed(targets))),
        changeable_items=changed,
        history=tuple(map(item_of, made.history)),
    )


def make_drawing(seed: int, number: int, side: int) -> DrawingSample:
    """The drawing of a number: the categories take turns, held-out combinations never come."""
    rng = random.Random(f"{seed}/drawing/{number}")
    garment = sample_garment(rng, tuple(CATEGORIES)[number % len(CATEGORIES)], split="train")
    text = drawing_prompt(garment, rng) if rng.random() < _TYPED else caption(garment, rng)
    return DrawingSample(f"{number:07d}", jpeg(item_picture(garment, side)), text)


def item_of(garment: Garment) -> Item:
    """A garment as an item; garments with the same attributes are one item, which always looks the same."""
    item_id = f"{_mark(garment):012x}"
    kind = category_of(garment)
    words = phrase(garment, random.Random(item_id))
    return Item(item_id, kind.group, kind.name, f"images/{item_id}.jpg", words)


def item_picture(garment: Garment, side: int) -> Image.Image:
    """The picture of the item that a garment is."""
    return draw_garment(garment, size=side, seed=_mark(garment) % 2**31)


def outfit_picture(items: Sequence[Garment], side: int) -> Image.Image:
    """One item whole, two to four in a white grid of two by two, row by row."""
    if len(items) == 1:
        return item_picture(items[0], side)
    cell = side // 2
    grid = Image.new("RGB", (side, side), "white")
    for place, item in enumerate(items):
        grid.paste(item_picture(item, cell), (place % 2 * cell, place // 2 * cell))
    return grid


def jpeg(picture: Image.Image) -> bytes:
    """The bytes of a JPEG."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _mark(garment: Garment) -> int:
    return int.from_bytes(hashlib.blake2b(repr(garment).encode(), digest_size=6).digest(), "big")
