"""What a request is after: which categories to look in, and which words name what is at hand."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from fashion.garment import Garment
from fashion.implied import implied_bans
from fashion.lexicon import forgive, scan, tokenize
from fashion.mentions import Mentions, find_mentions
from fashion.vocabulary import CATEGORIES, GROUPS, slot_of
from tools.prompts import load_data
from tools.sight import Seen, places_taken
from tools.wishes import Wishes

_TRAITS = ("categories", "groups", "colors", "patterns", "materials", "styles")


def split_anchor(request: str, wishes: Wishes) -> tuple[Wishes, list[Seen]]:
    """Tell what is wanted from what it shall go with.

    In "what goes with my navy blazer?" and "I have a navy blazer, which tie?" the blazer is at hand, not wanted: the words
    that name it are taken out of the wishes, unless the other words ask for them too.

    Returns:
        The wishes without those words, and the things at hand that the words name.
    """
    parts = _named_after(request) or _named_as_owned(request)
    if parts is None:
        return wishes, []
    before, after, words = parts
    changes = {}
    for trait in _TRAITS:
        anchored = set(getattr(after, trait)) - set(getattr(before, trait))
        changes[trait] = [value for value in getattr(wishes, trait) if value not in anchored]
    return wishes.model_copy(update=changes), _anchors(words)


def _anchors(words: str) -> list[Seen]:
    """The things that words name as at hand: the first, and those that "and" joins to it, commas before it included.

    What is joined with more than the name of a thing ("and what tie", "jeans, maybe a tie") asks for something.
    """
    first, *others = re.split(load_data("targets")["joint_pattern"], words, flags=re.IGNORECASE)
    while others and not find_mentions(first).categories:
        first = f"{first} and {others.pop(0)}"
    parts = first.split(",")
    things = [_thing(one, ends=False) for one in parts] if others else []
    if not all(things) or not others:
        return [_anchor(first if find_mentions(first).categories else words)]
    for one in others:
        thing = _thing(one, ends=one is others[-1])
        if not thing:
            break
        things.append(thing)
    return [_anchor(one) for one in things]


def _thing(words: str, *, ends: bool) -> str:
    """The name of a thing that words begin with; empty where they do not begin with one, or go on behind it.

    With `ends` they may go on ("white shirt for the office"), but not with what asks for the thing ("tie suggestions").
    """
    table = load_data("targets")
    tokens = tokenize(words)
    named = {at for match in scan(forgive(tokens)) for at in range(match.start, match.end)}
    end = next(
        (at for at, token in enumerate(tokens) if at not in named and token not in table["determiners"]),
        len(tokens),
    )
    thing = " ".join(tokens[:end])
    whole = end == len(tokens) or (ends and tokens[end] not in table["asking"])
    return thing if whole and find_mentions(thing).categories else ""


def _anchor(words: str) -> Seen:
    named = find_mentions(words)
    return Seen(
        category=named.categories[0],
        color=_only(named.colors),
        pattern=_only(named.patterns),
        material=_only(named.materials),
        text=words.strip(" ?.!,"),
    )


def _named_after(request: str) -> tuple[Mentions, Mentions, str] | None:
    """What stands before and behind words such as "goes with", and the latter's words; None where no thing follows."""
    match = re.search(load_data("targets")["anchor_pattern"], request, flags=re.IGNORECASE)
    if match is None:
        return None
    words = request[match.end() :]
    after = find_mentions(words)
    return (find_mentions(request[: match.start()]), after, words) if after.categories else None


def _named_as_owned(request: str) -> tuple[Mentions, Mentions, str] | None:
    """The same for "I have blue jeans. What shoes should I wear?": only where the rest asks for something."""
    match = re.search(load_data("targets")["owned_pattern"], request, flags=re.IGNORECASE)
    if match is None:
        return None
    rest = find_mentions(f"{request[: match.start()]} . {request[match.end() :]}")
    owned = find_mentions(match["thing"])
    return (rest, owned, match["thing"]) if owned.categories and (rest.categories or rest.groups) else None


