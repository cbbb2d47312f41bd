"""Where the records of a shard lie, so that one can be read without those before it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fashion.fashionrec import (
    ENDINGS,
    DrawingSample,
    FashionRecError,
    Sample,
    parse_drawing,
    parse_sample,
)
from fashion.fashionrec_cleaning import cleaned

_END_OF_JPEG = b"\xff\xd9"
_TAIL = 64


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a shard.

    Attributes:
        shard: The tar.
        key: Its name in there.
        members: Offset and size of its files, in bytes, by kind (``jpg``, ``json``, ``txt``).
    """

    shard: Path
    key: str
    members: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """The records of a shard, and why they are not all of it, if they are not."""

    records: tuple[Record, ...]
    problem: FashionRecError | None


def index_shard(shard: Path) -> ShardIndex:
    """Read the headers of a plain tar; its contents are not read, and files of a key need not lie side by side."""
    problem: FashionRecError | None = None
    found: dict[str, dict[str, tuple[int, int]]] = {}
    try:
        with tarfile.open(shard, mode="r:") as tar:
            for member in tar:
                stem, _, ending = member.name.removeprefix("./").rpartition(".")
                if member.isfile() and ending in ENDINGS:
                    found.setdefault(stem, {})[ENDINGS[ending]] = (member.offset_data, member.size)
    except (tarfile.TarError, OSError, EOFError) as error:
        problem = FashionRecError(f"{shard}: not a readable tar: {error}", reason="broken tar")
    return ShardIndex(tuple(Record(shard, key, members) for key, members in found.items()), problem)


def read_sample(record: Record) -> Sample:
    """A recommendation sample, its conversation cleaned. Raises FashionRecError where it cannot be used."""
    picture, raw = _picture(record), _bytes(record, "json")
    return cleaned(parse_sample(record.shard.name, record.key, picture, raw))


def read_drawing(record: Record) -> DrawingSample:
    """A drawing sample. Raises FashionRecError where it cannot be used."""
    return parse_drawing(record.shard.name, record.key, _picture(record), _bytes(record, "txt"))


def _bytes(record: Record, kind: str) -> bytes:
    where = f"{record.shard.name}: sample {record.key}"
    if kind not in record.members:
        raise FashionRecError(f"{where}: no .{kind} beside its other files", reason=f"no {kind}")
    offset, size = record.members[kind]
    try:
        with record.shard.open("rb") as stream:
            stream.seek(offset)
            found = stream.read(size)
    except OSError as problem:
        raise FashionRecError(f"{where}: cannot be read: {problem}", reason="unreadable shard") from problem
    if len(found) < size:
        raise FashionRecError(f"{where}: the shard ends in the middle of it", reason="broken tar")
    return found


def _picture(record: Record) -> bytes:
    """The picture's bytes. A JPEG with head and end passes unread, all else is decoded to be sure."""
    found = _bytes(record, "jpg")
    try:
        with Image.open(io.BytesIO(found)) as opened:
            if opened.format != "JPEG" or _END_OF_JPEG not in found[-_TAIL:]:
                opened.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise FashionRecError(
            f"{record.shard.name}: sample {record.key}: its picture cannot be read: {problem}",
            reason="broken picture",
        ) from problem
    return found
