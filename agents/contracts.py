"""The contract of routing: twelve routes, typed slots, and what a router is given and gives back."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field

Route = Literal[
    "recommend",
    "personalize",
    "alternatives",
    "generate_image",
    "try_on",
    "search",
    "describe",
    "feedback",
    "history",
    "chat",
    "clarify",
    "out_of_scope",
]
ROUTES: tuple[Route, ...] = get_args(Route)

FeedbackKind = Literal["like", "dislike", "own", "avoid", "bought"]
HistoryAction = Literal["show", "export", "forget"]
Direction = Literal[
    "cheaper",
    "dearer",
    "longer",
    "shorter",
    "darker",
    "lighter",
    "dressier",
    "more_casual",
    "warmer",
    "lighter_weight",
    "brighter",
    "plainer",
    "different",
]


class LastItem(BaseModel):
    """An item shown earlier in the thread, as the router may refer to it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: str = ""
    category: str = ""
    color: str = ""
    price: float | None = None


class RouteContext(BaseModel):
    """What the router knows of the conversation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    last_items: list[LastItem] = Field(default_factory=list)
    has_history: bool = False
    last_route: Route | None = None
    has_picture: bool = False
    """A picture was sent earlier in this thread."""
    pending: Literal["forget"] | None = None
    """An action that waits for the person's yes or no."""


class RouteRequest(BaseModel):
    """One message to be routed (also the input line of ``fashionm3 route --jsonl``)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str = ""
    images: int = Field(default=0, ge=0)
    context: RouteContext = Field(default_factory=RouteContext)


class Slots(BaseModel):
    """What the message asks for, typed. Names come from the vocabulary of `fashion`."""

    model_config = ConfigDict(frozen=True)

    categories: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    colors: list[str] = Field(default_factory=list)
    not_colors: list[str] = Field(default_factory=list)
    patterns: list[str] = Field(default_factory=list)
    not_patterns: list[str] = Field(default_factory=list)
    materials: list[str] = Field(default_factory=list)
    not_materials: list[str] = Field(default_factory=list)
    styles: list[str] = Field(default_factory=list)
    not_categories: list[str] = Field(default_factory=list)
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None
    occasion: str | None = None
    season: str | None = None
    max_price: float | None = None
    min_price: float | None = None
    size: str | None = None
    gender: Literal["women", "men", "unisex"] | None = None
    item_ids: list[str] = Field(default_factory=list)
    """Earlier items the message means ("the second one"), resolved against ``context.last_items``."""
    direction: Direction | None = None
    feedback: FeedbackKind | None = None
    history_action: HistoryAction | None = None
    confirmed: bool | None = None
    """Yes or no to a pending question; None where nothing was pending or the answer is neither."""


class RoutePlan(BaseModel):
    """The router's decision: what to do, in order, and with what."""

    model_config = ConfigDict(frozen=True)

    routes: list[Route] = Field(min_length=1)
    slots: Slots = Field(default_factory=Slots)
    confidence: float = Field(ge=0.0, le=1.0)
    question: str | None = None
    """The one question to ask back, where ``routes`` is ``["clarify"]``."""


class Router(Protocol):
    """Decides the routes of one message; must answer without any network."""

    def route(self, request: RouteRequest) -> RoutePlan:
        """Route one message; blocking (a few milliseconds), so call it through ``asyncio.to_thread``."""
        ...
