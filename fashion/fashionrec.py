"""Reads and writes the FashionRec shards: WebDataset tars of jpg + json, or jpg + txt.

Shards are streamed member by member, never unpacked. The meta tables are in `fashion.fashionrec_tables`.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Task = Literal["basic", "personalized", "alternative"]
ENDINGS = {"jpg": "jpg", "jpeg": "jpg", "png": "jpg", "json": "json", "txt": "txt"}
"""Which endings of members count, and as what."""


class FashionRecError(ValueError):
    """A shard or table that breaks the layout; the message names the file and the sample.

    Attributes:
        reason: What is wrong in a few words, the same for every record that has it, for counting.
    """

    def __init__(self, message: str, *, reason: str = "broken record") -> None:
        """Say what is wrong, at length and in short."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an outfit, as the files hold it."""

    item_id: str
    category: str
    subcategory: str
    path: str
    description: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message: who says it, and what."""

    speaker: Literal["human", "gpt"]
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One recommendation sample.

    Attributes:
        key: The sample's name in its shard, for example ``"0000012"``.
        picture: JPEG bytes of the outfit grid.
        conversation: Alternating messages; the last is the reference answer.
        partial_outfit: The items shown.
        target_items: Basic and personalized: the wanted items, the last is the target.
        changeable_items: Alternative: the target first, the item to change second.
        history: Personalized: items of this person.
    """

    key: str
    picture: bytes
    conversation: tuple[Exchange, ...]
    partial_outfit: tuple[Item, ...] = ()
    target_items: tuple[Item, ...] = ()
    changeable_items: tuple[Item, ...] = ()
    history: tuple[Item, ...] = ()

    @property
    def task(self) -> Task:
        """Which of the three tasks it belongs to, by the fields it has."""
        if self.changeable_items:
            return "alternative"
        return "personalized" if self.history else "basic"

    @property
    def target(self) -> Item:
        """The item the reference answer recommends."""
        return self.changeable_items[0] if self.changeable_items else self.target_items[-1]

    @property
    def answer(self) -> str:
        """The reference answer."""
        return self.conversation[-1].text


@dataclass(frozen=True, slots=True)
class DrawingSample:
    """One drawing sample: its key, JPEG bytes and the words that describe it."""

    key: str
    picture: bytes
    text: str


def read_samples(shard: Path) -> Iterator[Sample]:
    """Stream the recommendation samples of one shard.

    Raises:
        FashionRecError: A broken tar, a sample without picture or json, or json that breaks the layout.
    """
    for key, members in _members(shard):
        picture, raw = _both(shard, key, members, "json")
        yield parse_sample(shard.name, key, picture, raw)


def read_drawings(shard: Path) -> Iterator[DrawingSample]:
    """Stream the drawing samples (jpg + txt) of one shard. Raises FashionRecError as `read_samples`."""
    for key, members in _members(shard):
        picture, raw = _both(shard, key, members, "txt")
        yield parse_drawing(shard.name, key, picture, raw)


def parse_sample(shard: str, key: str, picture: bytes, raw: bytes) -> Sample:
    """A recommendation sample from the bytes of its json. Raises FashionRecError, naming shard and sample."""
    where = f"{shard}: sample {key}"
    try:
        record = json.loads(raw)
    except ValueError as problem:
        raise FashionRecError(f"{where}: {problem}", reason="broken json") from problem
    try:
        sample = _sample(key, picture, record)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise FashionRecError(f"{where}: {_said(problem)}", reason="broken json") from problem
    if not sample.conversation or sample.conversation[-1].speaker != "gpt":
        raise FashionRecError(
            f"{where}: the conversation must end with an answer from gpt", reason="no answer"
        )
    if not sample.target_items and not sample.changeable_items:
        raise FashionRecError(f"{where}: neither target_items nor changeable_items", reason="no target")
    return sample


def parse_drawing(shard: str, key: str, picture: bytes, raw: bytes) -> DrawingSample:
    """A drawing sample from the bytes of its txt. Raises FashionRecError, naming shard and sample."""
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError as problem:
        raise FashionRecError(
            f"{shard}: sample {key}: the txt is not UTF-8", reason="broken text"
        ) from problem
    if not text:
        raise FashionRecError(f"{shard}: sample {key}: the txt is empty", reason="no text")
    return DrawingSample(key, picture, text)


