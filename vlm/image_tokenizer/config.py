"""Shapes of the image tokenizer: one frozen record, two named sizes.

The published MAGVIT-v2 and the small tokenizer trained in this project are the same network; they differ
only in the values below.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class ImageTokenizerConfig:
    """The shape of an `ImageTokenizer`; the defaults are the published MAGVIT-v2.

    Attributes:
        bits: Sign bits a token; the codebook has ``2**bits`` codes.
        codes_per_place: Tokens that stand for one square of the picture together (published: 1). Several small
            codebooks hold as many bits as one that would be too large to predict.
        channels: Base width; a level is ``channels * multiplier`` wide.
        encoder_multipliers: One a level, finest level first.
        encoder_blocks: Residual blocks a level, finest level first.
        decoder_multipliers: One a level, finest level first.
        decoder_blocks: Residual blocks a level, finest level first.
        norm: ``"group"`` (32 groups, statistics over the picture) or ``"channel"`` (each position alone, so
            that training on crops carries over to whole pictures).
        middle_attention: Whether the coarsest level is followed by block, attention, block.
        pixel_patch: Side of the pixel squares folded into channels before the first level and unfolded
            after the last one; 1 folds nothing.
        block: ``"residual"`` (two 3×3 convolutions) or ``"depthwise"`` (one depthwise convolution and two
            pointwise ones, about a third of the work).
        upsample: ``"repeat"`` (nearest, then a 3×3 convolution at the finer resolution) or ``"unfold"`` (a
            pointwise convolution to four times the width, unfolded: a thirty-sixth of the work).
        normalize_values: Scale each token's values to length ``sqrt(bits)`` in training, so that the
            commitment loss cannot grow without bound. The codes do not depend on it.
        resolution: Side in pixels of the pictures the tokenizer is meant for.
    """

    bits: int = 13
    codes_per_place: int = 1
    channels: int = 128
    encoder_multipliers: tuple[int, ...] = (1, 2, 2, 4, 4)
    encoder_blocks: tuple[int, ...] = (4, 3, 4, 3, 4)
    decoder_multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    decoder_blocks: tuple[int, ...] = (4, 4, 3, 4, 3)
    norm: Literal["group", "channel"] = "group"
    middle_attention: bool = True
    pixel_patch: int = 1
    block: Literal["residual", "depthwise"] = "residual"
    upsample: Literal["repeat", "unfold"] = "repeat"
    normalize_values: bool = False
    resolution: int = 512

    def __post_init__(self) -> None:
        levels = {
            len(shape)
            for shape in (
                self.encoder_multipliers,
                self.encoder_blocks,
                self.decoder_multipliers,
                self.decoder_blocks,
            )
        }
        if len(levels) != 1 or not self.encoder_multipliers:
            raise ValueError(
                "encoder and decoder multipliers and blocks must name the same number of levels, at least 1"
            )
        if not 1 <= self.bits <= 20:
            raise ValueError(f"bits must be between 1 and 20, not {self.bits}")
        if self.codes_per_place < 1:
            raise ValueError(f"codes_per_place must be at least 1, not {self.codes_per_place}")
        if self.resolution % self.downsample:
            raise ValueError(f"resolution {self.resolution} is not a multiple of {self.downsample}")

    @property
    def codebook_size(self) -> int:
        """How many different codes there are."""
        return 1 << self.bits

    @property
    def values(self) -> int:
        """Sign bits of one place, over all its tokens."""
        return self.bits * self.codes_per_place

    @property
    def downsample(self) -> int:
        """Side in pixels of the square that one place stands for."""
        return int(self.pixel_patch * 2 ** (len(self.encoder_multipliers) - 1))

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ImageTokenizerConfig:
        """Read what `to_dict` gave.

        Raises:
            ValueError: A name is unknown or a value does not fit.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"unknown image tokenizer settings: {', '.join(unknown)}")
        shapes: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**shapes)


def published_config() -> ImageTokenizerConfig:
    """The published MAGVIT-v2 (``showlab/magvitv2``): 95.4 M parameters, 512 px to 32×32 tokens."""
    return ImageTokenizerConfig()


def mini_config(bits: int = 8, codes_per_place: int = 4) -> ImageTokenizerConfig:
    """The tokenizer this project trains on a CPU: 128 px to 16×16 places.

    Four codes of 8 bits a place: a picture's detail asks for more bits than one code that a small network can predict.
    Widths are those at which a CPU core did most training work a second for their size.
    """
    return ImageTokenizerConfig(
        bits=bits,
        codes_per_place=codes_per_place,
        channels=96,
        encoder_multipliers=(1, 2),
        encoder_blocks=(1, 1),
        decoder_multipliers=(1, 2),
        decoder_blocks=(1, 2),
        norm="channel",
        middle_attention=False,
        pixel_patch=4,
        upsample="unfold",
        normalize_values=True,
        resolution=128,
    )
