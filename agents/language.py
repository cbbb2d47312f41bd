"""Notices that a message is not in English, by its script or by the small words that hold sentences together.

Careful rather than complete: English with typos, foreign names of garments ("espadrilles", "lehenga") and single words
stay English. Nothing is translated here.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import cache

from agents.spelling import english_words
from agents.tables import load_table

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FEWEST = 2
_MOST_READ = 400


def foreign_language(text: str) -> str | None:
    """The language of a message that is not in English, as it is called in a sentence; None for English or unsure.

    Args:
        text: Anything a person may type; its first 400 characters are read.
    """
    text = text[:_MOST_READ]
    letters = [character for character in text if character.isalpha()]
    by_script = _script(letters)
    if by_script is not None:
        return by_script
    words = _WORD.findall(text.lower().replace("’", "'"))
    scores = {name: sum(word in small for word in words) for name, small in _small_words().items()}
    # A tie goes to the language of the words that fewer languages share.
    best = max(scores, key=lambda name: (scores[name], _rarity(words, name)))
    english = sum(
        word in english_words() or len(word) < 3 for word in words if word not in _every_small_word()
    )
    plain = sum(word in _every_small_word() for word in words) / max(len(words), 1)
    if scores[best] < _FEWEST or scores[best] <= english or plain < 0.4:
        return None
    return best


def language_note(text: str) -> str | None:
    """What is said to a message that is not in English; None for one that is. The same text, the same words."""
    language = foreign_language(text)
    if language is None:
        return None
    sentences: list[str] = load_table("languages")["say"]
    return sentences[zlib.crc32(text.encode("utf-8", "replace")) % len(sentences)].format(language=language)


def _script(letters: list[str]) -> str | None:
    scripts: dict[str, str] = load_table("languages")["scripts"]
    counts: dict[str, int] = {}
    for letter in letters:
        name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
        if name in scripts:
            counts[name] = counts.get(name, 0) + 1
    if 2 * sum(counts.values()) <= len(letters) or sum(counts.values()) < _FEWEST:
        return None
    # A Japanese sentence holds Chinese signs; kana tell it apart.
    kana = [name for name in ("HIRAGANA", "KATAKANA") if name in counts]
    return scripts[kana[0] if kana else max(counts, key=counts.__getitem__)]


def _rarity(words: list[str], name: str) -> float:
    own = _small_words()[name]
    return sum(
        1 / sum(word in small for small in _small_words().values()) for word in set(words) if word in own
    )


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in load_table("languages")["words"].items()}


@cache
def _every_small_word() -> frozenset[str]:
    return frozenset(word for words in _small_words().values() for word in words)
