"""A FashionRec folder as what is learned from and what is only measured on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fashion.fashionrec import DrawingSample, FashionRecError
from vlm.training.fashionrec_source import open_drawings, open_recommendations
from vlm.training.full.rows import Numbered, Samples

_ASIDE = 64
"""Drawings kept aside where the folder has no test shard for them, as the published one has not."""


class _Stretch:
    """Neighboring samples of a longer list."""

    def __init__(self, rows: Numbered[DrawingSample], first: int, last: int) -> None:
        self._rows, self._first, self._count = rows, first, last - first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> DrawingSample:
        if not 0 <= index < self._count:
            raise IndexError(f"there are {self._count} samples, no number {index}")
        return self._rows[self._first + index]


def open_samples(folder: Path, texts: Path | None = None) -> tuple[Samples, Samples | None]:
    """What to train on and what to measure on; the latter is None where the folder has no test dialogues.

    Args:
        folder: In the layout of DESIGN.md section 4: ours, or the published one.
        texts: Paragraphs (blank lines between them) for learning from text alone; None takes the dialogues' words.

    Raises:
        FashionRecError: The folder holds no training dialogues or no drawings, or `texts` no paragraph; the message says
            what is expected where.
    """
    if not folder.is_dir():
        raise FashionRecError(
            f"{folder} is no folder: expected FashionRec's layout, as `fashionm3 data fashionrec DIR` writes it."
        )
    dialogues = open_recommendations(folder, part="train")
    drawings: Numbered[DrawingSample] = open_drawings(folder, part="train")
    shown: Numbered[DrawingSample] = open_drawings(folder, part="test")
    if not len(shown):
        kept = len(drawings) - min(_ASIDE, len(drawings) // 10)
        drawings, shown = _Stretch(drawings, 0, kept), _Stretch(drawings, kept, len(drawings))
    if not len(dialogues) or not len(drawings):
        empty = "dialogues" if not len(dialogues) else "drawings"
        raise FashionRecError(f"{folder}: its training shards hold no {empty} that can be read.")
    train = Samples(drawings, dialogues, None if texts is None else _paragraphs(texts))
    try:
        asked = open_recommendations(folder, part="test")
    except FashionRecError:
        return train, None
    return train, Samples(shown, asked) if len(asked) and len(shown) else None


def _paragraphs(path: Path) -> Sequence[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FashionRecError(f"{path} cannot be read as text: {error}") from error
    found = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    if not found:
        raise FashionRecError(f"{path} holds no text: expected paragraphs with blank lines between them.")
    return found
