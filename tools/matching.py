"""The work that `recommend` and `personalize` share: see, ask FashionVLM, search, rank, pick."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image

from fashion.mentions import Mentions, find_mentions
from fashion.product import Product
from fashion.rules import missing_slots
from fashion.vocabulary import GROUPS, slot_of
from stores.catalog_query import ScoredProduct
from tools.bolder import boldest_of, pick_bolder
from tools.contracts import ToolContext
from tools.get_product import product_of
from tools.model_words import ModelWords, ask_model
from tools.nearest import Found, beyond_limit, found_against, search_nearest
from tools.outfits import compose_outfit, total_of
from tools.preferences import Known, read_notes
from tools.prompts import load_data
from tools.ranking import Liking, Ranked, Setting, pick_varied, rank, with_each_kind
from tools.sight import MAX_PICTURES, Seen, garments, open_pictures, places_taken, see_pictures, worn
from tools.targets import read_request, split_anchor, wanted_searches
from tools.wishes import Wishes
from vlm.client import FashionVLMUnavailableError

POOL = 40
"""Candidates looked at in each search."""

CONTENDERS = 40
"""The best candidates by everything else; only for these is a person's liking worked out."""
CONTENDERS_A_PLACE = 12
"""The same for each place on the body, where a whole outfit is put together."""
LEAST_FOR_BOLDER = 4
"""With room for so many items, the last one is a bolder choice."""

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
    """The answer to a request, before it is put into cards.

    Attributes:
        seen: What is at hand.
        words: FashionVLM's answer.
        ranked: The items to show, in order; the bolder choice, where there is one, comes last.
        bolder: The bolder choice among them.
        outfit: Whether the others make one outfit together.
        beyond: Where the price limits leave nothing, the item that lies closest beyond them.
        held: Rules of the person that the request went against.
        season_now: The season by the calendar, where the answer went by it.
    """

    seen: list[Seen]
    words: ModelWords
    ranked: list[Ranked]
    bolder: Ranked | None
    outfit: bool
    beyond: Product | None
    held: list[str]
    season_now: str | None

    @property
    def total(self) -> float | None:
        """What the outfit costs, without the bolder choice beside it; None for no outfit or several currencies."""
        pieces = [one for one in self.ranked if one is not self.bolder]
        if not self.outfit or len({one.product.currency for one in pieces}) != 1:
            return None
        return total_of(pieces)

    @property
    def missing(self) -> list[str]:
        """Places on the body that the outfit, with what is at hand, leaves bare."""
        pieces = [one.product.garment for one in self.ranked if one is not self.bolder]
        return list(missing_slots([*pieces, *worn(self.seen)])) if self.outfit else []

    @property
    def exact(self) -> bool:
        """Whether every item meets every wish."""
        return not any(one.differs for one in self.ranked)


async def known_of(context: ToolContext) -> Known:
    """What this person's notes come to."""
    return read_notes(await asyncio.to_thread(context.services.history.export, context.user))


async def allowed_beyond(context: ToolContext, wishes: Wishes, known: Known) -> Product | None:
    """The item closest beyond the price limits, unless a rule of the person forbids it."""
    found = await beyond_limit(context.services.catalog, wishes)
    return None if found is None or known.forbids(found, wishes) else found


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


async def match(
    context: ToolContext,
    sight: Sight,
    *,
    request: str,
    known: Known,
    exclude_ids: Sequence[str],
    limit: int,
    whole_outfit: bool = False,
    max_total: float | None = None,
    likings: Likings | None = None,
) -> Matches:
    """Ask FashionVLM, search, rank and pick.

    Args:
        context: The stores and the model.
        sight: What the request is about.
        request: What FashionVLM and the search are given: the person's words and what the caller appended.
        known: What must not be shown.
        exclude_ids: Items that must not appear.
        limit: How many items at most; from 4 on the last one is a bolder choice, where there is a good one.
        whole_outfit: One outfit is asked for, not several of a kind.
        max_total: What all pieces of an outfit may cost together.
        likings: Given the candidates, how much this person's history speaks for each.
    """
    words = await ask_model(context, request, sight.pictures)
    wishes = known.narrow(sight.wishes)
    asked = _asked(sight)
    text = " ".join(part for part in (request, words.text) if part)
    excluded = [*exclude_ids, *sight.item_ids, *known.refused_ids]
    if whole_outfit:
        wishes, asked = wishes.model_copy(update={"categories": [], "groups": []}), Mentions()
    is_open = not (wishes.categories or wishes.groups or asked.categories or asked.groups)
    advised = tuple(name for name in words.mentions.categories if name not in wishes.not_categories)
    searches = wanted_searches(wishes, asked, advised, sight.seen)
    if is_open and max_total is not None:
        searches += [_affordable(one, max_total) for one in searches]
    base = wishes if is_open else searches[-1]
    found = await _candidates(context, searches, text, excluded, known, sight.wishes, base)
    candidates = _nearest_of_each(found) if is_open else _nearest_of_all(found)
    season_now = None if wishes.season else context.services.calendar.season()
    setting = Setting(garments(sight.seen), wishes.occasion, wishes.dress_code, wishes.season, season_now)
    judge = partial(rank, setting=setting, words=words)
    ranked = judge(candidates)
    if likings:
        contenders = _contenders(ranked, mix_groups=is_open)
        liked = await likings([one.product for one in contenders])
        close = {one.product.id for one in contenders}
        ranked = judge([one for one in candidates if one.product.id in close], likings=liked)
    mixed = not (wishes.categories or asked.categories)
    picked, bolder = _picked(
        ranked,
        setting,
        limit,
        is_open=is_open,
        max_total=max_total,
        mix_kinds=mixed,
        taken=places_taken(sight.seen),
        kinds=[{name} for name in base.categories] + [set(GROUPS[name]) for name in base.groups],
    )
    beyond = None
    if not picked:
        beyond = await allowed_beyond(context, searches[-1], known)
    return Matches(
        sight.seen,
        words,
        [*picked, bolder] if bolder else picked,
        bolder,
        is_open and len(picked) > 1,
        beyond,
        known.held_against(sight.wishes),
        season_now,
    )


