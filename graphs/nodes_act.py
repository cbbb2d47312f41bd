"""The nodes that do things: plan a wave of tool calls, make each call, and check what the calls claim."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Awaitable
from typing import Literal, Protocol

from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from graphs.nodes_listen import Node, next_calls
from graphs.planning import pictures_at_hand
from graphs.state import Call, CallInput, Clock, Json, Outcome, TurnState
from stores.artifacts import ArtifactNotFoundError
from stores.catalog import ProductNotFoundError
from tools.contracts import ItemCard, Services, ToolContext, ToolFailedError
from tools.registry import call_tool
from vlm.client import FashionVLMUnavailableError


class CallNode(Protocol):
    """The step that makes one tool call."""

    def __call__(self, state: CallInput, *, runtime: Runtime[Clock]) -> Awaitable[Json]:
        """Make the call and give its outcome."""
        ...


async def plan(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
    """Take the next wave of routes and fill in the arguments of its calls."""
    return {"calls": []} | next_calls(state, runtime)


def dispatch(state: TurnState) -> list[Send] | Literal["plan", "ground"]:
    """Send each call of the wave on its way at once; with none left, go on."""
    calls = state.get("calls") or []
    if not calls:
        return "plan" if state.get("waves") else "ground"
    waves = state.get("waves") or []
    return [
        Send(
            "call",
            CallInput(user=state["user"], call=call, image_ids=pictures_at_hand(state, call), waves=waves),
        )
        for call in calls
    ]


def next_wave(state: TurnState | CallInput) -> Literal["plan", "ground"]:
    """Plan the next wave, or go on where none is left."""
    return "plan" if state.get("waves") else "ground"


def call_node(services: Services) -> CallNode:
    """Make one tool call: a refusal becomes an outcome, a fault that may pass (a lock) is raised."""

    async def call(state: CallInput, *, runtime: Runtime[Clock]) -> Json:
        one = state["call"]
        write = runtime.stream_writer
        here = contextvars.copy_context()
        write({"kind": "tool_start", "text": one["tool"]})
        loop = asyncio.get_running_loop()

        def on_progress(done: int, total: int) -> None:
            # The model draws in a thread of its own; the stream belongs to this loop and to this node's context.
            event = {"kind": "progress", "text": one["tool"], "done": done, "total": total}
            loop.call_soon_threadsafe(write, event, context=here)

        context = ToolContext(
            user=state["user"],
            services=services,
            effect_key=one["effect_key"],
            image_ids=tuple(state["image_ids"]),
            on_progress=on_progress,
        )
        began = time.perf_counter()
        try:
            result = await call_tool(one["tool"], context, one["arguments"])
        except (ToolFailedError, FashionVLMUnavailableError) as error:
            outcome = outcome_of(one, began, error=str(error))
        else:
            outcome = outcome_of(one, began, result=result.model_dump(mode="json"))
        write({"kind": "tool_end", "text": one["tool"]})
        return {"outcomes": [outcome]}

    return call


async def call_failed(state: CallInput, error: NodeError) -> Command[Literal["plan", "ground"]]:
    """Turn what kept failing after every retry into an outcome, so that the rest of the turn is answered."""
    one = state["call"]
    sentence = f"{one['tool']} did not come through ({type(error.error).__name__}); please try again."
    outcome = outcome_of(one, time.perf_counter(), error=sentence)
    # Where the calls beside it go: two ways on would answer the turn twice.
    return Command(update={"outcomes": [outcome]}, goto=next_wave(state))


def outcome_of(call: Call, began: float, *, result: Json | None = None, error: str | None = None) -> Outcome:
    """The record of a call that began at `began` (``time.perf_counter``)."""
    return Outcome(
        index=call["index"],
        tool=call["tool"],
        route=call["route"],
        arguments=call["arguments"],
        ok=error is None,
        ms=round((time.perf_counter() - began) * 1000, 1),
        error=error,
        result=result,
    )


def ground_node(services: Services) -> Node:
    """Keep only cards that say what the records say, and pictures that exist for this person."""

    async def ground(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "ground"})
        outcomes = sorted(state.get("outcomes") or [], key=lambda outcome: outcome["index"])
        checked = await asyncio.to_thread(
            lambda: [_grounded(outcome, services, state["user"]) for outcome in outcomes]
        )
        return {"outcomes": {"replace": checked}}

    return ground


def _grounded(outcome: Outcome, services: Services, user: str) -> Outcome:
    result = outcome["result"]
    if result is None:
        return outcome
    items = [card for card in result.get("items", []) if is_true(ItemCard(**card), services)]
    images = [image for image in result.get("images", []) if _is_there(image, services, user)]
    return Outcome(**(outcome | {"result": result | {"items": items, "images": images}}))


def is_true(card: ItemCard, services: Services) -> bool:
    """Whether every fact of a card is the record's (the reason is not a fact of the record)."""
    try:
        return ItemCard.of(services.catalog.get(card.id), card.reason) == card
    except ProductNotFoundError:
        return False


def _is_there(image_id: str, services: Services, user: str) -> bool:
    try:
        services.artifacts.get_for(user, image_id)
    except ArtifactNotFoundError:
        return False
    return True
