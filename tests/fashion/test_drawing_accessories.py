"""Bags and accessories as pictures: every style is drawn, in its color, with its pattern, told apart."""

from __future__ import annotations

import colorsys
from itertools import combinations

import numpy as np
import pytest

from fashion.drawing import draw_cutout, draw_garment
from fashion.garment import Garment

STYLES = {
    "Backpacks": ("classic", "rolltop"),
    "Clutch bags": ("envelope", "wristlet"),
    "Clutches": ("box", "frame"),
    "Cross-body bags": ("camera", "saddle"),
    "Laptop bags & briefcases": ("briefcase", "laptop sleeve"),
    "Luggage & holdalls": ("suitcase", "holdall"),
    "Messenger bags": ("flap",),
    "Mini bags": ("top-handle", "bucket"),
    "Shoulder bags": ("hobo", "baguette"),
    "Tote bags": ("shopper", "structured"),
    "Belts": ("classic", "wide"),
    "Bracelets": ("bangle", "chain", "beaded"),
    "Earrings": ("hoops", "drops", "studs"),
    "Hats": ("fedora", "sun hat", "bucket"),
    "Hats & caps": ("baseball cap", "beanie"),
    "Necklaces": ("chain", "pendant", "pearls"),
    "Rings": ("band", "solitaire", "signet"),
    "Scarves": ("fringed", "square"),
    "Sunglasses": ("aviator", "round", "cat-eye", "square"),
    "Ties & bow ties": ("tie", "bow tie"),
    "Watches": ("leather strap", "metal bracelet", "sport"),
}
BAGS = tuple(STYLES)[:10]
ITEMS = [(category, style) for category, styles in STYLES.items() for style in styles]
HUES = {"red": 0.98, "green": 0.4, "blue": 0.6, "purple": 0.76}
PATTERNS = ("striped", "checked", "polka dot", "floral", "animal print")


def cutout(
    category: str, style: str | None, color: str = "red", pattern: str = "solid", size: int = 128
) -> np.ndarray:
    return np.asarray(draw_cutout(Garment(category, color, pattern, "leather", style), size=size, seed=3))


def hue_shares(pixels: np.ndarray) -> dict[str, float]:
    """For each test color, the share of opaque pixels that are clearly of its hue."""
    opaque = pixels[pixels[..., 3] > 200][:, :3] / 255
    hues = [colorsys.rgb_to_hsv(*pixel) for pixel in opaque[::3]]
    return {
        name: sum(s > 0.35 and abs((h - hue + 0.5) % 1 - 0.5) < 0.06 for h, s, _ in hues) / len(hues)
        for name, hue in HUES.items()
    }


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """How much two silhouettes differ: 0 for the same, 1 for no overlap."""
    one, other = first[..., 3] > 128, second[..., 3] > 128
    return 1 - float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize(("category", "style"), ITEMS)
def test_an_item_is_clearly_of_the_color_it_is_named_for(category: str, style: str) -> None:
    for color in HUES:
        shares = hue_shares(cutout(category, style, color))
        assert shares.pop(color) > max(0.2, 8 * max(shares.values()))


@pytest.mark.parametrize(("category", "style"), ITEMS)
def test_every_pattern_changes_the_look_of_every_item(category: str, style: str) -> None:
    looks = [cutout(category, style, "navy", pattern).astype(int) for pattern in ("solid", *PATTERNS)]
    for one, other in combinations(looks, 2):
        opaque = np.maximum(one[..., 3], other[..., 3]) > 128
        changed = (np.abs(one - other)[..., :3].max(axis=-1) > 40) & opaque
        assert changed.sum() > 0.05 * opaque.sum()


@pytest.mark.parametrize(("category", "style"), ITEMS)
def test_an_item_fills_the_frame_well_and_leaves_a_margin(category: str, style: str) -> None:
    solid = cutout(category, style)[..., 3] > 128
    rows, columns = np.nonzero(solid)
    assert max(np.ptp(rows), np.ptp(columns)) > 0.55 * 128
    assert min(rows.min(), columns.min()) >= 1
    assert max(rows.max(), columns.max()) <= 126


@pytest.mark.parametrize("category", STYLES)
def test_styles_of_a_category_have_silhouettes_of_their_own(category: str) -> None:
    shapes = [cutout(category, style) for style in STYLES[category]]
    assert all(distance(one, other) > 0.05 for one, other in combinations(shapes, 2))


@pytest.mark.parametrize(("first", "second"), list(combinations(BAGS, 2)))
def test_no_two_kinds_of_bag_share_a_silhouette(first: str, second: str) -> None:
    for one in STYLES[first]:
        for other in STYLES[second]:
            assert distance(cutout(first, one), cutout(second, other)) > 0.18


@pytest.mark.parametrize("category", STYLES)
def test_a_category_without_a_style_is_drawn_as_one_of_its_styles(category: str) -> None:
    plain = cutout(category, None)
    assert plain[..., 3].any()
    assert any(np.array_equal(plain, cutout(category, style)) for style in STYLES[category])


@pytest.mark.parametrize("category", STYLES)
def test_a_seed_gives_the_same_picture_again(category: str) -> None:
    garment = Garment(category, "teal", "floral", "leather", STYLES[category][-1])
    first, again, other = (np.asarray(draw_garment(garment, size=96, seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("category", ["Bracelets", "Earrings", "Necklaces", "Rings", "Watches"])
def test_gold_is_warm_and_silver_is_grey(category: str) -> None:
    for style in STYLES[category]:
        tones = {}
        for color in ("gold", "silver"):
            pixels = cutout(category, style, color).astype(int)
            opaque = pixels[pixels[..., 3] > 200]
            tones[color] = float(np.quantile(opaque[:, 0] - opaque[:, 2], 0.7))
        assert tones["gold"] > 45
        assert abs(tones["silver"]) < 20
