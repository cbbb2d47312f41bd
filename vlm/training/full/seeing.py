"""Rows of samples as the network's inputs on its device: pictures through the frozen image tokenizer and vision tower."""

from __future__ import annotations

import torch
from torch import Tensor

from vlm.checkpoint import ModelParts
from vlm.towers import Tower
from vlm.training.full.objective import DrawingBatch, ReadingBatch, TextBatch
from vlm.training.full.rows import DrawingRows, ReadingRows, StepRows, TextRows


class Seeing:
    """Codes pictures as when they are served, in float32 whatever the network computes in."""

    def __init__(self, parts: ModelParts, tower: Tower | None, device: torch.device) -> None:
        """Use these frozen networks, which are on `device`."""
        self._tokenizer, self._tower, self._device = parts.image_tokenizer, tower, device
        self._clip = tower is not None and parts.network.config.tower_kind == "clip"

    def __call__(self, rows: StepRows) -> tuple[DrawingBatch | None, ReadingBatch | None, TextBatch | None]:
        """What `vlm.training.full.objective.Objective` takes."""
        return (
            None if rows.drawing is None else self._drawing(rows.drawing),
            None if rows.reading is None else self._reading(rows.reading),
            None if rows.text is None else self._text(rows.text),
        )

    def _drawing(self, rows: DrawingRows) -> DrawingBatch:
        return DrawingBatch(self._moved(rows.text), self._codes(rows.pixels), self._moved(rows.hidden))

    def _reading(self, rows: ReadingRows) -> ReadingBatch:
        codes = None if self._clip else self._codes(rows.pixels)
        return ReadingBatch(codes, self._features(rows), self._moved(rows.text), self._moved(rows.targets))

    def _text(self, rows: TextRows) -> TextBatch:
        return TextBatch(self._moved(rows.text), self._moved(rows.targets))

    @torch.no_grad()
    def _codes(self, pixels: Tensor) -> Tensor:
        scaled = self._moved(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        return self._tokenizer.encode(scaled)

    def _features(self, rows: ReadingRows) -> Tensor | None:
        if self._tower is None:
            return None
        with torch.no_grad():
            features = self._tower.patch_features(self._moved(self._tower.preprocess(rows.pictures)))
        # A tower may answer in inference mode, and such a tensor cannot be kept for gradients.
        return features.clone().float()

    def _moved(self, rows: Tensor) -> Tensor:
        return rows.to(self._device, non_blocking=True)
