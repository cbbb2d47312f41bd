from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from fashion.color import delta_e, lab, nearest_color, rgb_to_lab
from fashion.drawing import DRAWERS, draw_cutout, draw_garment
from fashion.drawing.contact_sheet import contact_sheet
from fashion.garment import Garment
from fashion.tables import load_table

STYLES = {
    "T-shirts & vests": ["t-shirt", "vest"],
    "Tops": ["blouse", "camisole", "wrap"],
    "Shirts": ["button-down", "oversized"],
    "Polo shirts": ["classic"],
    "Knitwear": ["cardigan", "waistcoat"],
    "Sweaters & knitwear": ["pullover", "turtleneck", "cable"],
    "Activewear": ["leggings set", "track top"],
    "Lingerie & Nightwear": ["slip", "pyjamas"],
    "Coats": ["overcoat", "trench", "puffer"],
    "Jackets": ["blazer", "bomber", "biker"],
    "Denim": ["jacket", "dungarees"],
    "Skiwear": ["ski jacket", "salopettes"],
    "Dresses": ["fitted", "a-line", "wrap", "shirt dress"],
    "Suits": ["two-piece", "three-piece"],
    "Pants": ["straight", "wide-leg", "tapered", "cargo"],
    "Jeans": ["skinny", "straight", "wide-leg"],
    "Shorts": ["tailored", "sporty", "denim"],
    "Skirts": ["pencil", "a-line", "pleated", "wrap"],
}
PATTERNS = ["striped", "checked", "polka dot", "floral", "animal print"]


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float)


def main_color(cutout: Image.Image) -> tuple[int, int, int]:
    """The median color of the opaque part."""
    values = pixels(cutout)
    inside = values[values[..., 3] > 250][:, :3]
    red, green, blue = np.median(inside, axis=0).astype(int).tolist()
    return red, green, blue


@pytest.mark.parametrize("category", STYLES)
def test_the_same_seed_gives_the_same_pixels_and_another_seed_gives_others(category: str) -> None:
    garment = Garment(category, "navy", style=STYLES[category][0])
    first, second = draw_garment(garment, size=128, seed=5), draw_garment(garment, size=128, seed=5)
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != draw_garment(garment, size=128, seed=6).tobytes()


@pytest.mark.parametrize("category", STYLES)
def test_every_style_draws_and_differs_from_the_others(category: str) -> None:
    drawn = {s: pixels(draw_cutout(Garment(category, "green", style=s), size=128)) for s in STYLES[category]}
    for picture in drawn.values():
        assert 0.06 < (picture[..., 3] > 128).mean() < 0.75
    for one, other in combinations(drawn, 2):
        inside = (drawn[one][..., 3] > 128) | (drawn[other][..., 3] > 128)
        changed = np.abs(drawn[one] - drawn[other]).max(axis=2)[inside]
        assert (changed > 30).mean() > 0.012, f"{one} looks like {other}"


@pytest.mark.parametrize("category", STYLES)
@pytest.mark.parametrize("color", ["black", "white", "red", "navy", "beige", "yellow", "mint"])
def test_the_drawn_color_stays_near_the_palette_color(category: str, color: str) -> None:
    for style in STYLES[category]:
        found = main_color(draw_cutout(Garment(category, color, style=style), size=128))
        distance = delta_e(rgb_to_lab(found), lab(color))
        assert distance < 17, f"{color} {style} drew {found}"
        assert nearest_color(found) == color, f"{color} {style} drew {found}"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("color", ["navy", "white", "red", "beige", "black"])
def test_a_pattern_shows_and_leaves_the_main_color_ruling(pattern: str, color: str) -> None:
    category = "T-shirts & vests"
    solid = pixels(draw_cutout(Garment(category, color), size=128, seed=2))
    drawn = pixels(draw_cutout(Garment(category, color, pattern), size=128, seed=2))
    inside = (solid[..., 3] > 250) & (drawn[..., 3] > 250)
    changed = (np.abs(solid - drawn).max(axis=2) > 48)[inside].mean()
    assert 0.05 < changed < 0.6


@pytest.mark.parametrize("category", STYLES)
def test_a_cutout_is_transparent_at_the_corners_and_opaque_within(category: str) -> None:
    for style in STYLES[category]:
        alpha = pixels(draw_cutout(Garment(category, "red", style=style), size=200))[..., 3]
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert alpha[:, [0, -1]].max() == 0, f"{style} runs out of the picture sideways"
        assert alpha[[0, -1]].max() == 0, f"{style} runs out of the picture"
        assert (alpha > 250).mean() > 0.05


@pytest.mark.parametrize("size", [64, 128, 256, 512])
def test_pictures_have_the_size_asked_for_and_show_the_same_thing(size: int) -> None:
    garment = Garment("Coats", "camel", "checked", "wool", "trench")
    picture, cutout = draw_garment(garment, size=size, seed=3), draw_cutout(garment, size=size, seed=3)
    assert (picture.mode, picture.size) == ("RGB", (size, size))
    assert (cutout.mode, cutout.size) == ("RGBA", (size, size))
    small = picture.resize((64, 64), Image.Resampling.BOX)
    reference = draw_garment(garment, size=256, seed=3).resize((64, 64), Image.Resampling.BOX)
    assert np.abs(pixels(small) - pixels(reference)).mean() < 9


def test_the_sleeve_neckline_length_and_fit_asked_for_change_the_picture() -> None:
    plain = Garment("T-shirts & vests", "blue", style="t-shirt")
    for change in ({"sleeve": "long"}, {"neckline": "v-neck"}, {"length": "cropped"}, {"fit": "relaxed"}):
        changed = Garment("T-shirts & vests", "blue", style="t-shirt", **change)
        assert draw_cutout(changed, size=128).tobytes() != draw_cutout(plain, size=128).tobytes()


def test_an_unknown_category_is_refused_with_the_names_that_can_be_drawn() -> None:
    with pytest.raises(ValueError, match=r"Cannot draw the category 'Capes'; choose one of: .*Coats"):
        draw_garment(Garment("Capes", "red"))


def test_the_contact_sheet_shows_every_category_once() -> None:
    shown = [row["category"] for row in load_table("showcase")]
    assert sorted(shown) == sorted(DRAWERS)
    assert contact_sheet(cell=64, columns=9).size == (576, 6 * 90)
