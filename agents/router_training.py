"""Trains the router's head and says how good it is: ``python -m agents.router_training [--critiques FILE]``.

The sentences are those of `agents/data/utterances`; FashionIQ's critiques (a JSON list of ``{"garment", "caption"}``)
are read from the path given, if any, and never kept. Deterministic on one thread, under two minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from agents.contracts import ROUTES, Route
from agents.features import HASHED, SURFACE, featurize
from agents.head import NAMES, WEIGHTS, Head
from agents.router import LearnedRouter, SentenceEmbedder
from agents.utterances import Example, Shape, critique_examples, expand, load_shapes

HIDDEN = 64
EPOCHS = 16
BATCH = 128
RATE = 3e-3
WEIGHT_DECAY = 2e-2
SMOOTHING = 0.01
JOINED = 900
CRITIQUES = {"train": 900, "aside": 300}


@dataclass(frozen=True, slots=True)
class Rows:
    """Examples as arrays: ``embedding``, ``surface``, ``sequences`` and 0/1 ``targets`` of one row an example."""

    embedding: npt.NDArray[np.float32]
    surface: npt.NDArray[np.float32]
    sequences: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]


def rows_of(examples: Sequence[Example], embedder: SentenceEmbedder) -> Rows:
    """Turn examples into arrays."""
    features = [featurize(example.request) for example in examples]
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].request.text))
    embedding = np.zeros((len(examples), 384), np.float32)
    # Sentences of like length are embedded together, which wastes no time on padding.
    embedding[order] = embedder.embed([examples[index].request.text for index in order])
    surface = np.stack([one[0] for one in features])
    sequences = np.stack([one[1] for one in features])
    return Rows(embedding, surface, sequences, targets_of(examples))


def read_critiques(path: Path) -> dict[str, list[str]]:
    """Real critique sentences, split into ``train`` and ``aside``, no sentence in both."""
    captions = sorted({row["caption"].strip() for row in json.loads(path.read_text(encoding="utf-8"))})
    random.Random(5).shuffle(captions)
    aside = CRITIQUES["aside"]
    return {"aside": captions[:aside], "train": captions[aside : aside + CRITIQUES["train"]]}


class _Network(nn.Module):
    """The head, to be trained; `agents.head.Head` is the same in numpy."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Parameter(torch.randn(384 + SURFACE, HIDDEN) * 0.08)
        self.hashed = nn.Parameter(torch.randn(HASHED, HIDDEN) * 0.05)
        self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.out = nn.Parameter(torch.randn(HIDDEN, len(ROUTES)) * 0.1)
        self.skip = nn.Parameter(torch.zeros(HASHED, len(ROUTES)))
        self.out_bias = nn.Parameter(torch.full((len(ROUTES),), -2.0))

    def forward(self, dense: Tensor, sequences: Tensor, dropout: float = 0.0) -> Tensor:
        hidden = torch.relu(dense @ self.dense + sequences @ self.hashed + self.hidden_bias)
        hidden = nn.functional.dropout(hidden, dropout, training=dropout > 0)
        return hidden @ self.out + sequences @ self.skip + self.out_bias


def train(rows: Rows, *, seed: int = 11) -> dict[str, npt.NDArray[np.float32]]:
    """Fit the head.

    Returns:
        The arrays of `Head`, by name.
    """
    torch.manual_seed(seed)
    network = _Network()
    dense = torch.from_numpy(np.concatenate([rows.embedding, rows.surface], axis=1))
    sequences, targets = torch.from_numpy(rows.sequences), torch.from_numpy(rows.targets)
    smoothed = targets * (1 - 2 * SMOOTHING) + SMOOTHING
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    batches = -(-len(dense) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for chosen in torch.split(torch.randperm(len(dense)), BATCH):
            logits = network(dense[chosen], sequences[chosen], dropout=0.3)
            loss = nn.functional.binary_cross_entropy_with_logits(logits, smoothed[chosen], reduction="none")
            optimizer.zero_grad()
            torch.autograd.backward(loss.sum(1).mean())
            optimizer.step()
            schedule.step()
    return {name: getattr(network, name).detach().numpy() for name in NAMES}


def calibrate(arrays: dict[str, npt.NDArray[np.float32]], rows: Rows) -> Head:
    """Choose the temperature (least log loss) and the threshold (most exact route sets) on a part of its own."""

    def loss(temperature: float) -> float:
        p = Head(**arrays, temperature=temperature, threshold=0.5).probabilities(
            rows.embedding, rows.surface, rows.sequences
        )
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return float(-(rows.targets * np.log(p) + (1 - rows.targets) * np.log(1 - p)).sum(1).mean())

    temperature = min((0.5 + 0.05 * step for step in range(60)), key=loss)
    found = Head(**arrays, temperature=temperature, threshold=0.5)
    p = found.probabilities(rows.embedding, rows.surface, rows.sequences)
    exact = {t: float(((p >= t) == (rows.targets > 0)).all(1).mean()) for t in (0.35, 0.4, 0.45, 0.5, 0.55)}
    threshold = max(exact, key=lambda t: (exact[t], -abs(t - 0.5)))
    return Head(**arrays, temperature=round(temperature, 3), threshold=threshold)


def routed(head: Head, examples: Sequence[Example], embedder: SentenceEmbedder) -> npt.NDArray[np.bool_]:
    """What the whole router chooses for each example, bool ``(examples, routes)``."""
    router = LearnedRouter(embedder, head)
    chosen = [router.route(example.request).routes for example in examples]
    return np.asarray([[route in routes for route in ROUTES] for routes in chosen], np.bool_)


def targets_of(examples: Sequence[Example]) -> npt.NDArray[np.float32]:
    """The true routes as 0/1, float32 ``(examples, routes)``."""
    return np.asarray([[route in example.routes for route in ROUTES] for example in examples], np.float32)


def report(chosen: npt.NDArray[np.bool_], targets: npt.NDArray[np.float32]) -> dict[str, dict[str, float]]:
    """Precision, recall and count for each route, and ``micro`` and ``exact`` over all."""
    wanted = targets > 0

    def figures(said: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_]) -> dict[str, float]:
        hits = float((said & true).sum())
        return {
            "precision": round(hits / max(float(said.sum()), 1.0), 4),
            "recall": round(hits / max(float(true.sum()), 1.0), 4),
            "count": float(true.sum()),
        }

    table = {route: figures(chosen[:, at], wanted[:, at]) for at, route in enumerate(ROUTES)}
    return table | {
        "micro": figures(chosen, wanted),
        "exact": {"share": round(float((chosen == wanted).all(1).mean()), 4), "count": float(len(wanted))},
    }


