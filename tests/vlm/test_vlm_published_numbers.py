"""The network, layouts, words and drawing against numbers computed with the published code."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.config import FashionVLMConfig
from vlm.drawing import DrawingRunner, draw_codes
from vlm.layouts import additive, drawing_text, drawing_visibility, reading_prefix, reading_visibility
from vlm.network import FashionVLM
from vlm.text_generation import TextSettings, generate

FIXTURE = Path(__file__).parents[3] / "shared" / "fixtures" / "showo-tiny"
pytestmark = pytest.mark.skipif(
    not FIXTURE.is_dir(), reason="shared/fixtures/showo-tiny is not beside this checkout"
)


@pytest.fixture(scope="module")
def expected():
    return load_file(FIXTURE / "expected.safetensors")


@pytest.fixture(scope="module")
def facts():
    return json.loads((FIXTURE / "expected.json").read_text())


@pytest.fixture(scope="module")
def network(facts):
    config = FashionVLMConfig.from_published(
        json.loads((FIXTURE / "fashionvlm" / "config.json").read_text()),
        json.loads((FIXTURE / "llm" / "config.json").read_text()),
        text_slots=facts["t2i"]["max_text_slots"],
        end_of_text_id=facts["ids"]["eot"],
    )
    model = FashionVLM(config).eval()
    model.load_state_dict(load_file(FIXTURE / "fashionvlm" / "pytorch_model.safetensors"))
    return model


def prompts(expected):
    return [expected["t2i_prompt_ids_0"].tolist(), expected["t2i_prompt_ids_1"].tolist()]


def test_ids_of_special_tokens_are_the_published_ones(network, facts):
    config, ids = network.config, facts["ids"]
    assert config.pad_id == ids["pad"]
    assert config.image_offset == ids["image_offset"]
    assert config.mask_token_id == ids["mask"]
    for name in ("soi", "eoi", "t2i", "mmu"):
        assert config.special_id(f"<|{name}|>") == ids[name]


def test_default_config_has_the_published_sizes():
    config = FashionVLMConfig()
    assert (config.vocab_size, config.mask_token_id, config.image_offset, config.pad_id) == (
        58498,
        58497,
        50305,
        50295,
    )


@torch.inference_mode()
def test_reading_logits_equal_the_published_ones(network, expected):
    ids = expected["mmu_input_ids"]
    prefix = int((ids[0] == network.config.special_id("<|eoi|>")).nonzero()[0, 0]) + 1
    mask = additive(reading_visibility(prefix, ids.shape[1]), torch.float32)
    hidden = network.trunk(network.embed_text(ids), mask, torch.arange(ids.shape[1])[None])
    torch.testing.assert_close(network.token_logits(hidden), expected["mmu_logits"], atol=1e-4, rtol=0)


@torch.inference_mode()
def test_reading_prefix_is_the_published_sequence(network, expected):
    codes = expected["mmu_image_codes"]
    prefix = reading_prefix(network, codes)
    length = prefix.shape[1]
    torch.testing.assert_close(prefix, network.embed_text(expected["mmu_input_ids"][:, :length]))
    assert expected["mmu_input_ids"][0, length - 1] == network.config.special_id("<|eoi|>")


@pytest.mark.parametrize(("name", "ids"), [("cond", "t2i_input_ids"), ("uncond", "t2i_uncond_input_ids")])
@torch.inference_mode()
def test_first_drawing_step_logits_equal_the_published_ones(network, expected, name, ids):
    config, rows = network.config, expected[ids]
    visible = drawing_visibility(config, rows[:, : config.text_slots])
    positions = torch.arange(rows.shape[1])[None].expand(len(rows), -1)
    hidden = network.trunk(network.embed_text(rows), additive(visible, torch.float32), positions)
    logits = network.code_logits(hidden[:, config.text_slots + 1 : -1])
    torch.testing.assert_close(logits, expected[f"t2i_first_step_image_logits_{name}"], atol=1e-4, rtol=0)


def test_prompt_rows_are_laid_out_as_published(network, expected):
    rows = drawing_text(network.config, prompts(expected))
    assert torch.equal(rows, expected["t2i_input_ids"][:, : network.config.text_slots])
    without = drawing_text(network.config, [[], []])
    assert torch.equal(without, expected["t2i_uncond_input_ids"][:, : network.config.text_slots])


@pytest.mark.parametrize("guidance", [5.0, 0.0])
def test_drawn_codes_equal_the_published_ones(network, expected, facts, guidance):
    drawn = draw_codes(
        DrawingRunner(Backbone(network)),
        prompts(expected),
        settings=DrawingSettings(facts["t2i"]["timesteps"], guidance, facts["t2i"]["temperature"]),
        generator=torch.Generator().manual_seed(facts["t2i"]["generator_seed"]),
    )
    assert torch.equal(drawn, expected[f"t2i_codes_g{guidance:.0f}"])


@torch.inference_mode()
def test_greedy_words_with_a_cache_equal_the_published_ones(network, expected, facts):
    prompt = [facts["ids"]["sot"], *expected["mmu_text_ids"][0].tolist()]
    prefix = reading_prefix(network, expected["mmu_image_codes"])
    wanted = expected["mmu_greedy_ids"].tolist()
    assert list(generate(Backbone(network), prefix, prompt, TextSettings(max_tokens=len(wanted)))) == wanted
