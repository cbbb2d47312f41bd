"""Scenarios as files: what a person says and shows, turn by turn, and what must hold of each answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agents.contracts import Route
from fashion.garment import Garment

FOLDER = Path(__file__).parent / "scenarios"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PictureOf(_Part):
    """A garment to be drawn and sent as the person's picture."""

    category: str
    color: str
    pattern: str = "solid"
    material: str | None = None
    style: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None

    def garment(self) -> Garment:
        """The garment to draw."""
        return Garment(**self.model_dump())


class ItemsExpected(_Part):
    """What must hold of the items shown; a list holds the allowed values of every item."""

    at_least: int = 1
    at_most: int | None = None
    categories: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    colors: list[str] = Field(default_factory=list)
    not_colors: list[str] = Field(default_factory=list)
    materials: list[str] = Field(default_factory=list)
    not_materials: list[str] = Field(default_factory=list)
    patterns: list[str] = Field(default_factory=list)
    not_patterns: list[str] = Field(default_factory=list)
    max_price: float | None = None
    min_price: float | None = None
    dearest: Literal["below before"] | None = None
    """The dearest item costs less than the dearest of the answer before it that showed items."""
    new: bool = False
    """None of the items was shown in an earlier turn."""


class HistoryExpected(_Part):
    """What must be kept about the person after the turn."""

    notes: int | None = None
    """Exactly so many notes."""
    kinds: list[str] = Field(default_factory=list)
    """Kinds of note that must be there."""
    about: dict[str, str] = Field(default_factory=dict)
    """Attributes that some note must have."""


class Expected(_Part):
    """What must hold of one answer. Whatever is left out may be anything."""

    routes: list[Route] = Field(default_factory=list)
    """Exactly these, in this order."""
    routes_any: list[Route] = Field(default_factory=list)
    """One of these among the routes."""
    items: ItemsExpected | None = None
    no_items: bool = False
    images: int | None = None
    """At least so many pictures; 0 asks for none."""
    tools: list[str] = Field(default_factory=list)
    """Tools that must have run, without failing."""
    says: list[str] = Field(default_factory=list)
    """Each of these stands in the reply (case does not count; ``a|b`` for either)."""
    never_says: list[str] = Field(default_factory=list)
    asks: bool | None = None
    """Whether the reply holds a question."""
    history: HistoryExpected | None = None
    words_at_most: int = 130
    fails: bool = False
    """The turn is refused: the record has an error."""


class ScriptedTurn(_Part):
    """One message and what its answer must be."""

    say: str = ""
    pictures: list[PictureOf] = Field(default_factory=list)
    expect: Expected = Field(default_factory=Expected)
    thread: str = "main"


class Scenario(_Part):
    """A conversation that must go as written."""

    name: str
    about: str = ""
    tags: list[str] = Field(default_factory=list)
    turns: list[ScriptedTurn] = Field(min_length=1)


def load_scenarios(folder: Path = FOLDER) -> list[Scenario]:
    """All scenarios of a folder, by file name.

    Raises:
        ValueError: A file is no scenario; names the file.
    """
    found = []
    for path in sorted(folder.glob("*.yaml")):
        rows: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            found += [Scenario.model_validate(row) for row in rows]
        except ValueError as error:
            raise ValueError(f"{path.name} is no scenario file: {error}") from error
    return found
