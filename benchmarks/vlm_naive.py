"""The naive way, as the published code goes it, and models of random weights to time it on; shared by the benchmarks.

Naive: the whole sequence is forwarded again for every word; at every drawing step every position and the whole vocabulary;
one request at a time. The layers are transformers' own, in whole sequences (`FashionVLM.trunk`).
"""

from __future__ import annotations

import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from vlm.canvas import DrawingSettings
from vlm.checkpoint import ModelParts
from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig
from vlm.layouts import additive, drawing_text, drawing_visibility, reading_visibility
from vlm.masked_sampling import slots_to_mask
from vlm.model import FashionVLMModel
from vlm.network import FashionVLM
from vlm.text_tokenizer import TextTokenizer

SIZES = {
    # hidden, layers, heads, image slots
    "tiny": (64, 2, 2, 16),
    "mini": (256, 6, 4, 64),
    "small": (512, 8, 8, 1024),
    "medium": (1024, 16, 16, 1024),
    "full": (2048, 24, 32, 1024),
}


def random_network(
    size: str, device: str, dtype: torch.dtype, layers: int | None = None, slots: int | None = None
) -> FashionVLM:
    """A network of a named size with the published vocabulary and random weights."""
    hidden, depth, heads, image_slots = SIZES[size]
    image_slots = slots or image_slots
    config = FashionVLMConfig(
        hidden_size=hidden,
        intermediate_size=4 * hidden,
        num_layers=layers or depth,
        num_heads=heads,
        num_vq_tokens=image_slots,
    )
    torch.manual_seed(0)
    with torch.device(device):
        torch.set_default_dtype(dtype)
        try:
            network = FashionVLM(config)
        finally:
            torch.set_default_dtype(torch.float32)
    return network.eval().requires_grad_(False)


def random_tokenizer(size: str, slots: int, device: str) -> ImageTokenizer:
    """A tokenizer of the published kind for so many image slots; narrow at the tiny size, else as wide as published."""
    narrow = (
        {"channels": 32, "encoder_blocks": (1,) * 5, "decoder_blocks": (1,) * 5} if size == "tiny" else {}
    )
    torch.manual_seed(0)
    with torch.device(device):
        tokenizer = ImageTokenizer(ImageTokenizerConfig(resolution=16 * math.isqrt(slots), **narrow))
    return tokenizer.eval().requires_grad_(False)


def random_model(size: str, device: str) -> FashionVLMModel:
    """A whole model of a named size, random weights and a few words; bfloat16 on a GPU."""
    network = random_network(size, device, torch.bfloat16 if device == "cuda" else torch.float32)
    words = TextTokenizer.train(["USER: what goes with a red scarf? ASSISTANT: blue jeans"] * 3, 400)
    pictures = random_tokenizer(size, network.config.num_vq_tokens, device)
    return FashionVLMModel(ModelParts(network, pictures, words), None)


@torch.inference_mode()
def naive_words(network: FashionVLM, prefix: Tensor, prompt: list[int], count: int) -> list[int]:
    """Greedy words after a prefix ``[1, P, H]``, forwarding everything for each; end of text is not heeded."""
    said: list[int] = []
    device = prefix.device
    for _ in range(count):
        text = network.embed_text(torch.tensor([[*prompt, *said]], device=device))
        rows = torch.cat([prefix, text], dim=1)
        mask = additive(reading_visibility(prefix.shape[1], rows.shape[1], device), rows.dtype)
        positions = torch.arange(rows.shape[1], device=device)[None]
        logits = network.token_logits(network.trunk(rows, mask, positions))
        said.append(int(logits[0, -1].argmax()))
    return said


@torch.inference_mode()
def naive_drawing(
    network: FashionVLM,
    prompt: list[int],
    settings: DrawingSettings,
    generator: torch.Generator,
    on_step: Callable[[int], bool] = lambda step: False,
) -> Tensor:
    """Codes of one picture, forwarding text and picture, with and without words, at every step; published sizes only."""
    config = network.config
    device = generator.device
    text = drawing_text(config, [prompt, []] if settings.guidance > 0 else [prompt]).to(device)
    mask = additive(drawing_visibility(config, text), network.showo.lm_head.weight.dtype)
    edges = [torch.full((1, 1), config.special_id(f"<|{name}|>"), device=device) for name in ("soi", "eoi")]
    codes = torch.full((1, config.num_vq_tokens), config.codebook_size, device=device)
    temperature, drawn = settings.temperature, codes
    for step in range(settings.steps):
        picture = torch.cat([edges[0], codes + config.image_offset, edges[1]], dim=1).expand(len(text), -1)
        rows = torch.cat([text, picture], dim=1)
        positions = torch.arange(rows.shape[1], device=device)[None].expand(len(text), -1)
        logits = network.token_logits(network.trunk(network.embed_text(rows), mask, positions))
        if settings.guidance > 0:
            logits = (1 + settings.guidance) * logits[:1] - settings.guidance * logits[1:]
        logits = logits[:, config.text_slots + 1 : -1, config.image_offset : config.mask_token_id]
        probabilities = logits.float().softmax(-1)
        picked = torch.multinomial(probabilities[0], 1, generator=generator)[None, :, 0]
        unknown = codes == config.codebook_size
        drawn = torch.where(unknown, picked, codes)
        chosen = probabilities.gather(-1, drawn[..., None])[..., 0]
        chosen = torch.where(unknown, chosen, torch.finfo(chosen.dtype).max)
        ratio = (step + 1) / settings.steps
        temperature *= 1.0 - ratio
        noise = torch.zeros_like(chosen).uniform_(0, 1, generator=generator)
        gumbel = -torch.log((-torch.log(noise.clamp(min=1e-20))).clamp(min=1e-20))
        confidence = torch.log(chosen.clamp(min=1e-20)) + temperature * gumbel
        left = slots_to_mask(codes.shape[1], unknown.sum(-1, keepdim=True), ratio)
        cut_off = confidence.sort(-1).values.gather(1, left)
        codes = torch.where(confidence < cut_off, config.codebook_size, drawn)
        if on_step(step + 1):
            break
    return drawn


def seconds(work: Callable[[], object], device: str) -> float:
    """Wall-clock time of one call, the device's work included."""
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


def copy_bandwidth(device: str, size: int = 1 << 28) -> float:
    """Bytes a second that a copy moves, read and written, best of five."""
    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    return 2 * size / min(seconds(lambda: target.copy_(source), device) for _ in range(5))


def facts(device: str) -> dict[str, object]:
    """Where and with what a figure was measured."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    ).stdout.strip()
    return {
        "commit": commit,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "machine": torch.cuda.get_device_name()
        if device == "cuda"
        else platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "date": time.strftime("%Y-%m-%d"),
    }
