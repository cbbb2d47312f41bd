"""Drawings of many prompts: all of them, by number, and kept between runs."""

import numpy as np
import pytest
from PIL import Image

from evals.quality_drawing_apart import claim, draw_together, keep, kept
from tests.standin import StandInFashionVLM
from vlm.shipped import shipped_directory


async def test_drawings_under_way_together_keep_their_numbers_and_are_told_as_they_come() -> None:
    told: list[int] = []
    prompts = {3: "a red dress", 8: "a navy coat", 21: "brown boots"}
    drawings = await draw_together(StandInFashionVLM(), prompts, 1, lambda number, _: told.append(number))
    assert [*drawings] == [3, 8, 21] and sorted(told) == [3, 8, 21]
    assert {number: drawing.seed for number, drawing in drawings.items()} == {3: 3, 8: 8, 21: 21}


def test_what_is_kept_is_found_again_as_it_was(tmp_path) -> None:
    assert kept(tmp_path / "none", 5) == {}
    pictures = {1: Image.effect_noise((32, 32), 60).convert("RGB"), 400: Image.new("RGB", (32, 32), "red")}
    claim(tmp_path / "drawn", shipped_directory(), 2, "float32")
    for number, picture in pictures.items():
        keep(tmp_path / "drawn", number, picture)
    found = kept(tmp_path / "drawn", 401)
    assert {*found} == {1, 400}
    assert all(np.array_equal(found[number], pictures[number]) for number in found)
    assert {*kept(tmp_path / "drawn", 400)} == {1}
    claim(tmp_path / "drawn", shipped_directory(), 2, "float32")


def test_drawings_of_another_model_are_not_taken_for_this_ones(tmp_path) -> None:
    claim(tmp_path, shipped_directory("small"), 2, "float32")
    claim(tmp_path, shipped_directory(), 2, "float32")
    keep(tmp_path, 0, Image.new("RGB", (8, 8)))
    others = (
        (shipped_directory("small"), 2, "float32"),
        (shipped_directory(), 1, "float32"),
        (shipped_directory(), 2, "bfloat16"),
    )
    for other in others:
        with pytest.raises(ValueError, match="another model, number of candidates or precision"):
            claim(tmp_path, *other)
