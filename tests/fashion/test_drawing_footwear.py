"""Shoes: every style is drawn, near-twins differ, and what a shopper looks for is there."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import skia

from fashion.drawing.footwear_shape import strap, thick, within
from fashion.drawing.picture import DRAWERS, draw_cutout, draw_garment
from fashion.garment import Garment

STYLES = {
    "Ballet flats": ("bow", "plain"),
    "Boots": ("ankle", "chelsea", "knee-high"),
    "Brogues": ("wingtip", "two-tone"),
    "Derby shoes": ("plain-toe", "chunky"),
    "Espadrilles": ("slip-on", "wedge"),
    "Loafers": ("penny", "tassel"),
    "Mules": ("block-heel", "flat"),
    "Oxford shoes": ("cap-toe", "plain"),
    "Pumps": ("stiletto", "block-heel"),
    "Sandals": ("strappy heel", "flat"),
    "Slides & flip flops": ("slide", "flip flop"),
    "Sneakers": ("low-top", "high-top", "runner"),
}
EACH = [(category, style) for category, styles in STYLES.items() for style in styles]
PATTERNS = ("solid", "striped", "checked", "polka dot", "floral", "animal print")


def shoes(category: str, style: str | None, color: str = "navy", size: int = 128, **more: str) -> np.ndarray:
    return np.asarray(draw_cutout(Garment(category, color, style=style, **more), size=size), dtype=np.int16)


def test_every_footwear_category_can_be_drawn():
    assert set(STYLES) <= set(DRAWERS)


@pytest.mark.parametrize(("category", "style"), EACH)
def test_a_pair_fills_the_picture_and_stays_clear_of_its_edges(category, style):
    left, top, right, bottom = draw_cutout(Garment(category, "brown", style=style)).getbbox()
    assert min(left, top, 512 - right, 512 - bottom) >= 12
    assert max(right - left, bottom - top) >= 400
    assert abs((left + right) / 2 - 256) <= 14
    assert abs((top + bottom) / 2 - 256) <= 18


@pytest.mark.parametrize(("category", "style"), EACH)
def test_a_style_looks_unlike_every_other_style_of_its_category(category, style):
    this = shoes(category, style)
    for other in STYLES[category]:
        if other != style:
            assert (np.abs(this - shoes(category, other)).max(axis=2) > 24).mean() > 0.004


@pytest.mark.parametrize(
    "group",
    [
        ("Oxford shoes", "Derby shoes", "Brogues", "Loafers"),
        ("Mules", "Slides & flip flops", "Sandals", "Pumps"),
        ("Ballet flats", "Loafers", "Espadrilles"),
    ],
)
def test_near_twins_differ_in_much_of_the_picture_at_128_pixels(group):
    drawn = [shoes(category, style) for category in group for style in STYLES[category][:1]]
    for one, other in combinations(drawn, 2):
        either = (one[..., 3] > 128) | (other[..., 3] > 128)
        assert (np.abs(one - other).max(axis=2) > 40)[either].mean() > 0.2


@pytest.mark.parametrize("category", sorted(STYLES))
def test_a_garment_without_a_style_is_drawn_as_one_of_its_styles(category):
    plain = shoes(category, None)
    assert any(np.array_equal(plain, shoes(category, style)) for style in STYLES[category])


@pytest.mark.parametrize("category", sorted(STYLES))
def test_the_upper_has_the_color_asked_for(category):
    style = STYLES[category][0]
    red, blue = shoes(category, style, "red"), shoes(category, style, "blue")
    reddish = (red[..., 0] > red[..., 2] + 70) & (red[..., 0] > red[..., 1] + 90)
    bluish = (blue[..., 2] > blue[..., 0] + 60) & (blue[..., 2] > 90)
    assert reddish.mean() > 0.02
    assert bluish.mean() > 0.02


@pytest.mark.parametrize("pattern", PATTERNS[1:])
@pytest.mark.parametrize("category", sorted(STYLES))
def test_a_pattern_shows_on_the_upper(category, pattern):
    style = STYLES[category][0]
    solid = shoes(category, style, "white", material="canvas")
    printed = shoes(category, style, "white", material="canvas", pattern=pattern)
    assert (np.abs(solid - printed).max(axis=2) > 40).mean() > 0.005


def test_the_same_seed_draws_the_same_pixels():
    garment = Garment("Sneakers", "green", "floral", "canvas", "runner")
    assert (
        draw_garment(garment, size=256, seed=7).tobytes() == draw_garment(garment, size=256, seed=7).tobytes()
    )


def test_sneakers_stand_on_white_rubber_and_derby_shoes_on_dark():
    sneaker, derby = shoes("Sneakers", "low-top", "red"), shoes("Derby shoes", "chunky", "red")
    white = (sneaker[..., :3].min(axis=2) > 180) & (sneaker[..., 3] > 200)
    dark = (derby[..., :3].max(axis=2) < 90) & (derby[..., 3] > 200)
    assert white.mean() > 0.04
    assert dark.mean() > 0.04


def test_espadrilles_have_a_rope_sole_whatever_their_color():
    pixels = shoes("Espadrilles", "slip-on", "black")
    rope = (pixels[..., 0] > 150) & (pixels[..., 0] > pixels[..., 2] + 40) & (pixels[..., 3] > 200)
    assert rope.mean() > 0.04


def test_two_tone_brogues_show_a_light_color_beside_a_dark_one():
    pixels = shoes("Brogues", "two-tone", "navy")
    assert ((pixels[..., :3].min(axis=2) > 170) & (pixels[..., 3] > 200)).mean() > 0.02


def test_a_strap_is_as_wide_as_asked_along_its_whole_length():
    bounds = strap(((0, 0), (50, 0), (100, 0)), 10).getBounds()
    assert (bounds.left(), bounds.top(), bounds.right(), bounds.bottom()) == (0, -5, 100, 5)


def test_a_thick_slab_reaches_below_its_outline_by_its_height():
    outline = ((0, 0), (50, -20), (100, 0), (50, 20))
    bounds = thick(outline, 30).getBounds()
    assert bounds.height() == pytest.approx(70, abs=3)
    assert bounds.width() == pytest.approx(100, abs=3)


def test_within_keeps_only_the_overlap():
    one, other = skia.Path(), skia.Path()
    one.addRect(skia.Rect.MakeLTRB(0, 0, 10, 10))
    other.addRect(skia.Rect.MakeLTRB(5, 5, 20, 20))
    bounds = within(one, other).getBounds()
    assert (bounds.left(), bounds.top(), bounds.right(), bounds.bottom()) == (5, 5, 10, 10)
