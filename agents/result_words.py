"""Words for each tool's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agents.alternative_words import alternatives
from agents.item_questions import asks_what_stands, forgets_a_liking
from agents.item_words import personalized, recommended, searched
from agents.note_words import few, known_words, line, notes_counted, standing, summed, things_in
from agents.phrasing import Phrases, number, price_of, sentence
from agents.reply_contracts import ReplyFacts
from tools.contracts import ToolResult
from tools.describe_item import DescribeItemResult
from tools.forget_history import ForgetHistoryResult
from tools.generate_image import GenerateImageResult
from tools.recall_history import RecallHistoryResult
from tools.record_feedback import RecordFeedbackResult

MOST_LINES = 10
"""Notes listed in a reply; more of them go to a file."""


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
    subjects = things_in(found.events, found.items)
    if not all(subjects):
        return phrases.say("feedback", "own_words")
    kind = found.events[0].kind
    if kind == "allow" and forgets_a_liking(facts.text):
        kind = "unlike"
    return phrases.say("feedback", kind, subject=few(subjects))


def _recall(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    found: RecallHistoryResult = result
    events = found.events
    if asks_what_stands(facts.text):
        summary = summed(standing(events), phrases)
        return phrases.say("standing", "notes", summary=summary) if summary else ""
    beside = phrases.say("history", "beside", beside=found.beside) if found.beside else ""
    if facts.slots.history_action == "export":
        return "\n".join(part for part in (_exported(found, phrases), beside) if part)
    return f"{known_words(found, phrases)} {beside}".strip()


def _exported(found: RecallHistoryResult, phrases: Phrases) -> str:
    """Every note a line, and the person's own messages, the latest of each where there are many."""
    events, said = found.events, [one.text for one in found.messages if one.text]
    if not events and not said:
        return phrases.say("history", "empty")
    lines = [phrases.say("history", "export", count=notes_counted(len(events)))] if events else []
    lines += [line(event, phrases) for event in events[-MOST_LINES:]]
    if said:
        lines.append(phrases.say("history", "said"))
    lines += [
        phrases.say("history", "said_line", words=" ".join(text.split())[:80]) for text in said[-MOST_LINES:]
    ]
    more = max(0, len(events) - MOST_LINES) + max(0, len(said) - MOST_LINES)
    return "\n".join([*lines, *([phrases.say("history", "more", more=str(more))] if more else [])])


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
