"""Routes by a chat model where there is one; the built-in router answers whenever that fails, and what must be certain."""

from __future__ import annotations

import json
import re
from typing import Any

import structlog
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.chat_model import ChatModel, ChatModelError
from agents.contracts import (
    ROUTES,
    Direction,
    FeedbackKind,
    HistoryAction,
    Route,
    RoutePlan,
    Router,
    RouteRequest,
    Slots,
)
from agents.language import foreign_language
from agents.router import question_for
from agents.tables import load_table
from fashion.mentions import find_mentions

_LONGEST_TEXT = 1200
_MOST_ITEMS = 12
_LISTS = ("colors", "materials", "patterns", "categories")
_log = structlog.get_logger(__name__)
Words = list[str]


class SaidSlots(BaseModel):
    """The slots as a chat model may state them: words of a person, not yet names of the house."""

    model_config = ConfigDict(extra="ignore")

    colors: Words = Field(default_factory=list, max_length=16)
    not_colors: Words = Field(default_factory=list, max_length=16)
    materials: Words = Field(default_factory=list, max_length=16)
    not_materials: Words = Field(default_factory=list, max_length=16)
    patterns: Words = Field(default_factory=list, max_length=16)
    not_patterns: Words = Field(default_factory=list, max_length=16)
    categories: Words = Field(default_factory=list, max_length=16)
    not_categories: Words = Field(default_factory=list, max_length=16)
    min_price: float | None = Field(default=None, ge=0, le=100_000)
    max_price: float | None = Field(default=None, gt=0, le=100_000)
    size: str | None = Field(default=None, max_length=12)
    occasion: str | None = Field(default=None, max_length=60)
    season: str | None = Field(default=None, max_length=20)
    item_numbers: list[int] = Field(default_factory=list, max_length=_MOST_ITEMS)
    directions: list[Direction] = Field(default_factory=list, max_length=4)
    feedback: FeedbackKind | None = None
    history_action: HistoryAction | None = None


class SaidPlan(BaseModel):
    """A chat model's routing of one message."""

    model_config = ConfigDict(extra="ignore")

    routes: list[Route] = Field(min_length=1, max_length=6)
    slots: SaidSlots = Field(default_factory=SaidSlots)
    confidence: float = Field(default=0.8, ge=0.0, le=1.0)


class ChatModelRouter:
    """A `Router` that asks a chat model first; safe to share between threads."""

    def __init__(self, built_in: Router, model: ChatModel) -> None:
        """Use a chat model over the built-in router."""
        self._built_in = built_in
        self._model = model

    def route(self, request: RouteRequest) -> RoutePlan:
        """Route one message. Never raises; blocking, within the chat model's time limit."""
        own = self._built_in.route(request)
        if _certain(request, own):
            return own
        try:
            said = self._ask(request)
        except ChatModelError as error:
            _log.warning("chat_model_routing_failed", reason=str(error))
            return own
        return plan_from(said, request, own)

    def _ask(self, request: RouteRequest) -> SaidPlan:
        """The model's plan; asked a second time, with what was wrong, where the first answer is malformed."""
        deadline = self._model.deadline()
        messages = prompt_for(request)
        answer = self._model.ask(messages, deadline=deadline, as_json=True)
        try:
            return read_plan(answer)
        except ValueError as error:
            again = load_table("chat_model")["again"].format(problem=str(error)[:200])
            messages += [AIMessage(answer[:2000]), HumanMessage(again)]
        try:
            return read_plan(self._model.ask(messages, deadline=deadline, as_json=True))
        except ValueError as error:
            raise ChatModelError(f"malformed twice: {str(error)[:120]}") from error


def prompt_for(request: RouteRequest) -> list[BaseMessage]:
    """What a chat model is asked for one message."""
    table, context = load_table("chat_model"), request.context
    system = table["route"].format(
        routes=", ".join(ROUTES),
        directions=", ".join(Direction.__args__),  # type: ignore[attr-defined]
        feedback=", ".join(FeedbackKind.__args__),  # type: ignore[attr-defined]
    )
    items = [
        f"{at}. {item.title} ({item.color} {item.category}, {item.price})"
        for at, item in enumerate(context.last_items[:_MOST_ITEMS], 1)
    ]
    message = table["message"].format(
        images=request.images,
        before="yes" if context.has_picture else "no",
        history="yes" if context.has_history else "no",
        items="; ".join(items) or "none",
        text=json.dumps(request.text[:_LONGEST_TEXT], ensure_ascii=False),
    )
    return [SystemMessage(system), HumanMessage(message)]


def read_plan(answer: str) -> SaidPlan:
    """Read the JSON object in an answer. Raises ValueError, saying what is wrong, where there is none that fits."""
    found = re.search(r"\{.*\}", answer, re.DOTALL)
    if found is None:
        raise ValueError("there is no JSON object")
    try:
        return SaidPlan.model_validate_json(found.group())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from error


def plan_from(said: SaidPlan, request: RouteRequest, own: RoutePlan) -> RoutePlan:
    """The plan a chat model's words come to: routes as said, slots in the names of the house.

    Where the built-in router read the same message (it reads English), its slots stand and the model's fill the gaps: what
    tables can read exactly is not left to a model. A message in another language has the model's slots alone.
    """
    routes = list(dict.fromkeys(said.routes))
    if "clarify" in routes:
        routes = ["clarify"] if len(routes) == 1 else [route for route in routes if route != "clarify"]
    items = request.context.last_items
    numbers = dict.fromkeys(said.slots.item_numbers)
    values: dict[str, Any] = {
        **_house_names(said.slots),
        "min_price": said.slots.min_price,
        "max_price": said.slots.max_price,
        "size": said.slots.size,
        "item_ids": [items[at - 1].id for at in numbers if 0 < at <= len(items)],
        "directions": said.slots.directions if "alternatives" in routes else [],
    }
    values["direction"] = next(iter(values["directions"]), None)
    if foreign_language(request.text) is None:
        values |= own.slots.model_dump(exclude_defaults=True)
    values["feedback"] = (said.slots.feedback or "like") if "feedback" in routes else None
    values["history_action"] = (said.slots.history_action or "show") if "history" in routes else None
    values["confirmed"] = None
    asks = routes == ["clarify"]
    return RoutePlan(
        routes=routes,
        slots=Slots(**{name: value for name, value in values.items() if value is not None}),
        confidence=round(said.confidence, 4),
        question=question_for(request, None) if asks else None,
        source="chat_model",
    )


def _certain(request: RouteRequest, own: RoutePlan) -> bool:
    """What no model is asked about: a message without words, a yes or no that waits, and a wish to be forgotten."""
    waits = request.context.pending is not None and own.slots.confirmed is not None
    return not request.text.strip() or waits or own.slots.history_action == "forget"


def _house_names(slots: SaidSlots) -> dict[str, Any]:
    """The words of a chat model as names of `fashion`; what has no name there is left out."""
    found: dict[str, Any] = {}
    for name in _LISTS:
        for field in (name, f"not_{name}"):
            words = [value for word in getattr(slots, field) for value in getattr(find_mentions(word), name)]
            found[field] = list(dict.fromkeys(words))
    for field in ("occasion", "season"):
        word = getattr(slots, field)
        found[field] = getattr(find_mentions(f"for {word}"), field) if word else None
    return found
