"""Tool: other items of the same kind as earlier ones, changed in the direction asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from fashion.product import Product
from tools.alternative_search import AlternativeSearch
from tools.contracts import ItemCard, Tool, ToolContext, ToolFailedError, ToolResult
from tools.directions import Direction
from tools.get_product import product_of
from tools.keeping import Attempt, rank_alternatives
from tools.matching import known_of
from tools.outfits import total_of
from tools.prompts import load_data
from tools.ranking import Ranked, pick_varied
from tools.sight import Seen, garments
from tools.wishes import ItemId, ItemIds, Limit, RequestText, Wishes


class SuggestAlternativesArguments(Wishes):
    """The items to replace, the direction of change, and filters that must hold."""

    item_ids: ItemIds = Field(
        default_factory=list, description="The items shown before that shall be replaced."
    )
    direction: Direction | None = Field(
        default=None, description="How the answer shall differ, e.g. cheaper."
    )
    directions: Annotated[list[Direction], Field(max_length=6)] = Field(
        default_factory=list, description="Further directions, all of which must hold."
    )
    request: RequestText = Field(default="", description="What the person asks for, in their words.")
    refused_ids: Annotated[list[ItemId], Field(max_length=400)] = Field(
        default_factory=list,
        description="Items shown or refused before; they never appear again.",
    )
    goes_with: list[Seen] = Field(
        default_factory=list, max_length=8, description="What the answer must go with, as read before."
    )
    whole_outfit: bool = Field(
        default=False, description="The items are one outfit: change each of its pieces."
    )
    max_total: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="What all pieces of the outfit may cost together."
    )
    limit: Limit = Field(default=4, description="How many items at most, 1 to 12.")


class SuggestAlternativesResult(ToolResult):
    """The alternatives, and what they were measured against."""

    replaces: list[str] = Field(default_factory=list)
    """Ids of the items they stand in for."""
    bound: str = ""
    """What is true of every item in the asked direction, e.g. ``cheaper than every item shown``."""
    looser: str = ""
    """Where few go so far: what is true of the others, which `looser_ids` names."""
    looser_ids: list[str] = Field(default_factory=list)
    other_kinds: bool = False
    """There was nothing among the kinds of the items replaced, so that these are other kinds of the same group."""
    seen_again: bool = False
    """There is nothing new, so that these are the items shown before that meet every wish."""
    outfit: bool = False
    """The items make one outfit: an alternative for each piece."""
    kept_ids: list[str] = Field(default_factory=list)
    """Pieces of an outfit that stay, since nothing can stand in for them."""
    lost: list[str] = Field(default_factory=list)
    """Titles of pieces of an outfit that no longer keep to the wishes, and that nothing can stand in for."""
    total: float | None = None
    """What the outfit costs together."""
    exact: bool = True
    """False where no item meets every other wish; `differs` and each reason then name what differs."""
    differs: dict[str, list[str]] = Field(default_factory=dict)
    """By item id, what of the wishes the item does not meet, a clause each."""


async def run(context: ToolContext, arguments: SuggestAlternativesArguments) -> SuggestAlternativesResult:
    """Find items of the same kind within the direction's bound; for a whole outfit one for each of its pieces."""
    if not arguments.item_ids:
        raise ToolFailedError(
            "There is nothing to replace yet; ask for a recommendation first, or name an item."
        )
    references = [await product_of(context, item_id) for item_id in arguments.item_ids]
    stated = Wishes(**arguments.wishes())
    known = await known_of(context)
    search = AlternativeSearch(
        context,
        arguments.request,
        _directions(arguments),
        known,
        known.narrow(stated),
        list(dict.fromkeys([*arguments.item_ids, *arguments.refused_ids, *known.refused_ids])),
    )
    held = known.held_against(stated)
    if arguments.whole_outfit and len(references) > 1:
        return await _outfit(search, arguments, references, held)
    found = await search.find(references)
    if not found:
        seen = [] if _directions(arguments) else search.still_fitting(references)[: arguments.limit]
        return SuggestAlternativesResult(
            text=_nothing(arguments, references),
            items=[ItemCard.of(one.product, "; ".join(one.differs)) for one in seen],
            replaces=arguments.item_ids,
            seen_again=bool(seen),
            exact=not any(one.differs for one in seen),
            differs={one.product.id: list(one.differs) for one in seen if one.differs},
            held_rules=held,
        )
    others = garments(arguments.goes_with)
    ranked = rank_alternatives(found, references, search.wishes, _directions(arguments), others)
    picked = pick_varied(ranked, arguments.limit)
    first = found[0][1]
    exact = not any(one.differs for one in picked)
    attempts = {one.product.id: attempt for one, attempt in found}
    beyond = [one for one in picked if attempts[one.product.id].words != first.words]
    return SuggestAlternativesResult(
        text=_sentence(first, exact, references, arguments.direction),
        items=[one.card() for one in picked],
        replaces=arguments.item_ids,
        bound=first.words,
        looser=attempts[beyond[0].product.id].words if beyond else "",
        looser_ids=[one.product.id for one in beyond],
        other_kinds=first.other_kinds,
        exact=exact,
        differs={one.product.id: list(one.differs) for one in picked if one.differs},
        held_rules=held,
    )


