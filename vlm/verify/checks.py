"""One comparison a tensor, and which kind of folder holds which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

LOGITS_TOLERANCE = 1e-4
PICTURE_TOLERANCE = 1e-3
EXPECTED = "expected.safetensors"


class NothingToVerifyError(ValueError):
    """A folder has nothing that could be verified, or lacks a part; one sentence."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one expected tensor compares.

    Attributes:
        name: Of the tensor.
        passed: Whether it is within its tolerance.
        told: The finding in words, with numbers.
    """

    name: str
    passed: bool
    told: str


def same_ids(name: str, ours: Tensor, expected: Tensor) -> Check:
    """Compare ids, which must all be equal."""
    if ours.shape != expected.shape:
        return _shapes(name, ours, expected)
    differing = int((ours != expected).sum())
    told = (
        f"all {expected.numel()} ids equal"
        if not differing
        else f"{differing} of {expected.numel()} ids differ"
    )
    return Check(name, not differing, told)


def close(name: str, ours: Tensor, expected: Tensor, tolerance: float) -> Check:
    """Compare numbers, none of which may differ by more than `tolerance`."""
    if ours.shape != expected.shape:
        return _shapes(name, ours, expected)
    largest = float((ours.double() - expected.double()).abs().max()) if expected.numel() else 0.0
    # Not a number is no small difference.
    passed = largest <= tolerance
    return Check(name, passed, f"largest difference {largest:.3g}, at most {tolerance:g} allowed")


def unknown(name: str) -> Check:
    """A tensor that nothing here computes."""
    return Check(name, False, "not compared: this version does not know what it expects")


def read_expected(folder: Path) -> dict[str, Tensor]:
    """The expected tensors of a folder.

    Raises:
        NothingToVerifyError: The file is missing or broken.
    """
    path = folder / EXPECTED
    if not path.is_file():
        raise NothingToVerifyError(f"{folder} cannot be verified: {EXPECTED} is missing")
    try:
        expected = load_file(path)
    except (SafetensorError, OSError) as error:
        raise NothingToVerifyError(f"{path} cannot be read: {error}") from None
    if not expected:
        raise NothingToVerifyError(f"{path} expects nothing: it has no tensors")
    return expected


def ids_of(name: str, tensor: Tensor, dimensions: int, below: int) -> Tensor:
    """An expected tensor that the networks are given: whole numbers from 0, int64.

    Raises:
        NothingToVerifyError: It holds something else.
    """
    if tensor.is_floating_point() or tensor.ndim != dimensions:
        raise NothingToVerifyError(
            f"{name} is {str(tensor.dtype).removeprefix('torch.')} of shape {list(tensor.shape)}: expected ids of "
            f"{dimensions} dimensions"
        )
    if tensor.numel() and not 0 <= int(tensor.min()) <= int(tensor.max()) < below:
        raise NothingToVerifyError(
            f"{name} has ids from {int(tensor.min())} to {int(tensor.max())}: expected 0 to {below - 1}"
        )
    return tensor.long()


def verify(folder: Path) -> Iterator[Check]:
    """Compare all expected tensors of a folder, in order of name, in float32 on the CPU.

    Raises:
        NothingToVerifyError: The folder is of neither kind or lacks a part.
        vlm.published.files.CheckpointError: Its weights cannot be used.
    """
    from vlm.verify.language import verify_language_model
    from vlm.verify.tokenizer import verify_image_tokenizer

    if not folder.is_dir():
        raise NothingToVerifyError(f"there is no folder {folder}")
    if (folder / "manifest.json").is_file():
        return verify_image_tokenizer(folder)
    if (folder / "expected.json").is_file():
        return verify_language_model(folder)
    raise NothingToVerifyError(
        f"{folder} is of neither kind that can be verified: expected.json and fashionvlm/ make one, manifest.json the "
        f"other, {EXPECTED} both"
    )


def _shapes(name: str, ours: Tensor, expected: Tensor) -> Check:
    return Check(name, False, f"of shape {list(ours.shape)}, expected {list(expected.shape)}")
