"""What is in force in a conversation, in plain words: each wish and limit with the message it came from."""

from __future__ import annotations

from collections.abc import Sequence

from agents.item_questions import asks_what_stands
from agents.phrasing import Phrases, listed, money
from agents.reply_contracts import LeftOut, ReplyFacts, Standing
from agents.tables import load_table
from fashion.vocabulary import CATEGORIES, GROUPS

_CURRENCY = "EUR"
_PLACES = ("categories", "groups")
_MOST_QUOTED = 80
"""So many characters of a message are quoted."""
_MOST_KINDS = 4


def standing_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """The wishes and limits in force, a line for each message; empty for any message that does not ask for them."""
    if facts.routes != ["history"] or not asks_what_stands(facts.text):
        return ""
    if not facts.standing:
        return phrases.say("standing", "none")
    by_message: dict[tuple[int, str], list[Standing]] = {}
    for one in sorted(facts.standing, key=lambda one: one.turn):
        by_message.setdefault((one.turn, one.words), []).append(one)
    lines = [
        phrases.say("standing", "line", words=_quoted(words), things="; ".join(_things(group, phrases)))
        for (_, words), group in by_message.items()
    ]
    return "\n".join([phrases.say("standing", "lead"), *lines])


def left_out_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """What is not shown again, and what it breaks; empty where nothing is left out."""
    if not facts.left_out:
        return ""
    things = [
        phrases.say("left_out", "thing", title=one.title, rules=listed(against(one, phrases)))
        for one in facts.left_out
    ]
    shown = any(result.items for _, result in facts.results)
    return phrases.say("left_out", "some" if shown else "all", things=listed(things))


def against(one: LeftOut, phrases: Phrases) -> list[str]:
    """The rules and limits that an item breaks, in words."""
    limits = [phrases.say("standing", "fields", each.field, value=_value(each)) for each in one.limits]
    return list(dict.fromkeys([*one.rules, *limits]))


def _things(group: Sequence[Standing], phrases: Phrases) -> list[str]:
    """What of one message is in force; a limit on just what the message is after is told without its kinds."""
    sought = {name for one in group if one.field in _PLACES for name in _kinds_of(one)}
    things = []
    for one in group:
        thing = phrases.say("standing", "fields", one.field, value=_value(one))
        if one.about and not (sought and sought <= set(one.about)):
            thing = phrases.say("standing", "bound", thing=thing, kinds=_kinds(one.about))
        things.append(thing)
    return list(dict.fromkeys(things))


def _kinds_of(one: Standing) -> Sequence[str]:
    return GROUPS.get(str(one.value), ()) if one.field == "groups" else (str(one.value),)


def _value(one: Standing) -> str:
    if isinstance(one.value, float):
        return money(one.value, _CURRENCY)
    return _named(str(one.value))


def _kinds(about: Sequence[str]) -> str:
    """Categories in words, a whole group by its name."""
    left, named = list(about), []
    for group, members in GROUPS.items():
        if members and set(members) <= set(left):
            named.append(_named(group))
            left = [name for name in left if name not in members]
    named += [_named(name) for name in left]
    more = len(named) - _MOST_KINDS
    return listed([*named[:_MOST_KINDS], f"{more} more"] if more > 0 else named)


def _named(value: str) -> str:
    groups: dict[str, str] = load_table("replies")["groups"]
    return CATEGORIES[value].plural if value in CATEGORIES else groups.get(value, value)


def _quoted(words: str) -> str:
    """A message on one line, cut where it is long."""
    line = " ".join(words.split())
    return line if len(line) <= _MOST_QUOTED else f"{line[:_MOST_QUOTED].rstrip()}…"
