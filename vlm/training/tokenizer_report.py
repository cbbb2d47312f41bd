"""How good an image tokenizer is on pictures kept aside: PSNR, codes used, and a sheet to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vlm.image_tokenizer import ImageTokenizer
from vlm.training.tokenizer_crops import Pictures

_BATCH = 16


@dataclass(frozen=True)
class Quality:
    """What was measured.

    Attributes:
        psnr: Mean over pictures of the peak signal-to-noise ratio, in dB.
        codes_used: Different codes among all tokens.
    """

    psnr: float
    codes_used: int


def to_pixels(pictures: Pictures) -> Tensor:
    """uint8 ``[B, H, W, 3]`` to float32 ``[B, 3, H, W]`` in [-1, 1], channels-last in memory."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def to_pictures(pixels: Tensor) -> Pictures:
    """The inverse of `to_pixels`; values outside [-1, 1] are clamped."""
    levels = ((pixels.clamp(-1, 1) + 1.0) * 127.5).round().to(torch.uint8)
    return np.asarray(levels.permute(0, 2, 3, 1).contiguous().numpy(), dtype=np.uint8)


@torch.inference_mode()
def reconstruct(tokenizer: ImageTokenizer, pictures: Pictures) -> tuple[Pictures, Tensor]:
    """Pictures uint8 ``[N, H, W, 3]`` through codes and back; the codes int64 ``[N, n]`` as well."""
    height, width = pictures.shape[1:3]
    shape = (height // tokenizer.downsample, width // tokenizer.downsample)
    device = next(tokenizer.parameters()).device
    back: list[Pictures] = []
    codes: list[Tensor] = []
    for start in range(0, len(pictures), _BATCH):
        codes.append(tokenizer.encode(to_pixels(pictures[start : start + _BATCH]).to(device)))
        back.append(to_pictures(tokenizer.decode(codes[-1], shape).cpu()))
    return np.concatenate(back), torch.cat(codes).cpu()


def measure(tokenizer: ImageTokenizer, pictures: Pictures, sheet: Path | None = None) -> Quality:
    """Reconstruct uint8 ``[N, H, W, 3]`` and measure; write a sheet of originals above reconstructions."""
    back, codes = reconstruct(tokenizer, pictures)
    error = np.square(back.astype(np.float32) - pictures.astype(np.float32)).mean(axis=(1, 2, 3))
    psnr = 10.0 * np.log10(255.0**2 / np.maximum(error, 1e-3))
    if sheet is not None:
        write_sheet(sheet, pictures, back)
    return Quality(float(psnr.mean()), len(set(codes.flatten().tolist())))


def write_sheet(
    path: Path, originals: Pictures, reconstructions: Pictures, columns: int = 8, rows: int = 4
) -> None:
    """A picture file: rows of originals, each with its reconstructions below."""
    strips = []
    for start in range(0, min(len(originals), columns * rows) // columns * columns, columns):
        for pictures in (originals, reconstructions):
            strips.append(np.concatenate(list(pictures[start : start + columns]), axis=1))
    if strips:
        Image.fromarray(np.concatenate(strips)).save(path)
