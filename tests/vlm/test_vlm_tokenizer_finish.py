"""The decoder trained further while the codes stay."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from tests.vlm.blocky_pictures import blocky_pictures
from vlm.image_tokenizer import ImageTokenizer, mini_config
from vlm.training.stopping import TrainingStoppedError
from vlm.training.tokenizer_crops import CropSource
from vlm.training.tokenizer_finish import TokenizerFinish, finish_tokenizer
from vlm.training.tokenizer_report import to_pixels

SHAPE = replace(mini_config(4), channels=16, encoder_multipliers=(1, 1), decoder_multipliers=(1, 1))
SETTINGS = TokenizerFinish(warmup_steps=2, average_decay=0.5, judged_from=0.5)


@pytest.fixture(scope="module")
def pool():
    return blocky_pictures()


def tokenizer():
    torch.manual_seed(1)
    # With weights as they are stored, or their rounding turns a code.
    return ImageTokenizer(SHAPE).half().float().eval()


def finished(pool, folder, steps=40, settings=SETTINGS, **more):
    return finish_tokenizer(
        tokenizer(), folder, batches=CropSource(pool[:8], seed=1, batch=4, side=32), aside=pool[8:], steps=steps,
        settings=settings, **more,
    )  # fmt: skip


def test_codes_stay_and_pictures_come_nearer(pool, tmp_path):
    told = []
    before, after = tokenizer(), finished(pool, tmp_path, progress=told.append)
    pixels = to_pixels(pool[8:])
    codes = before.encode(pixels)
    assert torch.equal(after.encode(pixels), codes)
    was, now = ((one.decode(codes) - pixels).square().mean() for one in (before, after))
    assert now < 0.8 * was
    assert told[-1].step == 40


@pytest.mark.parametrize("encoder_share", [0.0, 1.0])
def test_a_stopped_and_resumed_run_has_the_weights_of_an_unbroken_one(pool, tmp_path, encoder_share):
    settings = replace(SETTINGS, encoder_share=encoder_share)
    finished(pool, tmp_path / "whole", settings=settings)
    # After the discriminator has begun to learn.
    stops = iter([False] * 23 + [True])
    with pytest.raises(TrainingStoppedError, match="after step 24"):
        finished(pool, tmp_path / "halved", settings=settings, should_stop=lambda: next(stops))
    finished(pool, tmp_path / "halved", settings=settings)
    whole, halved = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "halved"))
    assert all(torch.equal(value, halved[name]) for name, value in whole.items())
