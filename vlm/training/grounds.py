"""Grounds for training pictures: floors, fabrics and walls on which something lies, and pictures of other things.

Everything is decided by the random source that is handed in.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps


def ground(size: tuple[int, int], borders: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """A floor, a fabric or a wall: half of them continued from the border of a photo, half made up."""
    if borders and rng.random() < 0.5:
        return _continued(rng.choice(borders), size, rng)
    return _made_up(size, rng)


def photo_border(photo: Image.Image) -> Image.Image:
    """The corner of a photo that differs least within itself: most likely floor or wall, RGB of a quarter by a fifth."""
    width, height = photo.size
    across, down = max(8, width // 4), max(8, height // 5)
    corners = [
        photo.crop((left, top, left + across, top + down))
        for left in (0, width - across)
        for top in (0, height - down)
    ]
    return min(corners, key=lambda corner: float(np.asarray(corner, np.float32).std((0, 1)).sum()))


def _continued(border: Image.Image, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A patch grown over the whole picture by mirroring."""
    zoom = rng.uniform(1.0, 2.5)
    tile = border.resize(
        (max(8, round(border.width * zoom)), max(8, round(border.height * zoom))), Image.Resampling.BILINEAR
    )
    whole = Image.new("RGB", size)
    for row, top in enumerate(range(0, size[1], tile.height)):
        for column, left in enumerate(range(0, size[0], tile.width)):
            piece = ImageOps.mirror(tile) if column % 2 else tile
            whole.paste(ImageOps.flip(piece) if row % 2 else piece, (left, top))
    return whole


def _made_up(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A plain wall, cloth with folds, or boards, in muted colors."""
    seed = np.random.default_rng(rng.getrandbits(32))
    tone = np.array([rng.uniform(40, 245)] * 3, np.float32) + seed.normal(0, 14, 3).astype(np.float32)
    width, height = size
    rows = np.zeros((height, width, 3), np.float32) + tone
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = seed.normal(0, 0.12, 2)
    rows += (slope[0] * (x - width / 2) + slope[1] * (y - height / 2))[..., None]
    kind = rng.random()
    if kind < 0.35:
        for _ in range(rng.randint(1, 4)):
            angle, period = rng.uniform(0, np.pi), rng.uniform(18, 90)
            rows += (
                rng.uniform(2, 12)
                * np.sin((x * np.cos(angle) + y * np.sin(angle)) * 6.28 / period + rng.uniform(0, 6))[
                    ..., None
                ]
            )
    elif kind < 0.65:
        board = rng.uniform(18, 60)
        along, across = (x, y) if rng.random() < 0.5 else (y, x)
        number = np.floor(across / board)
        rows += (np.sin(number * 12.9) * rng.uniform(3, 12))[..., None]
        rows += (np.sin(along * 0.05 + number * 3 + np.sin(across * 0.6) * 1.5) * rng.uniform(1, 7))[
            ..., None
        ]
        rows -= (((across % board) < 1.6) * rng.uniform(15, 60))[..., None]
    rows += seed.normal(0, rng.uniform(0, 7), rows.shape[:2])[..., None]
    return Image.fromarray(rows.clip(0, 255).astype(np.uint8))


def landscape(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Sky, hills and a field."""
    picture = Image.new("RGB", size, (rng.randint(100, 220), rng.randint(140, 225), rng.randint(180, 255)))
    draw = ImageDraw.Draw(picture)
    width, height = size
    for layer in range(rng.randint(1, 4)):
        level = height * (0.3 + 0.2 * layer + rng.uniform(0, 0.1))
        points: list[tuple[float, float]] = [(0.0, float(height))]
        for step in range(13):
            level += rng.gauss(0, height * 0.03)
            points.append((width * step / 12, level))
        points.append((float(width), float(height)))
        draw.polygon(points, fill=(rng.randint(20, 140), rng.randint(60, 170), rng.randint(20, 140)))
    return picture.filter(ImageFilter.BoxBlur(rng.uniform(0, 2)))


def shapes(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Flat discs, boxes and lines: things, but no clothes."""
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for _ in range(rng.randint(1, 8)):
        left, top = rng.uniform(0, 0.8) * width, rng.uniform(0, 0.8) * height
        box = (left, top, left + rng.uniform(0.05, 0.5) * width, top + rng.uniform(0.05, 0.5) * height)
        color = tuple(rng.randint(0, 255) for _ in range(3))
        kind = rng.random()
        if kind < 0.4:
            draw.ellipse(box, fill=color)
        elif kind < 0.8:
            draw.rectangle(box, fill=color)
        else:
            draw.line(box, fill=color, width=rng.randint(1, 9))
    return picture


def writing(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A page or a screen: light or dark, with lines of letters."""
    dark = rng.random() < 0.3
    picture = Image.new("RGB", size, (24, 26, 30) if dark else (248, 248, 246))
    draw = ImageDraw.Draw(picture)
    ink = (220, 220, 220) if dark else (30, 30, 30)
    for top in range(rng.randint(4, 40), size[1] - 10, rng.randint(11, 24)):
        words = " ".join(
            "".join(rng.choice("abcdefghijklmnoprstuvwy") for _ in range(rng.randint(1, 9)))
            for _ in range(rng.randint(1, 6))
        )
        draw.text((rng.randint(6, 20), top), words, fill=ink)
    return picture
