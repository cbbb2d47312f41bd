"""Bringing pictures to the shape that the model reads, and outfits to one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

MAX_OUTFIT_ITEMS = 4


def squared(picture: Image.Image, side: int) -> Image.Image:
    """The whole picture, RGB, scaled to fit and padded to ``side x side`` with its border's mean color.

    Nothing is cropped: a garment's hem or sleeve at the edge decides what it is.
    """
    picture = picture.convert("RGB")
    scale = side / max(picture.size)
    if scale != 1.0:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return padded_to_square(picture, side)


def padded_to_square(picture: Image.Image, side: int) -> Image.Image:
    """An RGB picture of at most ``side x side`` in the middle of a square of its border's mean color."""
    if picture.size == (side, side):
        return picture
    edge = np.asarray(picture)
    border = np.concatenate([edge[0], edge[-1], edge[:, 0], edge[:, -1]]).mean(0)
    square = Image.new("RGB", (side, side), tuple(round(float(value)) for value in border))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def cropped(picture: Image.Image, side: int) -> Image.Image:
    """Published preprocessing: the shorter side to `side` (bicubic), center crop, RGB."""
    picture = picture.convert("RGB")
    scale = side / min(picture.size)
    size = (max(side, round(picture.width * scale)), max(side, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return picture.crop((left, top, left + side, top + side))


def fitted(picture: Image.Image, side: int, fit: Literal["pad", "crop"]) -> Image.Image:
    """`squared` or `cropped`, as the model wants its pictures."""
    return squared(picture, side) if fit == "pad" else cropped(picture, side)


def repaint_slots(mask: Image.Image, size: tuple[int, int], grid: int, fit: Literal["pad", "crop"]) -> Tensor:
    """Which places of a picture a mask wants drawn anew: bool ``[grid * grid]``, row by row.

    Args:
        mask: White where to draw, black where to keep; stretched over the picture.
        size: Width and height of the picture it belongs to.
        grid: Places along one side of the picture once it is square.
        fit: How the picture becomes square; margins that it is padded with are kept.

    A place is drawn anew where at least a tenth of its square is white.
    """
    cell = 8
    side = grid * cell
    scale = side / (max(size) if fit == "pad" else min(size))
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    stretched = mask.convert("L").resize((width, height), Image.Resampling.BOX)
    square = Image.new("L", (side, side), 0)
    square.paste(stretched, ((side - width) // 2, (side - height) // 2))
    white = np.asarray(square, np.float32).reshape(grid, cell, grid, cell).mean((1, 3)) / 255.0
    return torch.from_numpy(white.reshape(-1) >= 0.1)


def outfit_grid(pictures: Sequence[Image.Image], side: int) -> Image.Image:
    """Paste up to four pictures into a white 2x2 grid, as published; one picture stays whole.

    Raises:
        ValueError: No picture, or more than four.
    """
    if not 1 <= len(pictures) <= MAX_OUTFIT_ITEMS:
        raise ValueError(f"an outfit has 1 to {MAX_OUTFIT_ITEMS} pictures, not {len(pictures)}")
    if len(pictures) == 1:
        return squared(pictures[0], side)
    cell = side // 2
    grid = Image.new("RGB", (side, side), (255, 255, 255))
    for index, picture in enumerate(pictures):
        grid.paste(squared(picture, cell), ((index % 2) * cell, (index // 2) * cell))
    return grid


def to_pixels(rows: npt.NDArray[np.uint8]) -> Tensor:
    """uint8 ``[B, H, W, 3]`` to float32 ``[B, 3, H, W]`` in [-1, 1]."""
    return torch.from_numpy(np.array(rows)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def to_picture(pixels: Tensor) -> Image.Image:
    """Float ``[3, H, W]`` in [-1, 1] to an RGB picture; values outside are clipped."""
    rows = ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0)
    return Image.fromarray(rows.cpu().numpy())
