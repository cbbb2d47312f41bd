"""The last nodes: speak, and remember."""

from __future__ import annotations

import asyncio
import re
import time

from langgraph.runtime import Runtime

from agents.claims import Records, grounded_reply
from agents.contracts import Slots
from agents.reply_contracts import Change, LeftOut, ReplyFacts, Standing, Stylist
from graphs.drawn import drawn_after
from graphs.journal import TurnJournal
from graphs.nodes_listen import Node
from graphs.shown import look_after
from graphs.spelled import spelled
from graphs.state import Clock, Json, Outcome, TurnState
from graphs.turn import ToolCall, TurnRecord
from graphs.wishes import FRESH
from stores.catalog import ProductNotFoundError
from tools.contracts import ItemCard, Services
from tools.preferences import Known, read_notes, summary
from tools.registry import tool_named

SHOWING = ("recommend", "personalize", "suggest_alternatives", "search_catalog", "get_product")
"""Tools whose items are what "the first one" may mean afterwards."""
_PIECE = re.compile(r"(?:\S+\s*){1,3}|\s+")
"""A few words at a time: each piece is an event that passes through every layer up to the door."""
MOST_REFUSED = 200
MOST_EARLIER = 60
"""Cards kept of answers before the last that showed items."""


def reply_node(services: Services, stylist: Stylist) -> Node:
    """Let the stylist put the facts into words, piece by piece."""

    async def reply(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "reply"})
        notes = await asyncio.to_thread(services.history.export, state["user"])
        facts = facts_of(state, read_notes(notes))
        words = await asyncio.to_thread(lambda: "".join(stylist.compose(facts)))
        checked = await asyncio.to_thread(lambda: grounded_reply(words, records_of(facts, services)))
        for piece in _PIECE.findall(checked.text):
            runtime.stream_writer({"kind": "token", "text": piece})
        return {
            "reply": checked.text,
            "question": facts.question,
            "removed_claims": (state.get("removed_claims") or 0) + len(checked.removed),
        }

    return reply


def records_of(facts: ReplyFacts, services: Services) -> Records:
    """What the words of a reply may state: the records of its items, what is at hand, and what the person said."""
    cards = {card.id: card for _, result in facts.results for card in result.items}
    beyond = [card for _, result in facts.results if (card := getattr(result, "beyond", None))]
    cards |= {card.id: card for card in (*beyond, *facts.previous_items)}
    products = []
    for item_id in dict.fromkeys([*cards, *(one.id for one in facts.left_out)]):
        try:
            products.append(services.catalog.get(item_id))
        except ProductNotFoundError:
            # An item shown earlier that is sold no more: nothing may be said of it.
            continue
    return Records.of(products, facts)


def facts_of(state: TurnState, known: Known) -> ReplyFacts:
    """What the stylist may speak of."""
    outcomes = state.get("outcomes") or []
    asks = _asks_to_forget(outcomes)
    results = [
        (outcome["tool"], tool_named(outcome["tool"]).result.model_validate(outcome["result"]))
        for outcome in outcomes
        if outcome["result"] is not None
    ]
    return ReplyFacts(
        routes=state["plan"]["routes"],
        slots=Slots(**state["slots"]),
        said=Slots(**state["plan"]["slots"]),
        text=spelled(state),
        results=results,
        failures=[outcome["error"] for outcome in outcomes if outcome["error"]],
        question=asks or state.get("question"),
        pending="forget" if asks else None,
        declined=state["declined"],
        changes=[Change.model_validate(change) for change in state.get("changes") or []],
        standing=[Standing.model_validate(row) for row in state.get("constraints") or []],
        left_out=[LeftOut.model_validate(one) for one in state.get("left_out") or []],
        new_code=Slots(**state["plan"]["slots"]).dress_code is not None,
        history_summary=summary(known),
        own_sizes=list(known.sizes),
        previous_items=[ItemCard(**card) for card in state.get("shown") or []],
    )


def _asks_to_forget(outcomes: list[Outcome]) -> str | None:
    for outcome in outcomes:
        if outcome["result"] and outcome["result"].get("needs_confirmation"):
            return str(outcome["result"]["text"])
    return None


def remember_node(journal: TurnJournal | None) -> Node:
    """Write the turn's record to the journal, and carry what the next turn needs."""

    async def remember(state: TurnState, *, runtime: Runtime[Clock]) -> Json:
        runtime.stream_writer({"kind": "step", "text": "remember"})
        started = runtime.context.started if runtime.context else time.perf_counter()
        record = record_of(state, ms=round((time.perf_counter() - started) * 1000, 1))
        after = carried(state)
        if journal is not None:
            record = await journal.write(
                record,
                state["turn_key"],
                text="" if after["wipe"] else state["text"],
                image_ids=[] if after["wipe"] else state["image_ids"],
                alone=after["wipe"],
            )
        kept = record.model_dump(mode="json")
        if runtime.context:
            runtime.context.left.update(record=kept, turn_key=state["turn_key"], wipe=after["wipe"])
        return {"record": kept, "outcomes": None, "calls": []} | after

    return remember


