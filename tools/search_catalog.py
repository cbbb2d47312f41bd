"""Tool: look things up in the catalog by words, filters, or a picture."""

from __future__ import annotations

import asyncio
from collections import Counter

from pydantic import Field

from stores.catalog import CatalogQuery
from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.get_product import product_of
from tools.likeness import cheapest_of, most_alike
from tools.matching import allowed_beyond, known_of
from tools.nearest import Found, search_nearest
from tools.prompts import load_data
from tools.sight import Seen, at_hand_words, open_pictures, see_pictures
from tools.wishes import ItemIds, Limit, RequestText, Wishes
from vlm.client import FashionVLMUnavailableError

LOOKED_AT = 120
"""Items compared with a picture."""
MOST_CLAUSES = 3
ROOM_FOR_RULES = 24
"""Items looked at beyond those wanted, since rules about several traits at once take some away."""


class SearchCatalogArguments(Wishes):
    """Words to rank by, and filters that must hold."""

    text: RequestText = Field(default="", description="Words to rank by, e.g. elegant evening shoes.")
    like_picture: bool = Field(default=False, description="Rank by likeness to the picture at hand.")
    cheaper: bool = Field(
        default=False, description="With like_picture: of what is much like it the cheapest first."
    )
    cheaper_than_ids: ItemIds = Field(
        default_factory=list,
        description="With cheaper: items shown before; of the same kind only what costs less than each of them.",
    )
    exclude_ids: ItemIds = Field(default_factory=list, description="Items that must not appear.")
    count: bool = Field(
        default=False, description="Say how many there are, of all or within the filters, too."
    )
    limit: Limit = Field(default=5, description="How many items at most, 1 to 12.")


class SearchCatalogResult(ToolResult):
    """The items found, and how many there are where that was asked."""

    total: int | None = None
    """How many products there are: in stock within the filters, or without any filter all, in stock or not."""
    in_stock: int | None = None
    """How many of all are in stock, where no filter was stated."""
    seen: list[Seen] = Field(default_factory=list)
    """What the picture shows that the items are like."""

    exact: bool = True
    """False where nothing meets every wish; each reason then names what differs."""
    beyond: ItemCard | None = None
    """Where the price limits leave nothing: the item closest beyond them, told of and not among `items`."""


async def run(context: ToolContext, arguments: SearchCatalogArguments) -> SearchCatalogResult:
    """Search; where nothing meets every wish, give the nearest items and say what differs. The person's rules hold."""
    stated = Wishes(**arguments.wishes())
    if arguments.count and not stated.wishes():
        return await _everything(context)
    found = await _search(context, arguments, stated)
    if not arguments.count:
        return found
    total = await asyncio.to_thread(context.services.catalog.count, stated.query())
    return found.model_copy(update={"total": total, "items": found.items if found.exact else []})


async def _everything(context: ToolContext) -> SearchCatalogResult:
    """How many products there are."""
    catalog = context.services.catalog
    total = await asyncio.to_thread(catalog.count)
    in_stock = await asyncio.to_thread(catalog.count, CatalogQuery())
    return SearchCatalogResult(
        text=f"The catalog holds {total} products, {in_stock} of them in stock.",
        total=total,
        in_stock=in_stock,
    )


async def _search(
    context: ToolContext, arguments: SearchCatalogArguments, stated: Wishes
) -> SearchCatalogResult:
    if arguments.like_picture:
        return await _alike(context, arguments, stated)
    known = await known_of(context)
    wishes = known.narrow(stated)
    found = await search_nearest(
        context.services.catalog,
        wishes,
        text=arguments.text,
        weigh_named=True,
        limit=LOOKED_AT if wishes.groups else arguments.limit + ROOM_FOR_RULES,
        exclude_ids=[*arguments.exclude_ids, *known.refused_ids],
    )
    allowed = [one for one in found if not known.forbids(one.product, stated)]
    mixed = bool(wishes.groups) and not wishes.categories
    found = _of_many_kinds(allowed, arguments.limit) if mixed else allowed[: arguments.limit]
    held = known.held_against(stated)
    if not found:
        beyond = await allowed_beyond(context, wishes, known)
        return SearchCatalogResult(
            text="I found nothing in the catalog that comes near this.",
            exact=False,
            beyond=ItemCard.of(beyond) if beyond else None,
            held_rules=held,
        )
    exact = not any(one.differs for one in found)
    return SearchCatalogResult(
        text=_sentence(found, exact), items=[card(one) for one in found], exact=exact, held_rules=held
    )


