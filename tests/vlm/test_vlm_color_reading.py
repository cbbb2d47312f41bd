import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fashion.color import COLORS
from fashion.drawing import draw_garment
from fashion.sampling import sample_garment
from vlm.color_reading import read_color

NAMED = [name for name in COLORS if name not in ("gold", "silver")]


@pytest.mark.parametrize("name", NAMED)
def test_a_patch_of_a_palette_color_on_a_light_ground_is_named(name):
    ground = (228, 226, 224) if name in ("white", "cream") else (244, 244, 246)
    if name == "grey":
        ground = (252, 248, 236)
    picture = Image.new("RGB", (200, 200), ground)
    picture.paste(COLORS[name].rgb, (50, 40, 150, 170))
    assert read_color(picture).color == name


def test_most_drawn_garments_are_measured_as_the_color_they_were_drawn_in():
    rng = random.Random(11)
    garments = [
        sample_garment(rng, pattern="solid", color=rng.choice(NAMED), category=c)
        for c in ("Tops", "Coats", "Pants", "Sneakers", "Tote bags")
        for _ in range(6)
    ]
    right = sum(
        read_color(draw_garment(g, size=256, seed=i)).color == g.color for i, g in enumerate(garments)
    )
    assert right >= 0.8 * len(garments)


def test_a_plain_garment_looks_solid_and_a_striped_one_does_not():
    plain = Image.new("RGB", (128, 128), (245, 245, 245))
    plain.paste((200, 30, 40), (30, 20, 100, 110))
    striped = plain.copy()
    for top in range(20, 110, 12):
        striped.paste((20, 30, 90), (30, top, 100, top + 6))
    assert read_color(plain).looks_solid
    assert not read_color(striped).looks_solid


@settings(deadline=None, max_examples=40)
@given(width=st.integers(1, 90), height=st.integers(1, 90), seed=st.integers(0, 2**32 - 1))
def test_any_picture_gives_a_palette_color_and_shares_that_sum_to_at_most_one(width, height, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    reading = read_color(Image.fromarray(pixels))
    assert reading.color in COLORS
    assert 0 < sum(share for _, share in reading.shares) <= 1.0001
    assert 0 <= reading.foreground <= 1
