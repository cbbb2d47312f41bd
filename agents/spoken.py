"""Whole sentences in concrete scenes: those the router is trained on, and those held aside for the routing gate.

The files of `ASIDE` are the gate's alone, each written before the router was trained on anything newer. A training sentence
that says nearly the same as one held aside is left out, so that the gate tells about sentences the router has not seen in
other clothes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from agents.contracts import LastItem, Route, RouteContext, RouteRequest
from agents.spelling import mend
from agents.tables import load_table

ASIDE = ("aside", "aside_2", "aside_3", "aside_4")
TRAINED = tuple(f"spoken_{number}" for number in range(1, 12))
SLOTS = ("colors", "not_colors", "min_price", "max_price")
"""The slots that every sentence held aside states."""
_ALIKE = 0.75
_CONTENTLESS = frozenset(load_table("utterances/aside")["contentless"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence in its scene.

    Attributes:
        request: The message and its conversation.
        routes: What it asks for, in the order of its words.
        slots: The values of `SLOTS` that it must give, by name; empty ones left out.
        source: The file it stands in, without its ending.
    """

    request: RouteRequest
    routes: tuple[Route, ...]
    slots: dict[str, Any]
    source: str


def load_aside() -> list[Spoken]:
    """The sentences held aside."""
    return [spoken for name in ASIDE for spoken in _load(name)]


def load_trained() -> list[Spoken]:
    """The sentences to train on that are not nearly the same as one held aside."""
    held = [words_of(spoken.request.text) for spoken in load_aside()]
    trained = [spoken for name in TRAINED for spoken in _load(name)]
    return [spoken for spoken in trained if not alike(words_of(spoken.request.text), held)]


def words_of(text: str) -> frozenset[str]:
    """The words that carry a sentence's meaning; places to fill (``{color}``) count as words."""
    return frozenset(re.findall(r"\{?[a-z0-9]+\}?", mend(text).lower())) - _CONTENTLESS


def alike(words: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    """Whether words are nearly the same as any others: three in four of both together are shared.

    A sentence of one word ("cheaper?", "hi") is never alike: there is one way to say it.
    """
    return len(words) > 1 and any(len(words & other) >= _ALIKE * len(words | other) for other in others)


def context_of(scene: str) -> tuple[int, RouteContext]:
    """How many pictures come with a message in a scene, and its conversation."""
    row: dict[str, Any] = load_table("utterances/aside")["scenes"][scene]
    items = [
        LastItem(id=f"item-{at}", title=title, category=category, color=color, price=price)
        for at, (title, category, color, price) in enumerate(row.get("items", ()))
    ]
    images = row.get("images", 0)
    context = RouteContext(
        last_items=items,
        has_history=row.get("has_history", False),
        has_picture=row.get("has_picture", False) or images > 0,
        pending=row.get("pending"),
    )
    return images, context


def _load(source: str) -> list[Spoken]:
    found = []
    for group in load_table(f"utterances/{source}")["groups"]:
        images, context = context_of(group["scene"])
        for line in group["lines"].splitlines():
            text, _, stated = line.partition(" ## ")
            request = RouteRequest(text=text.strip(), images=images, context=context)
            slots = yaml.safe_load(stated) if stated else {}
            found.append(Spoken(request, tuple(group["routes"]), slots, source))
    return found
