"""Trains the router's head and says how good it is: ``python -m agents.router_training [--critiques FILE]``.

The sentences are put together by `agents.training_set`; FashionIQ's critiques (a JSON list of ``{"garment", "caption"}``)
are read from the path given, if any, and never kept. Deterministic on one thread; some minutes on one core, most of them
for the sentence embeddings.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
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
from agents.decision import margin_of
from agents.features import HASHED, SURFACE, Sequences, featurize, readable
from agents.head import NAMES, WEIGHTS, Head
from agents.router import LearnedRouter, SentenceEmbedder
from agents.training_set import TrainingSet, build
from agents.utterances import Example

HIDDEN = 192
EPOCHS = 20
DROPOUT = 0.5
MEANING_DROPOUT = 0.15
"""Of the embedding and surface features: no single one is to be relied on."""
BATCH = 128
RATE = 3e-3
WEIGHT_DECAY = 5e-2
SMOOTHING = 0.01
SEEDS = (11, 12, 13)
ASK_BELOW = 0.3
"""A question is a burden too: only a plan that is far likelier wrong than right is asked about."""

Arrays = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Examples as arrays: ``embedding``, ``surface``, ``sequences`` and 0/1 ``targets`` of one row an example."""

    embedding: npt.NDArray[np.float32]
    surface: npt.NDArray[np.float32]
    sequences: list[Sequences]
    targets: npt.NDArray[np.float32]


def rows_of(examples: Sequence[Example], embedder: SentenceEmbedder) -> Rows:
    """Turn examples into arrays."""
    features = [featurize(example.request) for example in examples]
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].request.text))
    embedding = np.zeros((len(examples), 384), np.float32)
    # Sentences of like length are embedded together, which wastes no time on padding.
    embedding[order] = embedder.embed([readable(examples[index].request.text) for index in order])
    surface = np.stack([one[0] for one in features])
    sequences = [one[1] for one in features]
    return Rows(embedding, surface, sequences, targets_of(examples))


