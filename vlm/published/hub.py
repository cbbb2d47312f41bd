"""Folders of checkpoints: given as they are, or by the id they have on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from vlm.published.files import CheckpointError

_ID = re.compile(r"[\w.-]+/[\w.-]+")
_WANTED = ("*.json", "*.safetensors", "*.bin", "merges.txt", "*.jinja")
WORDS_ALONE = ("*.json", "merges.txt")
"""Of a text tokenizer, which often lies beside gigabytes of weights."""


def fetch(
    source: str,
    complete: Callable[[Path], object],
    *,
    cache: Path | None = None,
    offline: bool = False,
    wanted: Sequence[str] = _WANTED,
) -> Path:
    """The folder of a checkpoint; a hub id is looked for in the hub's cache, then downloaded.

    Args:
        source: A folder, or an id such as ``showlab/show-o-512x512``.
        complete: Raises `CheckpointError` where a cached folder lacks what is needed, so that it is downloaded.
        cache: The hub's cache; None is its own (``HF_HOME`` and its kin).
        offline: Ask no network.
        wanted: Patterns of the files to download.

    Raises:
        CheckpointError: There is no such folder or id, or it is not at hand and cannot be downloaded.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    if not _ID.fullmatch(source):
        raise CheckpointError(f"{source!r} is neither a folder nor a hub id such as showlab/show-o-512x512")
    place = cache or Path(constants.HF_HUB_CACHE)
    lacking = f"{source} is not in the hub's cache ({place})"
    try:
        folder = Path(snapshot_download(source, cache_dir=cache, local_files_only=True))
        complete(folder)
        return folder
    except LocalEntryNotFoundError:
        pass
    except CheckpointError as error:
        lacking = f"{source} is not whole in the hub's cache: {error}"
    if offline or constants.HF_HUB_OFFLINE:
        raise CheckpointError(
            f"{lacking}, and no network is to be used. Where there is one, run: hf download {source}"
        )
    try:
        return Path(snapshot_download(source, cache_dir=cache, allow_patterns=list(wanted)))
    except (HfHubHTTPError, LocalEntryNotFoundError, httpx.HTTPError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CheckpointError(f"{lacking} and could not be downloaded: {reason}") from None
