"""The tower's head of the categories, fitted on features of garments and photos together."""

import numpy as np
import torch

from fashion.garment import Garment
from vlm.tower_heads import HEADS, TowerHeads
from vlm.training.batches import Material
from vlm.training.category_head import fit_category_head
from vlm.training.photos import PhotoLabel
from vlm.vision_tower import FEATURES, PATCH_COLORS

KINDS = ("Jeans", "Boots", "Scarves")


def material():
    """Each kind has a direction of its own in the features, and photos lie elsewhere than drawings."""
    chance = np.random.default_rng(1)
    directions = chance.normal(size=(len(KINDS), FEATURES + PATCH_COLORS))

    def features(kinds, shift):
        rows = [directions[KINDS.index(kind)] + shift for kind in kinds]
        noise = chance.normal(size=(len(rows), 4, FEATURES + PATCH_COLORS))
        return (np.array(rows)[:, None] + noise).astype(np.float16)

    drawn, photographed = KINDS * 20, ("Boots", "Scarves") * 20
    return Material(
        garments=[Garment(kind, "navy") for kind in drawn] + [Garment("Rings", "gold")],
        garment_codes=np.zeros((len(drawn) + 1, 1), np.uint16),
        garment_features=features(drawn, 3.0),
        outfits=[],
        photos=[PhotoLabel("shoes", kind, "navy", None) for kind in photographed],
        photo_codes=np.zeros((len(photographed), 1), np.uint16),
        photo_features=features(photographed, 3.5),
        blank_codes=np.zeros(1, np.uint16),
    )


def test_drawn_and_photographed_things_are_named_and_other_heads_stay():
    heads, shown = TowerHeads(), material()
    with torch.no_grad():
        heads.layers["count"].weight.fill_(0.5)
    fit_category_head(heads, shown, 60)
    for rows, things in (
        (shown.garment_features, shown.garments[:-1]),
        (shown.photo_features, shown.photos),
    ):
        pooled = torch.from_numpy(rows[:, :, :FEATURES].astype(np.float32).mean(1))
        said = heads(pooled)["category"].argmax(-1)
        right = [HEADS["category"][row] == thing.category for row, thing in zip(said, things, strict=True)]
        assert np.mean(right) > 0.95
    assert (heads.layers["count"].weight == 0.5).all()
    assert not heads.layers["pattern"].weight.any()


def test_the_same_features_give_the_same_head():
    both = TowerHeads(), TowerHeads()
    for heads in both:
        fit_category_head(heads, material(), 10)
    assert torch.equal(*(heads.layers["category"].weight for heads in both))
