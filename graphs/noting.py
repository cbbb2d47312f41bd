"""The notes that a message makes: likes, dislikes, rules, and rules taken back, as arguments of ``record_feedback``."""

from __future__ import annotations

import re

from agents.clauses import clauses_of
from agents.contracts import FeedbackKind, Slots
from agents.cues import feedback_of
from agents.owned import SizeTold, owned_in, sizes_told
from fashion.implied import implied_ended
from fashion.length_bounds import compares_lengths
from fashion.lexicon import scan, tokenize
from fashion.mentions import find_mentions
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.constraints import CUTS
from graphs.references import pattern
from graphs.rules import lifted_by_name, stated_rule
from graphs.shown import points, seen_of, shown_ids, slots_of
from graphs.spelled import spelled
from graphs.state import Json, TurnState
from graphs.things import things_refused
from graphs.wishes import MOST
from tools.sight import at_hand_words

_NAMED = ("categories", "colors", "patterns", "materials", "styles")


def notes_of(state: TurnState) -> list[tuple[str, Json]]:
    """The calls of the route ``feedback``; a message that praises one thing and refuses another makes two notes."""
    asked = slots_of(state)
    tokens = tokenize(spelled(state))
    if implied_ended(tokens) and not _names_something(asked):
        # What it takes back are the turn's allowances; without any the words alone are kept.
        return (
            []
            if state.get("allowances")
            else [("record_feedback", {"kind": "allow", "text": state["text"][:1000]})]
        )
    if told := sizes_told(tokens):
        return [("record_feedback", _size_note(one, state["text"])) for one in told]
    if asked.feedback == "own" and not asked.item_ids and (owned := owned_in(tokens)):
        return [
            ("record_feedback", _owned_note(" ".join(tokens[one.start : one.end]), state["text"]))
            for one in owned
            if not one.plenty
        ]
    if (rule := stated_rule(asked, spelled(state))) and not asked.item_ids:
        return [
            ("record_feedback", {"kind": "rule", "text": state["text"][:1000]} | rule),
            *_beside(state, asked),
        ]
    if not (_names_something(asked) or asked.not_lengths):
        if state.get("allowances"):
            return []
        if lifted := lifted_by_name(asked):
            return [("record_feedback", {"kind": "allow", "text": state["text"][:1000]} | lifted)]
    kind = asked.feedback or "like"
    lengths = _lengths_never_worn(state, asked, kind)
    if lengths and (compares_lengths(tokens) or not _names_something(asked)):
        # "No skirts shorter than midi" is said of skirts, and "no minis" of everything.
        return [_feedback(state, asked, kind, length) for length in lengths]
    alone: list[tuple[str, Json]] = [
        ("record_feedback", {"kind": kind, "text": state["text"][:1000], "length": one}) for one in lengths
    ]
    other = "" if lengths else None
    traits = ("colors", "patterns", "materials", "categories")
    praised = any(getattr(asked, name) for name in traits) and any(
        feedback_of(tokenize(clause)) == "like" for clause in clauses_of(spelled(state))
    )
    refused = any(getattr(asked, f"not_{name}") for name in traits)
    if kind not in ("avoid", "dislike") or asked.item_ids or not (praised and refused):
        return [*alone, *_told(state, asked, kind, other)]
    liked = asked.model_copy(update={f"not_{name}": [] for name in (*traits, "groups")})
    hated = asked.model_copy(update={name: [] for name in (*traits, "groups")})
    return [*alone, _feedback(state, liked, "like", other), *_told(state, hated, kind, other)]


def _size_note(told: SizeTold, words: str) -> Json:
    """The size of one kind of thing, as the person's rule; it is kept by group."""
    group = told.name if told.kind == "group" else CATEGORIES[told.name].group
    return {"kind": "rule", "text": words[:1000], "size": told.size, "groups": [group]}


def _owned_note(thing: str, words: str) -> Json:
    """A thing that the person has, told of beside what they ask for."""
    named = find_mentions(thing)
    places = [*named.categories, *(name for group in named.groups for name in GROUPS.get(group, ()))]
    traits = {"colors": named.colors, "patterns": named.patterns, "materials": named.materials}
    facts: Json = {"categories": places[:MOST]} | {name: list(values) for name, values in traits.items()}
    facts |= cuts_named(thing) if places else {}
    return {"kind": "own", "text": words[:1000]} | {name: values for name, values in facts.items() if values}


