"""What a tool is: typed arguments, typed result, read or write, and the context it runs in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from fashion.calendar import Calendar
from fashion.product import Product
from stores.artifacts import Artifacts
from stores.catalog import Catalog
from stores.history import History
from vlm.client import FashionVLMClient


class ItemCard(BaseModel):
    """A catalog item as it is shown; every field but ``reason`` is copied from the record."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    category: str
    color: str
    pattern: str
    material: str | None = None
    price: float
    currency: str = "EUR"
    in_stock: bool
    reason: str = ""

    @classmethod
    def of(cls, product: Product, reason: str = "") -> ItemCard:
        """Copy the facts of a product record."""
        return cls(
            id=product.id,
            title=product.title,
            category=product.category,
            color=product.color,
            pattern=product.pattern,
            material=product.material,
            price=product.price,
            currency=product.currency,
            in_stock=product.in_stock,
            reason=reason,
        )


class ToolResult(BaseModel):
    """What every tool gives back; tools subclass it with fields of their own."""

    text: str = ""
    """One or two sentences in words for a person; states no price, size or stock that is not in ``items``."""
    items: list[ItemCard] = Field(default_factory=list)
    images: list[str] = Field(default_factory=list)
    """Artifact ids of pictures made or meant."""
    held_rules: list[str] = Field(default_factory=list)
    """Rules of this person that the request went against, in words; they were kept all the same."""


class KeptMessage(BaseModel):
    """One message of a person's conversations, as it is kept."""

    model_config = ConfigDict(frozen=True)

    thread: str
    turn: int
    text: str
    """What the person said; empty where that was erased or only pictures were sent."""
    image_ids: list[str] = Field(default_factory=list)
    """The pictures sent along."""
    reply: str


class Talks(Protocol):
    """The conversations that are kept."""

    async def count(self, user: str) -> int:
        """How many messages of a person are kept."""
        ...

    async def kept(self, user: str) -> list[KeptMessage]:
        """Every message of a person, thread by thread, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The stores and the model a tool may use."""

    catalog: Catalog
    history: History
    artifacts: Artifacts
    vlm: FashionVLMClient
    calendar: Calendar = field(default_factory=Calendar)
    """Where and when people dress, for what is seasonally right."""
    talks: Talks | None = None
    """The conversations; None where a tool is used outside of any."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Who calls, in which turn, and with what at hand. The user comes from the authenticated context only."""

    user: str
    services: Services
    effect_key: str
    """Unique to this call of this turn and the same on resume: a write with a key seen before is a no-op."""
    image_ids: tuple[str, ...] = ()
    """Artifacts of the pictures at hand: this turn's, else the latest of the thread."""
    on_progress: Callable[[int, int], None] | None = field(default=None, compare=False)


A = TypeVar("A", bound=BaseModel)
R = TypeVar("R", bound=ToolResult)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A, R]):
    """One thing the assistant can do."""

    name: str
    description: str
    access: Literal["read", "write"]
    arguments: type[A]
    result: type[R]
    run: Callable[[ToolContext, A], Awaitable[R]]


class ToolFailedError(RuntimeError):
    """A tool could not do what was asked; the message is one or two sentences fit for a person."""
