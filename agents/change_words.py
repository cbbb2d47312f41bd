"""Words for what a message changed of the constraints before it, and for a dress code that was just named."""

from __future__ import annotations

from collections.abc import Sequence

from agents.phrasing import Phrases, listed
from agents.reply_contracts import Change, ReplyFacts
from agents.tables import load_table
from fashion.dress_codes import DRESS_CODES, Never, broken_code
from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES

_ASKING = frozenset(("recommend", "personalize", "alternatives", "search"))
_MONEY = ("max_price", "min_price", "max_total")
_LEFT_BEHIND = ("dress_code", "season", "size")
"""What ends with the occasion or the person that it was said of."""
_MOST = 3
"""So many kinds of change are told; more would be a list."""


def change_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """What changed, in a sentence or two; empty where nothing did."""
    parts = _lifted(facts, phrases)
    parts += _replaced([change for change in facts.changes if change.kind == "replaced"], phrases)
    dropped = [change for change in facts.changes if change.kind == "dropped"]
    things = [_thing(change) for change in dropped if change.field not in (*_MONEY, *_LEFT_BEHIND, "gender")]
    things = list(dict.fromkeys(things))
    if things:
        parts.append(phrases.say("changes", "dropped", things=listed(things)))
    if any(change.field in _MONEY for change in dropped):
        parts.append(phrases.say("changes", "dropped_price"))
    if any(change.field == "gender" for change in dropped):
        parts.append(phrases.say("changes", "for_you"))
    past = list(dict.fromkeys(_kind(change) for change in dropped if change.field in _LEFT_BEHIND))
    if past:
        parts.append(phrases.say("changes", "left_behind", kinds=listed(past)))
    kept = [change for change in facts.changes if change.kind == "kept"]
    parts += [phrases.say("changes", "kept", limit=change.old) for change in kept]
    return " ".join(parts[:_MOST])


def _lifted(facts: ReplyFacts, phrases: Phrases) -> list[str]:
    """What the person took back."""
    lifted = [change for change in facts.changes if change.kind == "lifted"]
    kinds = facts.said.lifted if facts.said else []
    if "everything" in kinds:
        said = [phrases.say("changes", "afresh", "dropped" if lifted else "nothing")]
        return [*said, *([phrases.say("changes", "afresh", "ask")] if facts.routes == ["chat"] else [])]
    parts = []
    bans = list(dict.fromkeys(_thing(change) for change in lifted if change.field.startswith("not_")))
    # A rule that is taken back is told of by its own note.
    taken_back = any(
        event.kind == "allow"
        for _, result in facts.results
        for event in getattr(result, "events", None) or []
    )
    if bans and not taken_back:
        parts.append(
            phrases.say("changes", "allowed", things=listed(bans), are="is" if len(bans) == 1 else "are")
        )
    rest = list(dict.fromkeys(_kind(change) for change in lifted if not change.field.startswith("not_")))
    if rest:
        parts.append(phrases.say("changes", "free", kinds=listed(rest, "or")))
    if "chat" in facts.routes and kinds and not (lifted or taken_back):
        parts.append(phrases.say("changes", "nothing", kind=_kind_lifted(kinds[0])))
    return parts


def code_note(facts: ReplyFacts) -> str:
    """What a dress code asks for, where it was just named."""
    code, said = facts.slots.dress_code, facts.said or facts.slots
    notes = [DRESS_CODES[code].note] if code and facts.new_code else []
    return " ".join([*notes, *([DRESS_CODES["modest"].note] if said.modest else [])])


def against_code(facts: ReplyFacts, phrases: Phrases) -> str:
    """What of a message goes against the dress code in force, so that nothing of it is shown."""
    said = facts.said or facts.slots
    if not set(facts.routes) & _ASKING or facts.slots.dress_code is None:
        return ""
    code = DRESS_CODES[facts.slots.dress_code]
    asked: dict[str, list[str]] = {
        "color": said.colors,
        "pattern": said.patterns,
        "material": said.materials,
        "length": [said.length] if said.length else [],
    }
    clauses = [
        never.clause
        for never in code.never
        for name, values in asked.items()
        if any(_breaks(never, name, value) for value in values)
    ]
    color = next(iter(code.favor_colors), "black")
    for name in said.categories:
        if name in CATEGORIES and (clause := broken_code(Garment(name, color), code.name)):
            it, rest = CATEGORIES[name].plural, clause.removeprefix("it is ").removeprefix("they are ")
            clauses.append(f"{it} are {rest}" if rest != clause else clause)
    return phrases.say("against_code", clauses=listed(list(dict.fromkeys(clauses)))) if clauses else ""


def _breaks(never: Never, name: str, value: str) -> bool:
    """Whether a value alone breaks a rule of a code."""
    if set(never.values) == {"not_color"}:
        return name == "color" and value not in never.values["not_color"]
    return set(never.values) == {name} and value in never.values[name]


def _replaced(changes: Sequence[Change], phrases: Phrases) -> list[str]:
    said = []
    for change in changes:
        key = change.field if change.field in ("max_price", "min_price", "max_total", "size") else "other"
        old, new = (
            _code_said(value) if change.field == "dress_code" else value for value in (change.old, change.new)
        )
        said.append(phrases.say("changes", "replaced", key, old=old, new=new))
    return said


def _code_said(name: str) -> str:
    return DRESS_CODES[name].say if name in DRESS_CODES else name


def _thing(change: Change) -> str:
    """A value as it is named: a category by its noun."""
    category = CATEGORIES.get(change.old)
    return category.plural if category else change.old


def _kind(change: Change) -> str:
    kinds: dict[str, str] = load_table("replies")["changes"]["kinds"]
    return kinds.get(change.field, change.field)


def _kind_lifted(name: str) -> str:
    """A kind of wish as it is named where there is none to take back."""
    kinds: dict[str, str] = load_table("replies")["changes"]["lifts"]
    return kinds.get(name, name)
