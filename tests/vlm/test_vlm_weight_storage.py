"""Weights on disk in each type: how much smaller a folder gets, and how little what is read back differs."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from tests.vlm.tiny_model import tiny_model
from vlm.checkpoint import load_model, save_model
from vlm.layouts import additive, reading_prefix, reading_visibility
from vlm.weight_storage import STORAGES, restored, stored


def logits(parts):
    network, config = parts.network, parts.network.config
    generator = torch.Generator().manual_seed(5)
    codes = torch.randint(config.codebook_size, (2, config.num_vq_tokens), generator=generator)
    words = torch.randint(200, (2, 12), generator=generator)
    prefix = reading_prefix(network, codes)
    embeddings = torch.cat([prefix, network.embed_text(words)], dim=1)
    length = embeddings.shape[1]
    mask = additive(reading_visibility(prefix.shape[1], length), embeddings.dtype)
    positions = torch.arange(length)[None].expand(2, -1)
    return network.token_logits(network.trunk(embeddings, mask, positions))


def test_an_int8_folder_is_half_of_a_float16_one_and_says_nearly_the_same(tmp_path):
    parts, sizes, answers = load_model(), {}, {}
    for name in ("float32", "float16", "int8"):
        save_model(tmp_path / name, parts, dtype=STORAGES[name])
        sizes[name] = (tmp_path / name / "model.safetensors").stat().st_size
        answers[name] = logits(load_model(tmp_path / name)).log_softmax(-1)
    assert sizes["int8"] < 0.52 * sizes["float16"] < 0.27 * sizes["float32"]
    whole = answers["float32"]
    assert (answers["float16"] - whole).abs().max() < 0.05
    lost = (whole.exp() * (whole - answers["int8"])).sum(-1)
    assert lost.mean() < 0.02
    assert (answers["int8"].argmax(-1) == whole.argmax(-1)).float().mean() > 0.9


def test_bfloat16_keeps_the_large_and_float32_keeps_all(tmp_path):
    parts = tiny_model().parts
    for name, exact in (("float32", True), ("bfloat16", False)):
        save_model(tmp_path / name, parts, dtype=STORAGES[name])
        again = load_model(tmp_path / name).network.state_dict()
        for key, value in parts.network.state_dict().items():
            torch.testing.assert_close(again[key], value, rtol=0 if exact else 2**-8, atol=0)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=6, max_size=6), st.floats(1e-6, 1e3))
def test_a_weight_is_off_by_at_most_half_a_step_of_its_row(numbers, scale):
    rows = torch.tensor(numbers).reshape(2, 3) * scale
    again = restored(stored({"w": rows}, torch.int8), torch.float32)["w"]
    step = rows.abs().amax(-1, keepdim=True) / 127
    assert bool(((again - rows).abs() <= 0.5001 * step + 1e-30).all())


def test_rows_of_higher_dimensions_have_scales_of_their_own_and_vectors_stay_floats():
    rows = torch.randn(2, 3, 8) * torch.tensor([1e-3, 1.0])[:, None, None]
    tensors = stored({"table": rows, "bias": torch.ones(3)}, torch.int8)
    assert tensors["table"].dtype is torch.int8
    assert tensors["table.row_scale"].shape == (2, 3)
    assert tensors["bias"].dtype is torch.float16
    again = restored(tensors, torch.float32)
    assert set(again) == {"table", "bias"}
    assert (again["table"][0] - rows[0]).abs().max() < 2e-5


def test_a_convolution_has_one_scale_for_each_output_channel():
    weight = torch.randn(4, 6, 3, 3) * torch.tensor([1e-3, 1.0, 10.0, 1e-2])[:, None, None, None]
    tensors = stored({"conv": weight}, torch.int8)
    assert (tensors["conv"].shape, tensors["conv.row_scale"].shape) == (weight.shape, (4,))
    again = restored(tensors, torch.float32)["conv"]
    step = weight.flatten(1).abs().amax(1)[:, None, None, None] / 127
    assert bool(((again - weight).abs() <= 0.5001 * step).all())


def test_an_image_tokenizer_may_be_a_byte_a_weight_and_keeps_nearly_all_its_bits(tmp_path):
    parts = load_model()
    save_model(tmp_path, parts, torch.int8, torch.int8)
    again = load_model(tmp_path).image_tokenizer
    file = tmp_path / "image_tokenizer" / "model.safetensors"
    assert file.stat().st_size < 1.1 * sum(weight.numel() for weight in again.parameters())
    pixels = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(1)) * 2 - 1
    turned = parts.image_tokenizer.encode(pixels) ^ again.encode(pixels)
    bits = parts.image_tokenizer.config.bits * turned.numel()
    assert sum(int(code).bit_count() for code in turned.flatten()) < 0.02 * bits


def test_a_weight_that_is_no_number_is_refused_by_name():
    with pytest.raises(ValueError, match="lm_head holds a weight that is not finite"):
        stored({"lm_head": torch.tensor([[float("nan"), 1.0]])}, torch.int8)


def test_int8_weights_without_their_scales_are_refused(tmp_path):
    save_model(tmp_path, tiny_model().parts, dtype=torch.int8)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["showo.lm_head.weight.row_scale"]
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"lm_head\.weight\.row_scale is missing"):
        load_model(tmp_path)


def test_an_image_tokenizer_is_halved_only_where_that_loses_nothing(tmp_path):
    parts = tiny_model().parts
    save_model(tmp_path / "whole", parts)
    assert {v.dtype for v in load_file(tmp_path / "whole/image_tokenizer/model.safetensors").values()} == {
        torch.float32
    }
    with torch.no_grad():
        for weight in parts.image_tokenizer.parameters():
            weight.copy_(weight.half())
    save_model(tmp_path / "half", parts)
    stored_weights = load_file(tmp_path / "half/image_tokenizer/model.safetensors")
    assert {value.dtype for value in stored_weights.values()} == {torch.float16}
    again = load_model(tmp_path / "half").image_tokenizer
    assert all(
        torch.equal(a, b) for a, b in zip(again.parameters(), parts.image_tokenizer.parameters(), strict=True)
    )
