"""A published byte-level BPE tokenizer as our text tokenizer."""

from __future__ import annotations

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from vlm.published.files import CheckpointError, read_json
from vlm.text_tokenizer import END_OF_TEXT, TextTokenizer


def check_words(folder: Path) -> None:
    """Whether a folder holds a tokenizer.

    Raises:
        CheckpointError: It holds neither ``tokenizer.json`` nor ``vocab.json`` and ``merges.txt``.
    """
    parts = (folder / "vocab.json", folder / "merges.txt")
    if not (folder / "tokenizer.json").is_file() and not all(part.is_file() for part in parts):
        raise CheckpointError(
            f"{folder} has no text tokenizer: expected tokenizer.json, or vocab.json and merges.txt"
        )


def load_words(folder: Path) -> TextTokenizer:
    """Read a folder's ``tokenizer.json``, or build the tokenizer from ``vocab.json``, ``merges.txt`` and added tokens.

    Raises:
        CheckpointError: The files are missing or broken, or know no ``<|endoftext|>``.
    """
    check_words(folder)
    whole = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(whole)) if whole.is_file() else _assembled(folder)
    except CheckpointError:
        raise
    # The tokenizers library raises plain Exception for a file that it cannot read.
    except Exception as error:
        raise CheckpointError(f"the text tokenizer in {folder} cannot be read: {error}") from None
    try:
        return TextTokenizer(tokenizer)
    except ValueError as error:
        raise CheckpointError(f"{folder}: {error}") from None


def _assembled(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END_OF_TEXT])
    added = folder / "added_tokens.json"
    if added.is_file():
        words = sorted(read_json(added).items(), key=lambda entry: int(entry[1]))
        tokenizer.add_tokens([AddedToken(word, normalized=False) for word, _ in words])
    return tokenizer
