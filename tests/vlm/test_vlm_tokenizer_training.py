import json

import numpy as np
import pytest
import torch
from PIL import Image

from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig
from vlm.training.image_tokenizer import TokenizerTraining, train_from_pool, train_image_tokenizer
from vlm.training.tokenizer_crops import CropSource, open_pool
from vlm.training.tokenizer_report import measure

SMALL = ImageTokenizerConfig(
    bits=8,
    channels=16,
    encoder_multipliers=(1, 2),
    encoder_blocks=(1, 1),
    decoder_multipliers=(1, 2),
    decoder_blocks=(1, 1),
    norm="channel",
    middle_attention=False,
    pixel_patch=2,
    normalize_values=True,
    resolution=32,
)
ALWAYS = TokenizerTraining(checkpoint_seconds=0.0, warmup_steps=5)


def stripes(count, side=32, seed=0):
    rng = np.random.default_rng(seed)
    pool = np.full((count, side, side, 3), 240, np.uint8)
    for picture in pool:
        picture[8:24, 8:24] = rng.integers(256, size=3)
        picture[8:24:4, 8:24] = rng.integers(256, size=3)
    return pool


def train(folder, steps, **changes):
    pool = stripes(40)
    source = CropSource(pool[:32], seed=1, batch=8, side=16)
    return train_image_tokenizer(
        folder, batches=source, aside=pool[32:], steps=steps, seed=1, config=SMALL, training=ALWAYS, **changes
    )


def test_training_brings_the_reconstruction_nearer_and_leaves_a_tokenizer_and_a_sheet(tmp_path):
    seen = []
    start = measure(ImageTokenizer(SMALL), stripes(8, seed=3)).psnr
    trained = train(tmp_path, 60, progress=seen.append)
    assert seen[-1].step == 60 and seen[-1].fraction == 1.0 and seen[-1].psnr > start + 4
    back = ImageTokenizer.from_pretrained(tmp_path)
    pixels = torch.zeros(1, 3, 32, 32)
    assert back.config == SMALL
    torch.testing.assert_close(back.encoder(pixels), trained.encoder(pixels), atol=0.05, rtol=0.05)
    assert Image.open(tmp_path / "reconstructions.png").size == (8 * 32, 2 * 32)
    assert not [p for p in tmp_path.rglob("*") if p.suffix in {".pt", ".bin", ".pkl"}]


def test_the_same_seed_gives_the_same_weights(tmp_path):
    one, two = train(tmp_path / "a", 4), train(tmp_path / "b", 4)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_an_interrupted_run_goes_on_where_it_stopped_and_ends_the_same(tmp_path):
    unbroken = train(tmp_path / "a", 8)

    class Stop(RuntimeError):
        pass

    source = CropSource(stripes(40)[:32], seed=1, batch=8, side=16)
    asked = []

    def failing(step):
        asked.append(step)
        if asked == [0, 1, 2, 3, 4, 5]:
            raise Stop
        return source(step)

    arguments = {"aside": stripes(40)[32:], "steps": 8, "seed": 1, "config": SMALL, "training": ALWAYS}
    with pytest.raises(Stop):
        train_image_tokenizer(tmp_path / "b", batches=failing, **arguments)
    resumed = train_image_tokenizer(tmp_path / "b", batches=failing, **arguments)
    assert asked == [0, 1, 2, 3, 4, 5, 5, 6, 7]
    assert all(torch.equal(a, b) for a, b in zip(resumed.parameters(), unbroken.parameters(), strict=True))


def test_a_finished_run_is_not_trained_further_and_a_fresh_one_starts_anew(tmp_path):
    train(tmp_path, 3)
    seen = []
    train(tmp_path, 3, progress=seen.append)
    assert seen[-1].crops_per_second == 0
    train(tmp_path, 2, resume=False)
    assert json.loads((tmp_path / "checkpoint/position.json").read_text())["step"] == 2


def test_a_checkpoint_of_another_shape_is_refused(tmp_path):
    train(tmp_path, 1)
    with pytest.raises(ValueError, match="another shape"):
        train_image_tokenizer(tmp_path, batches=lambda _: stripes(1), aside=stripes(1), steps=2)


@pytest.mark.parametrize("budget", [{}, {"minutes": 1.0, "steps": 2}])
def test_exactly_one_budget_is_asked_for(tmp_path, budget):
    with pytest.raises(ValueError, match="minutes or in steps"):
        train_image_tokenizer(tmp_path, batches=lambda _: stripes(1), aside=stripes(1), **budget)


def test_a_pool_file_is_trained_on_and_its_last_pictures_are_kept_aside(tmp_path):
    np.save(tmp_path / "pool.npy", stripes(12, side=64))
    seen = []
    train_from_pool(
        tmp_path / "out",
        tmp_path / "pool.npy",
        steps=1,
        aside=8,
        batch=2,
        config=SMALL,
        progress=seen.append,
    )
    assert seen[-1].step == 1
    with pytest.raises(ValueError, match="more than 12 are needed"):
        train_from_pool(tmp_path / "out", tmp_path / "pool.npy", steps=1, aside=12)


def test_a_file_that_is_no_picture_pool_is_refused(tmp_path):
    np.save(tmp_path / "pool.npy", np.zeros((4, 64, 64, 3), np.float32))
    with pytest.raises(ValueError, match="no picture pool"):
        open_pool(tmp_path / "pool.npy")


def test_the_crops_of_a_step_follow_from_seed_and_step():
    pool = stripes(20)
    one = CropSource(pool, seed=5, batch=4, side=16)
    two = CropSource(pool, seed=5, batch=4, side=16)
    assert np.array_equal(one(7), two(7))
    assert not np.array_equal(one(7), one(8))
    assert not np.array_equal(one(7), CropSource(pool, seed=6, batch=4, side=16)(7))
    assert one(0).shape == (4, 16, 16, 3) and one(0).dtype == np.uint8


def test_crops_prefer_the_garment_to_the_background():
    pool = stripes(30, side=32)
    many = CropSource(pool, seed=1, batch=200, side=8, places=4)(0)
    one = CropSource(pool, seed=1, batch=200, side=8, places=1)(0)
    empty = [float((crops == 240).all(axis=(1, 2, 3)).mean()) for crops in (many, one)]
    assert empty[0] < empty[1] / 3


def test_a_pool_smaller_than_its_crops_is_refused():
    with pytest.raises(ValueError, match="no crops of 64 px"):
        CropSource(stripes(2), seed=0)
