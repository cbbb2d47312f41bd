import json
import math
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from vlm.image_tokenizer import (
    ImageTokenizer,
    ImageTokenizerConfig,
    bits_to_codes,
    codes_to_bits,
    mini_config,
    published_config,
)

FIXTURE = Path(__file__).parents[2] / "../shared/fixtures/magvitv2"
TINY = ImageTokenizerConfig(
    bits=6,
    channels=8,
    encoder_multipliers=(1, 2),
    encoder_blocks=(1, 1),
    decoder_multipliers=(1, 2),
    decoder_blocks=(1, 1),
    norm="channel",
    middle_attention=True,
    pixel_patch=2,
    normalize_values=True,
    resolution=32,
)


def pictures(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def tiny(**changes):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ImageTokenizer(replace(TINY, **changes)).eval()


def fixture_weight(salt, name, shape):
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32((salt + name).encode())))
    if "norm" in name:
        return 1 + 0.05 * drawn if name.endswith("weight") else 0.05 * drawn
    return drawn / math.sqrt(math.prod(shape[1:])) if len(shape) > 1 else 0.02 * drawn


@pytest.fixture(scope="module")
def manifest():
    if not FIXTURE.is_dir():
        pytest.skip("the folder shared/fixtures/magvitv2 is absent")
    return json.loads((FIXTURE / "manifest.json").read_text())


@pytest.fixture(scope="module")
def published(manifest):
    with torch.device("meta"):
        tokenizer = ImageTokenizer(published_config())
    weights = {
        name: fixture_weight(manifest["salt"], name, tuple(p.shape))
        for name, p in tokenizer.named_parameters()
    }
    tokenizer.load_state_dict(weights, strict=False, assign=True)
    return tokenizer.eval()


@pytest.fixture(scope="module")
def expected(manifest):
    return load_file(FIXTURE / "expected.safetensors")


def test_the_published_size_has_the_published_names_and_shapes(manifest):
    with torch.device("meta"):
        tokenizer = ImageTokenizer(published_config())
    assert {
        n: [list(t.shape), str(t.dtype).split(".")[1]] for n, t in tokenizer.state_dict().items()
    } == manifest["state_dict"]


@pytest.mark.parametrize("size", ["64x64", "96x64", "256x256"])
@torch.inference_mode()
def test_the_published_size_gives_the_published_codes(published, expected, size):
    codes = published.encode(expected[f"image_{size}"].float())
    assert torch.equal(codes, expected[f"codes_{size}"])


@torch.inference_mode()
def test_the_published_size_draws_the_published_pictures_square_and_tall(published, expected):
    square = published.decode(expected["decode_codes"])
    tall = published.decode(expected["decode_codes_6x4"], (6, 4))
    torch.testing.assert_close(square, expected["decode_image"], atol=1e-3, rtol=0)
    torch.testing.assert_close(tall, expected["decode_image_6x4"], atol=1e-3, rtol=0)


@settings(deadline=None)
@given(
    st.integers(1, 16).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.integers(0, 2**n - 1), max_size=30))
    )
)
def test_codes_survive_the_way_to_bits_and_back(drawn):
    bits, codes = drawn
    back = bits_to_codes(codes_to_bits(torch.tensor(codes, dtype=torch.long), bits))
    assert back.tolist() == codes


@settings(deadline=None)
@given(st.integers(0, 2**12 - 1))
def test_the_first_bit_is_the_most_significant(code):
    assert codes_to_bits(torch.tensor([code]), 12)[0].tolist() == [int(digit) for digit in f"{code:012b}"]


def test_a_bit_is_one_only_where_the_value_is_above_zero():
    values = torch.tensor([-1.0, 0.0, 0.5, -0.0, 2.0, -3.0]).view(1, 6, 1, 1)
    assert tiny().quantize.codes(values).item() == 0b001010


@pytest.mark.parametrize("code", [-1, 64])
def test_a_code_out_of_range_is_refused(code):
    with pytest.raises(ValueError, match=r"0…63"):
        tiny().decode(torch.tensor([[code]]))


@pytest.mark.parametrize("block", ["residual", "depthwise"])
@pytest.mark.parametrize("upsample", ["repeat", "unfold"])
@torch.inference_mode()
def test_pictures_of_any_fitting_shape_become_codes_and_pictures_again(block, upsample):
    tokenizer = tiny(block=block, upsample=upsample)
    pixels = pictures(2, 3, 16, 24)
    codes = tokenizer.encode(pixels)
    assert codes.shape == (2, 4 * 6) and codes.dtype == torch.int64
    assert codes.min() >= 0 and codes.max() < tokenizer.codebook_size
    assert tokenizer.decode(codes, (4, 6)).shape == pixels.shape


def test_the_mini_size_turns_128_pixels_into_16_by_16_tokens():
    tokenizer = ImageTokenizer(mini_config())
    assert tokenizer.grid() == (16, 16) and tokenizer.downsample == 8
    assert tokenizer.grid(64) == (8, 8)
    assert tokenizer.config.values == 32
    assert sum(p.numel() for p in tokenizer.parameters()) < 2.8e6


