"""Words for each tool's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.alternative_words import alternatives
from agents.item_questions import asks_what_stands, forgets_a_liking
from agents.item_words import personalized, recommended, searched
from agents.phrasing import Phrases, listed, number, price_of, sentence
from agents.reply_contracts import ReplyFacts
from fashion.vocabulary import CATEGORIES
from stores.history import HistoryEvent
from tools.contracts import ItemCard, ToolResult
from tools.describe_item import DescribeItemResult
from tools.forget_history import ForgetHistoryResult
from tools.generate_image import GenerateImageResult
from tools.recall_history import RecallHistoryResult
from tools.record_feedback import RecordFeedbackResult
from tools.rule_words import length_word, rule_words

MOST_LINES = 10
"""Notes listed in a reply; more of them go to a file."""
_NO_ARTICLE = ("a", "an", "the", "some", "my", "two", "one", "something", "anything")
_REFUSING = ("avoid", "dislike", "rule")
MOST_THINGS = 5
"""Things named of one kind."""


def words_of(tool: str, result: ToolResult, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say about one result; the result's own sentence where nothing better is known."""
    speak = _SPEAKERS.get(tool)
    return speak(result, facts, phrases) if speak else result.text


def _generate_image(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: GenerateImageResult = result
    if found.items:
        return phrases.say("generate_image", "board", count=number(len(found.items)))
    if found.nothing_to_draw:
        return phrases.say("generate_image", "cannot")
    parts = [phrases.say("generate_image", "done", prompt=_with_article(found.prompt))]
    if found.left_out:
        parts.append(phrases.say("generate_image", "scenery", left_out=found.left_out))
    if found.others:
        parts.append(phrases.say("generate_image", "others", others=found.others))
    if found.doubts:
        parts.append(phrases.say("generate_image", "doubt", doubts="; ".join(found.doubts)))
    return " ".join(parts)


def _with_article(prompt: str) -> str:
    prompt = prompt.strip().rstrip(".")
    starts = prompt.lower().split(" ", 1)[0]
    if (
        not prompt
        or starts in ("a", "an", "the", "some", "my", "two", "one", "something", "anything")
        or prompt.lower().endswith("s")
    ):
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
    kind = found.events[0].kind
    if kind == "allow" and forgets_a_liking(facts.text):
        kind = "unlike"
    return phrases.say("feedback", kind, subject=listed(subjects[:4]))


def _subject(event: HistoryEvent, items: Sequence[ItemCard]) -> str:
    """What a note is about, in words; empty where it has only the person's own."""
    card = next((item for item in items if item.id == event.item_id), None)
    if card:
        return f"the {card.title}"
    traits = event.attributes
    if "size" in traits or "max_price" in traits:
        facts: dict[str, str] = {
            name: traits[name] for name in ("size", "group", "max_price") if name in traits
        }
        return f"nothing above {traits['max_price']}" if "max_price" in traits else rule_words(facts)
    noun = CATEGORIES[traits["category"]].plural if traits.get("category") in CATEGORIES else ""
    return " ".join(
        part
        for part in (
            length_word(traits.get("length", "")),
            traits.get("sleeve") if traits.get("sleeve") != "short" else "short-sleeved",
            traits.get("color"),
            traits.get("pattern"),
            traits.get("material"),
            traits.get("style"),
            noun
            or (
                "pieces"
                if set(traits) & {"pattern", "style", "length"} and not traits.get("material")
                else ""
            ),
        )
        if part
    )


def _recall(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: RecallHistoryResult = result
    events = found.events
    if asks_what_stands(facts.text):
        summary = _summed(_standing(events), phrases)
        return phrases.say("standing", "notes", summary=summary) if summary else ""
    beside = phrases.say("history", "beside", beside=found.beside) if found.beside else ""
    if facts.slots.history_action == "export":
        return "\n".join(part for part in (_exported(found, phrases), beside) if part)
    return f"{_known(events, phrases)} {beside}".strip()


def _known(events: Sequence[HistoryEvent], phrases: Phrases) -> str:
    """What the notes come to."""
    if not events:
        return phrases.say("history", "empty")
    count = "one note" if len(events) == 1 else f"{number(len(events))} notes"
    standing = _standing(events)
    if not standing:
        return phrases.say("history", "taken_back", count=count)
    return phrases.say("history", "show", count=count, summary=_summed(standing, phrases))


def _exported(found: RecallHistoryResult, phrases: Phrases) -> str:
    """Every note a line, and the person's own messages, the latest of each where there are many."""
    events, said = found.events, [one.text for one in found.messages if one.text]
    if not events and not said:
        return phrases.say("history", "empty")
    count = "one note" if len(events) == 1 else f"{number(len(events))} notes"
    lines = [phrases.say("history", "export", count=count)] if events else []
    lines += [_line(event, phrases) for event in events[-MOST_LINES:]]
    if said:
        lines.append(phrases.say("history", "said"))
    lines += [
        phrases.say("history", "said_line", words=" ".join(text.split())[:80]) for text in said[-MOST_LINES:]
    ]
    more = max(0, len(events) - MOST_LINES) + max(0, len(said) - MOST_LINES)
    return "\n".join([*lines, *([phrases.say("history", "more", more=str(more))] if more else [])])


def _standing(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """The notes that still hold: the newer of two that say the opposite, and nothing that was taken back."""
    held: list[HistoryEvent] = []
    for event in sorted(events, key=lambda one: one.at):
        facts = set(event.attributes.items())
        if event.kind == "allow" and facts:
            ruled = [one for one in held if one.kind in _REFUSING and facts <= set(one.attributes.items())]
            gone = ruled or [
                one for one in held if one.kind == "like" and facts == set(one.attributes.items())
            ]
            held = [one for one in held if one not in gone]
            continue
        opposite = {"like": ("dislike", "avoid"), "dislike": ("like",), "avoid": ("like",)}.get(
            event.kind, ()
        )
        same = (event.item_id, event.attributes)
        held = [
            one
            for one in held
            if one.kind not in opposite
            or (one.item_id, one.attributes) != same
            or not (facts or event.item_id)
        ]
        held.append(event)
    return held


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
    done = phrases.say("history", "forgotten")
    stays = (
        phrases.say("history", "drawn_stays", count=str(found.pictures_left)) if found.pictures_left else ""
    )
    return f"{done} {stays}".strip()


_SPEAKERS: Mapping[str, Callable[[Any, ReplyFacts, Phrases], str]] = {
    "recommend": recommended,
    "personalize": personalized,
    "suggest_alternatives": alternatives,
    "search_catalog": searched,
    "generate_image": _generate_image,
    "try_on": _try_on,
    "describe_item": _describe,
    "record_feedback": _feedback,
    "recall_history": _recall,
    "forget_history": _forget,
}