class _Network(nn.Module):
    """The head, to be trained; `agents.head.Head` is the same in numpy."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Parameter(torch.randn(384 + SURFACE, HIDDEN) * 0.05)
        self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.out = nn.Parameter(torch.randn(HIDDEN, len(ROUTES)) * 0.07)
        self.skip = nn.Parameter(torch.zeros(HASHED, len(ROUTES)))
        self.out_bias = nn.Parameter(torch.full((len(ROUTES),), -2.0))

    def forward(self, dense: Tensor, sequences: Sequence[Sequences]) -> Tensor:
        dense = nn.functional.dropout(dense, MEANING_DROPOUT)
        hidden = nn.functional.dropout(torch.relu(dense @ self.dense + self.hidden_bias), DROPOUT)
        starts = np.cumsum([0, *(len(row.buckets) for row in sequences[:-1])])
        words = nn.functional.embedding_bag(
            torch.from_numpy(np.concatenate([row.buckets for row in sequences])),
            self.skip,
            torch.from_numpy(starts),
            mode="sum",
            per_sample_weights=torch.from_numpy(np.concatenate([row.weights for row in sequences])),
        )
        return hidden @ self.out + words + self.out_bias


def train(rows: Rows, *, seed: int = 11) -> Arrays:
    """Fit the head.

    Returns:
        The arrays of `Head`, by name.
    """
    torch.manual_seed(seed)
    network = _Network()
    dense = torch.from_numpy(np.concatenate([rows.embedding, rows.surface], axis=1))
    targets = torch.from_numpy(rows.targets)
    smoothed = targets * (1 - 2 * SMOOTHING) + SMOOTHING
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    batches = -(-len(dense) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for chosen in torch.split(torch.randperm(len(dense)), BATCH):
            logits = network(dense[chosen], [rows.sequences[at] for at in chosen.tolist()])
            loss = nn.functional.binary_cross_entropy_with_logits(logits, smoothed[chosen], reduction="none")
            optimizer.zero_grad()
            torch.autograd.backward(loss.sum(1).mean())
            optimizer.step()
            schedule.step()
    return {name: getattr(network, name).detach().numpy() for name in NAMES}


def joined(members: Sequence[Arrays]) -> Arrays:
    """Heads trained from different seeds as one: its logits are the mean of theirs."""
    count = len(members)
    return {
        "dense": np.concatenate([one["dense"] for one in members], axis=1),
        "hidden_bias": np.concatenate([one["hidden_bias"] for one in members]),
        "out": np.concatenate([one["out"] for one in members], axis=0) / count,
        "skip": np.mean([one["skip"] for one in members], axis=0),
        "out_bias": np.mean([one["out_bias"] for one in members], axis=0),
    }


def calibrate(arrays: Arrays, rows: Rows) -> Head:
    """Choose the temperature (least log loss) and the threshold (most exact route sets) on a part of its own."""

    def loss(temperature: float) -> float:
        p = Head.of(arrays, temperature, 0.5).probabilities(rows.embedding, rows.surface, rows.sequences)
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return float(-(rows.targets * np.log(p) + (1 - rows.targets) * np.log(1 - p)).sum(1).mean())

    temperature = min((0.5 + 0.05 * step for step in range(60)), key=loss)
    found = Head.of(arrays, temperature, 0.5)
    p = found.probabilities(rows.embedding, rows.surface, rows.sequences)
    exact = {t: float(((p >= t) == (rows.targets > 0)).all(1).mean()) for t in (0.35, 0.4, 0.45, 0.5, 0.55)}
    threshold = max(exact, key=lambda t: (exact[t], -abs(t - 0.5)))
    return Head.of(arrays, round(temperature, 3), threshold)


def with_confidence(head: Head, examples: Sequence[Example], rows: Rows, embedder: SentenceEmbedder) -> Head:
    """Fit how a plan's margin tells the chance that it is right (logistic, by Newton's method), on the calibration part.

    A plan is asked about where it is likelier wrong than right by `ASK_BELOW`.
    """
    router = LearnedRouter(embedder, dataclasses.replace(head, ask_below=0.0))
    plans = [router.route(example.request) for example in examples]
    p = head.probabilities(rows.embedding, rows.surface, rows.sequences)
    margins = np.asarray(
        [margin_of(row, plan.routes) for row, plan in zip(p, plans, strict=True)], np.float64
    )
    right = np.asarray(
        [set(plan.routes) == set(one.routes) for plan, one in zip(plans, examples, strict=True)], float
    )
    design = np.stack([margins, np.ones_like(margins)], axis=1)
    weights = np.asarray([0.5, 0.0])
    for _ in range(30):
        sure = 1.0 / (1.0 + np.exp(-design @ weights))
        gradient = design.T @ (right - sure) - 1e-3 * weights
        curvature = (design * (sure * (1 - sure))[:, None]).T @ design + 1e-3 * np.eye(2)
        weights = weights + np.linalg.solve(curvature, gradient)
    scale, shift = (round(float(weight), 4) for weight in weights)
    return dataclasses.replace(head, scale=scale, shift=shift, ask_below=ASK_BELOW)


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
        "scale": head.scale, "shift": head.shift, "ask_below": head.ask_below,
    }  # fmt: skip
    text = json.dumps(stated | facts, indent=1, ensure_ascii=False)
    (directory / "router.json").write_text(text + "\n", encoding="utf-8")


def errors(examples: Sequence[Example], chosen: npt.NDArray[np.bool_]) -> list[tuple[Example, list[Route]]]:
    """The examples whose chosen routes are not the true ones, with what was chosen."""
    said = [[ROUTES[at] for at in np.flatnonzero(row)] for row in chosen]
    return [
        (example, routes)
        for example, routes in zip(examples, said, strict=True)
        if set(routes) != set(example.routes)
    ]


def fitted(parts: TrainingSet, embedder: SentenceEmbedder) -> Head:
    """Train, join and calibrate on the parts that are for it."""
    rows = rows_of(parts.train, embedder)
    calibration = rows_of(parts.calibration, embedder)
    head = calibrate(joined([train(rows, seed=seed) for seed in SEEDS]), calibration)
    return with_confidence(head, parts.calibration, calibration, embedder)


def main() -> None:
    """Train, report and save."""
    parser = argparse.ArgumentParser(description="Train the router's head.")
    parser.add_argument("--critiques", type=Path, help="FashionIQ critiques, JSON")
    parser.add_argument(
        "--dev", action="store_true", help="hold the development part back and list its errors"
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights")
    options = parser.parse_args()
    from vlm.embeddings import TextEmbedder

    torch.set_num_threads(1)
    embedder = TextEmbedder()
    parts = build(options.critiques, everything=not options.dev)
    head = fitted(parts, embedder)
    if options.dev:
        chosen = routed(head, parts.dev, embedder)
        sys.stdout.write(json.dumps(report(chosen, targets_of(parts.dev)), indent=1) + "\n")
        for example, said in errors(parts.dev, chosen):
            sys.stdout.write(f"{example.request.text!r}: {', '.join(example.routes)} -> {', '.join(said)}\n")
        return
    chosen = routed(head, parts.aside, embedder)
    facts: dict[str, object] = {
        "training_examples": len(parts.train), "aside": report(chosen, targets_of(parts.aside))
    }  # fmt: skip
    if parts.critiques:
        real = routed(head, parts.critiques, embedder)
        facts["aside_critiques"] = report(real, targets_of(parts.critiques))["exact"]
    save(head, facts, options.out)
    sys.stdout.write(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
