import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from safetensors.numpy import load_file

from vlm import garment_mask as masks
from vlm.color_reading import NAMES, phone_features, read_color, shrunk, to_lab
from vlm.training import color_reading as training


@pytest.fixture(scope="module")
def scenes():
    """Drawn garments of other numbers than those that the shipped mask learned from, on made-up grounds."""
    return [training.drawn_scene(900_000 + index, 3, []) for index in range(24)]


def test_a_garment_is_told_from_the_ground_it_lies_on(scenes):
    shares = []
    for picture, mask, _ in scenes:
        truth = np.asarray(mask.resize((masks.SIDE, masks.SIDE), Image.Resampling.BOX)) > 127
        found = masks.garment_mask(to_lab(shrunk(picture))) > 0.5
        shares.append((truth & found).sum() / max(1, (truth | found).sum()))
    assert np.mean(shares) > 0.7


def scene(garment, ground, light):
    """A plain shirt shape on a ground, both in the same light (a factor)."""
    picture = Image.new("RGB", (180, 240), tuple(int(value * light) for value in ground))
    picture.paste(tuple(int(value * light) for value in garment), (50, 50, 130, 200))
    picture.paste(tuple(int(value * light) for value in garment), (25, 50, 155, 95))
    noise = Image.effect_noise((180, 240), 12).convert("RGB")
    return Image.blend(picture, noise, 0.06).filter(ImageFilter.BoxBlur(1))


@pytest.mark.parametrize(
    ("garment", "ground", "light", "names"),
    [
        ((205, 35, 45), (150, 130, 110), 0.8, {"red", "burgundy"}),
        ((245, 244, 243), (140, 110, 85), 0.75, {"white", "cream"}),
        ((24, 24, 27), (190, 180, 170), 0.9, {"black", "charcoal"}),
        ((30, 45, 100), (200, 195, 190), 0.9, {"navy", "blue"}),
        ((250, 225, 60), (120, 120, 125), 0.85, {"yellow", "mustard"}),
        ((40, 150, 80), (170, 160, 150), 0.8, {"green", "teal"}),
    ],
)
def test_a_shirt_on_a_floor_in_dim_light_is_called_what_a_person_would_call_it(garment, ground, light, names):
    assert read_color(scene(garment, ground, light)).color in names


@settings(deadline=None, max_examples=30)
@given(width=st.integers(1, 80), height=st.integers(1, 80), seed=st.integers(0, 2**32 - 1))
def test_any_picture_has_finite_features_and_a_mask_between_nothing_and_all(width, height, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    lab = to_lab(shrunk(Image.fromarray(pixels)))
    mask = masks.garment_mask(lab)
    assert mask.shape == (masks.SIDE, masks.SIDE) and (mask >= 0).all() and (mask <= 1).all()
    assert np.isfinite(phone_features(lab, mask)).all()
    assert np.isfinite(phone_features(lab, np.zeros_like(mask))).all()


def test_labels_are_palette_names_of_distinct_photos_none_of_which_measures_the_result():
    labels = training.labeled_colors()
    table = Path(__file__).parents[2] / "evals" / "data" / "photo_colors.yaml"
    measured = {row["photo"] for row in yaml.safe_load(table.read_text(encoding="utf-8"))["photos"]}
    photos = [label.photo for label in labels]
    assert len(set(photos)) == len(photos) >= 400
    assert not measured & set(photos)
    assert all({label.main, *label.fair} <= {*NAMES, "gold", "silver"} for label in labels)


def test_a_fit_writes_the_same_file_twice_and_learns_its_labels(tmp_path, monkeypatch):
    labels, rng = [], random.Random(1)
    for number, (name, color) in enumerate({"red": (200, 30, 40), "blue": (35, 90, 200)}.items()):
        for copy in range(3):
            photo = scene(color, (rng.randint(90, 180),) * 3, 0.9)
            photo.save(tmp_path / f"{number}{copy}.jpg")
            labels.append(training.LabeledColor(f"{number}{copy}.jpg", name, ()))
    monkeypatch.setattr(training, "labeled_colors", lambda: labels)
    tiny = replace(training.ColorTraining(), scenes=6, mask_steps=8, name_steps=60, variants=1)
    files = [tmp_path / "first.safetensors", tmp_path / "again.safetensors"]
    for file in files:
        training.fit_color_reading(tmp_path, file, tiny)
    assert files[0].read_bytes() == files[1].read_bytes()
    made, shipped = load_file(files[0]), load_file(masks.WEIGHTS)
    assert {name: value.shape for name, value in made.items()} == {
        name: value.shape for name, value in shipped.items()
    }
    monkeypatch.setattr(masks, "WEIGHTS", files[0])
    masks.color_weights.cache_clear()
    try:
        read = [read_color(Image.open(tmp_path / label.photo)).color for label in labels]
    finally:
        masks.color_weights.cache_clear()
    assert read == [label.main for label in labels]
