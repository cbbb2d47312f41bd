"""The checks of a scenario: each gives one sentence for what does not hold, and nothing for what does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.scenario_files import Expected, HistoryExpected, ItemsExpected
from fashion.vocabulary import CATEGORIES
from graphs.turn import TurnRecord
from stores.catalog import CatalogQuery, ProductNotFoundError
from stores.history import HistoryEvent
from tools.contracts import ItemCard, Services

_PRICE = re.compile(r"(?:€|EUR\s?)(\d+(?:\.\d{1,2})?)|(\d+(?:\.\d{1,2})?)\s?(?:€|EUR\b)")

_MOST_OF_ONE_PRICE = 300


def problems(
    expected: Expected, record: TurnRecord, before: Sequence[TurnRecord], notes: Sequence[HistoryEvent]
) -> list[str]:
    """What of an expectation does not hold.

    Args:
        expected: What should hold.
        record: The answer.
        before: The earlier answers of the conversation, in order.
        notes: What is kept about the person after the turn.
    """
    if expected.fails:
        return [] if record.error else ["the turn was served, and should have been refused"]
    if record.error:
        return [f"the turn was refused: {record.error}"]
    found = [*_routes(expected, record), *_words(expected, record), *_things(expected, record)]
    if expected.items is not None:
        found += _items(expected.items, record.items, before)
    if expected.history is not None:
        found += _history(expected.history, notes)
    return found


def ungrounded(record: TurnRecord, services: Services, before: Sequence[TurnRecord]) -> list[str]:
    """What an answer states that no record supports; checked of every answer, whatever a scenario expects."""
    found = []
    for item in record.items:
        try:
            product = services.catalog.get(item.id)
        except ProductNotFoundError:
            found.append(f"shows {item.id!r}, which the catalog does not have")
            continue
        if ItemCard.of(product, item.reason) != item:
            found.append(f"the card of {item.id!r} differs from its record")
    known = {f"{item.price:.2f}" for turn in (*before, record) for item in turn.items}
    stated = [f"{float(first or second):.2f}" for first, second in _PRICE.findall(record.reply)]
    found += [
        f"states the price {price}, which no card has"
        for price in stated
        if price not in known and not _costs_what_is_named(record.reply, float(price), services)
    ]
    return found


def _costs_what_is_named(reply: str, price: float, services: Services) -> bool:
    """Whether a reply names an item of the catalog that costs so much: the one nearest to a limit has no card."""
    query = CatalogQuery(min_price=price, max_price=price, limit=_MOST_OF_ONE_PRICE)
    return any(one.product.title in reply for one in services.catalog.search(query))


def _routes(expected: Expected, record: TurnRecord) -> Iterator[str]:
    if expected.routes and record.routes != list(expected.routes):
        yield f"routes are {record.routes}, expected {list(expected.routes)}"
    if expected.routes_any and not set(expected.routes_any) & set(record.routes):
        yield f"routes are {record.routes}, expected one of {list(expected.routes_any)}"


def _words(expected: Expected, record: TurnRecord) -> Iterator[str]:
    reply = record.reply.lower()
    if not reply.strip():
        yield "the reply is empty"
    for words in expected.says:
        if not any(one.lower() in reply for one in words.split("|")):
            yield f"the reply does not say {words!r}: {record.reply[:160]!r}"
    for words in expected.never_says:
        if words.lower() in reply:
            yield f"the reply says {words!r}: {record.reply[:160]!r}"
    if expected.asks is not None and ("?" in reply) != expected.asks:
        yield f"the reply {'asks nothing' if expected.asks else 'asks something'}: {record.reply[:160]!r}"
    if len(reply.split()) > expected.words_at_most:
        yield f"the reply has {len(reply.split())} words, at most {expected.words_at_most} are wanted"


def _things(expected: Expected, record: TurnRecord) -> Iterator[str]:
    ran = {call.name for call in record.tools if call.ok}
    failed = [f"{call.name}: {call.error}" for call in record.tools if not call.ok]
    for tool in expected.tools:
        if tool not in ran:
            yield f"{tool} did not run through ({'; '.join(failed) or 'not called'})"
    if expected.no_items and record.items:
        yield f"shows {len(record.items)} items, expected none"
    if expected.images == 0 and record.images:
        yield f"shows {len(record.images)} pictures, expected none"
    if expected.images and len(record.images) < expected.images:
        yield f"shows {len(record.images)} pictures, expected {expected.images} or more ({'; '.join(failed)})"


def _items(expected: ItemsExpected, items: Sequence[ItemCard], before: Sequence[TurnRecord]) -> Iterator[str]:
    if len(items) < expected.at_least:
        yield f"shows {len(items)} items, expected {expected.at_least} or more"
    if expected.at_most is not None and len(items) > expected.at_most:
        yield f"shows {len(items)} items, expected {expected.at_most} or fewer"
    for item in items:
        yield from (f"{item.title} ({item.id}): {what}" for what in _one_item(expected, item))
    earlier = [turn for turn in before if turn.items]
    if expected.dearest and items and earlier:
        limit = max(item.price for item in earlier[-1].items)
        if max(item.price for item in items) >= limit:
            yield f"the dearest item costs {max(item.price for item in items)}, before it was {limit}"
    if expected.new:
        shown = {item.id for turn in earlier for item in turn.items}
        yield from (f"{item.id} was shown before" for item in items if item.id in shown)


def _one_item(expected: ItemsExpected, item: ItemCard) -> Iterator[str]:
    group = CATEGORIES[item.category].group
    for name, value, allowed in (
        ("category", item.category, expected.categories),
        ("group", group, expected.groups),
        ("color", item.color, expected.colors),
        ("material", item.material, expected.materials),
        ("pattern", item.pattern, expected.patterns),
    ):
        if allowed and value not in allowed:
            yield f"{name} is {value}, expected {' or '.join(allowed)}"
    for name, value, forbidden in (
        ("color", item.color, expected.not_colors),
        ("material", item.material, expected.not_materials),
        ("pattern", item.pattern, expected.not_patterns),
    ):
        if value in forbidden:
            yield f"{name} is {value}, which is forbidden"
    if expected.max_price is not None and item.price > expected.max_price:
        yield f"costs {item.price}, at most {expected.max_price} is wanted"
    if expected.min_price is not None and item.price < expected.min_price:
        yield f"costs {item.price}, at least {expected.min_price} is wanted"
    if not item.in_stock:
        yield "is not in stock"


def _history(expected: HistoryExpected, notes: Sequence[HistoryEvent]) -> Iterator[str]:
    if expected.notes is not None and len(notes) != expected.notes:
        yield f"{len(notes)} notes are kept, expected {expected.notes}"
    kinds = {note.kind for note in notes}
    yield from (f"no note of kind {kind!r} is kept" for kind in expected.kinds if kind not in kinds)
    if expected.about and not any(expected.about.items() <= note.attributes.items() for note in notes):
        yield f"no note about {expected.about} is kept"
