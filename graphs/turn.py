"""A turn, in and out: the contract for every front door, script and test (DESIGN.md section 2)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.contracts import ItemCard


class Turn(BaseModel):
    """One message of one authenticated person in one thread.

    ``image_ids`` are artifact ids: pictures have passed the image gate before a `Turn` exists.
    """

    model_config = ConfigDict(frozen=True)

    user: str
    thread: str
    text: str = ""
    image_ids: list[str] = Field(default_factory=list)
    turn_id: str | None = None
    """Idempotency key: the same id sent again resumes or returns that turn instead of running it twice."""


class ToolCall(BaseModel):
    """One tool call as it happened."""

    name: str
    arguments: dict[str, Any]
    ok: bool
    ms: float
    error: str | None = None


class TurnRecord(BaseModel):
    """The answer to a turn. ``images`` are file paths in a front door's output, artifact ids inside."""

    user: str
    thread: str
    turn: int
    routes: list[str]
    reply: str
    items: list[ItemCard] = Field(default_factory=list)
    images: list[str] = Field(default_factory=list)
    tools: list[ToolCall] = Field(default_factory=list)
    ms: float = 0.0
    error: str | None = None


class TurnEvent(BaseModel):
    """Something to show while a turn runs; the last event of a stream is always ``record``."""

    kind: Literal["step", "tool_start", "tool_end", "progress", "token", "record"]
    text: str = ""
    """Step or tool name, or the piece of reply text of a ``token`` event."""
    done: int = 0
    total: int = 0
    record: TurnRecord | None = None
