"""Small talk, help, fashion knowledge, and the plain no to what is not a fashion assistant's work."""

from __future__ import annotations

from agents.cues import holds, small_talk_of
from agents.knowledge import answer
from agents.language import language_note
from agents.phrasing import Phrases
from agents.tables import load_table
from fashion.lexicon import tokenize

_MOST_BESIDE = 6
"""With more words than these beside it, a greeting is not the whole message."""


def chat_reply(text: str, phrases: Phrases) -> str:
    """Answer a chat message: knowledge first, small talk where there is nothing to know, else an honest no."""
    known = answer(text)
    if known:
        return known
    talk, beside = small_talk_of(tokenize(text))
    if talk is not None and beside <= _MOST_BESIDE:
        return phrases.say("chat", talk)
    return phrases.say("chat", "unknown")


def declined_topic(text: str, phrases: Phrases) -> str:
    """Say plainly that this cannot be done, and what can; of another language, which one is spoken here."""
    note = language_note(text)
    if note is not None:
        return note
    tokens = tokenize(text)
    table: dict[str, list[str]] = load_table("replies")["topics"]
    named = (
        topic for topic, words in table.items() if any(holds(tokens, tuple(tokenize(word))) for word in words)
    )
    return phrases.say("out_of_scope", topic=next(named, load_table("replies")["topic_default"]))
