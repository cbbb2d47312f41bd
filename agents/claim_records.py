"""What a reply may state: the records of its items, and what is known of the person's own things and wishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.conversation import chat_reply
from agents.note_words import line, standing, summed_by_kind
from agents.phrasing import Phrases
from agents.reply_contracts import ReplyFacts
from agents.standing_words import against, standing_words
from fashion.dress_codes import DRESS_CODES
from fashion.lexicon import scan, tokenize
from fashion.occasions import OCCASIONS
from fashion.product import Product
from tools.contracts import ToolResult
from tools.recall_history import RecallHistoryResult
from tools.sight import Seen

ATTRIBUTES = ("color", "material", "pattern")
Attribute = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Records:
    """What is known.

    Attributes:
        products: The records of every item that may be spoken of by title.
        shown: Those of this turn.
        phrases: What is said of other things than items, word for word.
        at_hand: Attributes of the things at hand.
        own: Attributes that the person's own words, wishes and notes name.
        limits: Prices that the person named.
        sizes: Sizes that the person named.
    """

    products: tuple[Product, ...] = ()
    shown: tuple[Product, ...] = ()
    phrases: tuple[str, ...] = ()
    at_hand: frozenset[Attribute] = frozenset()
    own: frozenset[Attribute] = frozenset()
    limits: frozenset[float] = frozenset()
    sizes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, products: Sequence[Product], facts: ReplyFacts) -> Records:
        """Gather what a turn's facts allow to be said.

        Args:
            products: The records of the items in the facts, those of earlier turns too.
            facts: The facts of the turn.
        """
        now = {card.id for _, result in facts.results for card in result.items}
        told = (getattr(result, "beyond", None) for _, result in facts.results)
        now |= {card.id for card in told if card is not None}
        slots = facts.slots
        wished = " ".join(
            str(value) for name in slots.model_fields_set for value in _values(getattr(slots, name))
        )
        changed = " ".join(f"{change.old} {change.new}" for change in facts.changes)
        prices = [slots.max_price, slots.min_price, slots.target_price, slots.max_total]
        # What an outfit costs together is the sum of its records.
        prices += [
            getattr(result, "total", None) for name, result in facts.results if name != "search_catalog"
        ]
        prices += [_number(word) for change in facts.changes for word in (change.old, change.new)]
        return cls(
            products=tuple(products),
            shown=tuple(product for product in products if product.id in now),
            phrases=tuple(dict.fromkeys(phrase for phrase in _phrases(facts) if phrase.strip())),
            at_hand=frozenset(
                (name, value)
                for one in _seen(facts)
                for name, value in one.attributes().items()
                if name in ATTRIBUTES
            ),
            own=frozenset(_attributes(" . ".join([facts.text, wished, changed, *_noted(facts)]))),
            limits=frozenset(round(price, 2) for price in prices if price is not None),
            sizes=frozenset([*([slots.size] if slots.size else []), *(size for size, _ in facts.own_sizes)]),
        )


def _values(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, str):
        yield value


def _number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def _attributes(text: str) -> Iterator[Attribute]:
    for match in scan(tokenize(text)):
        if match.kind in ATTRIBUTES:
            yield match.kind, match.value


def _seen(facts: ReplyFacts) -> Iterator[Seen]:
    for _, result in facts.results:
        seen = getattr(result, "seen", None)
        yield from seen if isinstance(seen, list) else []


def _phrases(facts: ReplyFacts) -> Iterator[str]:
    """Phrases about other things than the items: the person's own, their likes and rules, and what is common knowledge."""
    for one in _seen(facts):
        yield from (one.words(), one.text)
    for _, result in facts.results:
        yield from _phrases_of(result)
        if isinstance(result, RecallHistoryResult):
            # What was noted long ago may name a size or price that holds no more.
            phrases = Phrases(facts.text or "picture")
            yield from summed_by_kind(standing(result.events), phrases)
            yield from (line(event, phrases) for event in result.events)
    for code in (facts.slots.dress_code, "modest" if facts.slots.modest else None):
        if code:
            yield from (DRESS_CODES[code].note, DRESS_CODES[code].say, code)
            yield from (never.clause for never in DRESS_CODES[code].never)
    if (occasion := OCCASIONS.get(facts.slots.occasion or "")) is not None:
        # "Black tie" names an occasion and no color.
        yield from (occasion.name, occasion.say)
    if "chat" in facts.routes:
        yield chat_reply(facts.text, Phrases(facts.text or "picture"))
    phrases = Phrases(facts.text or "picture")
    yield from standing_words(facts, phrases).splitlines()
    for item in facts.left_out:
        yield from against(item, phrases)
    if facts.question:
        yield facts.question


def _phrases_of(result: ToolResult) -> Iterator[str]:
    for name in ("preferences", "disliked", "respected", "held_rules", "doubts"):
        yield from getattr(result, name, None) or []
    yield from (" ".join(one.text.split())[:80] for one in getattr(result, "messages", None) or [])
    yield getattr(result, "prompt", "")
    if not result.items:
        yield result.text


def _noted(facts: ReplyFacts) -> Iterator[str]:
    for _, result in facts.results:
        for event in getattr(result, "events", None) or []:
            yield " ".join([event.text, *event.attributes.values()])
