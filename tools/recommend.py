"""Tool: recommend catalog items that go with pictures or items at hand, or that serve a request."""

from __future__ import annotations

from pydantic import Field

from tools.contracts import Tool, ToolContext, ToolResult
from tools.matching import Matches, find_matches
from tools.sight import Seen, at_hand_words
from tools.wishes import ItemIds, Limit, RequestText, Wishes


class RecommendArguments(Wishes):
    """A request, what it must go with, and filters that must hold."""

    request: RequestText = Field(default="", description="What the person asks for, in their words.")
    item_ids: ItemIds = Field(default_factory=list, description="Catalog items that the answer must go with.")
    exclude_ids: ItemIds = Field(default_factory=list, description="Items that must not appear.")
    limit: Limit = Field(default=4, description="How many items at most, 1 to 12.")


class RecommendResult(ToolResult):
    """Items with true reasons, and what they rest on."""

    seen: list[Seen] = Field(default_factory=list)
    """What the items were matched with: the pictures as read, then the items named."""
    model_words: str = ""
    """FashionVLM's own answer; empty where it was away."""
    model_away: str | None = None
    """Why FashionVLM could not help; the items then follow the outfit rules alone."""
    exact: bool = True
    """False where no item meets every wish; each reason then names what differs."""


async def run(context: ToolContext, arguments: RecommendArguments) -> RecommendResult:
    """Find, rank and explain items."""
    matches = await find_matches(
        context,
        request=arguments.request,
        wishes=Wishes(**arguments.wishes()),
        item_ids=arguments.item_ids,
        exclude_ids=arguments.exclude_ids,
        limit=arguments.limit,
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
