"""Tool: recommend catalog items that go with pictures or items at hand, or that serve a request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.contracts import ItemCard, Tool, ToolContext, ToolResult
from tools.matching import Matches, known_of, look, match
from tools.sight import Seen, at_hand_words
from tools.wishes import ItemIds, Limit, RequestText, Wishes


class RecommendArguments(Wishes):
    """A request, what it must go with, and filters that must hold."""

    request: RequestText = Field(default="", description="What the person asks for, in their words.")
    item_ids: ItemIds = Field(default_factory=list, description="Catalog items that the answer must go with.")
    exclude_ids: ItemIds = Field(default_factory=list, description="Items that must not appear.")
    whole_outfit: bool = Field(
        default=False, description="A whole outfit, one piece for each place on the body."
    )
    max_total: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="What all pieces of an outfit may cost together."
    )
    limit: Limit = Field(
        default=5, description="How many items at most, 1 to 12; from 4 on the last may be a bolder choice."
    )


class RecommendResult(ToolResult):
    """Items with true reasons, and what they rest on."""

    seen: list[Seen] = Field(default_factory=list)
    """What the items were matched with: the pictures as read, then the items named."""
    model_words: str = ""
    """FashionVLM's own answer; empty where it was away."""
    model_away: str | None = None
    """Why FashionVLM could not help; the items then follow the outfit rules alone."""
    exact: bool = True
    """False where no item meets every wish; `differs` and each reason then name what differs."""
    differs: dict[str, list[str]] = Field(default_factory=dict)
    """By item id, what of the wishes the item does not meet, a clause each."""
    bolder: str | None = None
    """The id of the item that is the bolder choice."""
    outfit: bool = False
    """The items (but for the bolder one) make one outfit together."""
    total: float | None = None
    """What the outfit costs, without the bolder choice; None where there is none."""
    missing: list[str] = Field(default_factory=list)
    """Places that the outfit leaves bare (``torso``, ``legs``, ``feet``), where the limits left nothing for them."""
    beyond: ItemCard | None = None
    """Where the price limits leave nothing: the item closest beyond them, told of and not among `items`."""
    season_now: str | None = None
    """The season by the calendar, where nobody named one and the answer went by it."""


async def run(context: ToolContext, arguments: RecommendArguments) -> RecommendResult:
    """Find, rank and explain items, for anybody: of this person's notes only the rules and what they refused count."""
    sight = await look(context, arguments.request, Wishes(**arguments.wishes()), arguments.item_ids)
    matches = await match(
        context,
        sight,
        request=arguments.request,
        known=await known_of(context),
        exclude_ids=arguments.exclude_ids,
        limit=arguments.limit,
        whole_outfit=arguments.whole_outfit,
        max_total=arguments.max_total,
    )
    return RecommendResult(**facts(matches))


def facts(matches: Matches) -> dict[str, object]:
    """The fields that `RecommendResult` and its kin share."""
    return {
        "text": sentence(matches),
        "items": [one.card() for one in matches.ranked],
        "seen": matches.seen,
        "model_words": matches.words.text,
        "model_away": matches.words.away,
        "exact": matches.exact,
        "differs": {one.product.id: list(one.differs) for one in matches.ranked if one.differs},
        "bolder": matches.bolder.product.id if matches.bolder else None,
        "outfit": matches.outfit,
        "total": matches.total,
        "missing": matches.missing,
        "beyond": ItemCard.of(matches.beyond) if matches.beyond else None,
        "held_rules": matches.held,
        "season_now": matches.season_now,
    }


def sentence(matches: Matches) -> str:
    """What was done, in words."""
    parts = []
    known = at_hand_words(matches.seen, definite=True)
    if matches.words.away:
        unread = "" if known else " so I could not look at any picture:"
        parts.append(f"{matches.words.away.rstrip('.')},{unread} these follow the outfit rules alone.")
    if not matches.ranked:
        parts.append("I found nothing in stock that fits.")
    elif not matches.exact:
        parts.append("Nothing in stock meets every wish; here is what comes nearest, with what differs.")
    elif known:
        parts.append(f"These go with {known}.")
    else:
        parts.append("These fit what you asked for.")
    return " ".join(parts)


TOOL: Tool[RecommendArguments, RecommendResult] = Tool(
    name="recommend",
    description=(
        "Recommend catalog items for a request, matched with the pictures at hand or with named items, "
        "each with a reason."
    ),
    access="read",
    arguments=RecommendArguments,
    result=RecommendResult,
    run=run,
)
