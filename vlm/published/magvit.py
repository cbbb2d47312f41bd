"""A MAGVIT-v2 checkpoint as an `ImageTokenizer`; its shape is read from the names and shapes of its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig
from vlm.published.files import CheckpointError, check_fit, read_weights

_TABLES = ("quantize.embedding", "quantize.power_vals")


def load_magvit(folder: Path, resolution: int = 512) -> ImageTokenizer:
    """Read ``showlab/magvitv2``'s layout (or another size of the same network), float32, in eval mode.

    Args:
        folder: Holds the weights.
        resolution: Side in pixels of the pictures it is meant for, which the weights do not show.

    Raises:
        CheckpointError: Weights are missing, odd or of another shape.
    """
    weights = read_weights(folder)
    tokenizer = ImageTokenizer(config_of_shapes({n: tuple(w.shape) for n, w in weights.items()}, resolution))
    expected = {name: tuple(value.shape) for name, value in tokenizer.state_dict().items()}
    check_fit(str(folder), expected, weights, _TABLES)
    tokenizer.load_weights({name: value.float() for name, value in weights.items() if name not in _TABLES})
    return tokenizer.eval().requires_grad_(False)


def config_of_shapes(shapes: Mapping[str, Sequence[int]], resolution: int = 512) -> ImageTokenizerConfig:
    """The configuration of a MAGVIT-v2 with weights of these names and shapes.

    Raises:
        CheckpointError: They are no MAGVIT-v2.
    """
    try:
        channels = shapes["encoder.conv_in.weight"][0]
        bits = shapes["encoder.quant_conv.weight"][0]
        encoder = [_level(shapes, f"encoder.down.{level}", channels) for level in range(_levels(shapes))]
        decoder = [_level(shapes, f"decoder.up.{level}", channels) for level in range(_levels(shapes))]
        return ImageTokenizerConfig(
            bits=bits,
            channels=channels,
            encoder_multipliers=tuple(multiplier for multiplier, _ in encoder),
            encoder_blocks=tuple(blocks for _, blocks in encoder),
            decoder_multipliers=tuple(multiplier for multiplier, _ in decoder),
            decoder_blocks=tuple(blocks for _, blocks in decoder),
            middle_attention="encoder.mid.attn_1.q.weight" in shapes,
            resolution=resolution,
        )
    except KeyError as error:
        raise CheckpointError(f"these weights are no MAGVIT-v2: {error.args[0]} is missing") from None
    except ValueError as error:
        raise CheckpointError(f"these weights are no MAGVIT-v2: {error}") from None


def _levels(shapes: Mapping[str, Sequence[int]]) -> int:
    return len({name.split(".")[2] for name in shapes if name.startswith("encoder.down.")})


def _level(shapes: Mapping[str, Sequence[int]], prefix: str, channels: int) -> tuple[int, int]:
    blocks = {name.split(".")[4] for name in shapes if name.startswith(f"{prefix}.block.")}
    return shapes[f"{prefix}.block.0.conv1.weight"][0] // channels, len(blocks)
