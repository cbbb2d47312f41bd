"""Outfits of two to four pictures read in a row, or pasted into one 2x2 grid as published: a table, then one JSON line.

    python -m benchmarks.outfit_layout [--outfits 1200] [--steps 300] [--tests 200] [--start shipped|random]

Two networks learn the same task, to name every item in order, from the same outfits for the same number of steps, one
layout each; then both name the items of outfits that training never saw, as they are served. No measured color is told.
The shipped network has seen rows and never grids; with ``--start random`` neither has been seen. A process of one thread each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor

from benchmarks.vlm_naive import facts
from evals.shares import Share
from fashion.captions import parse_caption
from fashion.dialogue_choices import sample_outfit
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.language import phrase
from fashion.pool_workers import end_with_parent
from fashion.sampling import Split
from vlm.checkpoint import ModelParts, load_model, save_model
from vlm.image_tokenizer import ImageTokenizer
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel
from vlm.network import FashionVLM
from vlm.pictures import outfit_grid, to_pixels
from vlm.shipped import shipped_directory
from vlm.text_tokenizer import TextTokenizer
from vlm.training.batches import ReadingBatch
from vlm.training.losses import reading_loss

Layout = Literal["row", "grid"]
REQUEST = "name everything that is shown, in order"
_SEVERAL = (0, 1, 1, 1)
"""Weights of one, two, three and four items."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and from what."""

    outfits: int
    steps: int
    tests: int
    start: Literal["shipped", "random"]
    batch: int = 8
    rate: float = 6e-4
    seed: int = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one layout."""

    layout: Layout
    loss: float
    step_seconds: float
    answer_seconds: float
    shares: dict[str, Share]


Outfit = tuple[Garment, ...]


def outfits_of(count: int, split: Split, seed: int) -> list[Outfit]:
    """Outfits of two to four items."""
    rng = random.Random(seed)
    return [sample_outfit(rng, split, None, None, more=_SEVERAL) for _ in range(count)]


def pictures_of(outfit: Outfit, seed: int, side: int) -> list[Image.Image]:
    """A picture of each item."""
    return [
        draw_garment(one, size=side, seed=seed * 8 + place).convert("RGB") for place, one in enumerate(outfit)
    ]


@torch.inference_mode()
def codes_of(tokenizer: ImageTokenizer, pictures: Sequence[Image.Image]) -> Tensor:
    """Codes of pictures of the model's size, long ``[pictures, N]``."""
    return tokenizer.encode(to_pixels(np.stack([np.asarray(one) for one in pictures])))


def batch_of(text: TextTokenizer, codes: Sequence[Tensor], outfits: Sequence[Outfit]) -> ReadingBatch:
    """Rows that name the items of outfits of one number of pictures."""
    rows = []
    for outfit in outfits:
        asked = text.conversation(REQUEST)
        said = text.answer("; ".join(phrase(one) for one in outfit) + ".")
        rows.append(([*asked, *said], [*[-100] * (len(asked) - 1), *said, -100]))
    length = max(len(ids) for ids, _ in rows)
    words = torch.full((len(rows), length), text.end_of_text_id)
    targets = torch.full((len(rows), length), -100)
    for at, (ids, learned) in enumerate(rows):
        words[at, : len(ids)], targets[at, : len(learned)] = torch.tensor(ids), torch.tensor(learned)
    return ReadingBatch(torch.stack(list(codes)), None, words, targets)


