"""All categories on one sheet, each with its name: ``python -m fashion.drawing.contact_sheet OUT.jpg``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fashion.drawing.picture import DRAWERS, draw_garment
from fashion.garment import Garment
from fashion.tables import load_table

_COLUMNS = 9
_CELL = 200
_LABEL = 26


def contact_sheet(*, cell: int = _CELL, columns: int = _COLUMNS) -> Image.Image:
    """One picture of every category, in the order of ``data/showcase.yaml``.

    Args:
        cell: Side of a picture in pixels.
        columns: Pictures in a row.

    Returns:
        An RGB picture.
    """
    rows = load_table("showcase")
    height = -(-len(rows) // columns) * (cell + _LABEL)
    sheet = Image.new("RGB", (columns * cell, height), (250, 250, 250))
    for index, row in enumerate(rows):
        left, top = index % columns * cell, index // columns * (cell + _LABEL)
        sheet.paste(draw_garment(Garment(**row), size=cell, seed=index), (left, top))
        sheet.paste(_label(row["category"], cell), (left, top + cell))
    return sheet


def _label(text: str, width: int) -> Image.Image:
    label = Image.new("RGB", (width, _LABEL), (255, 255, 255))
    font = ImageFont.load_default(12)
    ImageDraw.Draw(label).text((width / 2, _LABEL / 2), text, fill=(60, 60, 66), font=font, anchor="mm")
    return label


def main() -> None:
    """Writes the sheet to the path given on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python -m fashion.drawing.contact_sheet OUT.jpg")
    missing = {row["category"] for row in load_table("showcase")} - set(DRAWERS)
    if missing:
        raise SystemExit(f"These categories have no drawer: {', '.join(sorted(missing))}.")
    contact_sheet().save(Path(sys.argv[1]), quality=90)


if __name__ == "__main__":
    main()
