"""Tool: show or export what is kept about this person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stores.history import HistoryEvent
from tools.contracts import KeptMessage, Tool, ToolContext, ToolResult
from tools.kept import kept_words, what_is_kept


class RecallHistoryArguments(BaseModel):
    """What to recall, and how much."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["show", "export"] = Field(
        default="show", description="show: the latest notes; export: all of them."
    )
    query: Annotated[str, Field(max_length=400)] = Field(
        default="", description="Words to look for, e.g. shoes; empty for the latest notes."
    )
    limit: Annotated[int, Field(ge=1, le=100)] = Field(
        default=20, description="How many notes to show at most."
    )


class RecallHistoryResult(ToolResult):
    """The notes, as they were recorded."""

    events: list[HistoryEvent] = Field(default_factory=list)
    total: int = 0
    """How many notes are kept, those too that are not among the events."""
    messages: list[KeptMessage] = Field(default_factory=list)
    """With ``export``: what is kept of the person's conversations."""
    pictures: list[str] = Field(default_factory=list)
    """With ``export``: the ids of the pictures kept."""
    beside: str = ""
    """What is kept beside notes, in words ("three messages and a picture"); empty for nothing."""


async def run(context: ToolContext, arguments: RecallHistoryArguments) -> RecallHistoryResult:
    """Read this person's notes."""
    history = context.services.history
    if arguments.action == "export":
        events = await asyncio.to_thread(history.export, context.user)
    else:
        events = await asyncio.to_thread(
            history.recall, context.user, arguments.query or None, limit=arguments.limit
        )
    kept = await what_is_kept(context)
    beside = kept_words(replace(kept, notes=0))
    text = _sentence(events, arguments, kept.notes) + (f" Beside notes I keep {beside}." if beside else "")
    if arguments.action == "show":
        return RecallHistoryResult(text=text, events=events, total=kept.notes, beside=beside)
    talks = context.services.talks
    messages = await talks.kept(context.user) if talks is not None else []
    pictures = await asyncio.to_thread(context.services.artifacts.owned, context.user)
    return RecallHistoryResult(
        text=text,
        events=events,
        total=kept.notes,
        messages=messages,
        pictures=[one.id for one in pictures],
        beside=beside,
    )


def _sentence(events: list[HistoryEvent], arguments: RecallHistoryArguments, total: int) -> str:
    if not events:
        about = f" about {arguments.query!r}" if arguments.query and arguments.action == "show" else ""
        return f"I have noted nothing about you{about} yet."
    counts: dict[str, int] = {}
    for event in events:
        counts[event.kind] = counts.get(event.kind, 0) + 1
    parts = ", ".join(f"{count} x {kind}" for kind, count in counts.items())
    kept = f"I keep {total} {'note' if total == 1 else 'notes'} about you"
    return f"{kept}: {parts}." if total == len(events) else f"{kept}, {len(events)} of them here: {parts}."


TOOL: Tool[RecallHistoryArguments, RecallHistoryResult] = Tool(
    name="recall_history",
    description="Show or export what is kept about this person: liked, disliked, owned, bought, avoided.",
    access="read",
    arguments=RecallHistoryArguments,
    result=RecallHistoryResult,
    run=run,
)
