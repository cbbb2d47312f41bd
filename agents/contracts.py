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

FeedbackKind = Literal["like", "dislike", "own", "avoid", "bought", "worn"]
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
DressCode = Literal[
    "white tie",
    "black tie",
    "cocktail",
    "business formal",
    "business casual",
    "smart casual",
    "casual",
    "festive",
    "mourning",
    "white mourning",
    "modest",
    "Diwali",
    "Lunar New Year",
    "Eid",
]
Lift = Literal[
    "everything",
    "price",
    "size",
    "color",
    "pattern",
    "material",
    "category",
    "style",
    "cut",
    "occasion",
    "season",
    "gender",
]
Source = Literal["built_in", "chat_model"]


class LastItem(BaseModel):
    """An item shown earlier in the thread, as the router may refer to it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: str = ""
    category: str = ""
    color: str = ""
    price: float | None = None
    turn: int | None = None
    """The number of the turn that showed it; by it "what you showed first" is found."""


class RouteContext(BaseModel):
    """What the router knows of the conversation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    last_items: list[LastItem] = Field(default_factory=list)
    """What the last answer with items showed, in its order."""
    earlier_items: list[LastItem] = Field(default_factory=list)
    """What answers before that showed, oldest first; "the loafers" is looked for here where `last_items` has none."""
    has_history: bool = False
    last_route: Route | None = None
    has_picture: bool = False
    """A picture was sent earlier in this thread."""
    pending: Literal["forget"] | None = None
    """An action that waits for the person's yes or no."""
    asked: list[Route] = Field(default_factory=list)
    """The two readings that the last reply asked about (`RoutePlan.readings`); empty where it asked nothing."""
    asked_text: str = ""
    """The message that was asked about: once the reading is chosen, its words count too."""


