"""Search with a truthful second best: what meets every wish, else the nearest, with what differs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fashion.color import delta_e, lab
from fashion.product import Product
from stores.catalog import Catalog, ScoredProduct
from tools.prompts import load_data
from tools.targets import is_wanted
from tools.wishes import Wishes

BROAD_LIMIT = 400
"""Items looked at when nothing meets every wish."""

_LIST_FIELDS = (
    ("categories", "category"), ("colors", "color"), ("patterns", "pattern"),
    ("materials", "material"), ("styles", "style"),
)  # fmt: skip
_SINGLE_FIELDS = ("length", "sleeve", "neckline", "fit")


@dataclass(frozen=True, slots=True)
class Found:
    """One item found.

    Attributes:
        product: Its record.
        similarity: Cosine similarity to the words or picture of the search; 0 where there was neither.
        differs: A clause for each wish it does not meet; empty where it meets all.
    """

    product: Product
    similarity: float
    differs: tuple[str, ...] = ()


def differences(product: Product, wishes: Wishes) -> list[tuple[float, str]]:
    """The wishes a product does not meet, as (weight, clause), the heaviest first."""
    table = load_data("nearest")
    missed: list[tuple[float, str]] = []

    def miss(name: str, asked: str = "", is_: str | None = None, extra: float = 0.0) -> None:
        clause = table["clauses"][name].format(asked=asked, is_=is_ or "unknown")
        missed.append((table["weights"][name] + extra, clause))

    if not is_wanted(product.category, wishes):
        # A wanted category inside a wanted group narrows it, so that the category alone names the difference.
        wanted = wishes.categories or wishes.groups
        miss(
            "categories" if wishes.categories else "groups",
            " or ".join(wanted).lower(),
            product.category.lower(),
        )
    for wish, attribute in _LIST_FIELDS[1:]:
        asked, value = getattr(wishes, wish), getattr(product, attribute)
        if asked and value not in asked:
            # A color beside the wanted one is nearer than one across the wheel.
            extra = _color_distance(value, asked) if wish == "colors" else 0.0
            miss(wish, " or ".join(asked), value, extra)
    for name in _SINGLE_FIELDS:
        if (asked := getattr(wishes, name)) and getattr(product, name) != asked:
            miss(name, asked, getattr(product, name))
    if wishes.occasion and wishes.occasion not in product.occasions:
        miss("occasion", wishes.occasion)
    if wishes.season and wishes.season not in product.seasons:
        miss("season", wishes.season)
    if wishes.max_price is not None and product.price > wishes.max_price:
        over = (product.price - wishes.max_price) / max(wishes.max_price, 1.0)
        miss("max_price", extra=table["price_overshoot"] * over)
    if wishes.min_price is not None and product.price < wishes.min_price:
        under = (wishes.min_price - product.price) / max(wishes.min_price, 1.0)
        miss("min_price", extra=table["price_overshoot"] * under)
    if not product.in_stock:
        miss("stock")
    elif wishes.size and not _has_size(product, wishes.size):
        miss("size", wishes.size)
    return sorted(missed, key=lambda pair: -pair[0])


def _color_distance(color: str, asked: Sequence[str]) -> float:
    """0..3, growing with the distance to the nearest wanted color."""
    return min(3.0, min(delta_e(lab(color), lab(one)) for one in asked) / 30)


async def search_nearest(
    catalog: Catalog,
    wishes: Wishes,
    *,
    text: str = "",
    limit: int = 5,
    exclude_ids: list[str] | None = None,
    picture_embedding: list[float] | None = None,
) -> list[Found]:
    """Find items that meet every wish; where there are none, the nearest, best first, with what differs.

    The wishes that forbid something (``not_…``) and for whom it is made hold for every answer.
    """
    ranking = {"exclude_ids": exclude_ids or [], "picture_embedding": picture_embedding}
    exact = await asyncio.to_thread(catalog.search, wishes.query(text, limit=limit, **ranking))
    if exact:
        return [Found(one.product, one.score) for one in exact]
    for kept in ({"categories": wishes.categories, "groups": wishes.groups}, {}):
        for in_stock_only in (True, False):
            broad = Wishes(**_lasting(wishes), **kept)
            query = broad.query(text, limit=BROAD_LIMIT, in_stock_only=in_stock_only, **ranking)
            near = _nearest_first(await asyncio.to_thread(catalog.search, query), wishes)
            if near:
                return near[:limit]
    return []


def _has_size(product: Product, size: str) -> bool:
    return tuple(product.sizes) == ("one size",) or size in product.sizes


def _lasting(wishes: Wishes) -> dict[str, object]:
    names = ("not_categories", "not_colors", "not_patterns", "not_materials", "gender")
    return {name: getattr(wishes, name) for name in names}


def _nearest_first(candidates: list[ScoredProduct], wishes: Wishes) -> list[Found]:
    ranked = []
    for one in candidates:
        missed = differences(one.product, wishes)
        distance = sum(weight for weight, _ in missed)
        found = Found(one.product, one.score, tuple(clause for _, clause in missed))
        ranked.append((distance, -one.score, one.product.id, found))
    return [found for *_, found in sorted(ranked, key=lambda row: row[:3])]
