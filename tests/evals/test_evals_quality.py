"""The measuring of quality: shares, what counts as right, and the judge of drawings."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evals.drawing_judge import SIDE, DrawingJudge, load_judge, save_judge
from evals.drawing_judge_training import JudgePlan, disturbed, train_judge
from evals.quality_advice import chance_shares, composer_shares, heldout_requests, judge_advice
from evals.quality_drawing import contact_sheet
from evals.quality_reading import (
    class_shares,
    color_labels,
    color_shares,
    compared,
    confusions,
    describe_each,
    heldout_garments,
    photo_categories,
    photo_files,
)
from evals.shares import Share
from fashion.garment import Garment
from fashion.sampling import combination_is_held_out
from fashion.vocabulary import CATEGORIES
from tests.standin import StandInFashionVLM
from vlm.client import Reading
from vlm.training.picture_pool import pool_garment


def reading(category: str | None, color: str | None = "red", pattern: str | None = "solid") -> Reading:
    return Reading(category, color, pattern, "")


def test_a_share_has_the_interval_that_wilson_gives() -> None:
    low, high = Share(85, 100).interval
    assert (round(low, 2), round(high, 2)) == (76.72, 90.69)
    assert Share(10, 10).facts() == {"percent": 100.0, "low": 72.2, "high": 100.0, "n": 10}
    assert Share(0, 10).interval[0] == 0.0
    for right, count in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="is no share"):
            Share(right, count)


def test_the_garments_to_read_are_of_all_categories_and_of_combinations_kept_aside() -> None:
    garments = heldout_garments(51, 3)
    assert {garment.category for garment in garments} == set(CATEGORIES)
    assert all(combination_is_held_out(g.category, g.color, g.pattern) for g in garments)
    assert garments[:5] == heldout_garments(5, 3)
    assert garments != heldout_garments(51, 4)


def test_an_attribute_counts_where_it_is_named_and_all_only_where_every_one_is() -> None:
    truth = [Garment("Boots", "red"), Garment("Belts", "navy", "striped"), Garment("Hats", "red")]
    seen = [
        reading("Boots"),
        reading("Belts", "black", "striped"),
        reading(None, None, None),
    ]
    shares = compared(truth, seen)
    assert {name: share.right for name, share in shares.items()} == {
        "category": 2, "color": 1, "pattern": 2, "all": 1,
    }  # fmt: skip
    assert ("color", "navy", "black", 1) in confusions(truth, seen)
    assert len(confusions(truth, seen)) == 4


async def test_readings_come_in_the_order_of_their_pictures_however_long_each_takes() -> None:
    class Slow(StandInFashionVLM):
        async def describe(self, picture: Image.Image) -> Reading:
            for _ in range(40 - picture.width):
                await asyncio.sleep(0)
            return reading(str(picture.width))

    widths = dict(enumerate(range(1, 40), start=7))
    seen = await describe_each(Slow(), widths, lambda _, width: Image.new("RGB", (width, 1)))
    assert [(number, int(str(one.category))) for number, one in seen.items()] == [*widths.items()]


def test_a_photo_is_right_where_its_category_belongs_to_its_class(tmp_path: Path) -> None:
    for name, count in (("pants", 2), ("hat", 1)):
        (tmp_path / name).mkdir()
        for at in range(count):
            (tmp_path / name / f"{at}.jpg").touch()
    files = photo_files(tmp_path)
    assert [file.parent.name for file in files] == ["hat", "pants", "pants"]
    shares = class_shares(dict(zip(files, map(reading, ("Hats", "Jeans", "Skirts")), strict=True)))
    assert {name: (share.right, share.count) for name, share in shares.items()} == {
        "all classes": (2, 3), "hat": (1, 1), "pants": (1, 2),
    }  # fmt: skip
    with pytest.raises(FileNotFoundError, match="expected folders named dress"):
        photo_files(tmp_path / "hat")
    assert {name for names in photo_categories().values() for name in names} <= set(CATEGORIES)


def test_a_fair_color_is_fair_but_not_the_first_word() -> None:
    labels = [
        {"photo": "hat/a.jpg", "main": "navy", "fair": ["black"]},
        {"photo": "hat/b.jpg", "main": "red", "fair": []},
        {"photo": "hat/c.jpg", "main": "red", "fair": ["pink"]},
    ]
    shares = color_shares({"hat/a.jpg": "black", "hat/b.jpg": "red", "hat/c.jpg": None}, labels)
    assert (shares["first"].right, shares["fair"].right, shares["fair"].count) == (1, 2, 3)
    assert len(color_labels()) == 120


def test_an_answer_is_judged_by_what_it_names_and_by_whether_its_reasons_hold() -> None:
    samples = heldout_requests(12)
    assert samples == heldout_requests(12)
    for name, share in composer_shares(samples).items():
        assert share.right >= 11, name
    assert set(chance_shares(samples)) == {"color harmony", "all rules"}
    nothing = judge_advice(samples[0], "I would rather not say.")
    assert not (nothing.names or nothing.asked or nothing.rules or nothing.reason)
    sample = next(one for one in samples if all(item.color != "green" for item in one.items))
    false = judge_advice(sample, "I suggest a red scarf, because green and purple are a classic pair.")
    assert false.names and not false.reason


def test_a_contact_sheet_shows_every_picture_with_its_words(tmp_path: Path) -> None:
    contact_sheet(
        tmp_path / "sheet.png",
        ["a red hat", "x" * 99],
        [Image.new("RGB", (9, 9), "red")] * 2,
        across=2,
        side=40,
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (80, 66)
        assert sheet.getpixel((20, 20)) == sheet.getpixel((60, 20)) == (255, 0, 0)


def test_a_judge_judges_the_same_after_it_was_saved_and_another_file_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(1)
    judge = DrawingJudge().eval()
    save_judge(judge, tmp_path / "judge.safetensors")
    assert (tmp_path / "judge.safetensors").stat().st_size < 3_000_000
    loaded = load_judge(tmp_path / "judge.safetensors")
    pixels = torch.rand(2, 3, SIDE, SIDE) * 2 - 1
    with torch.inference_mode():
        for one, other in zip(loaded(pixels), judge(pixels), strict=True):
            assert torch.allclose(one, other, atol=2e-2)
    save_judge(DrawingJudge(width=16), tmp_path / "small.safetensors")
    with pytest.raises(ValueError, match="judge of this shape"):
        load_judge(tmp_path / "small.safetensors")
    with pytest.raises(FileNotFoundError, match="drawing_judge_training"):
        load_judge(tmp_path / "none.safetensors")


def test_the_judge_goes_on_where_its_training_stopped(tmp_path: Path) -> None:
    plan = JudgePlan(garments=32, epochs=2, batch=16)
    rng = np.random.default_rng(1)
    rows = [asdict(pool_garment(plan.seed, index)) for index in range(plan.garments)]
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "garments.npy", rng.integers(0, 255, (32, 128, 128, 3), np.uint8))
        (tmp_path / name / "garments.json").write_text(json.dumps(rows))
        rng = np.random.default_rng(1)
    whole = train_judge(tmp_path / "whole", plan=plan)
    train_judge(tmp_path / "parts", plan=plan, stop_after=1)
    parts = train_judge(tmp_path / "parts", plan=plan)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name


def test_a_disturbed_picture_keeps_its_shape_and_roughly_its_colors() -> None:
    rng = np.random.default_rng(3)
    pixels = torch.full((4, 3, 64, 64), 0.5)
    changed = disturbed(pixels, rng)
    assert changed.shape == pixels.shape
    assert not torch.equal(changed, pixels)
    assert torch.allclose(changed.mean((2, 3)), pixels.mean((2, 3)), atol=0.05)
