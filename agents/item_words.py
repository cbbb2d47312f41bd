"""Words for answers that show items: recommendations, personal ones, and finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agents.contracts import Slots
from agents.phrasing import Phrases, capital, listed, money, number, price_of
from agents.reply_contracts import ReplyFacts
from agents.shop_words import count_words
from agents.tables import load_table
from fashion.mentions import find_mentions
from fashion.vocabulary import CATEGORIES
from tools.contracts import ItemCard, ToolResult
from tools.personalize import PersonalizeResult
from tools.recommend import RecommendResult
from tools.search_catalog import SearchCatalogResult
from tools.sight import at_hand_words

_SHOWING = ("recommend", "personalize", "search_catalog")
_MOST_DIFFERING = 2
"""Pieces of an outfit of which it is said what differs from the wishes; the cards say it of all."""


def recommended(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say of a recommendation."""
    return _recommended(result, facts, phrases, personal=False)


def _recommended(found: RecommendResult, facts: ReplyFacts, phrases: Phrases, *, personal: bool) -> str:
    parts = (
        [phrases.say("recommend", "away", away=capital(found.model_away.rstrip(". ")))]
        if found.model_away
        else []
    )
    if not personal:
        parts.append(held_words(found, phrases))
    if not found.items:
        parts.append(_beyond(found.beyond, facts, phrases) or phrases.say("recommend", "nothing"))
        return joined(parts)
    parts.append(_season(found, facts, phrases))
    things = at_hand_words(found.seen, definite=True)
    first = found.items[0]
    main = [item for item in found.items if item.id != found.bolder]
    if found.outfit:
        opening = "outfit_with" if things else "outfit"
        parts.append(
            phrases.say(
                "recommend", opening, things=things, pieces=listed([f"the {one.title}" for one in main])
            )
        )
        # A card's reason begins with what differs, which is said below.
        praised = next((one for one in main if not found.differs.get(one.id)), None)
        parts.append(_because(praised, phrases) if praised else "")
        parts += [
            phrases.say(
                "recommend", "outfit_differs", title=one.title, differs="; ".join(found.differs[one.id])
            )
            for one in main
            if found.differs.get(one.id)
        ][:_MOST_DIFFERING]
    elif found.differs.get(first.id):
        differs = "; ".join(found.differs[first.id])
        parts += [
            phrases.say("recommend", "inexact"),
            phrases.say("recommend", "nearest", title=first.title, differs=differs),
        ]
    else:
        opening = "with_thing" if things else "plain"
        reason = _clauses(first)
        lead = phrases.say("recommend", opening, things=things, title=first.title)
        parts.append(lead + (phrases.say("recommend", "reason", reason=reason) if reason else "."))
    if not found.outfit:
        parts.append(_rest(len(main) - 1, phrases))
    else:
        parts += sum_words(found.total, first.currency, facts, phrases)
        parts.append(_each(found.total, first.currency, facts, phrases))
        parts.append(_bare(found, phrases))
    if found.bolder:
        bold = next(item for item in found.items if item.id == found.bolder)
        parts.append(phrases.say("recommend", "bolder", title=bold.title))
    return joined(parts)


def sum_words(total: float | None, currency: str, facts: ReplyFacts, phrases: Phrases) -> list[str]:
    """What an outfit costs, copied from its records' sum, and the limit for it where one was named."""
    if total is None:
        return []
    limit = facts.slots.max_total
    within = limit is not None and total <= limit
    limit_words = money(limit, currency) if limit is not None else ""
    key = "total_within" if within else "total"
    return [phrases.say("recommend", key, total=money(total, currency), limit=limit_words)]


def _each(total: float | None, currency: str, facts: ReplyFacts, phrases: Phrases) -> str:
    """That a limit was taken for each piece, where the message leaves that open and the sum lies above it."""
    named = find_mentions(facts.text)
    limit = named.max_price
    if (
        limit is None
        or named.target_price is not None
        or limit != facts.slots.max_price
        or total is None
        or total <= limit
    ):
        return ""
    if re.search(load_table("item_questions")["each_piece"], facts.text.lower()):
        return ""
    return phrases.say("recommend", "limit_each", limit=money(limit, currency))


def children_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """That nothing here is made for children, where something is asked for one."""
    asked = re.search(load_table("item_questions")["for_children"], facts.text.lower().replace("’", "'"))
    shown = any(result.items for tool, result in facts.results if tool in _SHOWING)
    return phrases.say("recommend", "adults_only") if asked and shown else ""


def _bare(found: RecommendResult, phrases: Phrases) -> str:
    """That nothing was found for some place on the body."""
    if not found.missing:
        return ""
    named: dict[str, str] = load_table("replies")["places"]
    bare = [named[slot] for slot in found.missing]
    return phrases.say(
        "recommend", "missing", places=listed([f"a {one}" for one in bare]), bare=listed(bare, "or")
    )


def _season(found: RecommendResult, facts: ReplyFacts, phrases: Phrases) -> str:
    """The season that was gone by, where the message asks for what is worn now."""
    season = found.season_now
    if season is None or not re.search(load_table("item_questions")["now"], facts.text.lower()):
        return ""
    return phrases.say("recommend", "season_now", season=season)


def _because(first: ItemCard, phrases: Phrases) -> str:
    reason = _clauses(first)
    return phrases.say("recommend", "first_reason", title=first.title, reason=reason) if reason else ""