def _beside(state: TurnState, asked: Slots) -> list[tuple[str, Json]]:
    """What else is told beside a size or a budget ("allergic to wool, and I wear 38")."""
    traits = ("colors", "patterns", "materials", "styles")
    notes = []
    if any(getattr(asked, f"not_{name}") for name in (*traits, "categories")):
        banned = asked.model_copy(update={name: [] for name in (*traits, "categories", "groups")})
        kind = asked.feedback if asked.feedback in ("avoid", "dislike") else "avoid"
        notes += _told(state, banned, kind)
    clauses = [feedback_of(tokenize(clause)) for clause in clauses_of(spelled(state))]
    if "like" in clauses and any(getattr(asked, name) for name in traits):
        empty: dict[str, list[str]] = {f"not_{name}": [] for name in (*traits, "categories", "groups")}
        liked = asked.model_copy(update=empty | {"categories": [], "groups": []})
        notes.append(_feedback(state, liked, "like"))
    return notes


def _names_something(asked: Slots) -> bool:
    traits = ("colors", "patterns", "materials", "styles", "categories")
    named = any(getattr(asked, name) or getattr(asked, f"not_{name}") for name in traits)
    return bool(named or asked.item_ids or asked.groups or asked.not_groups)


def _lengths_never_worn(state: TurnState, asked: Slots, kind: FeedbackKind) -> list[str]:
    """The lengths that a rule names by themselves; "I hate that it isn't longer" is about the item, and names none."""
    if kind not in ("avoid", "dislike") or asked.item_ids or state["image_ids"] or _pointed_at(state):
        return []
    return [length for length in asked.not_lengths if length != "long"]


def _told(
    state: TurnState, asked: Slots, kind: FeedbackKind, length: str | None = None
) -> list[tuple[str, Json]]:
    """The notes of a liking or a refusal; what is refused side by side makes a note each."""
    tool, arguments = _feedback(state, asked, kind, length)
    if kind not in ("avoid", "dislike") or not arguments.get("categories"):
        return [(tool, arguments)]
    named = {name: arguments.pop(name) for name in _NAMED if name in arguments}
    things = things_refused(spelled(state), named)
    if len(things) < 2:
        return [(tool, arguments | named)]
    arguments = {name: value for name, value in arguments.items() if name not in CUTS}
    told = []
    for one in things:
        cuts = cuts_named(one.words)
        if length is not None:
            cuts.pop("length", None)
            cuts |= {"length": length} if length and one.named.get("categories") else {}
        if one.named or cuts:
            told.append((tool, arguments | one.named | cuts))
    return told


def _feedback(
    state: TurnState, asked: Slots, kind: FeedbackKind, length: str | None = None
) -> tuple[str, Json]:
    """One note.

    Args:
        state: The thread, and the message.
        asked: Its slots.
        kind: Of the note.
        length: To note in place of the one that the message names; empty for none.
    """
    arguments: Json = {"kind": kind, "text": state["text"][:1000], "item_ids": asked.item_ids}
    if not asked.item_ids:
        places = [*asked.categories, *(name for group in asked.groups for name in GROUPS.get(group, ()))]
        named: dict[str, list[str]] = {
            "categories": places,
            "colors": asked.colors,
            "patterns": asked.patterns,
            "materials": asked.materials,
            "styles": asked.styles,
        }
        cuts = cuts_named(spelled(state)) if places or asked.not_categories else {}
        if length is not None:
            cuts = {name: value for name, value in cuts.items() if name != "length"}
            cuts |= {"length": length} if length else {}
        if len(state["plan"]["routes"]) > 1 and any(list(named.values())[1:]):
            # The kinds of thing in the message are what its other half asks for.
            named["categories"] = []
        if kind in ("avoid", "dislike"):
            named = {name: [*values, *getattr(asked, f"not_{name}")] for name, values in named.items()}
            named["categories"] += [name for group in asked.not_groups for name in GROUPS.get(group, ())]
        arguments |= {name: list(dict.fromkeys(values))[:MOST] for name, values in named.items() if values}
        arguments |= cuts
        if not any(named.values()) and not cuts and not state["image_ids"]:
            arguments["item_ids"] = _pointed_at(state)
    if arguments["item_ids"] and (seen := seen_of(state)):
        arguments["worn_with"] = at_hand_words(seen)[:200]
    return "record_feedback", arguments


def cuts_named(text: str) -> Json:
    """The length, sleeve, neckline and fit that a message names, wanted or not ("I don't like long dresses")."""
    tokens = tokenize(text)
    found = scan(tokens)
    cuts = {match.kind: match.value for match in found if match.kind in CUTS}
    # "Long dresses": before a kind of thing the plain word is a length.
    plain = [tokens[match.start - 1] for match in found if match.kind == "category" and match.start]
    length = next((word for word in plain if word in ("long", "short")), None)
    return cuts | ({"length": length} if length else {})


def _pointed_at(state: TurnState) -> list[str]:
    """The shown items that "it" or "them" means, where the router could not tell."""
    shown = shown_ids(state)
    if len(shown) == 1 and points(spelled(state)):
        return shown
    every = re.search(pattern("all_of_them"), spelled(state), re.IGNORECASE)
    return shown if every else []