def read_request(request: str, wishes: Wishes) -> Wishes:
    """Take the wishes from the words where the caller stated none at all (only a sentence)."""
    if wishes.wishes():
        return wishes
    mentions = find_mentions(request)
    bans = implied_bans(tokenize(request), mentions.materials)
    gender = None if mentions.gender == "kids" else mentions.gender
    mentions = replace(
        mentions, not_materials=tuple(dict.fromkeys([*mentions.not_materials, *bans])), gender=gender
    )
    named = {
        name: list(value) if isinstance(value, tuple) else value
        for name in Wishes.model_fields
        if (value := getattr(mentions, name, None))
    }
    return Wishes(**named)


def wanted_searches(
    wishes: Wishes, asked: Mentions, named_by_model: Sequence[str], seen: Sequence[Seen]
) -> list[Wishes]:
    """The searches to make, most wanted first, as wishes with their places filled in.

    Args:
        wishes: What the caller states.
        asked: What the request names, without what is at hand.
        named_by_model: Categories in FashionVLM's answer.
        seen: What is at hand.
    """
    if not (wishes.categories or wishes.groups) and (asked.categories or asked.groups):
        place = {"categories": list(asked.categories), "groups": list(asked.groups)}
        wishes = wishes.model_copy(update=place)
    if wishes.categories or wishes.groups:
        # What FashionVLM named is looked for by name, lest likeness to the words alone leave it out.
        named = [name for name in named_by_model if is_wanted(name, wishes)]
        narrowed = wishes.model_copy(update={"categories": named, "groups": []})
        return [*([narrowed] if named else []), *_each_kind(wishes), wishes]
    table = load_data("complements")
    searches = []
    taken = _taken(seen)
    free = [name for name in named_by_model if slot_of(Garment(name, "black")) not in taken]
    if free:
        searches.append(wishes.model_copy(update={"categories": free}))
    special = list(dict.fromkeys([*wishes.not_categories, *table["special"]]))
    for slot, groups in table["by_slot"].items():
        if slot not in taken:
            searches.append(wishes.model_copy(update={"groups": list(groups), "not_categories": special}))
    return searches or [wishes]


def _each_kind(wishes: Wishes) -> list[Wishes]:
    """A search for every kind of several that are wished for, lest one of them fill the whole answer.

    A kind named beside its group ("shoes, ideally boots") narrows it. A cut binds the kinds that come in it: the tie in
    "tie and belt" is a cut of ties, and of no belt.
    """
    places: list[tuple[dict[str, list[str]], Collection[str]]] = [
        ({"categories": [name], "groups": []}, CATEGORIES[name].styles) for name in wishes.categories
    ]
    places += [
        (
            {"categories": [], "groups": [name]},
            {cut for one in GROUPS[name] for cut in CATEGORIES[one].styles},
        )
        for name in wishes.groups
        if not set(GROUPS[name]) & set(wishes.categories)
    ]
    if len(places) < 2:
        return []
    return [
        wishes.model_copy(update=place | {"styles": [cut for cut in wishes.styles if cut in cuts]})
        for place, cuts in places
    ]


def is_wanted(category: str, wishes: Wishes) -> bool:
    """Whether a category is one of those wished for (one named narrows its own group only), or none is."""
    if not (wishes.categories or wishes.groups) or category in wishes.categories:
        return True
    group = CATEGORIES[category].group
    return group in wishes.groups and group not in {CATEGORIES[name].group for name in wishes.categories}


def _taken(seen: Sequence[Seen]) -> set[str]:
    taken: set[str] = {*places_taken(seen)}
    covered = set(load_data("complements")["body_covers"])
    if "body" in taken:
        taken |= covered
    elif taken & covered:
        taken.add("body")
    return taken


def _only(values: Sequence[str]) -> str | None:
    return values[0] if len(values) == 1 else None
