"""Tool: look things up in the catalog by words, filters, or a picture."""

from __future__ import annotations

from pydantic import Field

from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.matching import allowed_beyond, known_of
from tools.nearest import Found, search_nearest
from tools.sight import open_pictures
from tools.wishes import ItemIds, Limit, RequestText, Wishes
from vlm.client import FashionVLMUnavailableError

ROOM_FOR_RULES = 24
"""Items looked at beyond those wanted, since rules about several traits at once take some away."""


class SearchCatalogArguments(Wishes):
    """Words to rank by, and filters that must hold."""

    text: RequestText = Field(default="", description="Words to rank by, e.g. elegant evening shoes.")
    like_picture: bool = Field(default=False, description="Rank by likeness to the picture at hand.")
    exclude_ids: ItemIds = Field(default_factory=list, description="Items that must not appear.")
    limit: Limit = Field(default=5, description="How many items at most, 1 to 12.")


class SearchCatalogResult(ToolResult):
    """The items found."""

    exact: bool = True
    """False where nothing meets every wish; each reason then names what differs."""
    beyond: ItemCard | None = None
    """Where the price limits leave nothing: the item closest beyond them, told of and not among `items`."""


async def run(context: ToolContext, arguments: SearchCatalogArguments) -> SearchCatalogResult:
    """Search; where nothing meets every wish, give the nearest items and say what differs. The person's rules hold."""
    embedding = await _picture_embedding(context) if arguments.like_picture else None
    known, stated = await known_of(context), Wishes(**arguments.wishes())
    wishes = known.narrow(stated)
    found = await search_nearest(
        context.services.catalog,
        wishes,
        text=arguments.text,
        limit=arguments.limit + ROOM_FOR_RULES,
        exclude_ids=[*arguments.exclude_ids, *known.refused_ids],
        picture_embedding=embedding,
    )
    found = [one for one in found if not known.forbids(one.product, stated)][: arguments.limit]
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


def card(found: Found) -> ItemCard:
    """A found item as it is shown, with what differs as its reason."""
    return ItemCard.of(found.product, "; ".join(found.differs))


def _sentence(found: list[Found], exact: bool) -> str:
    if exact:
        return "I found 1 item." if len(found) == 1 else f"I found {len(found)} items."
    return "Nothing in the catalog is exactly that; here is what comes nearest, with what differs."


async def _picture_embedding(context: ToolContext) -> list[float]:
    pictures = await open_pictures(context)
    if not pictures:
        raise ToolFailedError("There is no picture to compare with; send a photo, or search by words.")
    try:
        vectors = await context.services.vlm.embed_pictures(pictures[:1])
    except FashionVLMUnavailableError as error:
        raise ToolFailedError(f"I cannot compare pictures right now: {error}") from error
    return [float(value) for value in vectors[0]]


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
