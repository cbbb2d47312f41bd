"""How well FashionVLM reads pictures: drawn garments of combinations kept out of training, and phone photos."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from PIL import Image, ImageOps

from evals.shares import Share
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES
from vlm.client import FashionVLMClient, Reading

_DATA = Path(__file__).parent / "data"
READ_SEED = 900_000
"""Seed of the garments that are read, and of their drawings."""
_AT_ONCE = 16
_STRIDE = 20
"""Has no divisor in common with 51, so that a few garments are of categories that are far apart."""
_ATTRIBUTES = ("category", "color", "pattern")
Row = TypeVar("Row")


class Named(Protocol):
    """Anything that names the three attributes: a garment, a reading, a judge's verdict."""

    @property
    def category(self) -> str | None:
        """One of the 51 categories, or None."""

    @property
    def color(self) -> str | None:
        """A palette color, or None."""

    @property
    def pattern(self) -> str | None:
        """A pattern, or None."""


def heldout_garments(count: int, seed: int) -> list[Garment]:
    """Garments whose (category, color, pattern) is kept out of training; each 51 of them are of all categories."""
    names = tuple(CATEGORIES)
    return [
        sample_garment(random.Random(f"{seed}/{index}"), names[index * _STRIDE % len(names)], split="heldout")
        for index in range(count)
    ]


def compared(truth: Sequence[Named], seen: Sequence[Named]) -> dict[str, Share]:
    """Shares right of category, color, pattern, and of all three at once."""
    hits = [
        [getattr(one, name) == getattr(other, name) for name in _ATTRIBUTES]
        for one, other in zip(truth, seen, strict=True)
    ]
    shares = {name: Share.of(row[at] for row in hits) for at, name in enumerate(_ATTRIBUTES)}
    return shares | {"all": Share.of(all(row) for row in hits)}


def confusions(
    truth: Sequence[Named], seen: Sequence[Named], most: int = 12
) -> list[tuple[str, str, str, int]]:
    """The commonest mistakes: attribute, what it is, what was said, how often."""
    counts = Counter(
        (name, str(getattr(one, name)), str(getattr(other, name)))
        for one, other in zip(truth, seen, strict=True)
        for name in _ATTRIBUTES
        if getattr(one, name) != getattr(other, name)
    )
    return [(*mistake, count) for mistake, count in counts.most_common(most)]


async def describe_each(
    vlm: FashionVLMClient, rows: Mapping[int, Row], picture: Callable[[int, Row], Image.Image]
) -> dict[int, Reading]:
    """Readings of many pictures by number, several under way at once.

    Args:
        vlm: The model.
        rows: What `picture` makes pictures of, by number.
        picture: Blocking; given number and row.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, row: Row) -> Reading:
        async with room:
            return await vlm.describe(await asyncio.to_thread(picture, number, row))

    readings = await asyncio.gather(*(one(number, row) for number, row in rows.items()))
    return dict(zip(rows, readings, strict=True))


async def describe_garments(vlm: FashionVLMClient, garments: Mapping[int, Garment]) -> dict[int, Reading]:
    """Read drawings of garments, of which the number is part of the seed."""
    return await describe_each(vlm, garments, _drawn)


async def describe_photos(vlm: FashionVLMClient, files: Mapping[int, Path]) -> dict[int, Reading]:
    """Read photo files."""
    return await describe_each(vlm, files, _opened)


def photo_files(folder: Path, most: int | None = None) -> list[Path]:
    """Photos of ``<folder>/<class>/*.jpg`` of the known classes; every class gives its part of `most`.

    Raises:
        FileNotFoundError: There are none.
    """
    by_class = {name: sorted((folder / name).glob("*.jpg")) for name in photo_categories()}
    total = sum(len(files) for files in by_class.values())
    if not total:
        raise FileNotFoundError(
            f"no photos in {folder}: expected folders named {', '.join(photo_categories())}"
        )
    share = 1.0 if most is None else min(1.0, most / total)
    return [file for files in by_class.values() for file in files[: max(1, round(share * len(files)))]]


def class_shares(readings: Mapping[Path, Reading]) -> dict[str, Share]:
    """How often the category that was read belongs to the photo's class (its folder), in all and by class."""
    hits: dict[str, list[bool]] = {}
    for file, reading in readings.items():
        name = file.parent.name
        hits.setdefault(name, []).append(reading.category in photo_categories()[name])
    everything = [hit for rows in hits.values() for hit in rows]
    return {"all classes": Share.of(everything)} | {
        name: Share.of(rows) for name, rows in sorted(hits.items())
    }


def color_shares(
    readings: Mapping[str, str | None], labels: Iterable[Mapping[str, Any]] | None = None
) -> dict[str, Share]:
    """Colors that were read against those labeled by eye.

    Args:
        readings: Color by the photo's name below its folder (``dress/ab.jpg``).
        labels: Rows of photo, ``main`` and ``fair``; the shipped 120 if None.

    Returns:
        ``first``: the color a person says first; ``fair``: that, or another that a fair person accepts.
    """
    rows = [row for row in (color_labels() if labels is None else labels) if row["photo"] in readings]
    first = [readings[row["photo"]] == row["main"] for row in rows]
    fair = [hit or readings[row["photo"]] in row["fair"] for hit, row in zip(first, rows, strict=True)]
    return {"fair": Share.of(fair), "first": Share.of(first)}


def color_labels() -> list[dict[str, Any]]:
    """The 120 photos whose main color was labeled by eye."""
    rows: list[dict[str, Any]] = _table("photo_colors")["photos"]
    return rows


def photo_categories() -> dict[str, list[str]]:
    """For each class of the photo data set the categories that belong to it."""
    classes: dict[str, list[str]] = _table("photo_categories")
    return classes


@cache
def _table(name: str) -> Any:
    return yaml.safe_load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def _drawn(number: int, garment: Garment) -> Image.Image:
    return draw_garment(garment, size=512, seed=READ_SEED + number)


def _opened(_: int, file: Path) -> Image.Image:
    with Image.open(file) as opened:
        return ImageOps.exif_transpose(opened).convert("RGB")
