"""Garments drawn as pictures: a product picture or a cut-out for every category, the same for a seed."""

from __future__ import annotations

from fashion.drawing.picture import DRAWERS, draw_cutout, draw_garment

__all__ = ["DRAWERS", "draw_cutout", "draw_garment"]
