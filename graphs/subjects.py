"""What ends or sleeps of the constraints in force when a message changes the subject: another occasion, person or thing.

An occasion that takes the place of another takes with it what came with that one: its dress code, and the season named in
the same breath. What is asked for the person who speaks ("a red dress for me") ends for whom the last thing was, and the
size told with that. An occasion or season that describes a thing ("a party dress") sleeps while a message that stands by
itself ("a blue denim jacket") asks for something else. Modest dress goes with the person, and not with the subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.contracts import Slots
from agents.cues import phrases_of
from agents.reply_contracts import Change
from fashion.dress_codes import DRESS_CODES
from fashion.lexicon import Match, forgive, scan, tokenize
from fashion.occasions import OCCASIONS
from fashion.vocabulary import CATEGORIES
from graphs.constraints import CUTS, MODEST, TRAITS, Constraint, place_of
from graphs.references import pattern

_KINDS = ("category", "group")
_DESCRIBING = ("occasion", "season")


def moved_on(
    standing: Sequence[Constraint], said: Slots, words: str
) -> tuple[list[Constraint], list[Change]]:
    """The constraints before a message, without what its change of subject ends.

    Args:
        standing: What stood.
        said: The slots of the message, which asks for something.
        words: Its text, with the spelling mended.

    Returns:
        What still stands, some of it for fewer kinds of thing than before, and what ended.
    """
    added = any(re.search(pattern(name), words, re.IGNORECASE) for name in ("goes_on", "tells_more"))
    if added or said.corrects:
        return list(standing), []
    ended = [*_of_the_occasion(standing, said), *_of_the_person(standing, said, words)]
    left = [one for one in standing if one not in ended]
    changes = [Change(kind="dropped", field=one.field, old=str(one.value)) for one in ended]
    return _asleep(left, said, words), changes


def _of_the_occasion(standing: Sequence[Constraint], said: Slots) -> list[Constraint]:
    """What ends with the occasion that a message replaces; a code ends, too, that leaves the new one no room."""
    if said.occasion is None:
        return []
    old = [one for one in standing if one.field == "occasion" and one.value != said.occasion]
    turns = {one.turn for one in old}
    codes = [
        one
        for one in standing
        if one.field == "dress_code"
        and one.value != MODEST
        and said.dress_code in (None, MODEST)
        and (old or _leaves_no_room(one.value, said.occasion))
    ]
    seasons = [one for one in standing if one.field == "season" and one.turn in turns and said.season is None]
    return [*codes, *seasons]


def _leaves_no_room(code: str, occasion: str) -> bool:
    """Whether what a code asks for is never worn at an occasion, as black tie at the gym."""
    level = DRESS_CODES[code].level if code in DRESS_CODES else None
    if level is None or occasion not in OCCASIONS:
        return False
    low, high = OCCASIONS[occasion].level
    return level[0] > high or level[1] < low


def _of_the_person(standing: Sequence[Constraint], said: Slots, words: str) -> list[Constraint]:
    """For whom something was sought, and the size told with it, where now it is for the person who speaks."""
    for_me = re.search(pattern("for_me"), words, re.IGNORECASE)
    if said.gender or not for_me:
        return []
    others = [
        one
        for one in standing
        if one.field == "gender" and re.search(pattern("another_person"), one.words, re.IGNORECASE)
    ]
    since = min((one.turn for one in others), default=None)
    sizes = [one for one in standing if one.field == "size" and since is not None and one.turn >= since]
    return [*others, *(sizes if said.size is None else [])]


def _asleep(standing: list[Constraint], said: Slots, words: str) -> list[Constraint]:
    """The same, with what only described another thing bound to that thing."""
    place = place_of(said.categories, said.groups)
    if not place or not _stands_alone(said, words):
        return standing
    groups = _groups(place)
    bound = []
    for one in standing:
        kinds = _described(one) if one.field in (*_DESCRIBING, "dress_code") and not one.about else ()
        apart = kinds and one.value != MODEST and not groups & _groups(kinds)
        bound.append(replace(one, about=kinds) if apart else one)
    return bound


def _stands_alone(said: Slots, words: str) -> bool:
    """Whether a message describes by itself what it is after, and points at nothing that was said or shown."""
    own = any(getattr(said, name) not in (None, []) for name in (*TRAITS, *CUTS))
    leaning = said.item_ids or said.directions or said.corrects or said.about_picture
    linked = re.search(pattern("next_piece"), words, re.IGNORECASE)
    return bool(own and not leaning and not linked)


def _described(one: Constraint) -> tuple[str, ...]:
    """The kinds of thing that an occasion, season or code was an adjective of ("party dress"); none for "for a party"."""
    tokens = forgive(tokenize(one.words))
    found = sorted(scan(tokens), key=lambda match: match.start)
    for match in found:
        if match.kind in _DESCRIBING and _says(match, one, tokens) and (noun := _noun_of(match, found)):
            return place_of([noun.value], []) if noun.kind == "category" else place_of([], [noun.value])
    return ()


def _says(match: Match, one: Constraint, tokens: Sequence[str]) -> bool:
    """Whether the words of a constraint say it at this place."""
    if one.field != "dress_code":
        return match.kind == one.field and match.value == one.value
    behind = tuple(tokens[match.start :])
    return any(behind[: len(some)] == some for some in phrases_of("dress_codes", one.value))


def _noun_of(match: Match, found: Sequence[Match]) -> Match | None:
    """The thing that a word describes: it has the word in its name, or ends the run of describing words behind it."""
    end = match.end
    for other in found:
        if other.kind in _KINDS and other.start <= match.start and other.end > match.end:
            return other
        if other.start < match.end:
            continue
        if other.start > end:
            return None
        if other.kind in _KINDS:
            return other
        end = other.end
    return None


def _groups(kinds: Sequence[str]) -> set[str]:
    return {CATEGORIES[name].group for name in kinds if name in CATEGORIES}