async def _candidates(
    context: ToolContext,
    searches: Sequence[Wishes],
    text: str,
    excluded: list[str],
    known: Known,
    stated: Wishes,
    wishes: Wishes,
) -> list[Found]:
    """What the searches find and no rule forbids."""
    catalog = context.services.catalog
    pools = await asyncio.gather(
        *(search_nearest(catalog, one, text=text, limit=POOL, exclude_ids=excluded) for one in searches)
    )
    found: dict[str, Found] = {}
    for one in (one for pool in pools for one in pool):
        if not known.forbids(one.product, stated):
            # What FashionVLM named narrows the search and is no wish of the person's.
            scored = ScoredProduct(one.product, one.similarity)
            judged = found_against(scored, wishes) if one.differs else one
            # A cut wished for of ties is no fault of a belt that a search of its own finds.
            if not (before := found.get(one.product.id)) or (before.differs and not judged.differs):
                found[one.product.id] = judged
    return list(found.values())


def _nearest_of_all(found: Sequence[Found]) -> list[Found]:
    """Only what meets every wish, where there is any such thing."""
    return [one for one in found if not one.differs] or list(found)


def _nearest_of_each(found: Sequence[Found]) -> list[Found]:
    """The same for each place on the body: nobody goes without trousers because only the shoes are right."""
    by_slot: dict[str, list[Found]] = {}
    for one in found:
        by_slot.setdefault(slot_of(one.product.garment), []).append(one)
    return [one for row in by_slot.values() for one in _nearest_of_all(row)]


def _contenders(ranked: Sequence[Ranked], *, mix_groups: bool) -> list[Ranked]:
    """The best by everything but taste; where kinds are mixed, the best of each kind."""
    if not mix_groups:
        return list(ranked[:CONTENDERS])
    by_slot: dict[str, list[Ranked]] = {}
    for one in ranked:
        by_slot.setdefault(slot_of(one.product.garment), []).append(one)
    return [one for row in by_slot.values() for one in row[:CONTENDERS_A_PLACE]]


def _picked(
    ranked: Sequence[Ranked],
    setting: Setting,
    limit: int,
    *,
    is_open: bool,
    max_total: float | None,
    mix_kinds: bool,
    taken: Collection[str],
    kinds: Sequence[Collection[str]],
) -> tuple[list[Ranked], Ranked | None]:
    """The items to show: an outfit for an open request, else several of the kind; and one bolder choice."""
    room = limit - 1 if limit >= LEAST_FOR_BOLDER else limit
    if is_open:
        outfit = compose_outfit(ranked, setting, room, max_total, taken)
        within = [one for one in ranked if max_total is None or _exchanged(outfit, one) <= max_total]
        return outfit, pick_bolder(within, outfit) if room < limit else None
    picked = with_each_kind(pick_varied(ranked, room, mix_kinds=mix_kinds), ranked, kinds)
    bolder = pick_bolder(ranked, picked) if room < limit else None
    if room < limit and bolder is None:
        picked = with_each_kind(pick_varied(ranked, limit, mix_kinds=mix_kinds), ranked, kinds)
        bolder = boldest_of(picked)
        picked = [one for one in picked if bolder is None or one.product.id != bolder.product.id]
    return picked, bolder


def _affordable(wishes: Wishes, max_total: float) -> Wishes:
    """The same search for what costs at most a fair share of the whole."""
    share = max_total / load_data("complements")["shares"]
    limit = share if wishes.max_price is None else min(share, wishes.max_price)
    return (
        wishes
        if wishes.min_price and wishes.min_price > limit
        else wishes.model_copy(update={"max_price": limit})
    )


def _exchanged(outfit: Sequence[Ranked], one: Ranked) -> float:
    """What an outfit costs with one piece in the place of its own."""
    slot = slot_of(one.product.garment)
    return total_of([*(piece for piece in outfit if slot_of(piece.product.garment) != slot), one])


def _asked(sight: Sight) -> Mentions:
    """What the request names beyond what is at hand."""
    at_hand = {one.category for one in sight.seen}
    mentions = find_mentions(sight.request)
    return replace(mentions, categories=tuple(name for name in mentions.categories if name not in at_hand))
