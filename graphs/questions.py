"""Messages that only ask, and so tell nothing of the person that could be noted."""

from __future__ import annotations

import re

from graphs.references import pattern

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def only_asks(text: str) -> bool:
    """Whether every sentence of a text is a question, and none tells or asks to keep something."""
    sentences = [one for one in _SENTENCE.findall(text) if any(sign.isalnum() for sign in one)]
    if not sentences or _found("told_within", text):
        return False
    return all(_found("question_marked", one) or _found("question_plain", one) for one in sentences)


def asks_own_taste(text: str) -> bool:
    """Whether a question is about what the person likes or avoids ("what do I like?")."""
    return _found("own_taste", text)


def _found(name: str, text: str) -> bool:
    return re.search(pattern(name), text.replace("’", "'"), re.IGNORECASE) is not None
