"""Retrieval in the demo boutique: by words, by picture, by both, and phone photos; what is right is checked on the records.

Sentences are made from the attributes of boutique products by patterns of ``data/retrieval_patterns.yaml``, which training
never sees. An answer is right where one of the first five items has every attribute that the sentence names.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from PIL import Image, ImageOps

from evals.shares import Share, Shares
from fashion.boutique import generate_products
from fashion.drawing import draw_garment
from fashion.product import Product
from fashion.queries import Query, compose_query, meets
from fashion.sampling import combination_is_held_out
from stores.catalog import Catalog, CatalogQuery
from vlm.embeddings.opening import open_space
from vlm.embeddings.space import EmbeddingSpace

FIRST = 5
SEED = 20261125
_PATTERNS = Path(__file__).parent / "data" / "retrieval_patterns.yaml"
_SIDE = 256
_TRIES = 2000


@dataclass(frozen=True, slots=True)
class Shop:
    """A built boutique and the space that it is indexed in."""

    catalog: Catalog
    space: EmbeddingSpace
    products: Sequence[Product]

    def first(
        self, *, text: str = "", picture: Image.Image | None = None, named: bool = True
    ) -> list[Product]:
        """The first five for words, a picture, or both; `named` counts the attributes that the words name, too."""
        vector = None if picture is None else self.space.embed_pictures([picture])[0].tolist()
        query = CatalogQuery(text=text, weigh_named=named, picture_embedding=vector, limit=FIRST)
        return [one.product for one in self.catalog.search(query)]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A sentence, and a product in stock that has all it names."""

    product: Product
    query: Query


def look_ups(products: Sequence[Product], count: int, seed: int = SEED) -> list[LookUp]:
    """`count` sentences about products in stock, patterns in turn."""
    return _made(products, count, seed, patterns()["patterns"])


def by_words(shop: Shop, asked: Iterable[LookUp], *, named: bool) -> list[bool]:
    """Whether each sentence finds an item with all that it names; without `named`, by the embedding alone."""
    return [
        any(meets(item, one.query) for item in shop.first(text=one.query.text, named=named)) for one in asked
    ]


def by_picture(shop: Shop, products: Iterable[Product]) -> dict[str, list[bool]]:
    """Whether a new drawing of each product's garment finds an item that shares more and more of its attributes."""
    levels: Mapping[str, tuple[str, ...]] = {
        "category": ("category",),
        "category and color": ("category", "color"),
        "category, color and pattern": ("category", "color", "pattern"),
    }
    found: dict[str, list[bool]] = {name: [] for name in levels}
    for at, product in enumerate(products):
        items = shop.first(picture=draw_garment(product.garment, size=_SIDE, seed=4_000_000 + at))
        for name, slots in levels.items():
            found[name].append(
                any(all(getattr(item, s) == getattr(product, s) for s in slots) for item in items)
            )
    return found


def by_both(shop: Shop, count: int, seed: int = SEED + 1) -> list[bool]:
    """Whether a picture of one thing and words about another of its kind find one of the kind with what was said."""
    rng = random.Random(seed)
    in_stock = [product for product in shop.products if product.in_stock]
    asked = _made(shop.products, count, seed, patterns()["with_picture"])
    results = []
    for at, one in enumerate(asked):
        others = [p for p in in_stock if p.category == one.product.category and not meets(p, one.query)]
        if not others:
            continue
        picture = draw_garment(rng.choice(others).garment, size=_SIDE, seed=5_000_000 + at)
        wanted = Query(one.query.text, {**one.query.named, "category": frozenset({one.product.category})})
        results.append(any(meets(item, wanted) for item in shop.first(text=wanted.text, picture=picture)))
    return results


def by_photo(shop: Shop, folder: Path, classes: Mapping[str, frozenset[str]]) -> dict[str, list[bool]]:
    """By class, whether the first five for each phone photo hold an item of the photo's class.

    Args:
        shop: The boutique.
        folder: Photos, ``<class>/*.jpg``.
        classes: The categories that belong to each class.
    """
    found: dict[str, list[bool]] = {}
    for name, categories in classes.items():
        for file in sorted((folder / name).glob("*.jpg")):
            with Image.open(file) as opened:
                photo = ImageOps.exif_transpose(opened).convert("RGB")
            items = shop.first(picture=photo)
            found.setdefault(name, []).append(any(item.category in categories for item in items))
    return found


async def measure_look_ups(count: int = 300) -> Shares:
    """Build the boutique in a folder that is deleted afterwards and measure look-ups by words; a minute or two."""
    with tempfile.TemporaryDirectory() as home:
        return await asyncio.to_thread(_measured, Path(home), count)


def open_shop(
    home: Path, source: str = "builtin", on_progress: Callable[[int, int], None] | None = None
) -> Shop:
    """The demo boutique below `home`, built where it is not there; `source` names the embedding."""
    space = open_space(source)
    catalog = Catalog(home / "catalog", space)
    catalog.build_demo(on_progress)
    return Shop(catalog, space, generate_products())


@cache
def patterns() -> Mapping[str, list[str]]:
    """The sentences' patterns, those said alone and those said with a picture."""
    table: dict[str, list[str]] = yaml.safe_load(_PATTERNS.read_text(encoding="utf-8"))
    return table


def new_combination(one: LookUp) -> bool:
    """Whether the product's category, color and pattern were kept out of training together."""
    return combination_is_held_out(one.product.category, one.product.color, one.product.pattern)


def _measured(home: Path, count: int) -> Shares:
    shop = open_shop(home)
    try:
        asked = look_ups(shop.products, count)
        return {
            "in the first five": Share.of(by_words(shop, asked, named=True)),
            "by the embedding alone": Share.of(by_words(shop, asked, named=False)),
        }
    finally:
        shop.catalog.close()


def _made(products: Sequence[Product], count: int, seed: int, shapes: Sequence[str]) -> list[LookUp]:
    rng = random.Random(seed)
    in_stock = [product for product in products if product.in_stock]
    made: list[LookUp] = []
    while len(made) < count:
        shape = shapes[len(made) % len(shapes)]
        for _ in range(_TRIES):
            product = rng.choice(in_stock)
            query = compose_query(product, shape, rng)
            if query is not None:
                # Without a noun in the sentence the kind of thing is not named.
                named = (
                    query.named
                    if "{noun" in shape
                    else {k: v for k, v in query.named.items() if "{" + k in shape}
                )
                made.append(LookUp(product, Query(query.text, named)))
                break
        else:
            raise ValueError(f"no product fits the pattern {shape!r}")
    return made
