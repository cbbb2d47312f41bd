"""How fast FashionVLM finds words, beside the naive way in the same run; prints a table, then one JSON line.

    python -m benchmarks.vlm_text [--size small] [--tokens 64] [--naive-tokens 4] [--together 1 4 16] [--device cpu]

One request is a picture (as codes), a prompt of 24 tokens and `--tokens` greedy words; the prefill counts. The naive way
costs about the same for every word, so that it is timed over `--naive-tokens` and scaled to `--tokens`. Weights are random.
"limit" is what reading every weight of the layers and the head once a step takes at the measured copy bandwidth.
"""

from __future__ import annotations

import argparse
import json
from functools import partial

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.vlm_naive import SIZES, copy_bandwidth, facts, naive_words, random_network, seconds
from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.layouts import reading_prefix
from vlm.sampling import TextSettings, choose
from vlm.static_decode import StaticDecoder
from vlm.text_generation import TextRunner

PROMPT = 24


@torch.inference_mode()
def answer(runner: TextRunner, prefixes: torch.Tensor, prompt: list[int], tokens: int) -> list[list[int]]:
    """`tokens` greedy words a request, all requests advanced together; end of text is not heeded."""
    count, shared = prefixes.shape[:2]
    greedy = [TextSettings(tokens)] * count
    first = []
    for slot in range(count):
        runner.prefix(slot, prefixes[slot])
        first.append(runner.words(slot, shared, prompt, shared))
    said = [[token] for token in choose(runner.logits(torch.cat(first)), greedy, [None] * count)]
    for step in range(tokens - 1):
        length = shared + len(prompt) + step
        logits = runner.decode(range(count), [length] * count, [row[-1] for row in said])
        for row, token in zip(said, choose(logits, greedy, [None] * count)):
            row.append(token)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--slots", type=int, help="image slots, a square number")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--naive-tokens", type=int, default=4)
    parser.add_argument("--together", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"))
    options = parser.parse_args()
    device = options.device
    dtype = getattr(torch, options.dtype or ("bfloat16" if device == "cuda" else "float32"))
    network = random_network(options.size, device, dtype, options.layers, options.slots)
    config = network.config
    prompt = torch.randint(0, 50000, (PROMPT,), generator=torch.Generator().manual_seed(1)).tolist()
    codes = torch.randint(0, config.codebook_size, (max(options.together), config.num_vq_tokens)).to(device)
    with torch.inference_mode():
        prefixes = reading_prefix(network, codes)
    naive_words(network, prefixes[:1], prompt, 1)
    naive_said: list[int] = []
    naive = seconds(
        lambda: naive_said.extend(naive_words(network, prefixes[:1], prompt, options.naive_tokens)), device
    )
    naive_token = naive / options.naive_tokens
    backbone = Backbone(network)
    room = config.image_positions + 3 + PROMPT + options.tokens
    memory = SlotMemory(backbone, max(options.together), room)
    runner = TextRunner(backbone, memory, StaticDecoder(backbone, memory) if device == "cuda" else None)
    read = [*network.showo.model.layers.parameters(), *network.showo.lm_head.parameters()]
    weight_bytes = sum(parameter.numel() * parameter.element_size() for parameter in read)
    bandwidth = copy_bandwidth(device)
    limit = weight_bytes / bandwidth
    rows, alone = [], 0.0
    said: list[list[int]] = []
    for count in options.together:
        given = prefixes[:count]
        said = answer(runner, given, prompt, min(4, options.tokens))
        whole = min(seconds(partial(answer, runner, given, prompt, options.tokens), device) for _ in range(2))
        prefill = min(seconds(partial(answer, runner, given, prompt, 1), device) for _ in range(2))
        step = (whole - prefill) / max(1, options.tokens - 1)
        rate = count * options.tokens / whole
        alone = alone or rate / count
        rows.append(
            {
                "together": count,
                "seconds": round(whole, 4),
                "prefill_s": round(prefill, 4),
                "step_ms": round(1000 * step, 3),
                "tokens_per_s": round(rate, 1),
                "times_naive": round(rate * naive_token, 1),
                "times_one": round(rate / alone, 2),
                "share_of_limit": round(limit / step, 3) if step > 0 else None,
            }
        )
    same = said[0][: len(naive_said)] == naive_said[: len(said[0])]
    table = Table("together", "seconds", "prefill s", "step ms", "tokens/s", "x naive", "x one", "of limit")
    table.add_row(
        "naive, 1",
        f"{naive_token * options.tokens:.2f}",
        "",
        f"{1000 * naive_token:.1f}",
        f"{1 / naive_token:.2f}",
        "1",
        "",
        "",
    )
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console = Console(width=110)
    console.print(
        f"{options.size}: {config.hidden_size} wide, {config.num_layers} layers, {config.num_vq_tokens} image slots, {dtype}, {device}"
    )
    console.print(table)
    console.print(
        f"same first words as the naive way: {same}; copy bandwidth {bandwidth / 1e9:.1f} GB/s, limit {1000 * limit:.3f} ms a step"
    )
    print(
        json.dumps(
            {
                "benchmark": "vlm_text",
                **facts(device),
                "size": options.size,
                "layers": config.num_layers,
                "image_slots": config.num_vq_tokens,
                "device": device,
                "dtype": str(dtype).removeprefix("torch."),
                "tokens": options.tokens,
                "weight_bytes": weight_bytes,
                "copy_gb_per_s": round(bandwidth / 1e9, 1),
                "limit_ms": round(1000 * limit, 4),
                "naive_token_s": round(naive_token, 5),
                "same_words": same,
                "runs": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
