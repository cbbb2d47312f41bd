"""Pictures that the vision tower learns from.

Phone photos in other light, drawn garments on floors and fabrics, rows of several garments, and grounds without any.
Everything is decided by the random source that is handed in. Photos here are small (about 144 x 192 px), so all views
are brought down to that sharpness now and then, and to a JPEG's blocks.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from vlm.training.grounds import ground, landscape, shapes, writing

VIEW_SIDE = 240
"""Longer side of a view in pixels."""

Pixels = npt.NDArray[np.uint8]


def varied_photo(photo: Image.Image, rng: random.Random) -> Image.Image:
    """A mirrored, turned, cropped, relit and degraded copy."""
    changed = ImageOps.mirror(photo) if rng.random() < 0.5 else photo
    if rng.random() < 0.06:
        changed = changed.transpose(rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)))
    changed = _turned_and_cropped(changed, rng)
    if rng.random() < 0.25:
        changed = _covered(changed, rng)
    return degraded(relit(changed, rng), rng)


def relit(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Other exposure, contrast, color of light, and perhaps a shadow across."""
    levels = np.arange(256, dtype=np.float32) / 255.0
    gamma, contrast, gain = rng.uniform(0.7, 1.45), rng.uniform(0.75, 1.25), rng.uniform(0.8, 1.2)
    warmth, tint = rng.gauss(0.0, 0.06), rng.gauss(0.0, 0.025)
    table: list[int] = []
    for white in (1 + warmth, 1 + tint, 1 - warmth):
        curve = (((levels * gain * white).clip(0, 1) ** gamma - 0.5) * contrast + 0.5).clip(0, 1)
        table.extend(int(value) for value in curve * 255.0 + 0.5)
    changed = picture.point(table)
    if rng.random() < 0.5:
        changed = ImageEnhance.Color(changed).enhance(rng.uniform(0.6, 1.3))
    if rng.random() < 0.35:
        changed = ImageChops.multiply(changed, _shadow(changed.size, rng))
    return changed


def degraded(picture: Image.Image, rng: random.Random) -> Image.Image:
    """What a small phone photo loses: sharpness, and detail to JPEG."""
    longest = max(picture.size)
    chance = rng.random()
    if chance < 0.5:
        scale = rng.uniform(96, 200) / longest
        if scale < 1:
            small = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
            picture = picture.resize(small, Image.Resampling.BILINEAR, reducing_gap=2.0)
    elif chance < 0.65:
        picture = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.4, 1.4)))
    if rng.random() < 0.5:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=rng.randint(35, 90))
        with Image.open(buffer) as opened:
            picture = opened.convert("RGB")
    return picture


