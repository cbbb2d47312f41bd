"""Picture files named by a person: read, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

from ui.failures import BadInputError


def read_picture(path: str | Path) -> bytes:
    """Read a picture's bytes.

    Raises:
        BadInputError: The path names no file that can be read.
    """
    file = Path(path).expanduser()
    if not file.exists():
        raise BadInputError(f"There is no file {str(path)!r}.")
    if file.is_dir():
        raise BadInputError(f"{str(path)!r} is a folder, not a picture.")
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInputError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
