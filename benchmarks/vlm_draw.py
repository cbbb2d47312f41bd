"""How fast FashionVLM draws, beside the naive way in the same run; prints a table, then one JSON line.

    python -m benchmarks.vlm_draw [--size small] [--steps 50 18 8] [--naive-steps 1] [--together 1 4 16] [--device cpu]

One request is a prompt of 16 tokens in 382 slots and a picture drawn with guidance 5; the words' pass counts. With
`--decode` the picture is also painted by an image tokenizer of the published kind. A naive step always costs the same, so
that `--naive-steps` are timed and scaled. On a CPU `--measure-steps` of each drawing can be timed and scaled likewise: the
first ones are the dearest, since least is known. Weights are random.
"""

from __future__ import annotations

import argparse
import json
from functools import partial

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.vlm_naive import SIZES, facts, naive_drawing, random_network, random_tokenizer, seconds
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.drawing import DrawingRunner
from vlm.image_tokenizer import ImageTokenizer

GUIDANCE = 5.0


def draw(
    runner: DrawingRunner,
    prompts: list[list[int]],
    steps: int,
    measured: int,
    tokenizer: ImageTokenizer | None,
) -> None:
    """A picture a prompt, all advanced together, each from a generator of its own."""
    settings = DrawingSettings(steps, GUIDANCE)
    device = runner.backbone.device
    canvases = [
        runner.begin([prompt], settings, torch.Generator(device).manual_seed(row))
        for row, prompt in enumerate(prompts)
    ]
    for _ in range(measured):
        runner.step(canvases)
    if tokenizer is not None:
        with torch.inference_mode():
            for canvas in canvases:
                tokenizer.decode(canvas.drawn.clamp(max=tokenizer.codebook_size - 1)).float().cpu()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--slots", type=int, help="image slots, a square number")
    parser.add_argument("--steps", type=int, nargs="+", default=[50, 18, 8])
    parser.add_argument("--measure-steps", type=int, help="time only so many steps of each drawing")
    parser.add_argument("--naive-steps", type=int, default=1)
    parser.add_argument("--together", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--decode", action="store_true", help="paint the picture too")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"))
    options = parser.parse_args()
    device = options.device
    dtype = getattr(torch, options.dtype or ("bfloat16" if device == "cuda" else "float32"))
    network = random_network(options.size, device, dtype, options.layers, options.slots)
    config = network.config
    generator = torch.Generator().manual_seed(1)
    prompts = torch.randint(0, 50000, (max(options.together), 16), generator=generator).tolist()
    tokenizer = random_tokenizer(options.size, config.num_vq_tokens, device) if options.decode else None
    naive_settings = DrawingSettings(max(options.steps), GUIDANCE)

    def naive_run(steps: int) -> float:
        noise = torch.Generator(device).manual_seed(0)
        return seconds(
            lambda: naive_drawing(network, prompts[0], naive_settings, noise, lambda done: done >= steps),
            device,
        )

    naive_run(1)
    naive_step = naive_run(options.naive_steps) / options.naive_steps
    runner = DrawingRunner(Backbone(network))
    rows = []
    draw(runner, prompts[:1], max(options.steps), 1, tokenizer)
    for steps in options.steps:
        for count in options.together:
            measured = min(steps, options.measure_steps or steps)
            took = seconds(partial(draw, runner, prompts[:count], steps, measured, tokenizer), device)
            step = took / measured
            rows.append(
                {
                    "steps": steps,
                    "together": count,
                    "measured_steps": measured,
                    "seconds": round(took, 4) if measured == steps else None,
                    "step_ms": round(1000 * step, 2),
                    "pictures_per_s": round(count / (step * steps), 4),
                    "times_naive": round(count * naive_step / step, 2),
                }
            )
    table = Table("steps", "together", "timed steps", "seconds", "step ms", "pictures/s", "x naive")
    table.add_row(
        "naive",
        "1",
        str(options.naive_steps),
        "",
        f"{1000 * naive_step:.1f}",
        f"{1 / (naive_step * max(options.steps)):.4f}",
        "1",
    )
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console = Console(width=110)
    console.print(
        f"{options.size}: {config.hidden_size} wide, {config.num_layers} layers, {config.num_vq_tokens} image slots, {config.text_slots} text slots, vocabulary {config.vocab_size}, {dtype}, {device}"
    )
    console.print(table)
    print(
        json.dumps(
            {
                "benchmark": "vlm_draw",
                **facts(device),
                "size": options.size,
                "layers": config.num_layers,
                "image_slots": config.num_vq_tokens,
                "device": device,
                "dtype": str(dtype).removeprefix("torch."),
                "guidance": GUIDANCE,
                "decode": options.decode,
                "naive_step_s": round(naive_step, 5),
                "runs": rows,
            }
        )
    )


if __name__ == "__main__":
    main()
