"""Look-up-free quantization: a token is the signs of its values.

Its code is made of their bits, the first one most significant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def bits_to_codes(bits: Tensor) -> Tensor:
    """Codes of bits: ``[..., n]`` of 0/1 or bool, most significant first, to int64 ``[...]``."""
    return (bits.long() * _powers(bits.shape[-1], bits.device)).sum(-1)


def codes_to_bits(codes: Tensor, bits: int) -> Tensor:
    """Bits of codes: int64 ``[...]`` to int64 ``[..., bits]`` of 0/1, most significant first.

    Raises:
        ValueError: A code is negative or not below ``2**bits``.
    """
    if codes.numel() and (int(codes.min()) < 0 or int(codes.max()) >= 1 << bits):
        raise ValueError(
            f"image codes must lie in 0…{(1 << bits) - 1}, "
            f"but these run from {int(codes.min())} to {int(codes.max())}"
        )
    return _unpack(codes, bits)


def _unpack(codes: Tensor, bits: int) -> Tensor:
    return codes[..., None].bitwise_and(_powers(bits, codes.device)).ne(0).long()


def _powers(bits: int, device: torch.device) -> Tensor:
    return 2 ** torch.arange(bits - 1, -1, -1, device=device)


@dataclass(frozen=True)
class Quantized:
    """What training needs of a quantized batch.

    Attributes:
        values: ``[B, bits of a place, h, w]`` for the decoder: signs where quantized, the values where not; gradients
            pass straight through to the encoder.
        codes: int64 ``[B, h*w*d]``, d the codes of a place.
        commitment: Mean squared distance of values and signs.
        entropy: How undecided the bits are less how evenly each is used over the batch; low is good.
        decorrelation: Mean squared correlation between different bits, 0…1.
    """

    values: Tensor
    codes: Tensor
    commitment: Tensor
    entropy: Tensor
    decorrelation: Tensor


class SignQuantizer(nn.Module):
    """Signs of the encoder's values; holds no parameter, only the published checkpoint's two tables."""

    embedding: Tensor
    power_vals: Tensor

    def __init__(self, bits: int, normalize_values: bool, codes_per_place: int = 1) -> None:
        super().__init__()
        self._bits = bits
        self._codes_per_place = codes_per_place
        self._normalize = normalize_values
        every_code = torch.arange(1 << bits)
        self.register_buffer("embedding", _unpack(every_code, bits).float() * 2 - 1)
        self.register_buffer("power_vals", _powers(bits, every_code.device))

    def codes(self, values: Tensor) -> Tensor:
        """Values ``[B, d*bits, h, w]`` to codes int64 ``[B, h*w*d]``; a bit is 1 where the value is above 0.

        The d codes of a place stand behind one another.
        """
        places = values.flatten(2).transpose(1, 2) > 0
        return bits_to_codes(places.reshape(len(values), -1, self._bits))

    def signs(self, codes: Tensor, shape: tuple[int, int]) -> Tensor:
        """Codes ``[B, h*w*d]`` to -1/+1, float32 ``[B, d*bits, h, w]``."""
        values = self._codes_per_place * self._bits
        signs = codes_to_bits(codes, self._bits).float() * 2 - 1
        places = signs.reshape(codes.shape[0], -1, values)
        return places.transpose(1, 2).reshape(codes.shape[0], values, *shape)

    def forward(self, values: Tensor, share: float, generator: torch.Generator | None) -> Quantized:
        """Quantize each sample of ``[B, d*bits, h, w]`` with probability `share` and measure the losses."""
        if self._normalize:
            values = F.normalize(values, dim=1) * math.sqrt(values.shape[1])
        signs = torch.where(values > 0, 1.0, -1.0).to(values.dtype)
        through = values + (signs - values).detach()
        if share < 1.0:
            drawn = torch.rand(len(values), generator=generator).to(values.device) < share
            through = torch.where(drawn[:, None, None, None], through, values)
        return Quantized(
            values=through,
            codes=self.codes(values),
            commitment=F.mse_loss(values, signs),
            entropy=_entropy(values),
            decorrelation=_decorrelation(values),
        )


def _entropy(values: Tensor) -> Tensor:
    """Mean entropy of each bit in nats, less the entropy of each bit's mean over batch and positions."""
    chance = torch.sigmoid(4.0 * values)
    return _binary_entropy(chance).mean() - _binary_entropy(chance.mean(dim=(0, 2, 3))).mean()


def _binary_entropy(chance: Tensor) -> Tensor:
    chance = chance.clamp(1e-6, 1 - 1e-6)
    return -(chance * chance.log() + (1 - chance) * (1 - chance).log())


def _decorrelation(values: Tensor) -> Tensor:
    """Mean squared entry off the diagonal of the bits' correlation matrix."""
    bits = values.shape[1]
    if bits == 1:
        return values.new_zeros(())
    flat = torch.tanh(2.0 * values).transpose(0, 1).reshape(bits, -1)
    flat = F.normalize(flat - flat.mean(dim=1, keepdim=True), dim=1)
    correlation = flat @ flat.T
    return (correlation.square().sum() - correlation.diagonal().square().sum()) / (bits * (bits - 1))
