"""The first nodes: take a message in, and decide what it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol

from langgraph.runtime import Runtime

from agents.contracts import LastItem, RouteContext, RoutePlan, Router, RouteRequest
from graphs.planning import waves_of
from graphs.state import Clock, Json, TurnState
from graphs.wishes import merge, without_hated
from stores.artifacts import ArtifactNotFoundError
from tools.contracts import Services


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
            "outcomes": None, "calls": [], "waves": [], "wipe": False,
        }  # fmt: skip
        if state["image_ids"] and refusal is None:
            cleared["pictures"] = state["image_ids"]
        return cleared

    return ingest


def route_node(services: Services, router: Router) -> Node:
    """Ask the router, and lay the message over the wishes in force where it changes an earlier answer."""

    async def route(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "route"})
        known = await asyncio.to_thread(services.history.recall, state["user"], limit=1)
        if state["text"].strip():
            request = _request(state, has_history=bool(known))
            plan = _settled(await asyncio.to_thread(router.route, request), state)
        else:
            # A picture without a word asks what it shows.
            plan = RoutePlan(routes=["describe"], confidence=1.0)
        waiting = state.get("pending") == "forget"
        declined = waiting and plan.slots.confirmed is False
        slots = without_hated(plan)
        if "alternatives" in plan.routes:
            slots = merge(state.get("wishes") or {}, slots)
        routes = [] if declined else list(plan.routes)
        return {
            "plan": plan.model_dump(mode="json"),
            "slots": slots.model_dump(mode="json"),
            "declined": declined,
            "question": plan.question,
            "waves": waves_of(routes, plan.slots),
        }

    return route


def _request(state: TurnState, *, has_history: bool) -> RouteRequest:
    return RouteRequest(
        text=state["text"],
        images=len(state["image_ids"]),
        context=RouteContext(
            last_items=[LastItem.model_validate(card) for card in state.get("shown") or []],
            has_history=has_history,
            last_route=state.get("last_route"),
            has_picture=bool(state.get("pictures")),
            pending=state.get("pending"),
        ),
    )


def _settled(plan: RoutePlan, state: TurnState) -> RoutePlan:
    """What holds whatever the router says: a yes means what waits for it."""
    if state.get("pending") == "forget" and plan.slots.confirmed is True:
        slots = plan.slots.model_copy(update={"history_action": "forget"})
        return plan.model_copy(update={"routes": ["history"], "slots": slots, "question": None})
    return plan
