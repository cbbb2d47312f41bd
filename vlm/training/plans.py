"""The plans by which small models are trained from nothing: one record, two sizes.

`mini_plan` is for two CPU cores within an hour, `small_plan` for a GPU within tens of minutes. With the small one's sizes,
rows and rates the `small` in the box was trained, from the image tokenizer of `mini` (``vlm/weights/README.md``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from vlm.image_tokenizer import ImageTokenizerConfig, mini_config
from vlm.training.batches import Mix
from vlm.training.compute import Compute
from vlm.training.tokenizer_finish import TokenizerFinish, joint_growth
from vlm.training.tower import TowerTraining
from vlm.training.tower_views import ViewPlan
from vlm.training.transformer import TransformerTraining


@dataclass(frozen=True)
class SmallerPlan:
    """Sizes and budgets of a run; ``vlm/weights/README.md`` tells how the shipped model's run differed.

    Attributes:
        image_tokenizer: Its shape, the pictures' side included.
        seed: Of everything.
        garments: Drawn garments.
        outfits: Dialogues about outfits, each with a picture of every item, all read through the tower.
        tower_garments: How many garments are also read through it.
        photo_variants: Copies of each photo, the first unchanged.
        tower_views: What the vision tower learns from.
        tower: Rates and steps of the vision tower.
        category_steps: Of its head of the categories, fitted anew on features (`vlm.training.category_head`).
        vocabulary: Entries of the text tokenizer.
        crop: Side of the crops that the image tokenizer learns from, in pixels.
        crops: Crops a step.
        tokenizer_minutes: Budget of the image tokenizer; ignored where `tokenizer_steps` is set.
        tokenizer_steps: Budget in steps, which gives the same weights on any machine speed.
        encoder_blocks: Blocks a level of the finished image tokenizer's encoder, at least those of its shape.
        decoder_blocks: Blocks a level of its decoder.
        growth: How the grown image tokenizer learns, both halves at once.
        grown_steps: Of that.
        decoder_steps: Of the image tokenizer's decoder alone, at the end.
        transformer_minutes: Budget of the transformer; ignored where `transformer_steps` is set.
        transformer_steps: Budget in steps.
        width: Of the transformer.
        layers: Of the transformer.
        heads: Of the transformer.
        pack: ``pack x pack`` neighboring places of a picture share one position.
        text_slots: Slots of a drawing prompt.
        max_positions: Longest sequence: four pictures in a row, read through the tower, and the words.
        mix: Rows a step.
        training: Rates and schedule of the transformer.
        sheet_pictures: Pictures on the contact sheet.
        storage: The finished transformer is stored so (`vlm.weight_storage`).
        pictures_storage: The finished image tokenizer; with int8 a few bits of codes turn, and 0.03 dB are lost.
        compute: Where and how.
        workers: Processes that make batches ahead, and pictures at the start; 0 makes batches when they are wanted, and
            pictures by as many processes as there are cores.
    """

    image_tokenizer: ImageTokenizerConfig
    seed: int = 20250425
    garments: int = 20400
    outfits: int = 6000
    tower_garments: int = 5100
    photo_variants: int = 3
    tower_views: ViewPlan = field(default_factory=ViewPlan)
    tower: TowerTraining = field(default_factory=TowerTraining)
    category_steps: int = 2500
    vocabulary: int = 3000
    crop: int = 64
    crops: int = 32
    tokenizer_minutes: float = 20.0
    tokenizer_steps: int | None = None
    encoder_blocks: tuple[int, ...] = (2, 3)
    decoder_blocks: tuple[int, ...] = (2, 3)
    growth: TokenizerFinish = field(default_factory=joint_growth)
    grown_steps: int = 150
    decoder_steps: int = 100
    transformer_minutes: float = 38.0
    transformer_steps: int | None = None
    width: int = 256
    layers: int = 6
    heads: int = 4
    pack: int = 2
    text_slots: int = 24
    max_positions: int = 1024
    mix: Mix = field(default_factory=Mix)
    training: TransformerTraining = field(default_factory=TransformerTraining)
    sheet_pictures: int = 8
    storage: torch.dtype = torch.int8
    pictures_storage: torch.dtype = torch.int8
    compute: Compute = field(default_factory=Compute)
    workers: int = 0

    @property
    def side(self) -> int:
        """Side of the pictures in pixels."""
        return self.image_tokenizer.resolution


def with_steps(plan: SmallerPlan, steps: int) -> SmallerPlan:
    """The plan with so many steps of the image tokenizer, of each of its last parts, and of the transformer."""
    return replace(
        plan, tokenizer_steps=steps, grown_steps=steps, decoder_steps=steps, transformer_steps=steps
    )


def mini_plan(*, seed: int = 20250425, minutes: float = 58.0) -> SmallerPlan:
    """128 px, 6 layers of 256: for two CPU cores.

    Some twenty of the minutes go to pictures, the vision tower and the last parts of the image tokenizer.
    """
    left = max(minutes - 20.0, 0.5 * minutes)
    return SmallerPlan(
        mini_config(),
        seed=seed,
        tokenizer_minutes=0.4 * left,
        transformer_minutes=0.6 * left,
        compute=Compute.pick("cpu"),
    )


def small_plan(
    compute: Compute, *, seed: int = 20250425, minutes: float = 40.0, workers: int = 12
) -> SmallerPlan:
    """256 px, 10 layers of 512 and about 42 M parameters: for a GPU; a third of the time is the image tokenizer's.

    A picture is 32×32 places of four codes of 8 bits, as the mini one's; with 2×2 places a position it takes 256 positions.
    """
    return SmallerPlan(
        replace(mini_config(), resolution=256),
        seed=seed,
        garments=25500,
        outfits=6500,
        tower_garments=9180,
        crop=128,
        crops=96,
        tokenizer_minutes=minutes / 3,
        grown_steps=600,
        decoder_steps=600,
        transformer_minutes=minutes * 2 / 3,
        width=512,
        layers=10,
        heads=8,
        max_positions=2048,
        mix=Mix(
            draw=96,
            photos=12,
            garments=16,
            photo_outfits=8,
            tower_outfits=12,
            plain_garments=20,
            plain_outfits=24,
            worded=64,
            chosen=128,
            opened=0.35,
            recomposed=0.6,
        ),
        training=TransformerTraining(
            muon_rate=3e-3,
            adam_rate=1e-3,
            warmup_steps=150,
            decay_from=0.3,
            average_decay=0.995,
            checkpoint_seconds=180.0,
            report_seconds=1.0,
        ),
        compute=compute,
        workers=workers,
    )
