"""The router's classifier head, in plain numpy: a hidden layer over what a sentence means, and its words straight.

The words have no part in the hidden layer: with it the head learned training sentences by heart, and was worse on others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from agents.contracts import ROUTES
from agents.features import HASHED, SURFACE, Sequences

WEIGHTS = Path(__file__).parent / "weights"
NAMES = ("dense", "hidden_bias", "out", "skip", "out_bias")

Rows = npt.NDArray[np.float32]


class HeadMismatchError(RuntimeError):
    """The weights were trained for other routes or features than this code has."""


@dataclass(frozen=True, slots=True)
class Head:
    """Trained weights.

    Attributes:
        dense: ``(sentence embedding + surface, hidden)``.
        hidden_bias: ``(hidden,)``.
        out: ``(hidden, routes)``.
        skip: ``(HASHED, routes)``.
        out_bias: ``(routes,)``.
        temperature: Logits are divided by it, so that probabilities mean what they say.
        threshold: A route is chosen from this probability on.
        scale: Of the plan's confidence (see `confidence`).
        shift: Of the plan's confidence.
        ask_below: A plan less sure than this is asked about.
    """

    dense: Rows
    hidden_bias: Rows
    out: Rows
    skip: Rows
    out_bias: Rows
    temperature: float
    threshold: float
    scale: float = 1.0
    shift: float = 0.0
    ask_below: float = 0.0

    @classmethod
    def of(cls, arrays: Mapping[str, Rows], temperature: float, threshold: float) -> Head:
        """A head of trained arrays, by the names of `NAMES`, whose confidence is yet to be calibrated."""
        return cls(
            dense=arrays["dense"], hidden_bias=arrays["hidden_bias"], out=arrays["out"], skip=arrays["skip"],
            out_bias=arrays["out_bias"], temperature=temperature, threshold=threshold,
        )  # fmt: skip

    def confidence(self, margin: float) -> float:
        """How likely a plan is wholly right, 0..1, calibrated on sentences of its own.

        Args:
            margin: `agents.decision.margin_of` the plan.
        """
        return float(1.0 / (1.0 + np.exp(-np.clip(self.scale * margin + self.shift, -30.0, 30.0))))

    def probabilities(self, embedding: Rows, surface: Rows, sequences: Sequence[Sequences]) -> Rows:
        """The calibrated probability of each route, float32 ``(rows, routes)``, each on its own (they need not add up).

        Args:
            embedding: Sentence embeddings, ``(rows, 384)``.
            surface: From `agents.features.surface`, ``(rows, SURFACE)``.
            sequences: From `agents.features.sequences`, one a row.
        """
        hidden = np.maximum(np.concatenate([embedding, surface], axis=1) @ self.dense + self.hidden_bias, 0.0)
        words = np.stack([row.weights @ self.skip[row.buckets] for row in sequences])
        logits = hidden @ self.out + words + self.out_bias
        probabilities: Rows = 1.0 / (1.0 + np.exp(-np.clip(logits / self.temperature, -30.0, 30.0)))
        return probabilities.astype(np.float32)


def load_head(directory: Path = WEIGHTS) -> Head:
    """Load the committed head.

    Raises:
        HeadMismatchError: The weights do not fit this code; train them again with ``python -m agents.router_training``.
    """
    facts = json.loads((directory / "router.json").read_text(encoding="utf-8"))
    if facts["routes"] != list(ROUTES) or facts["surface"] != SURFACE or facts["hashed"] != HASHED:
        raise HeadMismatchError(
            "The router's weights were trained for other features; run: python -m agents.router_training"
        )
    arrays = {
        name: array.astype(np.float32) for name, array in load_file(directory / "router.safetensors").items()
    }
    return Head(
        **{name: arrays[name] for name in NAMES},
        temperature=facts["temperature"],
        threshold=facts["threshold"],
        scale=facts["scale"],
        shift=facts["shift"],
        ask_below=facts["ask_below"],
    )
