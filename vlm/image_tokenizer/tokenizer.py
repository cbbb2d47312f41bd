"""`ImageTokenizer`: pictures to codes and back, at any size the config names.

Not covered: reading picture files, resizing and cropping (the caller gives pixels), and training (see
`vlm.training.image_tokenizer`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from vlm.image_tokenizer.config import ImageTokenizerConfig
from vlm.image_tokenizer.losses import pixel_losses
from vlm.image_tokenizer.network import Decoder, Encoder
from vlm.image_tokenizer.quantizer import SignQuantizer
from vlm.weight_storage import restored, stored

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True)
class TokenizerOutput:
    """A training step's result.

    Attributes:
        reconstruction: ``[B, 3, H, W]``, not clamped.
        codes: int64 ``[B, h*w*d]``, d the codes of a place.
        losses: Unweighted scalar terms by name: those of `pixel_losses`, and ``commitment``, ``entropy``,
            ``decorrelation``.
    """

    reconstruction: Tensor
    codes: Tensor
    losses: dict[str, Tensor]


class ImageTokenizer(nn.Module):
    """The look-up-free image tokenizer (MAGVIT-v2); parameter names are those of the published checkpoint."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quantize = SignQuantizer(config.bits, config.normalize_values, config.codes_per_place)

    @property
    def codebook_size(self) -> int:
        """How many different codes there are."""
        return self.config.codebook_size

    @property
    def downsample(self) -> int:
        """Side in pixels of the square that one place stands for."""
        return self.config.downsample

    def grid(self, resolution: int | None = None) -> tuple[int, int]:
        """Rows and columns of places of a square picture of this side; of the config's own when None.

        Raises:
            ValueError: The side is no multiple of `downsample`.
        """
        side = self.config.resolution if resolution is None else resolution
        self._check_sides(side, side)
        return side // self.downsample, side // self.downsample

    def encode(self, pixels: Tensor) -> Tensor:
        """Pixels float ``[B, 3, H, W]`` in [-1, 1] to codes int64 ``[B, h*w*d]``, row by row.

        Raises:
            ValueError: A side is no multiple of `downsample`.
        """
        self._check_sides(*pixels.shape[-2:])
        return self.quantize.codes(self.encoder(pixels))

    def decode(self, codes: Tensor, shape: tuple[int, int] | None = None) -> Tensor:
        """Codes int64 ``[B, n]`` to pixels float ``[B, 3, h*f, w*f]``, near [-1, 1] but not clamped.

        Args:
            codes: Row by row, the codes of a place together, each in ``0…codebook_size-1``.
            shape: Rows and columns of places; a square when None.

        Raises:
            ValueError: The number of codes does not fit the shape, or a code is out of range.
        """
        count, each = codes.shape[-1], self.config.codes_per_place
        rows, columns = shape or (math.isqrt(count // each), math.isqrt(count // each))
        if rows * columns * each != count:
            wanted = "a square number" if shape is None else f"{rows}×{columns}"
            each_said = f" times {each}" if each > 1 else ""
            raise ValueError(f"{count} image codes are not {wanted}{each_said}; give the shape they have")
        signs = self.quantize.signs(codes, (rows, columns))
        pixels: Tensor = self.decoder(signs.to(next(self.decoder.parameters()).dtype))
        return pixels

    def forward(
        self, pixels: Tensor, *, quantized_share: float = 1.0, generator: torch.Generator | None = None
    ) -> TokenizerOutput:
        """Reconstruct pixels ``[B, 3, H, W]`` in [-1, 1] and measure every loss term.

        Args:
            pixels: The pictures.
            quantized_share: Chance of each sample to pass the quantizer; the others pass unquantized, which
                lets the decoder learn before the bits have settled.
            generator: Draws which samples those are.
        """
        self._check_sides(*pixels.shape[-2:])
        # Signs and their losses, and the distance of pixels, are worked out in float32 also under autocast.
        quantized = self.quantize(self.encoder(pixels).float(), quantized_share, generator)
        reconstruction = self.decoder(quantized.values).float()
        losses = pixel_losses(reconstruction, pixels)
        losses["commitment"] = quantized.commitment
        losses["entropy"] = quantized.entropy
        losses["decorrelation"] = quantized.decorrelation
        return TokenizerOutput(reconstruction, quantized.codes, losses)

    def save_pretrained(self, folder: str | Path, *, dtype: torch.dtype = torch.float32) -> None:
        """Write ``config.json`` and ``model.safetensors`` with weights in `dtype` (`vlm.weight_storage`).

        float16 halves the file. With int8 some bits of pictures' codes turn, half a percent of the shipped one's. The
        quantizer's tables follow from the config and are not written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        weights = stored({name: value.detach().cpu() for name, value in self.named_parameters()}, dtype)
        save_file({name: value.contiguous() for name, value in weights.items()}, folder / WEIGHTS_FILE)
        text = json.dumps(self.config.to_dict(), indent=2) + "\n"
        (folder / CONFIG_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> ImageTokenizer:
        """Read what `save_pretrained` wrote; float32 in memory, in evaluation mode.

        Raises:
            FileNotFoundError: The folder lacks one of the two files.
            ValueError: The weights are not those of the config.
        """
        folder = Path(folder)
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no image tokenizer in {folder}: {name} is missing")
        values = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        tokenizer = cls(ImageTokenizerConfig.from_dict(values))
        tokenizer.load_weights(restored(load_file(folder / WEIGHTS_FILE), torch.float32))
        return tokenizer.eval()

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Take weights by name; the quantizer's tables may be among them or not.

        Raises:
            ValueError: A weight is missing, unknown or of another shape.
        """
        own = self.state_dict()
        wrong = [name for name in weights if name not in own or own[name].shape != weights[name].shape]
        missing = [name for name, _ in self.named_parameters() if name not in weights]
        if wrong or missing:
            raise ValueError(
                f"the image tokenizer's weights do not fit its config: {len(missing)} missing, "
                f"{len(wrong)} unknown or of another shape, such as {(missing + wrong)[0]}"
            )
        learned = {name: w for name, w in weights.items() if not name.startswith("quantize.")}
        self.load_state_dict(learned, strict=False)

    def _check_sides(self, height: int, width: int) -> None:
        if height % self.downsample or width % self.downsample or not height or not width:
            raise ValueError(
                f"a picture of {height}×{width} px cannot be cut into tokens: "
                f"both sides must be multiples of {self.downsample}"
            )
