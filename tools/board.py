"""An outfit board: the pictures at hand and the pictures of catalog items, laid out on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from fashion.drawing import draw_garment
from fashion.product import Product
from stores.catalog import Catalog

CELL = 320
"""Width and height of a picture on the board, pixels."""
_GAP = 20
_LINE = 34
_PAPER, _INK = (250, 248, 244), (60, 56, 52)


def lay_board(catalog: Catalog, at_hand: Sequence[Image.Image], products: Sequence[Product]) -> Image.Image:
    """Lay out an outfit, the pictures at hand first, each item with its title below it.

    Args:
        catalog: Has the pictures of the items; an item without one is drawn from its record.
        at_hand: The person's own pictures.
        products: The items; with `at_hand` at least one thing.

    Returns:
        An RGB picture, about as wide as high.
    """
    cells = [(picture, "yours") for picture in at_hand]
    cells += [(_picture(catalog, product), product.title) for product in products]
    columns = math.ceil(math.sqrt(len(cells)))
    rows = math.ceil(len(cells) / columns)
    size = (columns * (CELL + _GAP) + _GAP, rows * (CELL + _LINE + _GAP) + _GAP)
    board = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(board)
    font = ImageFont.load_default(size=17)
    for at, (picture, words) in enumerate(cells):
        left = _GAP + at % columns * (CELL + _GAP)
        top = _GAP + at // columns * (CELL + _LINE + _GAP)
        _paste(board, picture, left, top)
        draw.text((left, top + CELL + 8), _fitted(words, draw, font), fill=_INK, font=font)
    return board


def _picture(catalog: Catalog, product: Product) -> Image.Image:
    return catalog.picture(product) or draw_garment(product.garment, size=CELL)


def _paste(board: Image.Image, picture: Image.Image, left: int, top: int) -> None:
    """Put a picture into its cell, whole and in the middle."""
    copy = picture.convert("RGB")
    copy.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    board.paste(copy, (left + (CELL - copy.width) // 2, top + (CELL - copy.height) // 2))


def _fitted(words: str, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The words, cut with an ellipsis where they are wider than a cell."""
    if draw.textlength(words, font=font) <= CELL:
        return words
    while words and draw.textlength(words + "…", font=font) > CELL:
        words = words[:-1]
    return words.rstrip() + "…"