async def _outfit(
    search: AlternativeSearch,
    arguments: SuggestAlternativesArguments,
    references: Sequence[Product],
    held: list[str],
) -> SuggestAlternativesResult:
    """One alternative for each piece of an outfit, each going with those before it; what has none stays."""
    picked: list[Ranked] = []
    kept: list[Product] = []
    lost: list[str] = []
    bound = ""
    found = [await search.find([reference]) for reference in references]
    cheapest = [min((one.product.price for one, _ in row), default=0.0) for row in found]
    left = arguments.max_total if arguments.max_total is not None else math.inf
    for at, (reference, row) in enumerate(zip(references, found, strict=True)):
        room = left - sum(cheapest[at + 1 :])
        others = [*garments(arguments.goes_with), *(one.product.garment for one in picked)]
        ranked = rank_alternatives(row, [reference], search.wishes, _directions(arguments), others)
        best = next((one for one in ranked if one.product.price <= room), None)
        broken = search.wishes.breaks(reference) or search.known.forbids(reference, search.wishes)
        if best is not None:
            picked.append(best)
            left -= best.product.price
            bound = bound or row[0][1].words
        elif not broken and reference.price <= room:
            kept.append(reference)
            left -= reference.price
        else:
            lost.append(reference.title)
    if not picked:
        return SuggestAlternativesResult(
            text=_nothing(arguments, references), replaces=arguments.item_ids, held_rules=held
        )
    replaced = load_data("directions_words")["replaced"]
    stays = load_data("directions_words")["stays"]
    cards = [
        one.card().model_copy(update={"reason": one.card().reason.replace(*replaced)}) for one in picked
    ] + [ItemCard.of(product, stays) for product in kept]
    return SuggestAlternativesResult(
        text="Here is the outfit with its pieces changed.",
        items=cards,
        replaces=arguments.item_ids,
        bound=bound.replace(*replaced),
        kept_ids=[product.id for product in kept],
        lost=lost,
        exact=not any(one.differs for one in picked),
        differs={one.product.id: list(one.differs) for one in picked if one.differs},
        outfit=True,
        total=total_of([*picked, *(Ranked(product, 0.0, ()) for product in kept)]),
        held_rules=held,
    )


def _directions(arguments: SuggestAlternativesArguments) -> list[Direction]:
    named = [arguments.direction] if arguments.direction else []
    return list(dict.fromkeys([*named, *arguments.directions]))


def _sentence(
    attempt: Attempt, exact: bool, references: Sequence[Product], direction: Direction | None
) -> str:
    parts = []
    kinds = dict.fromkeys(reference.category for reference in references)
    if attempt.other_kinds:
        parts.append(
            f"Among {' or '.join(kinds).lower()} I have no such choice, so these are of other kinds."
        )
    if attempt.bounds:
        parts.append(f"Each of these is {attempt.words}.")
    elif direction and direction != "different":
        parts.append(
            f"{' or '.join(kinds)} cannot be told {direction.replace('_', ' ')}; here are other choices."
        )
    else:
        parts.append("Here are other choices.")
    if not exact:
        parts.append("None meets every wish, so each reason names what differs.")
    return " ".join(parts)


def _nothing(arguments: SuggestAlternativesArguments, references: Sequence[Product]) -> str:
    kinds = " or ".join(dict.fromkeys(reference.category.lower() for reference in references))
    how = (arguments.direction or "different").replace("_", " ").replace("different", "else")
    limits = " within your wishes" if arguments.wishes() else ""
    return f"I have nothing {how} in {kinds}{limits} that you have not seen."


TOOL: Tool[SuggestAlternativesArguments, SuggestAlternativesResult] = Tool(
    name="suggest_alternatives",
    description=(
        "Replace items shown before by others of the same kind, changed as asked: cheaper, darker, dressier, "
        "another color … Items shown or refused before never appear again."
    ),
    access="read",
    arguments=SuggestAlternativesArguments,
    result=SuggestAlternativesResult,
    run=run,
)