def learn(parts: ModelParts, network: FashionVLM, layout: Layout, plan: Plan) -> tuple[float, float]:
    """Train on one layout; the mean loss of the last fifty steps, and seconds a step."""
    tokenizer = parts.image_tokenizer
    side = tokenizer.config.resolution
    outfits = outfits_of(plan.outfits, "train", plan.seed)
    codes: dict[int, list[tuple[Tensor, Outfit]]] = {}
    for number, outfit in enumerate(outfits):
        pictures = pictures_of(outfit, number, side)
        shown = pictures if layout == "row" else [outfit_grid(pictures, side)]
        codes.setdefault(len(outfit), []).append((codes_of(tokenizer, shown), outfit))
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.rate, total_steps=plan.steps, pct_start=0.1
    )
    rng, losses = random.Random(plan.seed), []
    started = time.monotonic()
    for _ in range(plan.steps):
        rows = rng.choices(codes[rng.choice(sorted(codes))], k=plan.batch)
        loss = reading_loss(
            network, batch_of(parts.text_tokenizer, [one for one, _ in rows], [outfit for _, outfit in rows])
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rate.step()
        losses.append(loss.item())
    return float(np.mean(losses[-50:])), (time.monotonic() - started) / plan.steps


async def examine(folder: Path, plan: Plan) -> tuple[dict[str, Share], float]:
    """Shares of items named right by what and by how many were shown, and seconds an answer."""
    model = FashionVLMModel.from_pretrained(folder)
    side = model.parts.image_tokenizer.config.resolution
    vlm = LocalFashionVLM(model)
    right: dict[str, list[bool]] = {}
    seconds = 0.0
    for number, outfit in enumerate(outfits_of(plan.tests, "heldout", plan.seed + 1)):
        pictures = pictures_of(outfit, 1_000_000 + number, side)
        started = time.monotonic()
        answer = "".join([piece async for piece in vlm.converse(REQUEST, pictures, max_tokens=96)])
        seconds += time.monotonic() - started
        named = [parse_caption(one) for one in answer.split(";")]
        named += [None] * (len(outfit) - len(named))
        for said, true in zip(named, outfit, strict=False):
            kind = said is not None and said.category == true.category
            color = said is not None and said.color == true.color
            pattern = said is not None and said.pattern == true.pattern
            for name, verdict in (("category", kind), ("color", color), ("pattern", pattern)):
                right.setdefault(name, []).append(verdict)
            right.setdefault("all three", []).append(kind and color and pattern)
            right.setdefault(f"all three, of {len(outfit)} items", []).append(kind and color and pattern)
    await vlm.close()
    return {name: Share.of(right[name]) for name in sorted(right)}, seconds / plan.tests


def measure(layout: Layout, plan: Plan) -> Found:
    """Train and examine one layout in a process of its own."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    parts = load_model(shipped_directory())
    config = replace(
        parts.network.config, several=layout, color_hint=False, tower_features=0, tower_patches=0
    )
    network = FashionVLM(config)
    if plan.start == "shipped":
        state = {
            name: value.float()
            for name, value in parts.network.state_dict().items()
            if name in network.state_dict()
        }
        network.load_state_dict(state)
    loss, step_seconds = learn(parts, network, layout, plan)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model"
        save_model(target, ModelParts(network.eval(), parts.image_tokenizer, parts.text_tokenizer))
        shares, answer_seconds = asyncio.run(examine(target, plan))
    return Found(layout, loss, step_seconds, answer_seconds, shares)


def main() -> None:
    """Measure both layouts and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outfits", type=int, default=1200)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--start", choices=("shipped", "random"), default="shipped")
    options = parser.parse_args()
    plan = Plan(options.outfits, options.steps, options.tests, options.start)
    layouts: tuple[Layout, ...] = ("row", "grid")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        found = list(pool.map(measure, layouts, [plan] * 2))
    console = Console(width=120)
    table = Table(
        title=f"Items of outfits named right, {plan.tests} outfits after {plan.steps} steps ({plan.start})"
    )
    table.add_column("what")
    for one in found:
        table.add_column(one.layout)
    for name in found[0].shares:
        table.add_row(name, *(f"{one.shares[name].percent:.1f} %" for one in found))
    table.add_row("loss of the last 50 steps", *(f"{one.loss:.3f}" for one in found))
    table.add_row("seconds a training step", *(f"{one.step_seconds:.2f}" for one in found))
    table.add_row("seconds an answer", *(f"{one.answer_seconds:.2f}" for one in found))
    console.print(table)
    told = {
        one.layout: {
            **{name: round(share.percent, 1) for name, share in one.shares.items()},
            "loss": round(one.loss, 4),
            "step_seconds": round(one.step_seconds, 3),
            "answer_seconds": round(one.answer_seconds, 3),
        }
        for one in found
    }
    print(
        json.dumps(
            {
                "benchmark": "outfit_layout",
                "start": plan.start,
                "steps": plan.steps,
                "outfits": plan.outfits,
                "tests": plan.tests,
                **told,
                **facts("cpu"),
            }
        )
    )


if __name__ == "__main__":
    main()
