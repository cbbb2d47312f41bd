"""The work that `recommend` and `personalize` share: see, ask FashionVLM, search, rank, pick."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image

from fashion.mentions import Mentions, find_mentions
from fashion.product import Product
from tools.contracts import ToolContext
from tools.get_product import product_of
from tools.model_words import ModelWords, ask_model
from tools.nearest import Found, search_nearest
from tools.preferences import Known, read_notes
from tools.ranking import Liking, Ranked, pick_varied, rank
from tools.sight import MAX_PICTURES, Seen, garments, open_pictures, see_pictures
from tools.targets import read_request, split_anchor, wanted_searches
from tools.wishes import Wishes
from vlm.client import FashionVLMUnavailableError

POOL = 40
"""Candidates looked at in each search."""

CONTENDERS = 48
"""The best candidates by everything else; only for these is a person's liking worked out."""

Likings = Callable[[Sequence[Product]], Awaitable[Mapping[str, Liking]]]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a request is about: its words, what is seen, and the wishes without what is at hand."""

    request: str
    seen: list[Seen]
    pictures: list[Image.Image]
    wishes: Wishes
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The answer to a request, before it is put into cards."""

    seen: list[Seen]
    words: ModelWords
    ranked: list[Ranked]
    exact: bool


async def known_of(context: ToolContext) -> Known:
    """What this person's notes come to."""
    return read_notes(await asyncio.to_thread(context.services.history.export, context.user))


async def look(context: ToolContext, request: str, wishes: Wishes, item_ids: Sequence[str]) -> Sight:
    """Open and read the pictures at hand, and look up the items named.

    Where FashionVLM is away the pictures stay unread; the model's words then say why.

    Raises:
        ToolFailedError: An item or a picture does not exist.
    """
    pictures = await open_pictures(context)
    try:
        seen = await see_pictures(context, pictures)
    except FashionVLMUnavailableError:
        # The same absence is told by `ask_model`, with its reason.
        seen = []
    products = [await product_of(context, item_id) for item_id in item_ids]
    for product in products[: MAX_PICTURES - len(pictures)]:
        if (picture := await asyncio.to_thread(context.services.catalog.picture, product)) is not None:
            pictures.append(picture)
    seen += [Seen.item(product) for product in products]
    wishes, anchors = split_anchor(request, read_request(request, wishes))
    kinds = {one.category for one in seen}
    seen += [anchor for anchor in anchors if anchor.category not in kinds]
    return Sight(request, seen, pictures, wishes, tuple(product.id for product in products))


async def find_matches(
    context: ToolContext,
    *,
    request: str,
    wishes: Wishes,
    item_ids: Sequence[str],
    exclude_ids: Sequence[str],
    limit: int,
) -> Matches:
    """Recommend for anybody: only what this person forbade is taken from their history."""
    sight = await look(context, request, wishes, item_ids)
    known = (await known_of(context)).asked_anyway(sight.wishes)
    return await match(context, sight, request=request, known=known, exclude_ids=exclude_ids, limit=limit)


async def match(
    context: ToolContext,
    sight: Sight,
    *,
    request: str,
    known: Known,
    exclude_ids: Sequence[str],
    limit: int,
    likings: Likings | None = None,
) -> Matches:
    """Ask FashionVLM, search, rank and pick.

    Args:
        context: The stores and the model.
        sight: What the request is about.
        request: What FashionVLM and the search are given: the person's words and what the caller appended.
        known: What must not be shown.
        exclude_ids: Items that must not appear.
        limit: How many items at most.
        likings: Given the candidates, how much this person's history speaks for each.
    """
    words = await ask_model(context, request, sight.pictures)
    wishes = known.narrow(sight.wishes)
    excluded = [*exclude_ids, *sight.item_ids, *known.refused_ids]
    text = " ".join(part for part in (request, words.text) if part)
    asked = _asked(sight)
    found: dict[str, Found] = {}
    for search in wanted_searches(wishes, asked, words.mentions.categories, sight.seen):
        pool = await search_nearest(
            context.services.catalog, search, text=text, limit=POOL, exclude_ids=excluded
        )
        for one in pool:
            if not known.forbids(one.product):
                found.setdefault(one.product.id, one)
    candidates = list(found.values())
    if any(not one.differs for one in candidates):
        candidates = [one for one in candidates if not one.differs]
    judge = partial(
        rank, words=words, others=garments(sight.seen), occasion=wishes.occasion, season=wishes.season
    )
    ranked = judge(candidates)
    if likings:
        contenders = {one.product.id for one in ranked[:CONTENDERS]}
        liked = await likings([one.product for one in ranked[:CONTENDERS]])
        close = [one for one in candidates if one.product.id in contenders]
        ranked = judge(close, likings=liked)
    picked = pick_varied(ranked, limit, mix_groups=_is_open(wishes, asked))
    return Matches(sight.seen, words, picked, exact=not any(one.differs for one in candidates))


def _is_open(wishes: Wishes, asked: Mentions) -> bool:
    """Whether no kind of thing was asked for."""
    return not (wishes.categories or wishes.groups or asked.categories or asked.groups)


def _asked(sight: Sight) -> Mentions:
    """What the request names beyond what is at hand."""
    at_hand = {one.category for one in sight.seen}
    mentions = find_mentions(sight.request)
    return replace(mentions, categories=tuple(name for name in mentions.categories if name not in at_hand))
