import numpy as np
import pytest
import torch
from PIL import Image

from vlm.pictures import cropped, outfit_grid, squared, to_picture, to_pixels


def test_squaring_keeps_the_whole_picture_and_pads_with_its_border():
    tall = Image.new("RGB", (40, 80), (10, 120, 30))
    square = squared(tall, 64)
    assert square.size == (64, 64)
    assert square.getpixel((1, 32)) == (10, 120, 30)


def test_cropping_brings_the_shorter_side_to_the_resolution_as_published():
    wide = Image.new("RGB", (200, 100), (0, 0, 0))
    wide.paste((255, 255, 255), (50, 0, 150, 100))
    center = cropped(wide, 50)
    assert center.size == (50, 50)
    assert np.asarray(center).mean() > 240


def test_an_outfit_is_a_white_two_by_two_grid_in_reading_order():
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    grid = outfit_grid([Image.new("RGB", (30, 30), color) for color in colors], 64)
    assert [grid.getpixel(place) for place in ((16, 16), (48, 16), (16, 48), (48, 48))] == [
        *colors,
        (255, 255, 255),
    ]


def test_one_item_stays_whole_and_none_or_five_are_refused():
    one = Image.new("RGB", (30, 30), (9, 9, 9))
    assert outfit_grid([one], 64).getpixel((60, 60)) == (9, 9, 9)
    for count in (0, 5):
        with pytest.raises(ValueError, match="1 to 4"):
            outfit_grid([one] * count, 64)


def test_pixels_come_back_as_the_same_picture():
    rows = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), dtype=np.uint8)
    pixels = to_pixels(rows)
    assert pixels.dtype == torch.float32
    assert float(pixels.abs().max()) <= 1
    assert np.array_equal(np.asarray(to_picture(pixels[0])), rows[0])
