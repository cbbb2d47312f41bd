"""The classics that every boutique of full size has, and whose places they take among products drawn by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from fashion.garment import Garment
from fashion.product import Product
from fashion.sampling import sample_garment
from fashion.tables import load_table


def classics(seed: int) -> Iterator[tuple[random.Random, Garment, float]]:
    """The garments of ``data/classics.yaml`` in order, each with chance of its own and its place 0..1 in the price range.

    Args:
        seed: Decides what the table leaves open.
    """
    for at, entry in enumerate(load_table("classics")):
        traits = dict(entry)
        category, place = traits.pop("category"), traits.pop("place")
        rng = random.Random(f"{seed}|classic|{at}")
        yield rng, sample_garment(rng, category, pattern="solid", **traits), place


def place_for(garment: Garment, products: Sequence[Product], taken: Collection[int]) -> int:
    """Which product makes room for a classic: one of the color that its category has most of.

    The cheapest and the dearest stay, so that a category keeps its range of prices, and no color goes.

    Args:
        garment: The classic.
        products: The boutique so far.
        taken: Where classics stand already.
    """
    of_kind = [at for at, one in enumerate(products) if one.category == garment.category]
    prices = [products[at].price for at in of_kind]
    colors = Counter(products[at].color for at in of_kind)
    free = [at for at in of_kind if at not in taken and min(prices) < products[at].price < max(prices)]
    return max(free, key=lambda at: (colors[products[at].color], -at))
