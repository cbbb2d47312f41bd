"""The index of fashion words: which phrase means what, with one slip of the finger forgiven.

Built once from the tables. Phrases of several words win over shorter ones; each kind of meaning is matched on
its own, so "denim jacket" is both a category and a material.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from fashion.color import COLORS
from fashion.occasions import OCCASIONS
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, FITS, MATERIALS, SEASONS, Category

TOKEN = re.compile(r"[a-z]+|\d+(?:[.,]\d+)?|[€$£?!.,;:]")
_SHORTEST_FORGIVEN = 5
_FORGIVEN_KINDS = ("category", "group", "color", "material", "pattern")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a sentence.

    Attributes:
        kind: ``category``, ``group``, ``color``, ``material``, ``pattern``, ``style``, ``sleeve``,
            ``neckline``, ``length``, ``fit``, ``season``, ``occasion``, ``gender`` or ``warmth``.
        value: The house name.
        start: First token.
        end: One past the last token.
    """

    kind: str
    value: str
    start: int
    end: int


def tokenize(text: str) -> list[str]:
    """Lower-case words, numbers, currency signs and punctuation; hyphens and apostrophes separate words."""
    return TOKEN.findall(text.lower().replace("’", "'"))


def plural_of(words: str) -> str:
    """The regular English plural of a noun phrase (its last word)."""
    if words.endswith(("s", "x", "ch", "sh")):
        return words if words.endswith("s") and not words.endswith("ss") else words + "es"
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return words[:-1] + "ies"
    return words + "s"


Index = Mapping[str, Mapping[Phrase, tuple[str, ...]]]


@cache
def index() -> Index:
    """For each kind: phrase (as tokens) to its values."""
    table = load_table("mentions")
    entries: dict[str, dict[Phrase, tuple[str, ...]]] = {}

    def add(kind: str, words: str, *values: str) -> None:
        tokens = tuple(tokenize(words))
        known = entries.setdefault(kind, {})
        known[tokens] = tuple(dict.fromkeys((*known.get(tokens, ()), *values)))

    for category in CATEGORIES.values():
        for words in _category_words(category):
            add("category", words, category.name)
        for style in category.styles:
            add("style", style, style)
    taken = {tuple(tokenize(words)) for rows in table["groups"].values() for words in rows}
    for name, by_style in load_table("wording")["prompt_nouns"].items():
        for words in (words for rows in by_style.values() for words in rows):
            if tuple(tokenize(words)) not in taken | entries["category"].keys():
                add("category", words, name)
    for words, names in table["multi_categories"].items():
        entries["category"][tuple(tokenize(words))] = tuple(names)
    for color in COLORS.values():
        for words in (color.name, *color.aliases):
            add("color", words, color.name)
    for words, name in table["tints"].items():
        add("color", words, name)
    for kind, names in (("material", MATERIALS), ("fit", FITS), ("season", SEASONS)):
        for name in names:
            if (kind, name) != ("fit", "regular"):
                add(kind, name, name)
    for kind in ("group", "pattern", "material", "sleeve", "neckline", "length", "fit", "season", "gender"):
        for name, words_of in table[f"{kind}s"].items():
            for words in words_of:
                add(kind, words, name)
    for name, words_of in table["warmth"].items():
        for words in words_of:
            add("warmth", words, name)
    for occasion in OCCASIONS.values():
        for words in (occasion.name, *occasion.words):
            add("occasion", words, occasion.name)
    return entries


def _category_words(category: Category) -> Iterator[str]:
    names = {category.name} if "&" not in category.name else set()
    own = {"Tops", "Denim"}  # as words these mean the group and the material
    singles = {category.singular, *category.synonyms, *(pair[0] for pair in category.style_nouns.values())}
    for words in sorted(singles | (names - own)):
        yield words
        yield plural_of(words)
    yield category.plural
    yield from (pair[1] for pair in category.style_nouns.values())


@cache
def _starts() -> dict[str, tuple[tuple[str, Phrase], ...]]:
    """First token to the phrases that start with it, longest first."""
    found: dict[str, list[tuple[str, Phrase]]] = {}
    for kind, phrases in index().items():
        for tokens in phrases:
            found.setdefault(tokens[0], []).append((kind, tokens))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[1]))) for word, rows in found.items()}


def scan(tokens: list[str]) -> list[Match]:
    """All phrases in a token list; within one kind the longest wins and matches do not overlap."""
    index_, starts = index(), _starts()
    matches: list[Match] = []
    free: dict[str, int] = {}
    for at, token in enumerate(tokens):
        for kind, words in starts.get(token, ()):
            if free.get(kind, 0) > at or tuple(tokens[at : at + len(words)]) != words:
                continue
            free[kind] = at + len(words)
            matches += (Match(kind, value, at, at + len(words)) for value in index_[kind][words])
    return matches


def forgive(tokens: list[str]) -> list[str]:
    """Correct known misspellings, and words of five letters or more that are one slip away from a fashion word.

    The first letter must be right; an ordinary English word is never changed, nor one that the index knows.
    """
    return [_corrected(token) for token in tokens]


@lru_cache(maxsize=8192)
def _corrected(token: str) -> str:
    misspelled: dict[str, str] = load_table("misspellings")
    if token in misspelled:
        return misspelled[token]
    if len(token) < _SHORTEST_FORGIVEN:
        return token
    known, near = _known_words()
    if not token.isalpha() or token in known or token.removesuffix("s") in known:
        return token
    for variant in (token, *_without_one(token)):
        for word in near.get(variant, ()):
            if word[0] == token[0] and _one_slip(token, word):
                return word
    return token


@cache
def _known_words() -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """Words to leave alone, and each forgiven word under itself and its one-letter-short forms."""
    table, entries = load_table("mentions"), index()
    words = {token for phrases in entries.values() for phrase in phrases for token in phrase}
    ordinary = {*load_table("ordinary_words"), *table["not_an_item_after_ordinal"]}
    targets = {token for kind in _FORGIVEN_KINDS for phrase in entries[kind] for token in phrase}
    near: dict[str, list[str]] = {}
    for word in sorted(word for word in targets if len(word) >= _SHORTEST_FORGIVEN):
        for variant in (word, *_without_one(word)):
            near.setdefault(variant, []).append(word)
    return frozenset(words | ordinary), {key: tuple(values) for key, values in near.items()}


def _without_one(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_slip(first: str, second: str) -> bool:
    """One letter changed, added, dropped, or two neighbors swapped."""
    if len(first) > len(second):
        first, second = second, first
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at + 1 : at + 2] + first[at : at + 1] + first[at + 2 :]
    return first[at + 1 :] == second[at + 1 :] or swapped == second[at:]
