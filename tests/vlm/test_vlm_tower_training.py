import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fashion.drawing import draw_cutout
from fashion.garment import Garment
from vlm.tower_heads import HEADS
from vlm.training.grounds import ground, photo_border
from vlm.training.tower import TowerTraining, train_tower
from vlm.training.tower_pictures import empty, pasted, side_by_side, varied_photo
from vlm.training.tower_views import KINDS, ViewPlan, Views, build_views
from vlm.vision_tower import VisionTower

TINY = TowerTraining(steps=4, photos=2, garments=1, scenes=1, warmup_steps=1, checkpoint_seconds=0.0)


def views_of_chance(seed=5):
    rng = np.random.default_rng(seed)
    kinds = np.array([0] * 8 + [1, 2, 3, 4], np.int16)
    labels = np.full((12, len(HEADS)), -1, np.int16)
    labels[:8, 0] = rng.integers(0, len(HEADS["photo_class"]), 8)
    labels[8:10, 1] = rng.integers(0, 51, 2)
    labels[:, -1] = [1] * 10 + [2, 0]
    maps = rng.normal(0, 1, (12, 14, 14, 112)).astype(np.float16)
    return Views(maps, labels, kinds, np.array([True] + [False] * 11))


@settings(deadline=None, max_examples=25)
@given(width=st.integers(2, 300), height=st.integers(2, 300), seed=st.integers(0, 2**31))
def test_any_photo_can_be_varied_and_the_same_chance_gives_the_same_view(width, height, seed):
    photo = Image.effect_noise((width, height), 60).convert("RGB")
    first, again = (varied_photo(photo, random.Random(seed)) for _ in range(2))
    assert first.mode == "RGB" and first.tobytes() == again.tobytes()
    assert max(first.size) <= 240
    assert photo_border(photo).mode == "RGB"


@pytest.mark.parametrize("seed", range(12))
def test_scenes_are_rgb_pictures_that_chance_alone_decides(seed):
    border = Image.new("RGB", (36, 38), (120, 100, 90))
    cutouts = [draw_cutout(Garment("Tops", name), size=64, seed=1) for name in ("red", "navy", "white")]
    photos = [Image.new("RGB", (60, 80), color) for color in ("teal", "pink", "black")]
    for make in (
        lambda rng: pasted(cutouts[:1], [border], rng),
        lambda rng: pasted(cutouts, [border], rng),
        lambda rng: side_by_side(photos, rng),
        lambda rng: empty([border], rng),
        lambda rng: ground((90, 120), [], rng),
    ):
        first, again = make(random.Random(seed)), make(random.Random(seed))
        assert first.mode == "RGB" and first.tobytes() == again.tobytes()


def photo_folder(root):
    for index, name in enumerate(("dress", "shoes", "t-shirt")):
        (root / name).mkdir(parents=True)
        for number in range(2):
            picture = Image.new("RGB", (60, 80), (40 * index, 90, 30 + 60 * number))
            picture.save(root / name / f"{name}{number}.jpg")
    return root


def test_views_hold_every_kind_say_what_is_known_and_are_not_made_twice(tmp_path):
    photos, seen = photo_folder(tmp_path / "photos"), []
    plan = ViewPlan(photo_variants=2, drawn=2, pasted=2, several=2, none=2, held_percent=50)
    tower = VisionTower()

    def look(pixels):
        seen.append(len(pixels))
        return torch.zeros(len(pixels), 112, 14, 14)

    views = build_views(tmp_path / "views", photos, tower, plan, look=look)
    assert np.bincount(views.kinds, minlength=len(KINDS)).tolist() == [12, 2, 2, 2, 2]
    count = views.labels[:, list(HEADS).index("count")]
    told = {kind: set(count[views.kinds == number]) for number, kind in enumerate(KINDS)}
    assert told == {"photo": {1}, "drawn": {1}, "pasted": {1}, "several": {2}, "none": {0}}
    photo_class = views.labels[:, list(HEADS).index("photo_class")]
    assert (photo_class >= 0).sum() == 12
    sleeve = HEADS["sleeve"].index("short")
    shirts = photo_class == HEADS["photo_class"].index("t-shirt")
    assert (views.labels[shirts, list(HEADS).index("sleeve")] == sleeve).all()
    assert not views.held[views.kinds != 0].any()
    looks = len(seen)
    again = build_views(tmp_path / "views", photos, tower, plan, look=look)
    assert len(seen) == looks and (again.labels == views.labels).all()
    with pytest.raises(ValueError, match="another plan"):
        build_views(tmp_path / "views", photos, tower, replace(plan, drawn=3), look=look)


def test_training_that_was_stopped_goes_on_to_the_same_weights(tmp_path):
    class StoppedError(Exception):
        pass

    def stop(progress):
        if progress.step == 2:
            raise StoppedError

    views = views_of_chance()
    whole, whole_heads = train_tower(VisionTower(), views, tmp_path / "whole", TINY)
    with pytest.raises(StoppedError):
        train_tower(VisionTower(), views, tmp_path / "parts", TINY, progress=stop)
    parts, parts_heads = train_tower(VisionTower(), views, tmp_path / "parts", TINY)
    for name, value in whole.upper_state().items():
        assert torch.equal(value, parts.upper_state()[name]), name
    for name, value in whole_heads.state_dict().items():
        assert torch.equal(value, parts_heads.state_dict()[name]), name


def test_training_changes_the_upper_half_learns_its_views_and_leaves_the_lower_half(tmp_path):
    losses = []
    tower, _ = train_tower(
        VisionTower(),
        views_of_chance(),
        tmp_path,
        replace(TINY, steps=12, mix=1.0, dropout=0.0, checkpoint_seconds=1e9),
        progress=lambda progress: losses.append(progress.loss),
    )
    package = VisionTower()
    assert torch.equal(tower.blocks[10].project.conv.weight, package.blocks[10].project.conv.weight)
    assert not torch.equal(tower.blocks[11].project.conv.weight, package.blocks[11].project.conv.weight)
    assert losses[-1] < losses[0]
    assert not any(value.requires_grad for value in tower.parameters())
