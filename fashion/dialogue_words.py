"""How people put their requests: patterns by split, choices inside them, slips of the finger, and manners."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from fashion.sampling import Split
from fashion.tables import load_table

_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_SHORTEST_MISTYPED = 5


def patterns(rows: Mapping[str, Sequence[str]], split: Split) -> Sequence[str]:
    """The patterns of a list that a split may use: those held aside only when testing, the others otherwise."""
    return rows["aside"] if split == "heldout" else rows["train"]


@cache
def slots_of(pattern: str) -> frozenset[str]:
    """The names of a pattern's slots."""
    return frozenset(_SLOT.findall(pattern))


def pattern_counts() -> tuple[int, int]:
    """How many different sentence patterns there are in all, and how many of them are held aside."""
    trained: set[tuple[str, str]] = set()
    aside: set[tuple[str, str]] = set()
    for name in ("basic", "personalized", "alternative", "followups", "answers"):
        _count(name, load_table(f"dialogues_{name}"), trained, aside)
    return len(trained | aside), len(aside)


def _count(name: str, node: Any, trained: set[tuple[str, str]], aside: set[tuple[str, str]]) -> None:
    for key, value in node.items():
        if key == "directions":
            continue
        if isinstance(value, dict):
            _count(f"{name}/{key}", value, trained, aside)
        else:
            rows = aside if key.endswith("aside") else trained
            rows |= {(name, text) for text in value}


def fill(rng: random.Random, pattern: str, slots: Mapping[str, str], left_out: float = 0.0) -> str:
    """Choose among the choices of a pattern, mistype it now and then, and fill its slots, which are never mistyped.

    Args:
        rng: The source of chance.
        pattern: One sentence.
        slots: Words by name.
        left_out: Chance of each word to be left out, 0..1; never slots, and never all of the words.
    """
    words = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), pattern)
    if left_out:
        words = _shortened(rng, words, left_out)
    if rng.random() < load_table("dialogues_typing")["shares"]["typo"]:
        words = _mistyped(rng, words)
    return words.format_map(slots)


def typed(rng: random.Random, request: str, *, manners: bool = True) -> str:
    """A request as a person types it: with or without a greeting, capitals and marks."""
    table = load_table("dialogues_typing")
    shares = table["shares"]
    if manners:
        if rng.random() < shares["greeting"]:
            request = rng.choice(table["greetings"]) + request
        elif rng.random() < shares["opener"]:
            request = rng.choice(table["openers"]) + request
        if rng.random() < shares["please"] and "please" not in request.lower():
            body, mark = (request[:-1], request[-1]) if request[-1] in "?." else (request, "")
            request = body + rng.choice(table["pleases"]) + mark
        if rng.random() < shares["thanks"] and "hank" not in request:
            request = (request if request[-1] in "?.!" else request + ".") + rng.choice(table["thanks"])
    if rng.random() < shares["no_mark"]:
        request = request.rstrip("?.")
    if rng.random() < shares["all_small"]:
        return request.lower()
    return capital(request) if rng.random() < shares["capital"] else request


def capital(words: str) -> str:
    """The same with a capital letter in front."""
    return words[:1].upper() + words[1:]


def _shortened(rng: random.Random, pattern: str, left_out: float) -> str:
    """Some plain words less, as of a person who types no more than it takes."""
    kept = [word for word in pattern.split(" ") if "{" in word or rng.random() >= left_out]
    return " ".join(kept) or pattern


def _mistyped(rng: random.Random, pattern: str) -> str:
    """One slip in one plain word of five letters or more: two letters swapped, one lost, or one doubled."""
    words = pattern.split(" ")
    places = [place for place, word in enumerate(words) if word.isalpha() and len(word) >= _SHORTEST_MISTYPED]
    if not places:
        return pattern
    place = rng.choice(places)
    word = words[place]
    at = rng.randrange(1, len(word) - 1)
    words[place] = rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )
    return " ".join(words)
