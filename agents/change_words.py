"""Words for what a message changed of the constraints before it, and for a dress code that was just named."""

from __future__ import annotations

from collections.abc import Sequence

from agents.phrasing import Phrases, listed
from agents.reply_contracts import Change, ReplyFacts
from agents.tables import load_table
from fashion.dress_codes import DRESS_CODES
from fashion.vocabulary import CATEGORIES

_MOST = 3
"""So many kinds of change are told; more would be a list."""


def change_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """What changed, in a sentence or two; empty where nothing did."""
    parts = []
    lifted = [change for change in facts.changes if change.kind == "lifted"]
    bans = list(dict.fromkeys(_thing(change) for change in lifted if change.field.startswith("not_")))
    if bans:
        parts.append(
            phrases.say("changes", "allowed", things=listed(bans), are="is" if len(bans) == 1 else "are")
        )
    rest = list(dict.fromkeys(_kind(change) for change in lifted if not change.field.startswith("not_")))
    if rest:
        parts.append(phrases.say("changes", "free", kinds=listed(rest, "or")))
    parts += _replaced([change for change in facts.changes if change.kind == "replaced"], phrases)
    dropped = [change for change in facts.changes if change.kind == "dropped"]
    things = list(dict.fromkeys(_thing(change) for change in dropped if not change.field.endswith("price")))
    if things:
        parts.append(phrases.say("changes", "dropped", things=listed(things)))
    if any(change.field.endswith("price") for change in dropped):
        parts.append(phrases.say("changes", "dropped_price"))
    return " ".join(parts[:_MOST])


def code_note(facts: ReplyFacts) -> str:
    """What a dress code asks for, where it was just named."""
    code = facts.slots.dress_code
    return DRESS_CODES[code].note if code and facts.new_code else ""


def _replaced(changes: Sequence[Change], phrases: Phrases) -> list[str]:
    said = []
    for change in changes:
        key = change.field if change.field in ("max_price", "min_price", "size") else "other"
        said.append(phrases.say("changes", "replaced", key, old=change.old, new=change.new))
    return said


def _thing(change: Change) -> str:
    """A value as it is named: a category by its noun."""
    category = CATEGORIES.get(change.old)
    return category.plural if category else change.old


def _kind(change: Change) -> str:
    kinds: dict[str, str] = load_table("replies")["changes"]["kinds"]
    return kinds.get(change.field, change.field)
