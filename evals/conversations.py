"""Scripted conversations of many rounds: is every constraint kept that was not lifted, and does no item shown break one?

The constraints expected after each round come from the script alone; those kept come from the thread. What is missing from
the thread is lost; what an item breaks is broken, whatever the thread says.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from graphs.assistant import Assistant
from graphs.turn import Turn, TurnRecord
from stores.catalog import Catalog
from tools.wishes import Wishes

FOLDER = Path(__file__).parent / "conversations"
Progress = Callable[[int, int], None]
_HARD = frozenset(
    {"not_colors", "not_materials", "not_patterns", "not_categories", "max_price", "min_price", "size", "gender",
     "dress_code"}
)  # fmt: skip
"""What no item shown may break; an occasion or a season may give way where the reply says so."""


class Round(BaseModel):
    """One message and what it does to the constraints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str
    adds: dict[str, Any] = Field(default_factory=dict, alias="in")
    """Constraints from now on; a list adds to what stands, a single value replaces it."""
    lifts: dict[str, Any] = Field(default_factory=dict, alias="out")
    """What no longer holds: values of a list, or null for a single value."""
    asleep: list[str] = Field(default_factory=list)
    """Limits that stand for another kind of thing than this round is after: kept, and binding nothing here."""


class Conversation(BaseModel):
    """A person's side of a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    turns: list[Round] = Field(min_length=3, max_length=10)


class Loss(BaseModel):
    """One constraint that was not kept."""

    conversation: str
    turn: int
    constraint: str
    how: str
    """``lost`` from the thread, ``kept`` though lifted, or broken by an item (named)."""


class ConversationReport(BaseModel):
    """The figures of a run."""

    conversations: int
    rounds: int
    whole: int
    """Conversations in which nothing was lost or broken."""
    kept: int
    """Constraints found in force, summed over rounds."""
    expected: int
    items: int
    """Items shown, all of them checked."""
    removed_claims: int
    """Claims taken out of replies because no record held them."""
    losses: list[Loss]

    def table(self) -> Table:
        """The report for a terminal."""
        title = f"{self.whole} of {self.conversations} conversations whole; {self.kept} of {self.expected} constraints kept"
        table = Table(title=f"{title} over {self.rounds} rounds; {self.items} items checked")
        for column in ("conversation", "turn", "constraint", "what happened"):
            table.add_column(column, overflow="fold")
        for loss in self.losses:
            table.add_row(loss.conversation, str(loss.turn), loss.constraint, loss.how)
        return table


def load_conversations(folder: Path = FOLDER) -> list[Conversation]:
    """All conversations of a folder, by file name.

    Raises:
        ValueError: A file holds something else; names the file.
    """
    found = []
    for path in sorted(folder.glob("*.yaml")):
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            found += [Conversation.model_validate(row) for row in rows]
        except ValueError as error:
            raise ValueError(f"{path.name} is no file of conversations: {error}") from error
    return found


async def run_conversations(
    assistant: Assistant, *, on_progress: Progress | None = None, folder: Path = FOLDER
) -> ConversationReport:
    """Hold every conversation, each as a new person who is forgotten afterwards.

    Args:
        assistant: The assistant under test.
        on_progress: Called as ``on_progress(done, total)`` after each conversation.
        folder: Where the scripts are.
    """
    conversations = await asyncio.to_thread(load_conversations, folder)
    losses: list[Loss] = []
    rounds = kept = expected = items = removed = 0
    for done, conversation in enumerate(conversations, 1):
        user = f"conversation-{uuid.uuid4().hex[:12]}"
        standing: dict[str, Any] = {}
        for number, said in enumerate(conversation.turns, 1):
            record = await assistant.run(Turn(user=user, thread="main", text=said.say))
            standing = after(standing, said)
            thread = await assistant.constraints(user, "main")
            found = await asyncio.to_thread(
                losses_of, assistant.services.catalog, record, said, standing, thread
            )
            losses += [
                Loss(conversation=conversation.name, turn=number, constraint=what, how=how)
                for what, how in found
            ]
            rounds, items = rounds + 1, items + len(record.items)
            pairs = list(_pairs(standing))
            expected += len(pairs)
            kept += sum((name, str(value)) in thread for name, value in pairs)
        removed += await assistant.removed_claims(user, "main")
        services = assistant.services
        await asyncio.to_thread(services.history.forget, user, effect_key=f"{user}/end")
        if on_progress is not None:
            on_progress(done, len(conversations))
    faulty = {loss.conversation for loss in losses}
    return ConversationReport(
        conversations=len(conversations),
        rounds=rounds,
        whole=len(conversations) - len(faulty),
        kept=kept,
        expected=expected,
        items=items,
        removed_claims=removed,
        losses=losses,
    )


def after(standing: dict[str, Any], said: Round) -> dict[str, Any]:
    """The constraints that stand after a round, by the script."""
    now = {name: list(value) if isinstance(value, list) else value for name, value in standing.items()}
    for name, value in said.lifts.items():
        if isinstance(value, list):
            now[name] = [one for one in now.get(name, []) if one not in value]
        else:
            now.pop(name, None)
    for name, value in said.adds.items():
        now[name] = [*dict.fromkeys([*now.get(name, []), *value])] if isinstance(value, list) else value
    return now


def losses_of(
    catalog: Catalog, record: TurnRecord, said: Round, standing: dict[str, Any], thread: set[tuple[str, str]]
) -> list[tuple[str, str]]:
    """What went wrong in a round: (constraint, how)."""
    found = [
        (f"{name} {value}", "lost") for name, value in _pairs(standing) if (name, str(value)) not in thread
    ]
    for name, value in said.lifts.items():
        values = value if isinstance(value, list) else [None]
        left = {one for field, one in thread if field == name and (value is None or one in values)}
        found += [(f"{name} {one}", "still in force though lifted") for one in sorted(left)]
    hard = _HARD - set(said.asleep)
    wishes = Wishes(**{name: value for name, value in standing.items() if name in hard})
    for card in record.items:
        product = catalog.get(card.id)
        if wishes.breaks(product):
            broken = [
                f"{name} {value}"
                for name, value in _pairs(standing)
                if name in hard
                and Wishes(**{name: [value] if isinstance(standing[name], list) else value}).breaks(product)
            ]
            found.append((", ".join(broken), f"broken by {card.title} ({card.id})"))
    if record.error:
        found.append(("", f"the round failed: {record.error}"))
    return found


def _pairs(standing: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, float(one) if name.endswith("_price") else one)
        for name, value in standing.items()
        for one in (value if isinstance(value, list) else [value])
    ]