def record_of(state: TurnState, *, ms: float) -> TurnRecord:
    """The record of a turn, finished or refused."""
    outcomes = state.get("outcomes") or []
    cards = [card for outcome in outcomes for card in (outcome["result"] or {}).get("items", [])]
    images = [image for outcome in outcomes for image in (outcome["result"] or {}).get("images", [])]
    return TurnRecord(
        user=state["user"],
        thread=state["thread"],
        turn=state["turn"],
        routes=(state.get("plan") or {}).get("routes", []) if not state.get("refusal") else [],
        reply=state.get("reply") or "",
        items=[ItemCard(**card) for card in {card["id"]: card for card in reversed(cards)}.values()][::-1],
        images=[image for image in dict.fromkeys(images) if image not in (state.get("pictures") or [])],
        tools=[
            ToolCall(name=o["tool"], arguments=o["arguments"], ok=o["ok"], ms=o["ms"], error=o["error"])
            for o in outcomes
        ],
        ms=ms,
        error=state.get("refusal"),
    )


def carried(state: TurnState) -> Json:
    """What of this turn the thread keeps."""
    if state.get("refusal"):
        return {"wipe": False}
    outcomes = state.get("outcomes") or []
    if forgot(outcomes):
        return {
            "wipe": True, "pending": None, "shown": [], "seen": [], "constraints": [], "pictures": [],
            "refused": [], "last_route": "history", "earlier": [], "outfit": False, "bolder": None, "look": [],
            "asked": [], "asked_text": "", "drawn": None, "held_rules": [],
        }  # fmt: skip
    routes = state["plan"]["routes"]
    asked = state["plan"].get("readings") or (
        ["feedback"] if routes == ["feedback"] and state.get("question") and not outcomes else []
    )
    after: Json = {
        "wipe": False,
        "asked": asked,
        "asked_text": state["text"] if asked else "",
        "pending": "forget" if _asks_to_forget(outcomes) else None,
        "last_route": routes[-1],
        "refused": _refused(state, outcomes),
        "held_rules": [one for o in outcomes for one in (o["result"] or {}).get("held_rules") or []],
    }
    if drawn := drawn_after(state["turn"], outcomes):
        after["drawn"] = drawn
    # A look at the record of one shown item leaves the others where they are.
    showing = [o for o in outcomes if o["tool"] in SHOWING and o["route"] != "describe"]
    shown = [card for o in showing for card in (o["result"] or {}).get("items", [])]
    if shown:
        before = [card | {"turn": state.get("shown_turn")} for card in state.get("shown") or []]
        after["shown"] = list({card["id"]: card for card in reversed(shown)}.values())[::-1]
        after["shown_turn"] = state["turn"]
        after["bolder"] = next((one for o in outcomes if (one := (o["result"] or {}).get("bolder"))), None)
        after["outfit"] = any((o["result"] or {}).get("outfit") for o in outcomes)
        after["look"] = look_after(state, outcomes)
        after["earlier"] = [*(state.get("earlier") or []), *before][-MOST_EARLIER:]
    if is_new_start(state):
        before = [card | {"turn": state.get("shown_turn")} for card in state.get("shown") or []]
        earlier = [*(state.get("earlier") or []), *before][-MOST_EARLIER:]
        after |= {"shown": [], "earlier": earlier, "outfit": False, "bolder": None, "look": [], "seen": []}
    if any(route in FRESH for route in routes) or state["image_ids"]:
        after["seen"] = [
            one
            for o in outcomes
            if o["tool"] != "generate_image"
            for one in (o["result"] or {}).get("seen") or []
        ]
    return after


def is_new_start(state: TurnState) -> bool:
    """Whether a message takes back all that was asked for and asks for nothing yet ("start over")."""
    plan = state["plan"]
    return bool(plan["routes"] == ["chat"] and "everything" in plan["slots"].get("lifted", []))


def forgot(outcomes: list[Outcome]) -> bool:
    """Whether a turn erased all that was kept about its person, after their yes."""
    return any(
        outcome["ok"]
        and (outcome["result"] or {}).get("forgotten") is not None
        and bool(outcome["arguments"].get("confirm"))
        for outcome in outcomes
    )


def _refused(state: TurnState, outcomes: list[Outcome]) -> list[str]:
    """Items not to bring again: all that alternatives were to replace, and all that was disliked."""
    refused = list(state.get("refused") or [])
    for outcome in outcomes:
        arguments = outcome["arguments"]
        if outcome["tool"] == "suggest_alternatives":
            refused += [*arguments.get("item_ids", []), *(card["id"] for card in state.get("shown") or [])]
        if outcome["tool"] == "record_feedback" and arguments.get("kind") in ("dislike", "avoid"):
            refused += arguments.get("item_ids", [])
    return list(dict.fromkeys(refused))[-MOST_REFUSED:]
