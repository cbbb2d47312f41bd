"""What a turn and a thread remember: plain JSON values and references, never picture bytes.

`TurnInput` is all that goes in. The *turn* fields are made anew by every turn; the *thread* fields last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict

Json = dict[str, Any]


def gather(old: list[Any] | None, new: list[Any] | Json | None) -> list[Any]:
    """Reducer of parallel results: a list adds, None empties, ``{"replace": list}`` replaces."""
    if new is None:
        return []
    if isinstance(new, dict):
        return list(new["replace"])
    return [*(old or []), *new]


class TurnInput(TypedDict):
    """One message, as it enters the graph."""

    user: str
    thread: str
    turn: int
    """The number of this turn in its thread, from 1."""
    turn_key: str
    """What makes this turn this turn; the effects of its tools are keyed by it."""
    text: str
    image_ids: list[str]


class Call(TypedDict):
    """One tool call that is about to be made."""

    index: int
    tool: str
    route: str
    arguments: Json
    effect_key: str


class Outcome(TypedDict):
    """One tool call that was made."""

    index: int
    tool: str
    route: str
    arguments: Json
    ok: bool
    ms: float
    error: str | None
    result: Json | None
    """The `ToolResult` as JSON."""


class Drawn(TypedDict):
    """What was drawn last in a thread."""

    words: str
    """The words that were drawn."""
    item_id: str | None
    """The catalog item that was drawn, where it was one."""
    turn: int


class TurnState(TurnInput, total=False):
    """Everything the nodes may read."""

    # of this turn
    refusal: str | None
    """Why nothing can be done with this message, one sentence."""
    plan: Json
    """The router's `RoutePlan`."""
    slots: Json
    """The plan's slots with the thread's constraints in force merged in."""
    changes: list[Json]
    """What this message changed of the constraints before it (`agents.reply_contracts.Change`)."""
    allowances: list[Json]
    """Rules of the person that this message takes back, as arguments of ``record_feedback``."""
    left_out: list[Json]
    """Items that were to be shown again and break what was said since (`agents.reply_contracts.LeftOut`)."""
    declined: bool
    waves: list[list[str]]
    """Routes still to serve; those of one wave are served side by side."""
    calls: list[Call]
    """The calls of the wave at work."""
    outcomes: Annotated[list[Outcome], gather]
    question: str | None
    reply: str
    record: Json | None
    """The `TurnRecord`, once the turn is done."""

    # of the thread
    shown: list[Json]
    """The item cards shown last, in order, with their reasons."""
    outfit: bool
    """Whether they make one outfit together."""
    look: list[Json]
    """The cards of the outfit at work: the one shown last, with the pieces that were exchanged since."""
    bolder: str | None
    """The one among them that is the bolder choice beside the others."""
    seen: list[Json]
    """What the shown items go with: things at hand as read (`tools.sight.Seen`)."""
    shown_turn: int
    """The number of the turn that showed them."""
    earlier: list[Json]
    """Item cards shown before those, oldest first, each with the ``turn`` that showed it."""
    constraints: list[Json]
    """What stands, the newest last (`graphs.constraints.Constraint`)."""
    asked: list[str]
    """The two readings that the last reply asked about."""
    asked_text: str
    """The message that was asked about."""
    held_rules: list[str]
    """Rules of the person that the last answer kept to against what was asked for, with the offer to look there, too."""
    removed_claims: int
    """Claims about items taken out of replies of this thread, because no record held them."""
    last_route: str | None
    drawn: Drawn | None
    """The latest drawing, which "make it yellow" and "something like it" may mean."""
    pictures: list[str]
    """Artifact ids of the latest pictures of the person."""
    refused: list[str]
    """Items that alternatives must not bring again."""
    pending: Literal["forget"] | None
    wipe: bool
    """The person was forgotten in this turn: what is kept of their conversations goes too."""


class CallInput(TypedDict):
    """What one tool call needs to know: sent to it alone."""

    user: str
    call: Call
    image_ids: list[str]
    waves: list[list[str]]
    """As in the state: with none left, grounding is next."""


class TurnOutput(TypedDict):
    """What comes out of the graph."""

    record: Json


@dataclass(frozen=True, slots=True)
class Clock:
    """The run's context.

    Attributes:
        started: When the work on this turn began, by `time.perf_counter`.
        left: What the last node leaves for the caller, who then need not read the checkpoint again: ``record``,
            ``turn_key`` and ``wipe``, as in the state.
    """

    started: float
    left: Json = field(default_factory=dict)