class RouteRequest(BaseModel):
    """One message to be routed (also the input line of ``fashionm3 route --jsonl``)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str = ""
    images: int = Field(default=0, ge=0)
    context: RouteContext = Field(default_factory=RouteContext)


class Slots(BaseModel):
    """What the message asks for, typed. Names come from the vocabulary of `fashion`.

    A slot tells of this message alone: what stood before and is not named here is neither repeated nor taken back. The
    fields of `MOMENTARY` steer this turn only; all others are wishes that may stay in force.
    """

    model_config = ConfigDict(frozen=True)

    categories: list[str] = Field(default_factory=list)
    """Kinds of thing that are wanted. A word that only points at something shown is not here."""
    groups: list[str] = Field(default_factory=list)
    """Wider kinds that are wanted: ``footwear``, ``bags``, ...."""
    colors: list[str] = Field(default_factory=list)
    not_colors: list[str] = Field(default_factory=list)
    """Colors that must not be: "not black", "anything but red", "no more beige". Never holds a color of `colors`."""
    patterns: list[str] = Field(default_factory=list)
    not_patterns: list[str] = Field(default_factory=list)
    materials: list[str] = Field(default_factory=list)
    not_materials: list[str] = Field(default_factory=list)
    """As in "anything but wool", "leather-free", "allergic to wool"."""
    styles: list[str] = Field(default_factory=list)
    not_styles: list[str] = Field(default_factory=list)
    not_categories: list[str] = Field(default_factory=list)
    """From "no heels": the categories that word stands for."""
    not_groups: list[str] = Field(default_factory=list)
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    not_lengths: list[str] = Field(default_factory=list)
    """From "no minis" and "not too short"."""
    fit: str | None = None
    """Also from "looser" (``relaxed``) and "tighter" (``slim``)."""
    occasion: str | None = None
    """A key of `fashion.occasions.OCCASIONS`."""
    dress_code: DressCode | None = None
    """A code that was named ("it's black tie", "something modest", "for Diwali"), whether or not an occasion was."""
    modest: bool | None = None
    """Modest dress is asked for beside another code in `dress_code` ("a modest dress for Diwali")."""
    season: str | None = None
    max_price: float | None = None
    """Highest price, EUR: "under 80", "at most fifty", "80 tops". "around 50" gives both ends and `target_price`."""
    min_price: float | None = None
    target_price: float | None = None
    """The price named by "around fifty euros"; `min_price` and `max_price` are then 30 % below and 20 % above it."""
    max_total: float | None = None
    """Highest sum of all pieces of an outfit, EUR: "an outfit for 200 in total". `max_price` is then empty."""
    size: str | None = None
    """With the route ``feedback`` ("I wear size 38") it is a fact about the person, else a wish of this thread."""
    gender: Literal["women", "men", "unisex"] | None = None
    item_ids: list[str] = Field(default_factory=list)
    """Earlier items the message means ("the second one", "the loafers", "the cheaper one", "what you showed first"),
    resolved against ``context.last_items``, then ``context.earlier_items``; in the order shown."""
    direction: Direction | None = None
    """The first of `directions`."""
    directions: list[Direction] = Field(default_factory=list)
    """Every direction of change asked for, in the order said: "cheaper and less formal"."""
    replaced_categories: list[str] = Field(default_factory=list)
    """What is to go where the message names both sides: "swap the watch for brogues" has Watches here and Brogues in
    `categories`. `item_ids` holds the items meant, where they are among those shown."""
    lifted_colors: list[str] = Field(default_factory=list)
    """Earlier bans that no longer hold: "actually black is fine" has black here and not in `colors`, as it is allowed
    and not asked for. Likewise the other ``lifted_`` fields."""
    lifted_patterns: list[str] = Field(default_factory=list)
    lifted_materials: list[str] = Field(default_factory=list)
    lifted_categories: list[str] = Field(default_factory=list)
    lifted_lengths: list[str] = Field(default_factory=list)
    lifted: list[Lift] = Field(default_factory=list)
    """Whole kinds of wish that no longer hold: "any color", "price doesn't matter", "forget the budget"; ``cut`` is
    sleeve, neckline, length and fit; ``everything`` is a new start ("forget all that, start over")."""
    corrects: bool = False
    """The message puts right what was understood ("no, I meant the boots"): what it names replaces what the turn before
    was about, and that turn's wishes of the same kind fall away."""
    shown_before: Literal["first", "previous"] | None = None
    """Items of another answer than the last are meant: the thread's first ("what you showed first") or the one before
    the last ("go back", "the ones before"). `item_ids` holds them where the context tells."""
    about_picture: bool = False
    """A picture sent earlier is meant ("the photo I sent", "my jeans in the picture"), though none came with this one."""
    whole_outfit: bool = False
    """A whole outfit is wanted, not one piece: "a complete look", "head to toe"."""
    board: bool = False
    """An outfit board is wanted: one picture of all pieces ("show me the whole look as a collage")."""
    count: int | None = Field(default=None, ge=1, le=12)
    """How many things are asked for: "three options", "a couple of bags"."""
    feedback: FeedbackKind | None = None
    history_action: HistoryAction | None = None
    confirmed: bool | None = None
    """Yes or no to a pending question; None where nothing was pending or the answer is neither."""


MOMENTARY = frozenset(
    {
        "item_ids", "direction", "directions", "replaced_categories", "lifted_colors", "lifted_patterns",
        "lifted_materials", "lifted_categories", "lifted_lengths", "lifted", "corrects", "shown_before", "about_picture",
        "whole_outfit", "board", "count", "target_price", "feedback", "history_action", "confirmed",
    }
)  # fmt: skip
"""Fields of `Slots` that are never kept as a standing wish."""


class RoutePlan(BaseModel):
    """The router's decision: what to do, in order, and with what."""

    model_config = ConfigDict(frozen=True)

    routes: list[Route] = Field(min_length=1)
    slots: Slots = Field(default_factory=Slots)
    confidence: float = Field(ge=0.0, le=1.0)
    question: str | None = None
    """The one question to ask back, where ``routes`` is ``["clarify"]``."""
    readings: list[Route] = Field(default_factory=list)
    """The two readings that `question` names, in its order; to be handed back as ``context.asked``."""
    source: Source = "built_in"
    """Who decided."""


class Router(Protocol):
    """Decides the routes of one message; must answer without any network."""

    def route(self, request: RouteRequest) -> RoutePlan:
        """Route one message; blocking (a few milliseconds), so call it through ``asyncio.to_thread``."""
        ...
