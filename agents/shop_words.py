"""Words of a shop: which sizes an item comes in, how many things there are, and that nothing can be bought here."""

from __future__ import annotations

from collections.abc import Sequence

from agents.contracts import Slots
from agents.item_questions import asks_for_size, asks_to_buy, asks_why, size_asked
from agents.phrasing import Phrases, listed
from agents.reply_contracts import ReplyFacts
from agents.tables import load_table
from fashion.language import is_pair
from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from tools.get_product import GetProductResult
from tools.search_catalog import SearchCatalogResult

_ONE_SIZE = ("one size",)


def buying_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """That nothing can be bought here, where that was asked for; empty for any other message."""
    described = facts.routes == ["describe"] and bool(facts.slots.item_ids)
    if not (described or facts.routes == ["out_of_scope"]):
        return ""
    if not asks_to_buy(facts.text, pointed=described):
        return ""
    return phrases.say("buying" if described else "buying_nothing")


def why_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """The reasons that an item was shown with, where they are asked for; empty for any other message."""
    if facts.routes != ["describe"] or not asks_why(facts.text):
        return ""
    meant = set((facts.said or facts.slots).item_ids)
    card = next((card for card in facts.previous_items if card.id in meant), None)
    if card is None:
        return ""
    clauses = [part.strip() for part in card.reason.split(";") if part.strip()]
    if not clauses:
        return phrases.say("why", "search", title=card.title)
    return phrases.say("why", "reasons", title=card.title, reasons="; ".join(clauses))


def size_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """What the records hold of sizes, where a size was asked for; empty for any other message."""
    found = [result.product for _, result in facts.results if isinstance(result, GetProductResult)]
    if not found or not asks_for_size(facts.text, pointed=True):
        return ""
    asked = (facts.said or facts.slots).size or size_asked(facts.text)
    parts = [_sizes(product, asked, facts.own_sizes, phrases) for product in found]
    if not asked and any(tuple(product.sizes) != _ONE_SIZE for product in found):
        parts.append(phrases.say("sizes", "advice"))
    return " ".join(parts)


def _sizes(product: Product, asked: str | None, own: Sequence[tuple[str, str]], phrases: Phrases) -> str:
    """The sizes of one item, and whether the one asked for or the person's own is among them."""
    sizes = list(product.sizes)
    pair = is_pair(product.garment)
    words = {"title": product.title, "comes": "come" if pair else "comes", "are": "are" if pair else "is"}
    if not sizes:
        return phrases.say("sizes", "none", **words)
    if tuple(sizes) == _ONE_SIZE:
        return phrases.say("sizes", "single", **words)
    all_of_them = phrases.say("sizes", "several" if len(sizes) > 1 else "one", sizes=listed(sizes), **words)
    if asked:
        verdict = phrases.say("sizes", "yes" if asked in sizes else "no", size=asked, **words)
        return verdict if asked in sizes else f"{verdict} {all_of_them}"
    category = CATEGORIES[product.category]
    mine = next(
        (size for size, group in own if group in ("", category.group) and size in category.sizes), None
    )
    if mine is None:
        return all_of_them
    return f"{all_of_them} {phrases.say('sizes', 'own_yes' if mine in sizes else 'own_no', size=mine)}"


def count_words(found: SearchCatalogResult, facts: ReplyFacts, phrases: Phrases, wishes: str) -> str:
    """How many things there are."""
    if found.in_stock is not None:
        return phrases.say("counts", "all", total=f"{found.total:,}", stock=f"{found.in_stock:,}")
    total = found.total or 0
    key = "none" if total == 0 else "one" if total == 1 else "named"
    things = things_named(facts.said or facts.slots, one=total == 1)
    return phrases.say("counts", key, total=f"{total:,}", things=things, wishes=wishes)


def things_named(slots: Slots, *, one: bool = False) -> str:
    """What a message asks for, as a noun: its kinds, or its groups."""
    kinds = [CATEGORIES[name] for name in slots.categories if name in CATEGORIES]
    if kinds:
        nouns = [
            (f"one pair of {kind.plural}" if kind.pair else f"one {kind.singular}") if one else kind.plural
            for kind in kinds
        ]
        return listed(list(dict.fromkeys(nouns)), "or")
    return group_words(slots.groups) or ("one item" if one else "items")


def group_words(groups: Sequence[str]) -> str:
    """Groups as they are called: shoes, not footwear; empty for none."""
    named: dict[str, str] = load_table("replies")["groups"]
    return listed([named.get(name, name) for name in groups], "or")