def _clauses(card: ItemCard) -> str:
    """The reasons of a card as one clause: the weightiest, and the next where it is short."""
    first, *more = [part.strip().rstrip(".") for part in card.reason.split(";")]
    # A clause that joins two things itself makes a third one too many.
    second = more[0] if more and " and " not in more[0] else ""
    return f"{first}, and {second}" if second else first


def joined(parts: Sequence[str]) -> str:
    """Sentences as one paragraph."""
    return " ".join(part for part in parts if part)


def held_words(found: ToolResult, phrases: Phrases) -> str:
    """That a rule was kept although the request went against it."""
    return phrases.say("rules", "held", rules=listed(found.held_rules[:3])) if found.held_rules else ""


def _beyond(beyond: ItemCard | None, facts: ReplyFacts, phrases: Phrases) -> str:
    """The nearest item beyond the price limits, where they leave nothing."""
    if beyond is None:
        return ""
    low = facts.slots.max_price is None
    return phrases.say("beyond", "low" if low else "high", title=beyond.title, price=price_of(beyond))


def _rest(more: int, phrases: Phrases) -> str:
    if more < 1:
        return ""
    verb = "is" if more == 1 else "are"
    return phrases.say("recommend", "rest", more=number(more), are=verb, **{"is": verb})


def personalized(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say of a personal recommendation, and what of the person's notes it rests on."""
    found: PersonalizeResult = result
    parts = []
    if found.preferences:
        parts.append(phrases.say("personalize", "because", likes=listed(found.preferences[:3])))
    elif not found.history_known:
        named = "unknown_season" if found.season_now else "unknown"
        parts.append(phrases.say("personalize", named, season=found.season_now or ""))
    if found.held_rules:
        parts.append(held_words(found, phrases))
    elif found.respected:
        parts.append(phrases.say("personalize", "respected", rules=listed(found.respected[:3])))
    if found.disliked:
        parts.append(phrases.say("personalize", "disliked", things=listed(found.disliked[-2:])))
    return joined([*parts, _recommended(found, facts, phrases, personal=True)])


def banned_words(slots: Slots) -> list[str]:
    """What a message does not want, by name."""
    return [*slots.not_colors, *slots.not_materials, *slots.not_patterns]


def searched(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say of finds: how many, within which wishes, at which prices."""
    found: SearchCatalogResult = result
    held = held_words(found, phrases)
    if found.total is not None:
        return joined([held, count_words(found, facts, phrases, _wishes(facts))])
    if found.seen and found.items:
        return joined([held, *_alike(found, phrases), _prices(found.items, phrases)])
    if not found.items:
        told = _beyond(found.beyond, facts, phrases) or phrases.say("search", "nothing")
        return joined([held, told])
    if not found.exact:
        first = found.items[0]
        nearest = phrases.say("recommend", "nearest", title=first.title, differs=first.reason)
        return joined([held, phrases.say("search", "inexact"), nearest if first.reason else ""])
    count = len(found.items)
    things = f"{number(count)} {_kind(found.items)}"
    words = phrases.say(
        "search", "found", count=things, wishes=_wishes(facts, found.items), are="is" if count == 1 else "are"
    )
    return joined([held, words, _prices(found.items, phrases)])


def _alike(found: SearchCatalogResult, phrases: Phrases) -> list[str]:
    """What the picture shows, and what comes nearest to it."""
    things = at_hand_words(found.seen, definite=True)
    first = found.items[0]
    if not things or not first.reason:
        return [phrases.say("search", "alike_unread", title=first.title)]
    reason = first.reason.replace("; ", ", ")
    said = phrases.say("search", "alike", things=things, title=first.title, reason=reason)
    return [said, "" if found.exact else phrases.say("alternatives", "inexact")]


def _kind(items: Sequence[ItemCard]) -> str:
    """What the items are called: their category's noun, or items."""
    kinds = {item.category for item in items}
    one = len(items) == 1
    if len(kinds) == 1 and (category := CATEGORIES.get(next(iter(kinds)))):
        pair = category.pair and one
        return f"pair of {category.plural}" if pair else category.singular if one else category.plural
    return "item" if one else "items"


def _wishes(facts: ReplyFacts, items: Sequence[ItemCard] = ()) -> str:
    """The stated limits, so that a person sees what was understood."""
    slots, parts = facts.slots, []
    if slots.colors:
        parts.append(f"in {listed(slots.colors, 'or')}")
    sized = all(
        slots.size in CATEGORIES[item.category].sizes for item in items if item.category in CATEGORIES
    )
    if slots.size and sized:
        parts.append(f"in size {slots.size}")
    if banned := banned_words(slots):
        parts.append(f"without {listed(banned, 'or')}")
    return f" {' '.join(parts)}" if parts else ""


def _prices(items: Sequence[ItemCard], phrases: Phrases) -> str:
    if len({item.currency for item in items}) > 1:
        return ""
    low, high = (pick(items, key=lambda item: item.price) for pick in (min, max))
    if low.price == high.price:
        they, cost = ("It", "costs") if len(items) == 1 else ("They", "cost")
        return phrases.say("search", "one_price", low=price_of(low), they=they, cost=cost)
    return phrases.say("search", "range", low=price_of(low), high=price_of(high))
