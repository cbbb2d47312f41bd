"""What a written FashionRec folder holds: how many of what, by which seed, in which shards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from fashion.fashionrec import FashionRecError, Task

PLAN_FILE = "fashionrec.json"
DRAWINGS = "fashion_image_generation"
TASKS: tuple[Task, ...] = ("basic", "personalized", "alternative")
Part = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write.

    Attributes:
        seed: Everything follows from it and the other numbers.
        train: Dialogues of each task to train with; 0 leaves the part out.
        test: Dialogues of each task to test with, all of the held-out side.
        drawings: Pictures with words, to train with.
        people: How many people take turns in personalized dialogues, in each part.
        side: Width and height of pictures, pixels.
        a_shard: Samples in one tar.
        item_pictures: Whether the items of test dialogues are drawn one by one, too.
    """

    seed: int = 20250425
    train: int = 2000
    test: int = 200
    drawings: int = 2000
    people: int = 100
    side: int = 512
    a_shard: int = 250
    item_pictures: bool = True

    def __post_init__(self) -> None:
        least = {"seed": 0, "train": 0, "test": 0, "drawings": 0, "people": 1, "side": 32, "a_shard": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ValueError(f"{name} must be at least {bound}, got {getattr(self, name)}")
        if self.side % 2:
            raise ValueError(f"side must be even, got {self.side}")


@dataclass(frozen=True, slots=True)
class Shard:
    """One tar to write: where, and the samples from `first` up to `last`.

    Attributes:
        path: Relative to the folder.
        task: None for drawings.
        part: ``train`` or ``test``.
        first: Number of the first sample.
        last: Number behind the last.
    """

    path: str
    task: Task | None
    part: Part
    first: int
    last: int


def shards_of(plan: Plan) -> tuple[Shard, ...]:
    """Every tar of a plan."""
    found: list[Shard] = []
    for task in TASKS:
        for part in ("train", "test"):
            home = f"data/{task}_recommendation/{part}"
            found += _cut(home, task, part, plan.train if part == "train" else plan.test, plan.a_shard)
    return (*found, *_cut(f"data/{DRAWINGS}", None, "train", plan.drawings, plan.a_shard))


def _cut(home: str, task: Task | None, part: Part, count: int, size: int) -> list[Shard]:
    return [
        Shard(f"{home}/{first // size:03d}.tar", task, part, first, min(first + size, count))
        for first in range(0, count, size)
    ]


def settle(folder: Path, plan: Plan) -> None:
    """Claim a folder for a plan, or find it claimed by the same one.

    Raises:
        FashionRecError: It is a file, it holds other things, or data of another plan.
    """
    file = folder / PLAN_FILE
    told = json.dumps(asdict(plan), indent=1) + "\n"
    if folder.exists() and not folder.is_dir():
        raise FashionRecError(f"{folder} is a file; expected a folder to write into")
    if file.is_file():
        if file.read_text(encoding="utf-8") != told:
            raise FashionRecError(
                f"{folder} holds data of other settings (see {PLAN_FILE} there); choose another folder, or delete it first"
            )
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise FashionRecError(
            f"{folder} holds other things; choose an empty folder, or one that does not exist"
        )
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(told, encoding="utf-8")
