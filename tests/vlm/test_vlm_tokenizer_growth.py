"""A tokenizer made larger begins as what it was."""

from dataclasses import replace

import pytest
import torch

from tests.vlm.blocky_pictures import blocky_pictures
from vlm.image_tokenizer import ImageTokenizer, mini_config
from vlm.training.tokenizer_crops import CropSource
from vlm.training.tokenizer_finish import finish_tokenizer, joint_growth
from vlm.training.tokenizer_growth import deepened, widened
from vlm.training.tokenizer_report import to_pixels

SHAPE = replace(mini_config(4, 3), channels=16, encoder_multipliers=(1, 1), decoder_multipliers=(1, 1))


@pytest.fixture(scope="module")
def pool():
    return blocky_pictures()


def tokenizer():
    torch.manual_seed(1)
    return ImageTokenizer(SHAPE).half().float().eval()


def same_weights(one, other):
    others = dict(other.named_parameters())
    return all(torch.equal(value, others[name]) for name, value in one.named_parameters())


def test_deeper_halves_begin_with_the_same_codes_and_pictures(pool):
    before = tokenizer()
    deeper = deepened(before, (2, 3), (2, 2))
    pixels = to_pixels(pool[8:])
    codes = before.encode(pixels)
    assert torch.equal(deeper.encode(pixels), codes)
    assert torch.equal(deeper.decode(codes), before.decode(codes))
    assert same_weights(deeper, deepened(before, (2, 3), (2, 2)))
    for part in ("encoder", "decoder"):
        sizes = [sum(p.numel() for p in getattr(one, part).parameters()) for one in (before, deeper)]
        assert sizes[0] < sizes[1]


def test_fewer_blocks_or_codes_are_refused():
    with pytest.raises(ValueError, match=r"decoder has \(1, 2\) blocks a level: \(1, 1\) are not more"):
        deepened(tokenizer(), (1, 1))
    with pytest.raises(ValueError, match=r"encoder has \(1, 1\) blocks a level: \(0, 1\) are not more"):
        deepened(tokenizer(), (1, 2), (0, 1))
    with pytest.raises(ValueError, match="has 3 codes a place: 3 are not more"):
        widened(tokenizer(), 3)


def test_a_wider_tokenizer_keeps_the_codes_it_had_and_uses_the_new_ones(pool):
    before = tokenizer()
    wider = widened(before, 4)
    pixels = to_pixels(pool)
    codes = wider.encode(pixels).view(len(pixels), -1, 4)
    assert torch.equal(codes[..., :3].reshape(len(pixels), -1), before.encode(pixels))
    assert codes[..., 3].unique().numel() > 1
    assert same_weights(wider, widened(before, 4))
    flipped = codes.clone()
    flipped[..., 3] ^= 0b1111
    shown, other = (wider.decode(one.reshape(len(pixels), -1)) for one in (codes, flipped))
    assert not torch.equal(shown, other)


def test_both_halves_learn_together_and_pictures_come_nearer(pool, tmp_path):
    before = widened(deepened(tokenizer(), (1, 2), (2, 2)), 4)
    pixels = to_pixels(pool[8:])
    codes = before.encode(pixels)
    was = (before.decode(codes) - pixels).square().mean()
    after = finish_tokenizer(
        before, tmp_path, batches=CropSource(pool[:8], seed=1, batch=4, side=32), aside=pool[8:], steps=40,
        settings=replace(joint_growth(), warmup_steps=2, average_decay=0.5),
    )  # fmt: skip
    assert not torch.equal(after.encode(pixels), codes)
    assert (after.decode(after.encode(pixels)) - pixels).square().mean() < 0.8 * was
