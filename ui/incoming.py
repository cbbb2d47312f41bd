"""What comes in at a front door becomes a `Turn`; what goes out names its pictures by file path."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.turn import Turn, TurnRecord
from ui.failures import BadInputError
from ui.picture_files import read_picture

if TYPE_CHECKING:
    from ui.assembly import Parts

MAX_PICTURES = 4
"""FashionVLM reads up to four pictures at once, pasted as one grid."""


async def make_turn(
    parts: Parts,
    *,
    user: str,
    thread: str,
    text: str,
    pictures: Sequence[str | Path] = (),
    turn_id: str | None = None,
) -> Turn:
    """Check a message, pass its pictures through the image gate and build the turn.

    Raises:
        BadInputError: Nothing was sent, the text is too long, or a file is no picture.
    """
    text = text.strip()
    check_message(parts, text, len(pictures))
    image_ids = [await _admit(parts, user, path) for path in pictures]
    return Turn(user=user, thread=thread, text=text, image_ids=image_ids, turn_id=turn_id)


def check_message(parts: Parts, text: str, pictures: int) -> None:
    """Check a message's text and number of pictures.

    Raises:
        BadInputError: No text and no picture, a text too long, or too many pictures.
    """
    if not text and not pictures:
        raise BadInputError("The message is empty: send a text, a picture, or both.")
    if len(text) > parts.settings.max_text:
        most = parts.settings.max_text
        raise BadInputError(f"The text has {len(text)} characters; at most {most} are read.")
    if pictures > MAX_PICTURES:
        raise BadInputError(f"{pictures} pictures were sent; at most {MAX_PICTURES} fit in one message.")


async def admit_bytes(parts: Parts, user: str, data: bytes, name: str) -> str:
    """Pass one picture through the gate and return its artifact id.

    Raises:
        BadInputError: The bytes are no picture that the gate admits; the message starts with `name`.
    """
    from stores.image_gate import ImageRefusedError

    try:
        artifact = await asyncio.to_thread(
            parts.services.artifacts.put_bytes, data, origin="upload", owner=user
        )
    except ImageRefusedError as error:
        raise BadInputError(f"{name}: {error}") from error
    return artifact.id


async def _admit(parts: Parts, user: str, path: str | Path) -> str:
    data = await asyncio.to_thread(read_picture, path)
    return await admit_bytes(parts, user, data, Path(path).name)


def with_paths(parts: Parts, record: TurnRecord) -> TurnRecord:
    """The same record with its pictures named by file path instead of artifact id."""
    paths = [str(parts.services.artifacts.path(image)) for image in record.images]
    return record.model_copy(update={"images": paths})
