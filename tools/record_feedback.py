"""Tool: remember what this person likes, dislikes, owns, wears, bought or avoids, and their size and budget."""

from __future__ import annotations

import asyncio
from itertools import product as combinations
from math import prod
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fashion.product import Product
from stores.history import HistoryEvent
from tools.contracts import ItemCard, Tool, ToolContext, ToolResult
from tools.get_product import product_of
from tools.rule_words import CUTS, rule_words
from tools.sight import Seen, at_hand_words, see_pictures
from tools.wishes import ItemIds, Word, Words

FeedbackKind = Literal["like", "dislike", "own", "avoid", "bought", "worn", "rule", "allow"]
"""The router's kinds, and two more: ``rule`` keeps a size or a budget, ``allow`` takes a rule back."""

ITEM_ATTRIBUTES = ("category", "color", "pattern", "material", "style", "fit", "length", "neckline", "sleeve")
"""The attributes of an item that are kept with a note about it."""


MOST_THINGS = 64
"""Kinds of thing that one call may note."""


class RecordFeedbackArguments(BaseModel):
    """What was said, and about what: items, kinds of thing by their attributes, or the pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedbackKind = Field(
        description="like, dislike, own, bought, worn; avoid (a rule: never show it), rule (size or budget), "
        "allow (a rule is taken back)."
    )
    item_ids: ItemIds = Field(
        default_factory=list, description="Catalog items meant; empty for a kind of thing."
    )
    text: Annotated[str, Field(max_length=1000)] = Field(default="", description="The person's own words.")
    categories: Words = Field(default_factory=list, description="Kinds of thing meant, e.g. Sneakers.")
    colors: Words = Field(default_factory=list, description="Colors meant.")
    patterns: Words = Field(default_factory=list, description="Patterns meant.")
    materials: Words = Field(default_factory=list, description="Materials meant.")
    styles: Words = Field(default_factory=list, description="Cuts or kinds meant.")
    length: Word | None = Field(default=None, description="The length meant, e.g. maxi.")
    sleeve: Word | None = Field(default=None, description="The sleeves meant, e.g. sleeveless.")
    neckline: Word | None = Field(default=None, description="The neckline meant, e.g. v-neck.")
    fit: Word | None = Field(default=None, description="The fit meant, e.g. slim.")
    groups: Words = Field(default_factory=list, description="Groups that a size is for, e.g. footwear.")
    size: Annotated[str, Field(max_length=12)] | None = Field(default=None, description="The person's size.")
    max_price: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="The price never to go beyond."
    )
    worn_with: Annotated[str, Field(max_length=200)] = Field(
        default="", description="What the items were suggested to go with, e.g. blue jeans."
    )

    @model_validator(mode="after")
    def _says_something(self) -> RecordFeedbackArguments:
        traits = (self.colors, self.patterns, self.materials, self.styles)
        things = prod(len(values) for values in (self.categories, *traits) if values)
        if self.categories and things > MOST_THINGS:
            raise ValueError(
                f"the lists name {things} combinations of category and attributes, at most {MOST_THINGS} are kept at "
                "once: name fewer, or ask several times"
            )
        if not (self.item_ids or self.text.strip() or self.named()):
            raise ValueError("say what it is about: an item, its attributes, or words")
        return self

    def named(self) -> list[dict[str, str]]:
        """The kinds of thing named, one mapping each.

        Attributes said of a category belong together ("a grey wool coat" is one thing); those without one stand alone
        ("no leather and no yellow" are two things, not yellow leather). A size and a budget are notes of their own.
        """
        facts: list[dict[str, str]] = []
        if self.size:
            facts += [{"size": self.size, "group": group} for group in self.groups] or [{"size": self.size}]
        if self.max_price is not None:
            facts.append({"max_price": f"{self.max_price:g}"})
        if facts:
            return facts
        traits = {
            "color": self.colors, "pattern": self.patterns, "material": self.materials, "style": self.styles
        }  # fmt: skip
        stated = {name: values for name, values in traits.items() if values}
        stated |= {name: [value] for name in CUTS if (value := getattr(self, name))}
        if not self.categories:
            return [{name: value} for name, values in stated.items() for value in values]
        names = ("category", *stated)
        return [
            dict(zip(names, values, strict=True))
            for values in combinations(self.categories, *stated.values())
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
    verbs = {
        "like": "like", "dislike": "do not like", "own": "own", "avoid": "avoid", "bought": "bought",
        "worn": "wear", "rule": "go by", "allow": "allow",
    }  # fmt: skip
    return f"Noted: you {verbs[arguments.kind]} {subject}."


TOOL: Tool[RecordFeedbackArguments, RecordFeedbackResult] = Tool(
    name="record_feedback",
    description=(
        "Remember that this person likes, dislikes, owns, wears, bought or avoids an item or a kind of it, or their "
        "size or budget."
    ),
    access="write",
    arguments=RecordFeedbackArguments,
    result=RecordFeedbackResult,
    run=run,
)
