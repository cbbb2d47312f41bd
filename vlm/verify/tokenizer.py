"""The image tokenizer against pictures and codes of the published code; its weights are made from their names."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from vlm.image_tokenizer import ImageTokenizer
from vlm.published.files import CheckpointError, check_fit, read_json
from vlm.published.magvit import config_of_shapes
from vlm.verify.checks import (
    PICTURE_TOLERANCE,
    Check,
    NothingToVerifyError,
    close,
    ids_of,
    read_expected,
    same_ids,
    unknown,
)

_LARGEST = 1 << 31
_IMAGE, _CODES, _DECODE_CODES, _DECODE_IMAGE = "image_", "codes_", "decode_codes", "decode_image"


def verify_image_tokenizer(folder: Path) -> Iterator[Check]:
    """See `vlm.verify.checks.verify`."""
    expected = read_expected(folder)
    tokenizer = made_from_names(folder)
    return _checks(tokenizer, expected)


def made_from_names(folder: Path) -> ImageTokenizer:
    """The tokenizer of a folder's ``manifest.json``: every weight is drawn from a generator seeded by its name.

    Raises:
        NothingToVerifyError: The manifest is not one.
        CheckpointError: It describes no MAGVIT-v2.
    """
    manifest = read_json(folder / "manifest.json")
    salt, described = manifest.get("salt"), manifest.get("state_dict")
    if not isinstance(salt, str) or not isinstance(described, dict):
        raise NothingToVerifyError(f"{folder / 'manifest.json'} has no salt and state_dict")
    shapes = {name: _shape(name, given) for name, given in described.items() if not _is_table(name)}
    config = config_of_shapes(shapes)
    # Shapes are compared before anything of them is allocated.
    with torch.device("meta"):
        try:
            learned = dict(ImageTokenizer(config).named_parameters())
        except ValueError as error:
            raise CheckpointError(f"these weights are no MAGVIT-v2: {error}") from None
        announced = {name: torch.empty(shape) for name, shape in shapes.items()}
    check_fit(str(folder / "manifest.json"), {name: tuple(p.shape) for name, p in learned.items()}, announced)
    tokenizer = ImageTokenizer(config)
    tokenizer.load_weights({name: _made(salt, name, shape) for name, shape in shapes.items()})
    return tokenizer.eval().requires_grad_(False)


def _shape(name: str, given: object) -> tuple[int, ...]:
    """A weight's shape from what the manifest says of it: ``[shape, dtype]``."""
    shape = given[0] if isinstance(given, list) and given else None
    if not isinstance(shape, list) or not all(isinstance(side, int) and side > 0 for side in shape):
        raise NothingToVerifyError(f"the manifest gives no shape for {name}")
    if math.prod(shape) > _LARGEST:
        raise NothingToVerifyError(f"the manifest's shape of {name} is far larger than any weight: {shape}")
    return tuple(shape)


def _is_table(name: str) -> bool:
    return name.startswith("quantize.")


def _made(salt: str, name: str, shape: Sequence[int]) -> Tensor:
    generator = torch.Generator().manual_seed(zlib.crc32((salt + name).encode()))
    drawn = torch.randn(tuple(shape), generator=generator)
    if "norm" in name:
        return 1 + 0.05 * drawn if name.endswith("weight") else 0.05 * drawn
    if drawn.ndim > 1:
        return drawn / math.sqrt(drawn[0].numel())
    return 0.02 * drawn


def _checks(tokenizer: ImageTokenizer, expected: Mapping[str, Tensor]) -> Iterator[Check]:
    for name, wanted in sorted(expected.items()):
        if name.startswith((_DECODE_CODES, _IMAGE)) and _partner(name) in expected:
            continue
        if name.startswith(_CODES) and (picture := expected.get(_partner(name))) is not None:
            yield same_ids(name, _encoded(tokenizer, _partner(name), picture), wanted)
        elif name.startswith(_DECODE_IMAGE) and (codes := expected.get(_partner(name))) is not None:
            yield close(name, _decoded(tokenizer, name, codes, wanted), wanted, PICTURE_TOLERANCE)
        else:
            yield unknown(name)


def _partner(name: str) -> str:
    """What belongs to a tensor: a picture's codes, or the picture of codes."""
    pairs = (
        (_DECODE_IMAGE, _DECODE_CODES),
        (_DECODE_CODES, _DECODE_IMAGE),
        (_IMAGE, _CODES),
        (_CODES, _IMAGE),
    )
    for one, other in pairs:
        if name.startswith(one):
            return other + name.removeprefix(one)
    return name


@torch.inference_mode()
def _encoded(tokenizer: ImageTokenizer, name: str, picture: Tensor) -> Tensor:
    _check_picture(tokenizer, name, picture)
    return tokenizer.encode(picture.float())


@torch.inference_mode()
def _decoded(tokenizer: ImageTokenizer, name: str, codes: Tensor, picture: Tensor) -> Tensor:
    _check_picture(tokenizer, name, picture)
    ids = ids_of(_partner(name), codes.flatten(1) if codes.ndim > 1 else codes, 2, tokenizer.codebook_size)
    height, width = (side // tokenizer.downsample for side in picture.shape[-2:])
    try:
        return tokenizer.decode(ids, (height, width))
    except ValueError as error:
        raise NothingToVerifyError(f"{_partner(name)} cannot be decoded: {error}") from None


def _check_picture(tokenizer: ImageTokenizer, name: str, picture: Tensor) -> None:
    side, shape = tokenizer.downsample, list(picture.shape)
    if (
        not picture.is_floating_point()
        or len(shape) != 4
        or shape[1] != 3
        or any(length % side or not length for length in shape[2:])
    ):
        raise NothingToVerifyError(
            f"{name} is {str(picture.dtype).removeprefix('torch.')} of shape {shape}: expected pictures [B, 3, H, W] whose "
            f"sides are multiples of {side}"
        )
