"""FashionRec folders as training rows: ours (``fashionm3 data fashionrec``) and the published data set alike.

`open_recommendations` and `open_drawings` index the tar shards of a folder once, by their headers, and read a record
when it is wanted: by number (`len`, ``rows[i]``), which serves samplers of their own, or as an endless stream in an
order that seed and epoch determine (`Rows.stream`), which goes on from a `Place`. Records that cannot be used are
skipped and counted by reason. Text comes without image tokens; a conversation starts with the person and ends with the
answer. Pictures stay bytes until `picture_of` decodes them. Parquet tables and `clip_features.pkl` are not read here.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

from PIL import Image

from fashion.fashionrec import DrawingSample, FashionRecError, Sample, Task
from fashion.fashionrec_index import Record, index_shard, read_drawing, read_sample

Part = Literal["train", "valid", "test"]
R = TypeVar("R", Sample, DrawingSample)
TASKS: tuple[Task, ...] = ("basic", "personalized", "alternative")
DRAWINGS = "fashion_image_generation"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream has come: whole epochs, and records of the present one, skipped ones among them."""

    epoch: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """What one record teaches.

    Attributes:
        key: Shard and sample, for messages.
        task: ``basic``, ``personalized``, ``alternative``, or ``drawing``.
        picture: JPEG bytes: the outfit shown, or for ``drawing`` the picture to draw.
        messages: Pairs of role (``user`` or ``assistant``) and text, the answer last; for ``drawing`` one of ``user``.
        target: Description of the item that the answer recommends; for ``drawing`` the words of the picture.
    """

    key: str
    task: Task | Literal["drawing"]
    picture: bytes = field(repr=False)
    messages: tuple[tuple[str, str], ...]
    target: str


@dataclass
class Rows(Generic[R]):
    """Records by number.

    Attributes:
        records: Where they lie; reading them is what costs.
        skipped: How often a record was passed over, by reason; a tar that is broken counts once, from where it is.
    """

    records: Sequence[Record]
    read: Callable[[Record], R]
    skipped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        """How many records there are, broken ones among them."""
        return len(self.records)

    def __getitem__(self, index: int) -> R:
        """The record of a number, or the next good one behind it.

        Raises:
            IndexError: The number is out of range.
            FashionRecError: None of the records can be read.
        """
        if not 0 <= index < len(self.records):
            raise IndexError(f"there are {len(self.records)} records, no number {index}")
        for step in range(len(self.records)):
            found = self._good(self.records[(index + step) % len(self.records)])
            if found is not None:
                return found
        raise FashionRecError(f"none of {len(self.records)} records can be read: {dict(self.skipped)}")

    def stream(self, seed: int, start: Place | None = None) -> Iterator[tuple[Place, R]]:
        """An endless shuffled stream: each good record once an epoch, each epoch in an order of its own.

        Args:
            seed: Of the order.
            start: Where an earlier stream stopped: the place that came with its last record.

        Yields:
            Each record with the place behind it.

        Raises:
            FashionRecError: A whole epoch held no record that can be read.
        """
        place = start or Place()
        while True:
            order = list(range(len(self.records)))
            random.Random(f"{seed}/{place.epoch}").shuffle(order)
            good = place.done
            for done in range(place.done, len(order)):
                found = self._good(self.records[order[done]])
                if found is not None:
                    good += 1
                    yield Place(place.epoch, done + 1), found
            if not good:
                raise FashionRecError(f"none of {len(order)} records can be read: {dict(self.skipped)}")
            place = Place(place.epoch + 1)

    def _good(self, record: Record) -> R | None:
        try:
            return self.read(record)
        except FashionRecError as problem:
            self.skipped[problem.reason] += 1
            return None


def open_recommendations(
    folder: Path, *, tasks: Sequence[Task] = TASKS, part: Part = "train"
) -> Rows[Sample]:
    """The dialogues of a folder.

    Args:
        folder: That which holds ``data/``, or ``data`` itself.
        tasks: Which tasks; one that the folder lacks is left out.
        part: ``train``, ``valid`` (the published set has it for some tasks) or ``test``.

    Raises:
        FashionRecError: There is no shard of these tasks.
    """
    return _rows(folder, [f"{task}_recommendation" for task in tasks], part, read_sample)


def open_drawings(folder: Path, *, part: Part = "train") -> Rows[DrawingSample]:
    """The pictures with their words; as `open_recommendations`. Where there is no ``test`` folder, ``test`` is empty."""
    if part == "test" and not (_data(folder) / DRAWINGS / "test").is_dir():
        return Rows((), read_drawing)
    return _rows(folder, [DRAWINGS], part, read_drawing)


def training_row(record: Sample | DrawingSample) -> TrainingRow:
    """A record in the roles of a chat."""
    if isinstance(record, DrawingSample):
        return TrainingRow(record.key, "drawing", record.picture, (("user", record.text),), record.text)
    roles = {"human": "user", "gpt": "assistant"}
    messages = tuple((roles[message.speaker], message.text) for message in record.conversation)
    return TrainingRow(record.key, record.task, record.picture, messages, record.target.description)


def picture_of(record: Sample | DrawingSample | TrainingRow) -> Image.Image:
    """Decode a record's picture to RGB. Raises FashionRecError where it cannot be read."""
    try:
        return Image.open(io.BytesIO(record.picture)).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise FashionRecError(
            f"sample {record.key}: its picture cannot be read: {problem}", reason="broken picture"
        ) from problem


def _data(folder: Path) -> Path:
    return folder / "data" if (folder / "data").is_dir() else folder


def _rows(folder: Path, names: Sequence[str], part: Part, read: Callable[[Record], R]) -> Rows[R]:
    shards: list[Path] = []
    for name in names:
        home = _data(folder) / name
        shards += sorted((home / part).glob("*.tar"))
        if part == "train":
            shards += sorted(home.glob("*.tar"))
    if not shards:
        raise FashionRecError(
            f"{folder}: no {part} shards; expected {names[0]}/{part}/*.tar below it or below its data folder"
        )
    rows: Rows[R] = Rows((), read)
    found: list[Record] = []
    for shard in shards:
        index = index_shard(shard)
        found += index.records
        if index.problem is not None:
            rows.skipped[index.problem.reason] += 1
    rows.records = tuple(found)
    return rows
