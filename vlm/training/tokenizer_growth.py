"""An image tokenizer made larger: what it learned stays, and training goes on from there."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig

_FIRST_SHARE = 0.2
"""Of a new bit's first weights in the decoder, against those of the bits before it."""


def deepened(
    tokenizer: ImageTokenizer, decoder: tuple[int, ...], encoder: tuple[int, ...] | None = None
) -> ImageTokenizer:
    """The same tokenizer with more blocks a level, which add nothing until they are trained.

    Args:
        tokenizer: What it was.
        decoder: Blocks of each of the decoder's levels.
        encoder: Blocks of each of the encoder's levels; None leaves them.

    Raises:
        ValueError: A level would have fewer blocks than before.
    """
    encoder = encoder or tokenizer.config.encoder_blocks
    for part, had, wanted in (
        ("decoder", tokenizer.config.decoder_blocks, decoder),
        ("encoder", tokenizer.config.encoder_blocks, encoder),
    ):
        if len(wanted) != len(had) or any(new < old for new, old in zip(wanted, had, strict=True)):
            raise ValueError(f"the {part} has {had} blocks a level: {wanted} are not more")
    shape = replace(tokenizer.config, decoder_blocks=decoder, encoder_blocks=encoder)
    deeper = _untrained(shape, sum(decoder) + sum(encoder))
    known = dict(tokenizer.named_parameters())
    with torch.no_grad():
        for name, parameter in deeper.named_parameters():
            if name in known:
                parameter.copy_(known[name])
            elif name.rsplit(".", 2)[-2] in ("conv2", "narrow"):
                parameter.zero_()
    return deeper.to(next(tokenizer.parameters()).device)


def widened(tokenizer: ImageTokenizer, codes_per_place: int) -> ImageTokenizer:
    """The same tokenizer with more codes a place: the old codes stay what they are, new ones start by chance.

    Pictures change a little at first, since the decoder hears of the new codes.

    Raises:
        ValueError: These are not more codes than before.
    """
    if codes_per_place <= tokenizer.config.codes_per_place:
        raise ValueError(
            f"the tokenizer has {tokenizer.config.codes_per_place} codes a place: {codes_per_place} are not more"
        )
    wider = _untrained(replace(tokenizer.config, codes_per_place=codes_per_place), codes_per_place)
    known = dict(tokenizer.named_parameters())
    generator = torch.Generator().manual_seed(codes_per_place)
    with torch.no_grad():
        for name, parameter in wider.named_parameters():
            old = known[name]
            if parameter.shape != old.shape:
                _start(name, parameter, old, generator)
            parameter[tuple(slice(size) for size in old.shape)] = old
    return wider.to(next(tokenizer.parameters()).device)


def _start(name: str, parameter: Tensor, old: Tensor, generator: torch.Generator) -> None:
    """First weights of what is new; the old part is put over them."""
    if parameter.ndim < 2:
        parameter.zero_()
    elif name.endswith("quant_conv.weight"):
        # Between values of a place: each new one goes through alone, as strong as the others do.
        parameter.zero_()
        parameter[:, :, 0, 0].fill_diagonal_(float(old[:, :, 0, 0].norm(dim=1).mean()))
    elif name == "decoder.conv_in.weight":
        parameter.normal_(0, _FIRST_SHARE * float(old.std()), generator=generator)
    else:
        parameter.normal_(0, float(old.std()), generator=generator)


def _untrained(shape: ImageTokenizerConfig, seed: int) -> ImageTokenizer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ImageTokenizer(shape)