def save(head: Head, facts: dict[str, object], directory: Path = WEIGHTS) -> None:
    """Write ``router.safetensors`` (float16) and ``router.json``."""
    directory.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: getattr(head, name).astype(np.float16) for name in NAMES}, directory / "router.safetensors"
    )
    stated = {
        "routes": list(ROUTES), "surface": SURFACE, "hashed": HASHED,
        "temperature": head.temperature, "threshold": head.threshold,
    }  # fmt: skip
    text = json.dumps(stated | facts, indent=1, ensure_ascii=False)
    (directory / "router.json").write_text(text + "\n", encoding="utf-8")


def aside_examples(shapes: Sequence[Shape]) -> list[Example]:
    """What the score is measured on: shapes never trained on, few fillings each so that no shape dominates."""
    return expand([shape for shape in shapes if shape.part == "aside"], seed=3, filled=2, plain=1)


def errors(examples: Sequence[Example], chosen: npt.NDArray[np.bool_]) -> list[tuple[Example, list[Route]]]:
    """The examples whose chosen routes are not the true ones, with what was chosen."""
    said = [[ROUTES[at] for at in np.flatnonzero(row)] for row in chosen]
    return [
        (example, routes)
        for example, routes in zip(examples, said, strict=True)
        if set(routes) != set(example.routes)
    ]


def main() -> None:
    """Train, report and save."""
    parser = argparse.ArgumentParser(description="Train the router's head.")
    parser.add_argument("--critiques", type=Path, help="FashionIQ critiques, JSON")
    parser.add_argument("--errors", action="store_true", help="list what is routed wrongly on the aside part")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    options = parser.parse_args()
    from vlm.embeddings import TextEmbedder

    torch.set_num_threads(1)
    embedder, shapes = TextEmbedder(), load_shapes()
    trained = [shape for shape in shapes if shape.part == "train"]
    examples = expand(trained, seed=1, joined=JOINED)
    critiques = read_critiques(options.critiques) if options.critiques else None
    if critiques:
        examples += critique_examples(critiques["train"], seed=6)
    arrays = train(rows_of(examples, embedder))
    calibration = expand(
        [s for s in shapes if s.part == "calibration"], seed=2, filled=4, plain=2, joined=150
    )
    head = calibrate(arrays, rows_of(calibration, embedder))
    aside = aside_examples(shapes)
    chosen = routed(head, aside, embedder)
    facts: dict[str, object] = {
        "shapes": len(shapes), "training_examples": len(examples), "aside": report(chosen, targets_of(aside))
    }  # fmt: skip
    if critiques:
        real = critique_examples(critiques["aside"], seed=7)
        facts["aside_critiques"] = report(routed(head, real, embedder), targets_of(real))["exact"]
    save(head, facts, options.out)
    sys.stdout.write(json.dumps(facts, indent=1) + "\n")
    if options.errors:
        for example, said in errors(aside, chosen):
            request = example.request
            context = f"images={request.images} shown={len(request.context.last_items)}"
            sys.stdout.write(
                f"{request.text!r} ({context}): {', '.join(example.routes)} -> {', '.join(said)}\n"
            )


if __name__ == "__main__":
    main()