def write_samples(shard: Path, samples: Iterable[Sample]) -> int:
    """Write recommendation samples as one shard; returns how many."""
    return _write(shard, ((s.key, s.picture, "json", _sample_json(s)) for s in samples))


def write_drawings(shard: Path, samples: Iterable[DrawingSample]) -> int:
    """Write drawing samples as one shard; returns how many."""
    return _write(shard, ((s.key, s.picture, "txt", s.text.encode("utf-8")) for s in samples))


def shards(folder: Path) -> list[Path]:
    """The tars of a folder, by name. Raises FashionRecError when there are none."""
    found = sorted(folder.glob("*.tar"))
    if not found:
        raise FashionRecError(f"{folder}: no .tar shards here")
    return found


def _members(shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Group neighboring members by key, as WebDataset does."""
    key: str | None = None
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(shard, mode="r|*") as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                stem, _, ending = name.rpartition(".")
                stream = tar.extractfile(member) if member.isfile() and ending in ENDINGS else None
                if stream is None:
                    continue
                if key is not None and stem != key:
                    yield key, found
                    found = {}
                key, found[ENDINGS[ending]] = stem, stream.read()
    except (tarfile.TarError, OSError, EOFError) as problem:
        after = "" if key is None else f" after sample {key}"
        raise FashionRecError(f"{shard.name}: not a readable tar{after}: {problem}") from problem
    if key is not None:
        yield key, found


def _both(shard: Path, key: str, members: Mapping[str, bytes], ending: str) -> tuple[bytes, bytes]:
    for wanted in ("jpg", ending):
        if wanted not in members:
            raise FashionRecError(
                f"{shard.name}: sample {key}: no .{wanted} beside its other files", reason=f"no {wanted}"
            )
    return members["jpg"], members[ending]


def _sample(key: str, picture: bytes, record: Any) -> Sample:
    if not isinstance(record, dict):
        raise TypeError(f"the json must be an object, not {type(record).__name__}")
    messages = [_exchange(message) for message in record["conversation"]]
    while len(messages) > 1 and messages[-1].speaker == "human":
        # A request that nobody answered teaches nothing.
        messages.pop()
    return Sample(
        key=str(record.get("key", key)),
        picture=picture,
        conversation=tuple(messages),
        partial_outfit=_items(record, "partial_outfit"),
        target_items=_items(record, "target_items"),
        changeable_items=_items(record, "changeable_items"),
        history=_items(record, "history"),
    )


def _exchange(message: Mapping[str, Any]) -> Exchange:
    speaker = message["from"]
    if speaker not in ("human", "gpt"):
        raise ValueError(f"a message is from {speaker!r}; expected 'human' or 'gpt'")
    return Exchange(speaker, str(message["value"]))


def _items(record: Mapping[str, Any], name: str) -> tuple[Item, ...]:
    rows: Sequence[Mapping[str, Any]] = record.get(name) or ()
    return tuple(
        Item(
            str(row["item_id"]),
            *(str(row.get(name) or "") for name in ("category", "subcategory", "path", "description")),
        )
        for row in rows
    )


def _sample_json(sample: Sample) -> bytes:
    record: dict[str, Any] = {
        "key": sample.key,
        "conversation": [{"from": m.speaker, "value": m.text} for m in sample.conversation],
    }
    for name in ("partial_outfit", "target_items", "changeable_items", "history"):
        items: tuple[Item, ...] = getattr(sample, name)
        if items:
            record[name] = [
                {
                    "item_id": i.item_id,
                    "category": i.category,
                    "subcategory": i.subcategory,
                    "path": i.path,
                    "description": i.description,
                }
                for i in items
            ]
    return json.dumps(record, ensure_ascii=False).encode("utf-8")


def _write(shard: Path, rows: Iterable[tuple[str, bytes, str, bytes]]) -> int:
    shard.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with tarfile.open(shard, mode="w") as tar:
        for key, picture, ending, content in rows:
            for name, data in ((f"{key}.jpg", picture), (f"{key}.{ending}", content)):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
            count += 1
    return count


def _said(problem: Exception) -> str:
    return f"no field {problem.args[0]!r}" if isinstance(problem, KeyError) else str(problem)
