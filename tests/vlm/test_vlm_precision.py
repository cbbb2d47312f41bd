"""What a network computes in, on which device, and that guidance is mixed exactly whatever that is."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
import torch

from tests.vlm.tiny_model import CONFIG, tiny_network
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.checkpoint import load_model
from vlm.drawing import DrawingRunner
from vlm.engine.engine import Engine
from vlm.precision import chosen_dtype
from vlm.shipped import shipped_directory

CPU, GPU = torch.device("cpu"), torch.device("cuda")
WORDS, PLAIN = [5, 6, 7], [5, 7]


def _cpu_with(monkeypatch: pytest.MonkeyPatch, **capabilities: bool) -> None:
    for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)


@pytest.mark.parametrize("has", [{"avx512_bf16": True}, {"amx_bf16": True, "avx512_bf16": False}])
def test_a_wide_network_takes_bfloat16_on_a_cpu_that_multiplies_it_and_a_narrow_one_does_not(
    monkeypatch, has
) -> None:
    _cpu_with(monkeypatch, **has)
    assert chosen_dtype(CPU, 512) is chosen_dtype(CPU, 2048) is torch.bfloat16
    assert chosen_dtype(CPU, 256) is torch.float32


@pytest.mark.parametrize(
    ("held", "takes"),
    [
        ("AVX2", False),
        ("avx512_core_vnni", False),
        ("AVX512_CORE_BF16", True),
        ("AVX512_CORE_AMX", True),
        ("ALL", True),
    ],
)
def test_a_cpu_that_is_held_to_older_instructions_takes_float32(monkeypatch, held, takes) -> None:
    _cpu_with(monkeypatch, avx512_bf16=True)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", held)
    assert chosen_dtype(CPU, 512) is (torch.bfloat16 if takes else torch.float32)


def test_a_cpu_without_such_instructions_takes_float32_and_a_gpu_bfloat16(monkeypatch) -> None:
    _cpu_with(monkeypatch, avx2=True)
    assert chosen_dtype(CPU, 2048) is torch.float32
    assert chosen_dtype(GPU, 256) is chosen_dtype(GPU, 2048) is torch.bfloat16


@pytest.mark.parametrize("native", [True, False])
def test_the_box_s_models_load_as_chosen_and_as_asked_for(monkeypatch, native) -> None:
    _cpu_with(monkeypatch, avx512_bf16=native)
    small = shipped_directory("small")
    wide = torch.bfloat16 if native else torch.float32
    assert load_model(small).network.showo.lm_head.weight.dtype is wide
    assert load_model(small, dtype=torch.float32).network.showo.lm_head.weight.dtype is torch.float32
    assert load_model().network.showo.lm_head.weight.dtype is torch.float32


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
async def test_an_engine_computes_in_what_it_is_told(name) -> None:
    engine = await asyncio.to_thread(Engine.from_pretrained, device="cpu", dtype=name)
    try:
        assert engine._model.backbone.dtype is getattr(torch, name)
    finally:
        await engine.close()


@pytest.mark.parametrize("steps", [0, 1])
@pytest.mark.parametrize("pack", [1, 2])
def test_guidance_and_contrast_are_mixed_in_float32(pack, steps) -> None:
    network = tiny_network(dataclasses.replace(CONFIG, pack=pack)).to(torch.bfloat16)
    runner = DrawingRunner(Backbone(network), at_once=1)
    settings = DrawingSettings(4, 2.6, contrast=0.7)
    canvas = runner.begin([WORDS], settings, torch.Generator().manual_seed(1), plain=[PLAIN])
    for _ in range(steps):
        runner.step([canvas])
    told, untold, plain = (
        (runner.picture_states if pack == 1 else runner.picture_logits)([prefix], canvas.codes)[0].float()
        for prefix in (runner.prefix(WORDS), runner.unconditional, runner.prefix(PLAIN))
    )
    mixed = (1 + 2.6 + 0.7) * told - 2.6 * untold - 0.7 * plain
    expected = network.code_logits(mixed.to(torch.bfloat16)) if pack == 1 else mixed
    assert torch.equal(runner.logits([canvas])[0].float(), expected.float())
