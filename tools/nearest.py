"""Search with a truthful second best: what meets every wish, else the nearest, with what differs.

Wishes may give way (a color, a cut, a kind of thing); bans, limits, size, for whom and dress code never do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion.color import delta_e, lab
from fashion.occasions import occasion_named
from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from stores.catalog import Catalog, ScoredProduct
from tools.prompts import load_data
from tools.targets import is_wanted
from tools.wishes import Wishes

BROAD_LIMIT = 300
"""Items looked at when nothing meets every wish."""
JUDGED_POOL = 240
"""Items looked at where the records themselves must be judged (dress code, cut not wanted)."""

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
        distance: How far it is from the wishes, the sum of the weights of what differs.
    """

    product: Product
    similarity: float
    differs: tuple[str, ...] = ()
    distance: float = 0.0


def differences(product: Product, wishes: Wishes) -> list[tuple[float, str]]:
    """The wishes that may give way and that a product does not meet, as (weight, clause), the heaviest first."""
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
        miss("occasion", occasion_named(wishes.occasion).say)
    if wishes.season and wishes.season not in product.seasons:
        miss("season", wishes.season)
    if not product.in_stock:
        miss("stock")
    return sorted(missed, key=lambda pair: -pair[0])


def _color_distance(color: str, asked: Sequence[str]) -> float:
    """0..3, growing with the distance to the nearest wanted color."""
    return min(3.0, min(delta_e(lab(color), lab(one)) for one in asked) / 30)


def found_against(one: ScoredProduct, wishes: Wishes) -> Found:
    """A product that was found, with what of the wishes it does not meet."""
    missed = differences(one.product, wishes)
    clauses = tuple(clause for _, clause in missed)
    return Found(one.product, one.score, clauses, sum(weight for weight, _ in missed))


async def search_nearest(
    catalog: Catalog,
    wishes: Wishes,
    *,
    text: str = "",
    limit: int = 5,
    exclude_ids: list[str] | None = None,
    picture_embedding: list[float] | None = None,
    weigh_named: bool = False,
) -> list[Found]:
    """Find items that meet every wish; where there are none, the nearest, best first, with what differs.

    The nearest are of the wanted kind, else of its group; `Wishes.breaks` holds for none of the answers. With `weigh_named`
    the text says only what is looked for, so that attributes which it names count beside its meaning.
    """
    ranking = {
        "exclude_ids": exclude_ids or [],
        "picture_embedding": picture_embedding,
        "weigh_named": weigh_named,
    }
    judged = bool(wishes.dress_code or wishes.modest or wishes.not_styles or wishes.not_lengths)
    pool = max(limit, JUDGED_POOL) if judged else limit
    exact = await _kept(catalog, wishes, wishes, text, pool, ranking)
    if exact:
        return [Found(one.product, one.score) for one in exact[:limit]]
    for place in _places(wishes):
        for in_stock_only in (True, False):
            broad = wishes.lasting().model_copy(update=place)
            options = ranking | {"in_stock_only": in_stock_only}
            near = _nearest_first(await _kept(catalog, broad, wishes, text, BROAD_LIMIT, options), wishes)
            if near:
                return near[:limit]
    return []


async def beyond_limit(catalog: Catalog, wishes: Wishes) -> Product | None:
    """The item of the wanted kind that lies closest beyond the price limits, all else that must hold being kept."""
    if wishes.max_price is None and wishes.min_price is None:
        return None
    free = wishes.lasting().model_copy(
        update={
            "categories": wishes.categories,
            "groups": wishes.groups,
            "max_price": None,
            "min_price": None,
        }
    )
    found = await _kept(catalog, free, free, "", BROAD_LIMIT, {})
    limits = [limit for limit in (wishes.max_price, wishes.min_price) if limit is not None]
    return min(
        (one.product for one in found),
        key=lambda product: (min(abs(product.price - limit) for limit in limits), product.id),
        default=None,
    )


async def _kept(
    catalog: Catalog, searched: Wishes, held: Wishes, text: str, limit: int, options: Mapping[str, object]
) -> list[ScoredProduct]:
    """What a search finds, without what breaks what must hold."""
    found = await asyncio.to_thread(catalog.search, searched.query(text, limit=limit, **options))
    return [one for one in found if not held.breaks(one.product)]


def _places(wishes: Wishes) -> list[dict[str, list[str]]]:
    """Where the nearest are looked for: the kinds wanted, then their groups."""
    places = [{"categories": wishes.categories, "groups": wishes.groups}]
    if wishes.categories:
        groups = [CATEGORIES[name].group for name in wishes.categories]
        places.append({"categories": [], "groups": list(dict.fromkeys([*wishes.groups, *groups]))})
    return places


def _nearest_first(candidates: list[ScoredProduct], wishes: Wishes) -> list[Found]:
    ranked = []
    for one in candidates:
        found = found_against(one, wishes)
        ranked.append((found.distance, -one.score, one.product.id, found))
    return [found for *_, found in sorted(ranked, key=lambda row: row[:3])]
