"""The contract of speaking: the facts of one turn that the stylist turns into words, and the stylist itself.

Prices, sizes and stock reach the reply only from the item cards in ``results`` and ``previous_items``: the
stylist copies them, it never works them out or rounds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from agents.contracts import Route, Slots
from tools.contracts import ItemCard, ToolResult


class Change(BaseModel):
    """What a message did to a constraint that stood before it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["lifted", "replaced", "dropped", "kept"]
    """``lifted``: the person took it back; ``replaced``: a newer word took its place; ``dropped``: a newer word left no
    room for it; ``kept``: nothing changed, and it holds for another kind of thing now."""
    field: str
    """The field of `Slots` it is in."""
    old: str
    new: str = ""
    """What stands in its place, where it was replaced."""


class Standing(BaseModel):
    """A wish or limit in force in the conversation."""

    model_config = ConfigDict(frozen=True)

    field: str
    """The field of `Slots` it is in."""
    value: str | float | bool
    """Its value, or one value of a list."""
    turn: int
    """The turn that said it."""
    words: str
    """What was said."""
    about: list[str] = Field(default_factory=list)
    """The categories it holds for; empty for all."""


class LeftOut(BaseModel):
    """An item that was to be shown again and is not, because of what was said since."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    rules: list[str] = Field(default_factory=list)
    """The person's rules that it breaks, in words."""
    limits: list[Standing] = Field(default_factory=list)
    """What is in force in the conversation and forbids it."""


class ReplyFacts(BaseModel):
    """Everything a reply may be made from."""

    model_config = ConfigDict(frozen=True)

    routes: list[Route] = Field(min_length=1)
    """The routes of this turn, in the order they were served."""
    slots: Slots = Field(default_factory=Slots)
    """What the person asked for, with the thread's standing wishes merged in."""
    said: Slots | None = None
    """What this very message asks for; None where that is all there is (`slots`)."""
    text: str = ""
    """The person's own words."""
    results: list[tuple[str, SerializeAsAny[ToolResult]]] = Field(default_factory=list)
    """``(tool name, result)`` in call order; cards in them have been checked against the records."""
    failures: list[str] = Field(default_factory=list)
    """One clear sentence for each tool call that failed."""
    question: str | None = None
    """A question to ask back: the router's (``clarify``), or the one that waits for a yes or no."""
    pending: Literal["forget"] | None = None
    """Set when ``question`` asks for leave to do this."""
    declined: bool = False
    """The person said no to what was pending: nothing was done, and the reply says so."""
    history_summary: str = ""
    """One sentence on what this person likes, or empty where nothing is known."""
    own_sizes: list[tuple[str, str]] = Field(default_factory=list)
    """The sizes that the person told of: the size, and the group it is for (empty for all that come in it)."""
    previous_items: list[ItemCard] = Field(default_factory=list)
    """The items shown before this turn, in order."""
    changes: list[Change] = Field(default_factory=list)
    """What this message changed of the constraints that stood before it."""
    standing: list[Standing] = Field(default_factory=list)
    """What is in force after this message, the newest last."""
    left_out: list[LeftOut] = Field(default_factory=list)
    """What was to be shown again and is not."""
    new_code: bool = False
    """The dress code among the slots was named in this very message, so that a word on it is due."""
    season_now: str | None = None
    """The season of the place and month, where nobody named one and the answer went by it."""


class Stylist(Protocol):
    """Turns facts into words."""

    def compose(self, facts: ReplyFacts) -> Iterator[str]:
        """Yield the reply in pieces to be concatenated as they are; blocking, so iterate it in a thread."""
        ...
