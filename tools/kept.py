"""What is kept of a person: notes, messages of their conversations, and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from tools.contracts import ToolContext

DRAWN = ("generate_image",)
"""Where pictures come from that show nothing of a person: these stay when the person is forgotten."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept of a person.

    Attributes:
        notes: Notes of their history.
        messages: What they said, in all conversations.
        pictures: Pictures they sent, and pictures made for them.
    """

    notes: int
    messages: int
    pictures: int


async def what_is_kept(context: ToolContext, *, but_origins: Collection[str] = ()) -> Kept:
    """Count what is kept of the person who calls.

    Args:
        context: The stores.
        but_origins: Pictures of these origins are not counted.
    """
    services, user = context.services, context.user
    notes = await asyncio.to_thread(services.history.export, user)
    pictures = await asyncio.to_thread(services.artifacts.owned, user, but_origins=but_origins)
    messages = await services.talks.count(user) if services.talks is not None else 0
    return Kept(len(notes), messages, len(pictures))


def kept_words(kept: Kept) -> str:
    """The counts in words, without those that are 0: ``"2 notes, 5 messages and 1 picture"``; empty for nothing."""
    counts = ((kept.notes, "note"), (kept.messages, "message"), (kept.pictures, "picture"))
    named = [f"{count} {noun}" + ("" if count == 1 else "s") for count, noun in counts if count]
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part) if named else ""
