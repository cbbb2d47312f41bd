"""Dress codes beside each other: modest dress goes with any other code, and mourning is white where the person says so."""

from __future__ import annotations

import re

from agents.contracts import Slots
from agents.cues import named_in
from fashion.lexicon import tokenize
from graphs.constraints import MODEST
from graphs.references import pattern
from graphs.spelled import spelled
from graphs.state import TurnState

MOURNING, WHITE_MOURNING = "mourning", "white mourning"


def with_codes(slots: Slots, state: TurnState) -> Slots:
    """The slots, with modest dress told apart from a second code, and with white for mourning where that is the custom."""
    named = named_in(tokenize(spelled(state)), "dress_codes")
    others = [name for name in named if name != MODEST]
    standing = {row["value"] for row in state.get("constraints") or [] if row["field"] == "dress_code"}
    if MODEST in named and (others or standing - {MODEST}):
        code = others[0] if others else None
        slots = slots.model_copy(update={"dress_code": code, "modest": True})
    mourns = slots.dress_code == MOURNING or bool(standing & {MOURNING, WHITE_MOURNING})
    if mourns and re.search(pattern("white_mourning"), spelled(state), re.IGNORECASE):
        return slots.model_copy(
            update={"dress_code": WHITE_MOURNING, "colors": [one for one in slots.colors if one != "white"]}
        )
    if WHITE_MOURNING in standing and slots.dress_code is None and set(slots.colors) & {"black", "charcoal"}:
        return slots.model_copy(update={"dress_code": MOURNING})
    return slots


def is_white_mourning(state: TurnState) -> bool:
    """Whether a message says that mourning is white, in a thread about a mourning."""
    standing = {row["value"] for row in state.get("constraints") or [] if row["field"] == "dress_code"}
    said = re.search(pattern("white_mourning"), spelled(state), re.IGNORECASE) is not None
    return said and bool(standing & {MOURNING, WHITE_MOURNING})
