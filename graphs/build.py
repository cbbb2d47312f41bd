"""The state machine, wired: ingest, route, act, ground, reply, remember."""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import RetryPolicy, TimeoutPolicy

from agents.contracts import Router
from agents.reply_contracts import Stylist
from graphs.journal import TurnJournal
from graphs.nodes_act import call_failed, call_node, dispatch, ground_node, next_wave, plan
from graphs.nodes_answer import remember_node, reply_node
from graphs.nodes_listen import ingest_node, route_node
from graphs.state import CallInput, Clock, TurnInput, TurnOutput, TurnState
from tools.contracts import Services

TRANSIENT = RetryPolicy(
    initial_interval=0.1,
    max_attempts=3,
    jitter=False,
    retry_on=(sqlite3.OperationalError, ConnectionError, OSError),
)
"""What may pass by itself: a locked database, a lost connection, a file in use."""

STEP_TIMEOUT = TimeoutPolicy(run_timeout=60.0)
CALL_TIMEOUT = TimeoutPolicy(run_timeout=300.0)
"""A picture from a big model on a small machine takes minutes."""


def after_ingest(state: TurnState) -> Literal["route", "remember"]:
    """A refused message goes straight to the record."""
    return "remember" if state.get("refusal") else "route"


def build_graph(
    services: Services,
    router: Router,
    stylist: Stylist,
    *,
    journal: TurnJournal | None = None,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[TurnState, Clock, TurnInput, TurnOutput]:
    """Wire and compile the graph.

    Args:
        services: The stores and the model.
        router: Decides the routes.
        stylist: Speaks.
        journal: Where finished turns are written; without one the record is only in the state.
        checkpointer: Keeps threads; a host such as LangGraph's own server brings its own.
    """
    graph = StateGraph(TurnState, context_schema=Clock, input_schema=TurnInput, output_schema=TurnOutput)
    graph.add_node("ingest", ingest_node(services), retry_policy=TRANSIENT, timeout=STEP_TIMEOUT)
    graph.add_node("route", route_node(services, router), retry_policy=TRANSIENT, timeout=STEP_TIMEOUT)
    graph.add_node("plan", plan)
    graph.add_node(
        "call",
        call_node(services),
        input_schema=CallInput,
        retry_policy=TRANSIENT,
        timeout=CALL_TIMEOUT,
        error_handler=call_failed,
    )
    graph.add_node("ground", ground_node(services), retry_policy=TRANSIENT, timeout=STEP_TIMEOUT)
    # Not retried: words that were streamed cannot be taken back.
    graph.add_node("reply", reply_node(services, stylist), timeout=CALL_TIMEOUT)
    graph.add_node("remember", remember_node(journal), retry_policy=TRANSIENT, timeout=STEP_TIMEOUT)
    graph.add_edge(START, "ingest")
    graph.add_conditional_edges("ingest", after_ingest)
    graph.add_conditional_edges("route", dispatch, ["call", "plan", "ground"])
    graph.add_conditional_edges("plan", dispatch, ["call", "plan", "ground"])
    graph.add_conditional_edges("call", next_wave)
    graph.add_edge("ground", "reply")
    graph.add_edge("reply", "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer=checkpointer, name="fashionm3")
