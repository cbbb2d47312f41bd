"""Tool: remember what this person likes, dislikes, owns, avoids or bought."""

from __future__ import annotations

import asyncio
from itertools import product as combinations
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fashion.product import Product
from stores.history import HistoryEvent
from tools.contracts import ItemCard, Tool, ToolContext, ToolResult
from tools.get_product import product_of
from tools.preferences import rule_words
from tools.sight import Seen, at_hand_words, see_pictures
from tools.wishes import ItemIds, Words

FeedbackKind = Literal["like", "dislike", "own", "avoid", "bought"]

ITEM_ATTRIBUTES = ("category", "color", "pattern", "material", "style", "fit", "length", "neckline", "sleeve")
"""The attributes of an item that are kept with a note about it."""


class RecordFeedbackArguments(BaseModel):
    """What was said, and about what: items, kinds of thing by their attributes, or the pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedbackKind = Field(description="like, dislike, own, avoid or bought.")
    item_ids: ItemIds = Field(
        default_factory=list, description="Catalog items meant; empty for a kind of thing."
    )
    text: Annotated[str, Field(max_length=1000)] = Field(default="", description="The person's own words.")
    categories: Words = Field(default_factory=list, description="Kinds of thing meant, e.g. Sneakers.")
    colors: Words = Field(default_factory=list, description="Colors meant.")
    patterns: Words = Field(default_factory=list, description="Patterns meant.")
    materials: Words = Field(default_factory=list, description="Materials meant.")
    worn_with: Annotated[str, Field(max_length=200)] = Field(
        default="", description="What the items were suggested to go with, e.g. blue jeans."
    )

    @model_validator(mode="after")
    def _says_something(self) -> RecordFeedbackArguments:
        if not (self.item_ids or self.text.strip() or self.named()):
            raise ValueError("say what it is about: an item, its attributes, or words")
        return self

    def named(self) -> list[dict[str, str]]:
        """The kinds of thing named, one mapping each.

        A category is joined with every other attribute named ("yellow shoes"), while attributes without one
        stand alone ("no leather and no yellow" are two things, not yellow leather).
        """
        traits = [("color", c) for c in self.colors] + [("pattern", p) for p in self.patterns]
        traits += [("material", m) for m in self.materials]
        if not self.categories:
            return [{key: value} for key, value in traits]
        if not traits:
            return [{"category": category} for category in self.categories]
        return [
            {"category": category, key: value}
            for category, (key, value) in combinations(self.categories, traits)
        ]


class RecordFeedbackResult(ToolResult):
    """The notes as recorded."""

    events: list[HistoryEvent] = Field(default_factory=list)


async def run(context: ToolContext, arguments: RecordFeedbackArguments) -> RecordFeedbackResult:
    """Write one note for each thing meant; the same call made again writes nothing new."""
    products = [await product_of(context, item_id) for item_id in arguments.item_ids]
    subjects: list[tuple[str | None, dict[str, str]]] = [(p.id, item_attributes(p)) for p in products]
    if not subjects:
        subjects = [(None, named) for named in arguments.named()]
    seen: list[Seen] = []
    if not subjects and context.image_ids:
        seen = await see_pictures(context)
        subjects = [(None, one.attributes()) for one in seen if one.category]
    with_ = {"worn_with": arguments.worn_with} if arguments.worn_with else {}
    events = []
    for index, (item_id, attributes) in enumerate(subjects or [(None, {})]):
        events.append(
            await asyncio.to_thread(
                context.services.history.record,
                context.user,
                arguments.kind,
                text=arguments.text,
                item_id=item_id,
                attributes=attributes | with_,
                effect_key=f"{context.effect_key}/{index}",
            )
        )
    return RecordFeedbackResult(
        text=_sentence(arguments, products, seen), items=[ItemCard.of(p) for p in products], events=events
    )


def item_attributes(product: Product) -> dict[str, str]:
    """The attributes of an item worth remembering, with its title."""
    values = {name: getattr(product, name) for name in ITEM_ATTRIBUTES}
    return {"title": product.title} | {name: value for name, value in values.items() if value}


def _sentence(arguments: RecordFeedbackArguments, products: list[Product], seen: list[Seen]) -> str:
    if products:
        subject = ", ".join(product.title for product in products)
    elif named := arguments.named():
        subject = ", ".join(rule_words(one) for one in named)
    elif seen:
        subject = at_hand_words(seen)
    else:
        return "Noted in your own words."
    verbs = {"like": "like", "dislike": "do not like", "own": "own", "avoid": "avoid", "bought": "bought"}
    return f"Noted: you {verbs[arguments.kind]} {subject}."


TOOL: Tool[RecordFeedbackArguments, RecordFeedbackResult] = Tool(
    name="record_feedback",
    description="Remember that this person likes, dislikes, owns, avoids or bought an item or a kind of it.",
    access="write",
    arguments=RecordFeedbackArguments,
    result=RecordFeedbackResult,
    run=run,
)
