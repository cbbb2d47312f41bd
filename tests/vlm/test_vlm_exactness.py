"""Reused keys and values change nothing: words token for token, pictures code for code, beside the naive way."""

import pytest
import torch

from benchmarks.vlm_naive import naive_drawing, naive_words
from tests.vlm.tiny_model import CONFIG, tiny_network
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.drawing import DrawingRunner, draw_codes
from vlm.layouts import reading_prefix
from vlm.text_generation import TextSettings, generate


@pytest.fixture(scope="module")
def network():
    return tiny_network()


@pytest.mark.parametrize("seed", range(20))
def test_greedy_words_with_kept_keys_equal_those_without(network, seed):
    generator = torch.Generator().manual_seed(seed)
    codes = torch.randint(0, CONFIG.codebook_size, (1, CONFIG.num_vq_tokens), generator=generator)
    length = int(torch.randint(1, 40, (1,), generator=generator))
    prompt = torch.randint(1, CONFIG.llm_vocab_size, (length,), generator=generator).tolist()
    with torch.inference_mode():
        prefix = reading_prefix(network, codes)
    wanted = naive_words(network, prefix, prompt, 30)
    if CONFIG.end_of_text_id in wanted:
        wanted = wanted[: wanted.index(CONFIG.end_of_text_id)]
    assert list(generate(Backbone(network), prefix, prompt, TextSettings(30))) == wanted


@pytest.mark.parametrize("guidance", [0.0, 3.0])
@pytest.mark.parametrize("seed", range(6))
def test_drawing_with_kept_words_equals_drawing_without(network, seed, guidance):
    settings = DrawingSettings(2 + seed, guidance, 1.0 + seed)
    prompt = list(range(5, 5 + 2 * seed))
    wanted = naive_drawing(network, prompt, settings, torch.Generator().manual_seed(seed))
    drawn = draw_codes(
        DrawingRunner(Backbone(network)),
        [prompt],
        settings=settings,
        generator=torch.Generator().manual_seed(seed),
    )
    assert torch.equal(drawn, wanted)
