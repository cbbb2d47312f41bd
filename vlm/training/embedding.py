"""Trains the heads of the built-in embedding space: ``python -m vlm.training.embedding --photos DIR``.

One core: some minutes of preparation the first time (drawing, reading), then some ten of training. What is prepared
is kept in the run folder; with another vision tower only its upper half runs again. Deterministic on one thread by seed and
number of steps.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from fashion.product import Product
from vlm.embeddings.builtin import HEADS, fingerprint, shipped_tower
from vlm.embeddings.heads import EmbeddingHeads, HeadShape
from vlm.embeddings.sentences import TextEmbedder
from vlm.training.embedding_attributes import items, wanted
from vlm.training.embedding_batches import Batches, Material
from vlm.training.embedding_losses import EmbeddingObjective
from vlm.training.embedding_photos import photo_items
from vlm.training.embedding_pool import Progress, drawn, hold_to, look, patches_of, pool_products
from vlm.training.embedding_texts import States, free_sentences, joined, look_up, product_text, read
from vlm.vision_tower import VisionTower

_QUERIES = 2
"""Look-ups made for each item."""


@dataclass(frozen=True, slots=True)
class EmbeddingPlan:
    """What is learned from, and how.

    Attributes:
        seed: Of everything.
        shops: Boutiques of `each` products whose training combinations are drawn.
        photo_variants: Views of each photo.
        steps: Steps of the optimizer.
        size: Items in a batch; `photos` of them are photos.
        free: Free sentences in a batch.
        rate: Highest learning rate.
        decay: Weight decay.
        average: How much of the averaged weights is kept at every step.
    """

    seed: int = 20261200
    shops: int = 2
    each: int = 1300
    photo_variants: int = 1
    steps: int = 1200
    size: int = 192
    photos: int = 40
    free: int = 48
    rate: float = 2e-3
    decay: float = 0.02
    average: float = 0.995


Report = Callable[[int, int, dict[str, float]], None]
"""Called as ``report(step, steps, losses)``."""


def gather(
    run: Path,
    photos: Path,
    tower: VisionTower,
    words: TextEmbedder,
    plan: EmbeddingPlan,
    *,
    critiques: Path | None = None,
    workers: int = 1,
    on_progress: Progress,
) -> Material:
    """Make, or take from the run folder, all that is learned from.

    Raises:
        FileNotFoundError: `photos` holds no photos of a known class.
        ValueError: The run folder was made by another plan.
    """
    hold_to(run, {"seed": plan.seed, "shops": plan.shops, "each": plan.each})
    products = pool_products(plan.shops, plan.seed, plan.each)
    seen = look(run, "drawn", len(products), lambda: drawn(products, plan.seed, workers), tower, on_progress)
    phone = photo_items(
        run, photos, tower, variants=plan.photo_variants, seed=plan.seed, on_progress=on_progress
    )
    every = [*products, *phone.products]
    queries = [
        [look_up(one, _rng(plan, one, f"look-up {at}")) for one in rows for at in range(_QUERIES)]
        for rows in (products, phone.products)
    ]
    # A photo has no text of its own; a look-up of it says what is known.
    texts = [
        [product_text(one, _rng(plan, one, "text")) for one in products],
        [look_up(one, _rng(plan, one, "text")).text for one in phone.products],
    ]
    named = (f"drawn-{plan.shops}", f"photos-{plan.photo_variants}")

    def read_all(what: str, rows: Sequence[Sequence[str]]) -> States:
        parts = [
            read(run, f"{name}-{what}", row, words, on_progress)
            for name, row in zip(named, rows, strict=True)
        ]
        return joined(parts)

    return Material(
        patches=(patches_of(run, "drawn", seen, tower, on_progress), phone.patches),
        has=items(every, [*[()] * len(products), *phone.unknown]),
        kinds=[product.category for product in every],
        drawn=len(products),
        item_texts=read_all("items", texts),
        queries=read_all("queries", [[query.text for query in rows] for rows in queries]),
        queries_of=np.arange(len(every) * _QUERIES).reshape(-1, _QUERIES),
        wants=wanted([query for rows in queries for query in rows]),
        free=read(run, "free", free_sentences(critiques), words, on_progress),
    )


def fit(material: Material, plan: EmbeddingPlan, report: Report) -> EmbeddingHeads:
    """Train heads from nothing; the weights given back are averaged over the last steps."""
    torch.manual_seed(plan.seed)
    objective = EmbeddingObjective(HeadShape())
    averaged = {name: value.detach().clone() for name, value in objective.heads.state_dict().items()}
    optimizer = torch.optim.AdamW(
        objective.parameters(), lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, plan.steps))
    batches = Batches(material, size=plan.size, photos=plan.photos, free=plan.free, seed=plan.seed)
    for step in range(plan.steps):
        losses = objective(batches.next())
        loss = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(objective.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        keep = min(plan.average, step / (step + 10))
        for name, value in objective.heads.state_dict().items():
            averaged[name].lerp_(value, 1 - keep)
        report(step + 1, plan.steps, {name: float(value.detach()) for name, value in losses.items()})
    objective.heads.load_state_dict(averaged)
    return objective.heads.eval()


def save(heads: EmbeddingHeads, tower: VisionTower, plan: EmbeddingPlan, out: Path) -> None:
    """Write the heads with the tower's fingerprint and the plan that made them."""
    heads.facts |= {"tower": fingerprint(tower), "plan": asdict(plan)}
    heads.save_pretrained(out)


def _rate(step: int, steps: int) -> float:
    warm, rest = steps * 0.04, steps * 0.5
    if step < warm:
        return (step + 1) / (warm + 1)
    return 1.0 if step < rest else max(0.02, (steps - step) / (steps - rest))


def _rng(plan: EmbeddingPlan, product: Product, what: str) -> random.Random:
    """Chance of its own for each sentence, so that one more or less changes no other."""
    return random.Random(f"{plan.seed}/{product.id}/{what}")


def main() -> None:
    """Prepare, train and save."""
    parser = argparse.ArgumentParser(description="Train the built-in space of words and pictures.")
    parser.add_argument("--photos", type=Path, required=True, help="folder of phone photos, <class>/*.jpg")
    parser.add_argument("--critiques", type=Path, help="FashionIQ critiques, JSON; read, never kept")
    parser.add_argument("--tower", type=Path, help="folder of a vision tower; left out, the shipped one")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/embedding"), help="folder for what is prepared"
    )
    parser.add_argument("--out", type=Path, default=HEADS, help="folder for the heads")
    parser.add_argument("--steps", type=int, default=EmbeddingPlan().steps)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    options = parser.parse_args()
    torch.set_num_threads(1)
    plan = EmbeddingPlan(steps=options.steps)
    tower = VisionTower.from_pretrained(options.tower) if options.tower else shipped_tower()
    words = TextEmbedder()
    started = time.process_time()

    def progress(what: str, done: int, total: int) -> None:
        if done == total or done % 512 < 64:
            sys.stderr.write(f"{what}: {done} of {total}\n")

    def report(step: int, steps: int, losses: dict[str, float]) -> None:
        if step % 50 == 0 or step == steps:
            told = ", ".join(f"{name} {value:.3f}" for name, value in losses.items())
            sys.stderr.write(f"step {step} of {steps}, {time.process_time() - started:.0f} s: {told}\n")

    material = gather(
        options.run,
        options.photos,
        tower,
        words,
        plan,
        critiques=options.critiques,
        workers=options.workers,
        on_progress=progress,
    )
    save(fit(material, plan, report), tower, plan, options.out)
    sys.stdout.write(f"{options.out}\n")


if __name__ == "__main__":
    main()
