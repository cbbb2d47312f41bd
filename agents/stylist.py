"""The stylist: turns the facts of a turn into a short, natural reply, streamed word by word.

It states nothing that is not in the facts. Prices and stock are copied from item cards; the cards are shown beside the
reply, so the words name the first choice and what is new, not the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.change_words import against_code, change_words, code_note
from agents.conversation import chat_reply, declined_topic
from agents.item_words import children_words
from agents.note_words import limit_words
from agents.phrasing import Phrases, listed, sentence
from agents.reply_contracts import ReplyFacts
from agents.result_words import words_of
from agents.shop_words import buying_words, size_words, why_words
from agents.standing_words import left_out_words, standing_words

_PIECE = re.compile(r"\S+\s*|\s+")


class Stylist:
    """Composes replies from templates; deterministic: the same facts give the same words."""

    def compose(self, facts: ReplyFacts) -> Iterator[str]:
        """Yield the reply in pieces to be concatenated as they are; blocking, but quick."""
        yield from _PIECE.findall(_reply(facts))


def _reply(facts: ReplyFacts) -> str:
    phrases = Phrases(facts.text or "picture")
    if facts.declined:
        return phrases.say("history", "declined")
    about = [change_words(facts, phrases), code_note(facts)]
    paragraphs = [_lead(facts, phrases), " ".join(part for part in about if part)]
    sizes = size_words(facts, phrases)
    buying = buying_words(facts, phrases)
    paragraphs += [
        buying,
        why_words(facts, phrases),
        standing_words(facts, phrases),
        against_code(facts, phrases),
        sizes or _again(facts, phrases),
        left_out_words(facts, phrases),
    ]
    paragraphs += [
        words_of(tool, result, facts, phrases) for tool, result in facts.results if tool != "get_product"
    ]
    paragraphs += [limit_words(facts, phrases), children_words(facts, phrases)]
    paragraphs += [
        phrases.say("failures", failure=sentence(failure)) for failure in dict.fromkeys(facts.failures)
    ]
    paragraphs += (
        [declined_topic(facts.text, phrases)] if "out_of_scope" in facts.routes and not buying else []
    )
    paragraphs += [facts.question] if facts.question else []
    kept = list(dict.fromkeys(part.strip() for part in paragraphs if part.strip()))
    return "\n\n".join(kept) or phrases.say("chat", "unknown")


def _again(facts: ReplyFacts, phrases: Phrases) -> str:
    """Names the items that were shown before and are shown again."""
    titles = [
        f"the {item.title}"
        for tool, result in facts.results
        if tool == "get_product"
        for item in result.items
    ]
    return phrases.say("again", things=listed(titles)) if titles else ""


def _lead(facts: ReplyFacts, phrases: Phrases) -> str:
    """What is said before the tools' findings: the answer to what was asked in chat."""
    taken_back = facts.said is not None and facts.said.lifted
    return chat_reply(facts.text, phrases) if "chat" in facts.routes and not taken_back else ""