def _of_many_kinds(found: list[Found], limit: int) -> list[Found]:
    """The best, where a group was asked for: each more of a kind that is there must be so much likelier."""
    highest = max((one.similarity for one in found), default=0.0)
    again = load_data("ranking")["mixed_category_cost"]
    left, picked = list(enumerate(found)), list[Found]()
    counts: Counter[str] = Counter()
    while left and len(picked) < limit:

        def worth(pair: tuple[int, Found]) -> tuple[float, float, int]:
            at, one = pair
            likeness = one.similarity / highest if highest > 0 else 0.0
            return -len(one.differs), likeness - again * counts[one.product.category], -at

        best = max(left, key=worth)
        left.remove(best)
        picked.append(best[1])
        counts[best[1].product.category] += 1
    return picked


def card(found: Found) -> ItemCard:
    """A found item as it is shown, with what differs as its reason."""
    return ItemCard.of(found.product, "; ".join(found.differs))


def _sentence(found: list[Found], exact: bool) -> str:
    if exact:
        return "I found 1 item." if len(found) == 1 else f"I found {len(found)} items."
    return "Nothing in the catalog is exactly that; here is what comes nearest, with what differs."


async def _alike(
    context: ToolContext, arguments: SearchCatalogArguments, stated: Wishes
) -> SearchCatalogResult:
    """Things like those in the pictures at hand: of each the likest, with what they share."""
    pictures = await open_pictures(context)
    if not pictures:
        raise ToolFailedError("There is no picture to compare with; send a photo, or search by words.")
    try:
        seen = await see_pictures(context, pictures)
    except FashionVLMUnavailableError:
        # The look alone can still be compared; the reply says that the picture was not read.
        seen = [Seen() for _ in pictures]
    try:
        vectors = await context.services.vlm.embed_pictures(pictures)
    except FashionVLMUnavailableError as error:
        raise ToolFailedError(f"I cannot compare pictures right now: {error}") from error
    known = await known_of(context)
    beaten = await _prices_to_beat(context, arguments)
    each = max(1, -(-arguments.limit // len(pictures)))
    cards: dict[str, ItemCard] = {}
    exact = True
    for one, vector in zip(seen, vectors, strict=True):
        place = [one.category] if one.category and not (stated.categories or stated.groups) else []
        wishes = known.narrow(stated.model_copy(update={"categories": stated.categories or place}))
        found = await search_nearest(
            context.services.catalog,
            wishes,
            limit=LOOKED_AT,
            exclude_ids=[*arguments.exclude_ids, *known.refused_ids, *cards],
            picture_embedding=[float(value) for value in vector],
        )
        allowed = [near for near in found if not known.forbids(near.product, stated)]
        best = most_alike(allowed, one, len(allowed) if arguments.cheaper else each)
        if arguments.cheaper:
            best = cheapest_of(best, beaten.get(one.category or ""), each)
        for alike in best:
            exact = exact and not alike.found.differs
            reason = "; ".join([*alike.found.differs, *alike.shared][:MOST_CLAUSES])
            cards[alike.found.product.id] = ItemCard.of(alike.found.product, reason)
    return SearchCatalogResult(
        text=f"These are most like {at_hand_words(seen, definite=True) or 'your picture'}.",
        items=list(cards.values())[: arguments.limit],
        seen=seen,
        exact=exact,
        held_rules=known.held_against(stated),
    )


async def _prices_to_beat(context: ToolContext, arguments: SearchCatalogArguments) -> dict[str, float]:
    """The lowest price among the items shown before, by category."""
    found: dict[str, float] = {}
    for item_id in arguments.cheaper_than_ids:
        try:
            product = await product_of(context, item_id)
        except ToolFailedError:
            # What is sold no more has no price to beat.
            continue
        found[product.category] = min(product.price, found.get(product.category, product.price))
    return found


TOOL: Tool[SearchCatalogArguments, SearchCatalogResult] = Tool(
    name="search_catalog",
    description=(
        "Find items in the catalog by words and filters (category, color, price, size …) or by a picture. "
        "Where nothing matches, gives the nearest and names what differs."
    ),
    access="read",
    arguments=SearchCatalogArguments,
    result=SearchCatalogResult,
    run=run,
)
