"""The events of a person's history, their rows in the journal, and their words in the index."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class HistoryEvent(BaseModel):
    """One thing a person said, liked, bought, owns or avoids."""

    model_config = ConfigDict(frozen=True)

    id: str
    user: str
    at: datetime
    """When it was recorded, in UTC."""
    kind: str
    item_id: str | None = None
    text: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    effect_key: str


class Tombstone(BaseModel):
    """That a person asked to be forgotten, without anything of what was forgotten."""

    model_config = ConfigDict(frozen=True)

    user: str
    at: datetime
    effect_key: str
    erased: int


def collection_of(user: str) -> str:
    """A safe collection name: user ids may hold anything, Chroma's names may not."""
    return "history-" + hashlib.sha256(user.encode()).hexdigest()[:40]


def mark_of(user: str, effect_key: str) -> str:
    """What stays of an effect whose event was forgotten: nothing can be read from it."""
    return hashlib.sha256(json.dumps([user, effect_key]).encode()).hexdigest()


def sentence_of(row: sqlite3.Row) -> str:
    """What is embedded of an event: kind, words and facts."""
    facts: Sequence[str] = list(json.loads(row["attributes"]).values())
    return ". ".join(part for part in (row["kind"], row["text"], " ".join(facts)) if part)


def event_of(row: sqlite3.Row) -> HistoryEvent:
    """An event as its row says."""
    return HistoryEvent(
        id=row["id"],
        user=row["user"],
        at=row["at"],
        kind=row["kind"],
        item_id=row["item_id"],
        text=row["text"],
        attributes=json.loads(row["attributes"]),
        effect_key=row["effect_key"],
    )
