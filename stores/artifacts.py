"""Pictures by opaque id: uploads that passed the gate, and pictures we made ourselves.

Ids are content-addressed: the same picture of the same owner is kept once. The owner is part of the address,
so two people who upload the same file get two artifacts, and neither can open the other's.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image

from stores.database import Database
from stores.image_gate import ImageRefusedError, admit

__all__ = ["Artifact", "ArtifactNotFoundError", "Artifacts", "ImageRefusedError"]

MediaType = Literal["image/jpeg", "image/png"]

_SCHEMA = (
    """
    CREATE TABLE artifact (
        id TEXT PRIMARY KEY,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        origin TEXT NOT NULL,
        owner TEXT,
        made_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) WITHOUT ROWID;
    CREATE INDEX artifact_owner ON artifact (owner);
    """,
)
_SUFFIX: dict[MediaType, str] = {"image/jpeg": ".jpg", "image/png": ".png"}
_MIN_PREFIX = 12


class ArtifactNotFoundError(KeyError):
    """No such artifact, or none that this user may open; the two are told apart to nobody."""

    def __init__(self, artifact_id: str) -> None:
        super().__init__(artifact_id)
        self.artifact_id = artifact_id

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"There is no picture {self.artifact_id!r} here; please send the picture again."


@dataclass(frozen=True, slots=True)
class Artifact:
    """One kept picture.

    Attributes:
        id: 64 lower-case hexadecimal digits.
        width: Pixels.
        height: Pixels.
        media_type: ``image/jpeg`` (uploads) or ``image/png`` (our own pictures).
        origin: Where it came from, a word such as ``upload`` or ``generate_image``.
        path: The file, below the store's root.
        owner: The user it belongs to, or None where anybody may open it.
    """

    id: str
    width: int
    height: int
    media_type: MediaType
    origin: str
    path: Path
    owner: str | None


class Artifacts:
    """The picture store; thread-safe."""

    def __init__(self, root: Path) -> None:
        """Open or create the store below `root`."""
        self._root = root
        self._pictures = root / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._database = Database(root / "artifacts.sqlite", _SCHEMA)

    def put_bytes(self, data: bytes, *, origin: str, owner: str | None = None) -> Artifact:
        """Let an untrusted file through the gate and keep it, written anew as JPEG.

        Raises:
            ImageRefusedError: The gate refused it; the message is one sentence fit for a person.
        """
        return self._keep(admit(data), "image/jpeg", origin, owner)

    def put_picture(self, image: Image.Image, *, origin: str, owner: str | None = None) -> Artifact:
        """Keep a picture of our own making, as PNG without loss."""
        return self._keep(image.convert("RGB"), "image/png", origin, owner)

    def get(self, id: str) -> Artifact:
        """Find an artifact by its id, or by an unambiguous beginning of at least 12 digits.

        Raises:
            ArtifactNotFoundError: There is none (also where its file is gone).
        """
        row = self._database.row("SELECT * FROM artifact WHERE id = ?", (id,)) or self._by_prefix(id)
        if row is None:
            raise ArtifactNotFoundError(id)
        path = self._file(row["id"], row["media_type"])
        if not path.is_file():
            raise ArtifactNotFoundError(id)
        return Artifact(
            row["id"], row["width"], row["height"], row["media_type"], row["origin"], path, row["owner"]
        )

    def get_for(self, user: str, id: str) -> Artifact:
        """Like `get`, but another user's artifact is not found."""
        artifact = self.get(id)
        if artifact.owner is not None and artifact.owner != user:
            raise ArtifactNotFoundError(id)
        return artifact

    def open(self, id: str) -> Image.Image:
        """The picture as RGB, fully loaded. Raises `ArtifactNotFoundError`."""
        return _load(self.get(id).path)

    def open_for(self, user: str, id: str) -> Image.Image:
        """Like `open`, but another user's artifact is not found."""
        return _load(self.get_for(user, id).path)

    def path(self, id: str) -> Path:
        """The file of an artifact. Raises `ArtifactNotFoundError`."""
        return self.get(id).path

    def owned(self, user: str, *, but_origins: Collection[str] = ()) -> list[Artifact]:
        """The pictures a user owns, but those of `but_origins`."""
        return [
            Artifact(
                row["id"],
                row["width"],
                row["height"],
                row["media_type"],
                row["origin"],
                self._file(row["id"], row["media_type"]),
                row["owner"],
            )
            for row in self._database.rows("SELECT * FROM artifact WHERE owner = ? ORDER BY id", (user,))
            if row["origin"] not in but_origins
        ]

    def forget(self, user: str, *, keep_origins: Collection[str] = ()) -> int:
        """Delete the pictures a user owns, records and files, but those of `keep_origins`; returns how many."""
        rows = [
            row
            for row in self._database.rows(
                "SELECT id, media_type, origin FROM artifact WHERE owner = ?", (user,)
            )
            if row["origin"] not in keep_origins
        ]
        for row in rows:
            self._file(row["id"], row["media_type"]).unlink(missing_ok=True)
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM artifact WHERE id = ?", [(row["id"],) for row in rows])
        self._database.shrink_log()
        return len(rows)

    def close(self) -> None:
        """Close the store's database."""
        self._database.close()

    def _keep(self, picture: Image.Image, media_type: MediaType, origin: str, owner: str | None) -> Artifact:
        content = _encode(picture, media_type)
        mark = b"anyone" if owner is None else b"owner " + owner.encode()
        digest = hashlib.sha256(len(mark).to_bytes(4) + mark + content).hexdigest()
        path = self._file(digest, media_type)
        # The file comes first: a record without its file would be a promise not kept.
        if not path.is_file():
            _write_whole(path, content)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO artifact (id, width, height, media_type, origin, owner) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (digest, picture.width, picture.height, media_type, origin, owner),
            )
        return self.get(digest)

    def _by_prefix(self, prefix: str) -> sqlite3.Row | None:
        if not _MIN_PREFIX <= len(prefix) < 64 or not set(prefix) <= set("0123456789abcdef"):
            return None
        rows = self._database.rows(
            "SELECT * FROM artifact WHERE id >= ? AND id < ? LIMIT 2", (prefix, prefix + "g")
        )
        return rows[0] if len(rows) == 1 else None

    def _file(self, digest: str, media_type: MediaType) -> Path:
        return self._pictures / digest[:2] / (digest + _SUFFIX[media_type])


def _encode(picture: Image.Image, media_type: MediaType) -> bytes:
    buffer = BytesIO()
    if media_type == "image/jpeg":
        picture.save(buffer, "JPEG", quality=92, subsampling=0)
    else:
        # A fresh picture: Pillow would write the old one's text and profile chunks along.
        plain = Image.new("RGB", picture.size)
        plain.paste(picture)
        plain.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _write_whole(path: Path, content: bytes) -> None:
    """Write so that the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _load(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")
