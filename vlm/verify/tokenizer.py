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
    read_expected,
    same_ids,
    unknown,
)

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
    shapes = {name: tuple(shape) for name, (shape, _) in described.items()}
    config = config_of_shapes(shapes)
    tokenizer = ImageTokenizer(config)
    made = {name: _made(salt, name, shape) for name, shape in shapes.items() if not _is_table(name)}
    learned = {name: tuple(value.shape) for name, value in tokenizer.named_parameters()}
    check_fit(str(folder / "manifest.json"), learned, made)
    tokenizer.load_weights(made)
    return tokenizer.eval().requires_grad_(False)


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
        if name.startswith(_DECODE_CODES) or (name.startswith(_IMAGE) and _partner(name) in expected):
            continue
        if name.startswith(_CODES) and (picture := expected.get(_partner(name))) is not None:
            yield same_ids(name, _encoded(tokenizer, picture), wanted)
        elif name.startswith(_DECODE_IMAGE) and (codes := expected.get(_partner(name))) is not None:
            yield close(name, _decoded(tokenizer, codes, wanted), wanted, PICTURE_TOLERANCE)
        else:
            yield unknown(name)


def _partner(name: str) -> str:
    """What belongs to a tensor: a picture's codes, or the picture of codes."""
    for one, other in ((_DECODE_IMAGE, _DECODE_CODES), (_IMAGE, _CODES), (_CODES, _IMAGE)):
        if name.startswith(one):
            return other + name.removeprefix(one)
    return name


@torch.inference_mode()
def _encoded(tokenizer: ImageTokenizer, picture: Tensor) -> Tensor:
    return tokenizer.encode(picture.float())


@torch.inference_mode()
def _decoded(tokenizer: ImageTokenizer, codes: Tensor, picture: Tensor) -> Tensor:
    height, width = (side // tokenizer.downsample for side in picture.shape[-2:])
    try:
        return tokenizer.decode(codes.flatten(1), (height, width))
    except ValueError as error:
        raise CheckpointError(f"the expected codes cannot be decoded: {error}") from None
