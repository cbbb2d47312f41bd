"""Colors of studio pictures: named by a small network that learned from drawn garments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from evals.quality_reading import heldout_garments
from fashion.color import COLORS
from fashion.drawing import draw_garment
from vlm.color_reading import is_studio, lab_of, read_color
from vlm.studio_color import WEIGHTS, ground_distance, studio_features, studio_scores
from vlm.training.studio_colors import StudioTraining, fit_studio_colors, studio_scene

TINY = StudioTraining(pictures=24, shapes=0.5, side=64, hidden=8, steps=30)


def test_nearly_all_garments_of_combinations_never_learned_are_named_patterned_ones_too():
    garments = heldout_garments(153, 31)
    right = [
        read_color(draw_garment(garment, size=128, seed=index)).color == garment.color
        for index, garment in enumerate(garments)
    ]
    patterned = [hit for hit, garment in zip(right, garments, strict=True) if garment.pattern != "solid"]
    assert sum(right) >= 0.95 * len(right)
    assert sum(patterned) >= 0.92 * len(patterned) > 20


def test_scenes_are_the_same_every_time_with_a_palette_color_and_mostly_a_studio_ground():
    scenes = [studio_scene(index, TINY) for index in range(40)]
    for index, (picture, name) in enumerate(scenes):
        again, named = studio_scene(index, TINY)
        assert name == named and name in COLORS
        assert np.array_equal(np.asarray(picture), np.asarray(again))
    assert sum(is_studio(lab_of(picture)) for picture, _ in scenes) >= 32


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    files = [folder / "first.safetensors", folder / "again.safetensors"]
    for file in files:
        fit_studio_colors(file, TINY)
    return files


def test_a_fit_writes_the_same_file_twice_of_the_shipped_names(fitted):
    first, again = fitted
    assert first.read_bytes() == again.read_bytes()
    assert load_file(first).keys() == load_file(WEIGHTS).keys()


def test_a_fit_learns_its_own_pictures(tmp_path):
    longer = replace(TINY, steps=300, hidden=32)
    fit_studio_colors(tmp_path / "longer.safetensors", longer)
    weights = {
        name: value.astype(np.float32) for name, value in load_file(tmp_path / "longer.safetensors").items()
    }
    hits = []
    for index in range(longer.pictures):
        picture, name = studio_scene(index, longer)
        lab = lab_of(picture)
        if is_studio(lab):
            scores = studio_scores(studio_features(lab, ground_distance(lab)), weights)
            hits.append(tuple(COLORS)[int(scores.argmax())] == name)
    assert sum(hits) >= 0.9 * len(hits) > 10
