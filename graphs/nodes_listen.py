"""The first nodes: take a message in, and decide what it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol, cast

from langgraph.runtime import Runtime

from agents.contracts import LastItem, RouteContext, RoutePlan, Router, RouteRequest
from graphs.again import left_out_of
from graphs.constraints import dump
from graphs.planning import calls_of, waves_of
from graphs.readings import read, shown_again
from graphs.rules import ALLOW, allowances_of, only_rules
from graphs.spelled import spelled
from graphs.state import Clock, Json, TurnState
from graphs.wishes import Settled, settle
from stores.artifacts import ArtifactNotFoundError
from tools.contracts import Services
from tools.preferences import read_notes


class Node(Protocol):
    """One step of the graph."""

    def __call__(self, state: TurnState, *, runtime: Runtime[Clock]) -> Awaitable[Json]:
        """Do the step and give the changes to the state."""
        ...


EMPTY_MESSAGE = "The message is empty: send a text, a picture, or both."


def ingest_node(services: Services) -> Node:
    """Check that the pictures exist and are this person's, and clear what the last turn left."""

    async def ingest(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "ingest"})
        refusal = None if state["text"].strip() or state["image_ids"] else EMPTY_MESSAGE
        for image_id in state["image_ids"]:
            try:
                await asyncio.to_thread(services.artifacts.get_for, state["user"], image_id)
            except ArtifactNotFoundError as error:
                refusal = str(error)
        cleared: Json = {
            "refusal": refusal, "declined": False, "question": None, "reply": "", "record": None,
            "outcomes": None, "calls": [], "waves": [], "wipe": False, "changes": [], "allowances": [],
            "left_out": [],
        }  # fmt: skip
        if state["image_ids"] and refusal is None:
            cleared["pictures"] = state["image_ids"]
        return cleared

    return ingest


def route_node(services: Services, router: Router) -> Node:
    """Ask the router, lay the message over the constraints of the thread, and plan the first calls."""

    async def route(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "route"})
        notes = await asyncio.to_thread(services.history.export, state["user"])
        if state["text"].strip():
            request = _request(state, has_history=bool(notes))
            plan = await asyncio.to_thread(read, state, request, router.route)
        else:
            # A picture without a word asks what it shows.
            plan = RoutePlan(routes=["describe"], confidence=1.0)
        waiting = state.get("pending") == "forget"
        declined = waiting and plan.slots.confirmed is False
        settled = settle({**state, "plan": plan.model_dump(mode="json")}, plan)
        known = read_notes(notes)
        allowances = allowances_of(plan.slots, known, spelled(state))
        if allowances and _noted_only(state, plan, settled):
            plan = plan.model_copy(update={"routes": ["feedback"], "question": None, "readings": []})
        again = shown_again(state, plan.slots) if "search" in plan.routes else []
        left_out = await asyncio.to_thread(left_out_of, again, settled.constraints, known, services.catalog)
        unclear = plan.question is not None and list(plan.routes) == ["feedback"]
        waves = waves_of([] if declined or unclear else list(plan.routes), plan.slots)
        decided: Json = {
            "plan": plan.model_dump(mode="json"),
            "slots": settled.slots.model_dump(mode="json"),
            "constraints": dump(settled.constraints),
            "changes": [change.model_dump() for change in settled.changes],
            "allowances": allowances,
            "left_out": [one.model_dump(mode="json") for one in left_out],
            "declined": declined,
            "question": plan.question,
            "waves": [[ALLOW], *waves] if allowances else waves,
            "calls": [],
        }
        return decided | next_calls(cast(TurnState, {**state, **decided}), runtime)

    return route


def _noted_only(state: TurnState, plan: RoutePlan, settled: Settled) -> bool:
    """Whether a message that takes a rule of the person back leaves the search as it is.

    It goes on where a wish or ban of this conversation was lifted, or the last answer offered to look beyond that rule.
    """
    lifted = any(change.kind == "lifted" for change in settled.changes)
    return only_rules(plan.slots) and not lifted and not state.get("held_rules")


def next_calls(state: TurnState, runtime: Runtime[Clock]) -> Json:
    """Take the next wave of routes and fill in the arguments of its calls; nothing where none is left."""
    waves = state.get("waves") or []
    if not waves:
        return {}
    runtime.stream_writer({"kind": "step", "text": "act"})
    return {"calls": calls_of(state, waves[0]), "waves": waves[1:]}


def _request(state: TurnState, *, has_history: bool) -> RouteRequest:
    shown_turn = state.get("shown_turn")
    shown = [card | {"turn": shown_turn} for card in state.get("shown") or []]
    return RouteRequest(
        text=state["text"],
        images=len(state["image_ids"]),
        context=RouteContext(
            last_items=[LastItem.model_validate(card) for card in shown],
            earlier_items=[LastItem.model_validate(card) for card in state.get("earlier") or []],
            has_history=has_history,
            last_route=state.get("last_route"),
            has_picture=bool(state.get("pictures")),
            pending=state.get("pending"),
            asked=state.get("asked") or [],
            asked_text=state.get("asked_text") or "",
        ),
    )