@torch.inference_mode()
def test_several_codes_of_a_place_hold_its_bits_in_order():
    tokenizer = tiny(codes_per_place=2)
    pixels = pictures(2, 3, 16, 24)
    codes = tokenizer.encode(pixels)
    assert codes.shape == (2, 4 * 6 * 2) and codes.max() < tokenizer.codebook_size
    bits = codes_to_bits(codes, tokenizer.config.bits).reshape(2, 4 * 6, -1)
    values = tokenizer.encoder(pixels).flatten(2).transpose(1, 2)
    assert torch.equal(bits.bool(), values > 0)
    torch.testing.assert_close(tokenizer(pixels).reconstruction, tokenizer.decode(codes, (4, 6)))
    with pytest.raises(ValueError, match="4×5 times 2"):
        tokenizer.decode(codes, (4, 5))


def test_sides_that_do_not_fit_and_counts_that_are_not_square_are_refused():
    tokenizer = tiny()
    with pytest.raises(ValueError, match="multiples of 4"):
        tokenizer.encode(pictures(1, 3, 18, 16))
    with pytest.raises(ValueError, match="give the shape"):
        tokenizer.decode(torch.zeros(1, 24, dtype=torch.long))
    with pytest.raises(ValueError, match="are not 5×4"):
        tokenizer.decode(torch.zeros(1, 24, dtype=torch.long), (5, 4))


@torch.inference_mode()
def test_a_fully_quantized_training_pass_draws_what_its_codes_decode_to():
    tokenizer = tiny()
    pixels = pictures(2, 3, 16, 16)
    output = tokenizer(pixels)
    assert torch.equal(output.codes, tokenizer.encode(pixels))
    torch.testing.assert_close(output.reconstruction, tokenizer.decode(output.codes))


def test_gradients_pass_through_the_quantizer_to_every_weight():
    tokenizer = tiny()
    output = tokenizer(pictures(2, 3, 16, 16))
    output.losses["absolute"].backward()
    dead = [name for name, p in tokenizer.named_parameters() if p.grad is None or not p.grad.any()]
    # A shift common to all keys cancels in the softmax.
    assert all(name.endswith("attn_1.k.bias") for name in dead)


def test_the_share_of_unquantized_samples_follows_the_generator():
    tokenizer = tiny()
    pixels = pictures(8, 3, 16, 16)
    drawn = [
        tokenizer(pixels, quantized_share=0.5, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)
    ]
    assert torch.equal(drawn[0].reconstruction, drawn[1].reconstruction)
    assert not torch.equal(drawn[0].reconstruction, drawn[2].reconstruction)
    assert torch.equal(drawn[0].codes, drawn[2].codes)


def test_the_loss_terms_see_a_perfect_picture_and_a_gray_one():
    from vlm.image_tokenizer.losses import detail_weight, pixel_losses

    pixels = pictures(2, 3, 16, 16)
    assert all(term == 0 for term in pixel_losses(pixels, pixels).values())
    gray = pixels.mean(dim=1, keepdim=True).expand_as(pixels)
    assert pixel_losses(gray, pixels)["chroma"] > 0.1
    half = torch.cat([torch.zeros(1, 3, 32, 32), pictures(1, 3, 32, 32)], dim=3)
    weight = detail_weight(half)
    assert weight[..., 48:].mean() > 2 * weight[..., :16].mean()
    assert weight.mean().item() == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_saved_tokenizer_comes_back_with_the_same_codes_in_float32(tmp_path, dtype):
    tokenizer = tiny()
    with torch.no_grad():
        for weight in tokenizer.parameters():
            weight.copy_(weight.half())
    tokenizer.save_pretrained(tmp_path, dtype=dtype)
    back = ImageTokenizer.from_pretrained(tmp_path)
    assert back.config == tokenizer.config and not back.training
    assert {p.dtype for p in back.parameters()} == {torch.float32}
    pixels = pictures(2, 3, 16, 16)
    assert torch.equal(back.encode(pixels), tokenizer.encode(pixels))
    assert all(torch.equal(a, b) for a, b in zip(back.parameters(), tokenizer.parameters(), strict=True))


def test_a_folder_without_weights_or_with_others_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.json is missing"):
        ImageTokenizer.from_pretrained(tmp_path)
    tiny().save_pretrained(tmp_path)
    wider = replace(TINY, channels=16).to_dict()
    (tmp_path / "config.json").write_text(json.dumps(wider))
    with pytest.raises(ValueError, match="do not fit its config"):
        ImageTokenizer.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**wider, "depth": 3}))
    with pytest.raises(ValueError, match="unknown image tokenizer settings: depth"):
        ImageTokenizer.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"bits": 0}, {"encoder_blocks": (1,)}, {"resolution": 30}, {"encoder_multipliers": ()}]
)
def test_a_shape_that_cannot_be_is_refused(changes):
    with pytest.raises(ValueError):
        replace(TINY, **changes)


def test_a_channel_norm_tokenizer_sees_a_crop_as_it_sees_that_part_of_the_whole():
    tokenizer = tiny(middle_attention=False)
    whole = pictures(1, 3, 128, 128)
    inner = tokenizer.encode(whole).view(32, 32)[12:20, 12:20]
    crop = tokenizer.encode(whole[..., 16:112, 16:112]).view(24, 24)[8:16, 8:16]
    assert torch.equal(inner, crop)


def test_pixels_and_pictures_convert_without_loss():
    from vlm.training.tokenizer_report import to_pictures, to_pixels

    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)
    assert np.array_equal(to_pictures(to_pixels(levels)), levels)
