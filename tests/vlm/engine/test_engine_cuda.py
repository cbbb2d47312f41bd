"""The engine on a GPU; every test here needs one."""

import asyncio

import numpy as np
import pytest
import torch

from benchmarks.vlm_naive import naive_drawing, naive_words
from tests.vlm.tiny_model import CONFIG, plain_picture, tiny_model, tiny_network
from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.checkpoint import ModelParts
from vlm.drawing import DrawingRunner, draw_codes
from vlm.engine.engine import Engine
from vlm.engine.requests import DrawRequest, Message, PictureDone, Piece, TextDone, TextRequest
from vlm.layouts import reading_prefix
from vlm.model import FashionVLMModel
from vlm.sampling import TextSettings, choose
from vlm.static_decode import StaticDecoder
from vlm.text_generation import TextRunner

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.fixture(autouse=True)
def exact_products():
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32 = before


def on_gpu(dtype=torch.float32):
    model = tiny_model()
    parts = model.parts
    network = tiny_network().to("cuda", dtype)
    return FashionVLMModel(
        ModelParts(network, parts.image_tokenizer.to("cuda"), parts.text_tokenizer),
        None,
        DrawingSettings(6, 2.0),
    )


def test_replayed_graphs_say_the_words_of_the_naive_way():
    network = tiny_network().to("cuda")
    generator = torch.Generator().manual_seed(1)
    codes = torch.randint(0, 32, (3, CONFIG.num_vq_tokens), generator=generator).to("cuda")
    with torch.inference_mode():
        prefixes = reading_prefix(network, codes)
    prompt = [5, 6, 7, 8]
    wanted = [naive_words(network, prefixes[row : row + 1], prompt, 24) for row in range(3)]
    backbone = Backbone(network)
    memory = SlotMemory(backbone, 4, CONFIG.max_positions)
    runner = TextRunner(backbone, memory, StaticDecoder(backbone, memory))
    shared, said = prefixes.shape[1], []
    with torch.inference_mode():
        for slot in range(3):
            runner.prefix(slot, prefixes[slot])
            logits = runner.logits(runner.words(slot, shared, prompt, shared))
            said.append(choose(logits, [TextSettings()], [None]))
        for step in range(23):
            logits = runner.decode(range(3), [shared + 4 + step] * 3, [row[-1] for row in said])
            for row, token in zip(said, choose(logits, [TextSettings()] * 3, [None] * 3), strict=True):
                row.append(token)
    assert said == wanted


@pytest.mark.parametrize("at_once", [1, 4])
def test_drawing_on_a_gpu_is_the_naive_drawing_code_for_code(at_once):
    network = tiny_network().to("cuda")
    settings = DrawingSettings(6, 3.0)
    wanted = naive_drawing(network, [5, 6], settings, torch.Generator("cuda").manual_seed(4))
    runner = DrawingRunner(Backbone(network), at_once)
    drawn = draw_codes(runner, [[5, 6]], settings=settings, generator=torch.Generator("cuda").manual_seed(4))
    assert torch.equal(drawn, wanted)


async def all_of(engine, request):
    return [event async for event in engine.events(request)]


def texts(count, **changes):
    colors = ("red", "green", "blue", "white")
    return [
        TextRequest(
            [Message("user", f"a {colors[i % 4]} scarf")], [plain_picture(colors[i % 4])], 12 + i, **changes
        )
        for i in range(count)
    ]


async def test_company_changes_no_word_and_no_picture_in_float32():
    served = Engine.from_model(on_gpu(), texts=4, drawings=3).start()
    requests = [*texts(6), *(DrawRequest("boots", seed=seed, steps=3 + seed) for seed in range(4))]
    together = await asyncio.gather(*(all_of(served, request) for request in requests))
    for request, events in zip(requests, together, strict=True):
        alone = await all_of(served, request)
        if isinstance(request, TextRequest):
            assert [e.text for e in events if isinstance(e, Piece)] == [
                e.text for e in alone if isinstance(e, Piece)
            ]
        else:
            assert np.array_equal(np.asarray(events[-1].picture), np.asarray(alone[-1].picture))
    await served.close()


async def test_bfloat16_serves_both_kinds_and_memory_stays_as_planned():
    served = Engine.from_model(on_gpu(torch.bfloat16), texts=4, drawings=3).start()
    requests = [*texts(8, temperature=0.9), *(DrawRequest("boots", seed=seed) for seed in range(6))]
    await asyncio.gather(*(all_of(served, request) for request in requests))
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    answers = await asyncio.gather(*(all_of(served, request) for request in requests))
    assert all(isinstance(events[-1], (TextDone, PictureDone)) for events in answers)
    torch.cuda.synchronize()
    assert torch.cuda.memory_allocated() <= before + (1 << 20)
    await served.close()