def pasted(cutouts: Sequence[Image.Image], borders: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """Garments cut out (RGBA) laid on one ground: one large, or up to four side by side, relit as a photo."""
    shape = rng.choice(((180, 240), (180, 240), (240, 180), (240, 240)))
    picture = ground(shape, borders, rng)
    for cutout, box in zip(cutouts, places(len(cutouts), shape, rng), strict=True):
        lay(picture, cutout, box, rng)
    if len(cutouts) == 1 and rng.random() < 0.3:
        picture = _covered(picture, rng)
    return degraded(relit(picture, rng), rng)


def side_by_side(pictures: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """Two to four whole pictures in one: a row, a column or a grid, with or without a gap."""
    gap = rng.choice((0, 0, 4, 10))
    across = len(pictures) if rng.random() < 0.4 and len(pictures) < 4 else 2
    if len(pictures) == 2 and rng.random() < 0.3:
        across = 1
    down = -(-len(pictures) // across)
    width, height = VIEW_SIDE // across, VIEW_SIDE // down
    if across >= 2 and down == 1:
        height = round(width * rng.uniform(1.0, 1.6))
    paper = Image.new(
        "RGB", (width * across, height * down), rng.choice(((255, 255, 255), (240, 240, 238), (30, 30, 30)))
    )
    for index, picture in enumerate(pictures):
        cell = ImageOps.fit(picture, (width - gap, height - gap), Image.Resampling.BILINEAR)
        if rng.random() < 0.5:
            cell = ImageOps.contain(picture, (width - gap, height - gap), Image.Resampling.BILINEAR)
        left = (index % across) * width + (width - cell.width) // 2
        top = (index // across) * height + (height - cell.height) // 2
        paper.paste(cell, (left, top))
    return degraded(relit(paper, rng), rng)


def empty(borders: Sequence[Image.Image], rng: random.Random) -> Image.Image:
    """A picture without a garment: a ground, noise, a landscape, flat shapes or writing."""
    shape = rng.choice(((180, 240), (240, 180), (240, 240)))
    kind = rng.random()
    if kind < 0.45:
        picture = ground(shape, borders, rng)
    elif kind < 0.6:
        picture = landscape(shape, rng)
    elif kind < 0.75:
        picture = shapes(ground(shape, borders, rng), rng)
    elif kind < 0.88:
        picture = writing(shape, rng)
    else:
        side = rng.choice((4, 16, 60, 240))
        seed = np.random.default_rng(rng.getrandbits(32))
        noise = Image.fromarray(seed.integers(0, 256, (side, side, 3), dtype=np.uint8))
        picture = noise.resize(shape, rng.choice((Image.Resampling.BICUBIC, Image.Resampling.NEAREST)))
    return degraded(relit(picture, rng), rng)


def _turned_and_cropped(picture: Image.Image, rng: random.Random) -> Image.Image:
    """One resampling: turn, and a crop of 50 to 100 % of the area, its shape changed by up to a quarter."""
    width, height = picture.size
    keep = rng.uniform(0.72, 1.04)
    stretch = np.exp(rng.uniform(-0.18, 0.18))
    across, down = width * min(1.05, keep * stretch), height * min(1.05, keep / stretch)
    center_x = width / 2 + rng.uniform(-0.5, 0.5) * abs(width - across)
    center_y = height / 2 + rng.uniform(-0.5, 0.5) * abs(height - down)
    scale = VIEW_SIDE / max(across, down)
    out = (max(8, round(across * scale)), max(8, round(down * scale)))
    angle = np.deg2rad(rng.gauss(0.0, 9.0))
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    matrix = (
        cosine, -sine, center_x - cosine * out[0] / 2 + sine * out[1] / 2,
        sine, cosine, center_y - sine * out[0] / 2 - cosine * out[1] / 2,
    )  # fmt: skip
    fill = picture.getpixel((1, 1))
    return picture.transform(
        out,
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.BICUBIC,
        fillcolor=fill,
    )


def _covered(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Something lies over a part, up to a sixth of the area, at random."""
    width, height = picture.size
    across, down = rng.uniform(0.1, 0.4) * width, rng.uniform(0.1, 0.4) * height
    left, top = rng.uniform(-0.1, 0.9) * width, rng.uniform(-0.1, 0.9) * height
    changed = picture.copy()
    color = tuple(rng.randint(0, 255) for _ in range(3))
    draw = ImageDraw.Draw(changed)
    shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
    shape((left, top, left + across, top + down), fill=color)
    return changed


def _shadow(size: tuple[int, int], rng: random.Random) -> Image.Image:
    small = Image.new("L", (24, 24), 255)
    draw = ImageDraw.Draw(small)
    points = [(rng.uniform(-8, 32), rng.uniform(-8, 32)) for _ in range(rng.randint(3, 4))]
    draw.polygon(points, fill=rng.randint(110, 210))
    soft = small.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 4))).resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (soft, soft, soft))


def places(count: int, size: tuple[int, int], rng: random.Random) -> list[tuple[float, float, float, float]]:
    """Boxes (left, top, width, height) for so many garments."""
    width, height = size
    if count == 1:
        scale = rng.uniform(0.62, 1.06)
        across, down = width * scale, height * scale
        left = (width - across) / 2 + rng.uniform(-0.1, 0.1) * width
        top = (height - down) / 2 + rng.uniform(-0.1, 0.1) * height
        return [(left, top, across, down)]
    columns = (
        count
        if count < 4 and width > height
        else (1 if count == 2 and height > width and rng.random() < 0.5 else 2)
    )
    lines = -(-count // columns)
    cells = [
        (column * width / columns, line * height / lines, width / columns, height / lines)
        for line in range(lines)
        for column in range(columns)
    ]
    return rng.sample(cells, count)


def lay(
    picture: Image.Image, cutout: Image.Image, box: tuple[float, float, float, float], rng: random.Random
) -> None:
    """Paste a cutout into a box, turned, with a soft shadow under it."""
    left, top, across, down = box
    turned = cutout
    if rng.random() < 0.85:
        angle = rng.gauss(0, 12) if rng.random() < 0.9 else rng.uniform(-180, 180)
        turned = cutout.rotate(angle, Image.Resampling.BILINEAR, expand=False)
    bounds = turned.getchannel("A").getbbox()
    if bounds is None:
        return
    turned = turned.crop(bounds)
    scale = min(across / turned.width, down / turned.height) * rng.uniform(0.85, 1.0)
    size = (max(4, round(turned.width * scale)), max(4, round(turned.height * scale)))
    turned = turned.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    place = (round(left + (across - size[0]) / 2), round(top + (down - size[1]) / 2))
    alpha = turned.getchannel("A")
    if rng.random() < 0.7:
        strength = rng.uniform(0.2, 0.6)
        soft = alpha.filter(ImageFilter.BoxBlur(rng.uniform(1, 5))).point(lambda value: int(value * strength))
        picture.paste((0, 0, 0), (place[0] + rng.randint(-4, 4), place[1] + rng.randint(-2, 6)), soft)
    picture.paste(turned.convert("RGB"), place, alpha)
