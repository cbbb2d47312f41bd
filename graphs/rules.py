"""A person's rules as a message states them or takes them back, in the arguments of ``record_feedback``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.contracts import Slots
from fashion.implied import implied_ended
from fashion.lexicon import tokenize
from graphs.references import pattern
from graphs.state import Json
from tools.preferences import Known

ALLOW = "allow"
"""The wave that takes rules back, before anything else is served."""

_LISTS = {
    "lifted_colors": ("color", "colors"),
    "lifted_patterns": ("pattern", "patterns"),
    "lifted_materials": ("material", "materials"),
    "lifted_categories": ("category", "categories"),
}


def allowances_of(said: Slots, known: Known, words: str) -> list[Json]:
    """The rules that a message takes back: "leather is fine again" ends the rule against leather.

    What is lifted by name ends a rule; "I'm no longer vegan" those that "I'm vegan" implied and nothing else names.
    "Start over" is about this conversation, not about the person.
    """
    ended = [one for one in implied_ended(tokenize(words)) if {"material": one} in known.implied]
    taken_back = [*_taken_back(said, known), *([{"materials": ended}] if ended else [])]
    return [{"kind": "allow", "text": words[:1000]} | facts for facts in taken_back]


def only_rules(said: Slots) -> bool:
    """Whether a message takes something back and says nothing else ("pink is okay again")."""
    lifting = {*_LISTS, "lifted_lengths", "lifted", "feedback"}
    return not said.model_dump(exclude_defaults=True, exclude=lifting)


def lifted_by_name(said: Slots) -> Json:
    """What a message takes back, whether or not there is a rule against it."""
    lifted = {argument: values for field, (_, argument) in _LISTS.items() if (values := getattr(said, field))}
    return lifted | ({"length": said.lifted_lengths[0]} if said.lifted_lengths else {})


def _taken_back(said: Slots, known: Known) -> Iterator[Json]:
    ruled = {pair for rule in known.rules for pair in rule.items()}
    ruled |= {pair for one in known.disliked if one.item_id is None for pair in one.traits.items()}
    for field, (name, argument) in _LISTS.items():
        values = [value for value in getattr(said, field) if (name, value) in ruled]
        if values:
            yield {argument: values}
    for length in said.lifted_lengths:
        if ("length", length) in ruled:
            yield {"length": length}
    if "price" in said.lifted and known.budget is not None:
        yield {"max_price": known.budget}
    if "size" in said.lifted and known.sizes:
        yield {"size": known.sizes[0][0]}


def stated_rule(said: Slots, words: str) -> Json:
    """A size or a budget that a message states as a fact about the person; empty for none.

    A price limit is one only where the words make it last ("my budget", "never"): else it is of this conversation.
    """
    rule: Json = {}
    if said.size:
        rule |= {"size": said.size, "groups": said.groups}
    if said.max_price is not None and re.search(pattern("lasting"), words, re.IGNORECASE):
        rule |= {"max_price": said.max_price}
    return rule
