"""Small talk, help, fashion knowledge, and the plain no to what is not a fashion assistant's work."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from agents.cues import holds
from agents.knowledge import answer
from agents.phrasing import Phrases
from agents.tables import load_table
from fashion.lexicon import tokenize

_SHORT = 7
"""Up to so many words a greeting is taken for the whole message."""


def chat_reply(text: str, phrases: Phrases) -> str:
    """Answer a chat message: knowledge first, small talk where there is nothing to know, else an honest no."""
    known = answer(text)
    if known:
        return known
    tokens = tokenize(text)
    found = max(_small_talk(), key=lambda row: len(row[1]) if holds(tokens, row[1]) else 0)
    if holds(tokens, found[1]) and (len(tokens) <= _SHORT or len(found[1]) > 1):
        return phrases.say("chat", found[0])
    return phrases.say("chat", "unknown")


def declined_topic(text: str, phrases: Phrases) -> str:
    """Say plainly that this cannot be done, and what can."""
    tokens = tokenize(text)
    table: dict[str, list[str]] = load_table("replies")["topics"]
    named = (topic for topic, words in table.items() if any(holds(tokens, tuple(tokenize(word))) for word in words))
    return phrases.say("out_of_scope", topic=next(named, load_table("replies")["topic_default"]))


@cache
def _small_talk() -> tuple[tuple[str, tuple[str, ...]], ...]:
    def rows() -> Iterator[tuple[str, tuple[str, ...]]]:
        for kind, phrases in load_table("replies")["small_talk"].items():
            for words in phrases:
                yield kind, tuple(tokenize(words))

    return tuple(rows())
