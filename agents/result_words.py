"""Words for each tool's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.phrasing import Phrases, capital, listed, number, price_of, sentence
from agents.reply_contracts import ReplyFacts
from fashion.vocabulary import CATEGORIES
from stores.history import HistoryEvent
from tools.contracts import ItemCard, ToolResult
from tools.describe_item import DescribeItemResult
from tools.forget_history import ForgetHistoryResult
from tools.generate_image import GenerateImageResult
from tools.personalize import PersonalizeResult
from tools.recall_history import RecallHistoryResult
from tools.recommend import RecommendResult
from tools.record_feedback import RecordFeedbackResult
from tools.search_catalog import SearchCatalogResult
from tools.sight import at_hand_words
from tools.suggest_alternatives import SuggestAlternativesResult

MOST_LINES = 10
"""Notes listed in a reply; more of them go to a file."""
MOST_THINGS = 5
"""Things named of one kind."""


def words_of(tool: str, result: ToolResult, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say about one result; the result's own sentence where nothing better is known."""
    speak = _SPEAKERS.get(tool)
    return speak(result, facts, phrases) if speak else result.text


def _recommend(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: RecommendResult = result
    parts = (
        [phrases.say("recommend", "away", away=capital(found.model_away.rstrip(". ")))]
        if found.model_away
        else []
    )
    if not found.items:
        return " ".join([*parts, phrases.say("recommend", "nothing")])
    if not found.exact:
        parts.append(phrases.say("recommend", "inexact"))
    things = at_hand_words(found.seen, definite=True)
    first = found.items[0]
    opening = "with_thing" if things else "plain"
    lead = phrases.say("recommend", opening, things=things, title=first.title)
    reason = first.reason.strip().rstrip(".")
    parts.append(lead + (phrases.say("recommend", "reason", reason=reason) if reason else "."))
    parts.append(_rest(len(found.items) - 1, phrases))
    return " ".join(part for part in parts if part)


def _rest(more: int, phrases: Phrases) -> str:
    if more < 1:
        return ""
    verb = "is" if more == 1 else "are"
    return phrases.say("recommend", "rest", more=number(more), are=verb, **{"is": verb})


def _personalize(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: PersonalizeResult = result
    parts = []
    if found.preferences:
        parts.append(phrases.say("personalize", "because", likes=listed(found.preferences[:3])))
    elif not found.history_known:
        parts.append(phrases.say("personalize", "unknown"))
    if found.respected:
        parts.append(phrases.say("personalize", "respected", rules=listed(found.respected[:3])))
    return " ".join([*parts, _recommend(result, facts, phrases)])


def _alternatives(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: SuggestAlternativesResult = result
    if not found.items:
        return phrases.say("alternatives", "nothing", text=sentence(found.text))
    parts = []
    changes = _changes(facts)
    if found.bound:
        parts.append(
            phrases.say("alternatives", "bound_one" if len(found.items) == 1 else "bound", bound=found.bound)
        )
    elif changes and found.exact:
        parts.append(phrases.say("alternatives", "changed", changes=changes))
    else:
        parts.append(phrases.say("alternatives", "plain"))
    if not found.exact:
        parts.append(phrases.say("alternatives", "inexact"))
    first = found.items[0]
    price = f", at {price_of(first)}," if facts.slots.direction in ("cheaper", "dearer") else ""
    words = phrases.say("alternatives", "first", title=first.title, price=price)
    parts.append(words.replace(",.", "."))
    return " ".join(parts)


def _changes(facts: ReplyFacts) -> str:
    """What the person asked to be changed, from the slots."""
    slots = facts.slots
    wanted = [*(f"in {listed(slots.colors, 'or')}" for _ in slots.colors[:1])]
    wanted += [f"in {listed(slots.materials, 'or')}"] if slots.materials else []
    wanted += [listed(slots.patterns, "or")] if slots.patterns else []
    wanted += (
        [f"without {listed([*slots.not_colors, *slots.not_materials, *slots.not_patterns], 'or')}"]
        if (slots.not_colors or slots.not_materials or slots.not_patterns)
        else []
    )
    wanted += [f"for {slots.gender}"] if slots.gender else []
    return listed(wanted)


def _search(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: SearchCatalogResult = result
    if not found.items:
        return phrases.say("search", "nothing")
    if not found.exact:
        return phrases.say("search", "inexact")
    count = len(found.items)
    things = f"{number(count)} {_kind(found.items)}"
    words = phrases.say(
        "search", "found", count=things, wishes=_wishes(facts), are="is" if count == 1 else "are"
    )
    return f"{words} {_prices(found.items, phrases)}"


def _kind(items: Sequence[ItemCard]) -> str:
    """What the items are called: their category's noun, or items."""
    kinds = {item.category for item in items}
    one = len(items) == 1
    if len(kinds) == 1 and (category := CATEGORIES.get(next(iter(kinds)))):
        pair = category.pair and one
        return f"pair of {category.plural}" if pair else category.singular if one else category.plural
    return "item" if one else "items"


def _wishes(facts: ReplyFacts) -> str:
    """The stated limits, so that a person sees what was understood."""
    slots, parts = facts.slots, []
    if slots.colors:
        parts.append(f"in {listed(slots.colors, 'or')}")
    if slots.size:
        parts.append(f"in size {slots.size}")
    if slots.not_colors or slots.not_materials or slots.not_patterns:
        parts.append(
            f"without {listed([*slots.not_colors, *slots.not_materials, *slots.not_patterns], 'or')}"
        )
    return f" {' '.join(parts)}" if parts else ""


def _prices(items: Sequence[ItemCard], phrases: Phrases) -> str:
    if len({item.currency for item in items}) > 1:
        return ""
    low, high = (pick(items, key=lambda item: item.price) for pick in (min, max))
    if low.price == high.price:
        they, cost = ("It", "costs") if len(items) == 1 else ("They", "cost")
        return phrases.say("search", "one_price", low=price_of(low), they=they, cost=cost)
    return phrases.say("search", "range", low=price_of(low), high=price_of(high))


def _generate_image(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: GenerateImageResult = result
    words = phrases.say("generate_image", "done", prompt=_with_article(found.prompt))
    return (
        f"{words} {phrases.say('generate_image', 'doubt', doubts='; '.join(found.doubts))}"
        if found.doubts
        else words
    )


def _with_article(prompt: str) -> str:
    prompt = prompt.strip().rstrip(".")
    starts = prompt.lower().split(" ", 1)[0]
    if not prompt or starts in ("a", "an", "the", "some", "my", "two", "one") or prompt.lower().endswith("s"):
        return prompt or "it"
    return f"{'an' if prompt[0].lower() in 'aeiou' else 'a'} {prompt}"


def _try_on(result: ToolResult, facts: ReplyFacts, phrases: Phrases) -> str:
    return result.text or phrases.say("try_on", "done")


def _describe(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: DescribeItemResult = result
    if found.items:
        item = found.items[0]
        stock = " and is in stock" if item.in_stock else ", but it is out of stock"
        about = phrases.say("describe", "item", title=item.title, text=sentence(found.text))
        return f"{about} {phrases.say('describe', 'price', price=price_of(item), stock=stock)}"
    alone = facts.routes == ["describe"]
    offer = phrases.say("describe", "next") if alone and any(one.category for one in found.seen) else ""
    return f"{phrases.say('describe', 'lead')}{sentence(found.text)} {offer}".strip()


def _feedback(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: RecordFeedbackResult = result
    if not found.events:
        return found.text
    subjects = list(dict.fromkeys(_subject(event, found.items) for event in found.events))
    if not all(subjects):
        return phrases.say("feedback", "own_words")
    return phrases.say("feedback", found.events[0].kind, subject=listed(subjects[:4]))


def _subject(event: HistoryEvent, items: Sequence[ItemCard]) -> str:
    """What a note is about, in words; empty where it has only the person's own."""
    card = next((item for item in items if item.id == event.item_id), None)
    if card:
        return f"the {card.title}"
    traits = event.attributes
    noun = CATEGORIES[traits["category"]].plural if traits.get("category") in CATEGORIES else ""
    return " ".join(
        part for part in (traits.get("color"), traits.get("pattern"), traits.get("material"), noun) if part
    )


def _recall(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: RecallHistoryResult = result
    events = found.events
    if not events:
        return phrases.say("history", "empty")
    count = "one note" if len(events) == 1 else f"{number(len(events))} notes"
    if facts.slots.history_action != "export":
        return phrases.say("history", "show", count=count, summary=_summed(events, phrases))
    lines = [_line(event, phrases) for event in events[-MOST_LINES:]]
    if len(events) > MOST_LINES:
        lines.append(phrases.say("history", "more", more=str(len(events) - MOST_LINES)))
    return "\n".join([phrases.say("history", "export", count=count), *lines])


def _summed(events: Sequence[HistoryEvent], phrases: Phrases) -> str:
    """The notes by kind: "you like navy loafers and linen; you avoid suede"."""
    by_kind: dict[str, dict[str, None]] = {}
    for event in events:
        by_kind.setdefault(event.kind, {})[_about(event)] = None
    return "; ".join(
        f"{phrases.say('history', 'kinds', kind)} {_few(list(things))}" for kind, things in by_kind.items()
    )


def _few(things: Sequence[str]) -> str:
    more = len(things) - MOST_THINGS
    return listed([*things[:MOST_THINGS], f"{number(more)} more"]) if more > 0 else listed(things)


def _about(event: HistoryEvent) -> str:
    """What a note is about, or the person's own words in quotes."""
    title = event.attributes.get("title")
    return f"the {title}" if title else _subject(event, ()) or f"“{event.text[:80]}”"


def _line(event: HistoryEvent, phrases: Phrases) -> str:
    return phrases.say("history", "line", date=str(event.at)[:10], kind=event.kind, words=_about(event))


def _forget(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: ForgetHistoryResult = result
    if found.needs_confirmation:
        return "" if facts.question else found.text
    return phrases.say("history", "forgotten")


_SPEAKERS: Mapping[str, Callable[[Any, ReplyFacts, Phrases], str]] = {
    "recommend": _recommend,
    "personalize": _personalize,
    "suggest_alternatives": _alternatives,
    "search_catalog": _search,
    "generate_image": _generate_image,
    "try_on": _try_on,
    "describe_item": _describe,
    "record_feedback": _feedback,
    "recall_history": _recall,
    "forget_history": _forget,
}
