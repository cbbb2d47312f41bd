"""Cue phrases: what a message shows of direction, liking, its own data, yes and no, by word lists alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import cast

from agents.contracts import Direction, FeedbackKind, HistoryAction
from agents.tables import load_table
from fashion.lexicon import tokenize

Phrase = tuple[str, ...]
_OWNING = ("own", "owns", "owned", "mine", "closet", "wardrobe", "already")
_LONGEST = 6
"""No phrase of the lists has more words."""


def longest(tokens: Sequence[str], table: str) -> str | None:
    """The name whose phrases hold the longest one in the tokens; the earlier name where two are as long.

    Args:
        tokens: From `fashion.lexicon.tokenize`.
        table: A key of ``cues.yaml`` that maps names to phrases.
    """
    return _longest(tokens, table)[0]


def _longest(tokens: Sequence[str], table: str) -> tuple[str | None, int]:
    """As `longest`, with how many words the phrase has."""
    names = _names(table)
    found = [
        (len(phrase), -names[phrase][0], names[phrase][1])
        for phrase in _runs(tuple(tokens))
        if phrase in names
    ]
    length, _, name = max(found, default=(0, 0, None))
    return name, length


def holds(tokens: Sequence[str], phrase: Phrase) -> bool:
    """Whether a phrase stands in the tokens."""
    return phrase in _runs(tuple(tokens))


def holds_any(tokens: Sequence[str], table: str) -> bool:
    """Whether any phrase of a list of ``cues.yaml`` stands in the tokens."""
    return not _runs(tuple(tokens)).isdisjoint(_phrases(table))


def held(tokens: Sequence[str], words: Iterable[str]) -> bool:
    """Whether any of some single words stands in the tokens."""
    return not set(words).isdisjoint(tokens)


def named_in(tokens: Sequence[str], table: str) -> list[str]:
    """All names whose phrases stand in the tokens, in the order of the table."""
    runs = _runs(tuple(tokens))
    return [name for name, phrases in _named(table) if not runs.isdisjoint(phrases)]


def phrases_of(table: str, name: str) -> tuple[Phrase, ...]:
    """The phrases under one name of a table of ``cues.yaml``."""
    return dict(_named(table))[name]


def directions_of(tokens: Sequence[str]) -> list[Direction]:
    """Every direction of change that the words show, in their order; a phrase inside a longer one does not count."""
    names = _names("directions")
    spans: list[tuple[int, int, str]] = []
    for at in range(len(tokens)):
        for stop in range(at + 1, min(at + _LONGEST, len(tokens)) + 1):
            phrase = tuple(tokens[at:stop])
            if phrase in names and not _of_time(tokens, at):
                spans.append((at, stop, names[phrase][1]))
    kept = [
        span
        for span in spans
        if not any(
            other[0] <= span[0] and span[1] <= other[1] and other[1] - other[0] > span[1] - span[0]
            for other in spans
        )
    ]
    named = list(dict.fromkeys(name for _, _, name in sorted(kept)))
    # "Something else, darker" says how it is to differ: that it differs is said by that.
    found = [name for name in named if name != "different"] or named
    return cast("list[Direction]", found)


def _of_time(tokens: Sequence[str], at: int) -> bool:
    """As in "I no longer need it" and "not any longer", which ask for nothing longer."""
    if tokens[at] != "longer" or at == 0:
        return False
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if tokens[at - 1] == "no":
        return behind not in ("one", "ones")
    return tokens[at - 1] == "any" and (behind is None or not behind.isalnum())


def direction_of(tokens: Sequence[str]) -> Direction | None:
    """The first direction of change that the words show."""
    return next(iter(directions_of(tokens)), None)


def feedback_of(tokens: Sequence[str]) -> FeedbackKind | None:
    """The kind of feedback that the words show. A plain no to a liking outweighs the liking."""
    runs = _runs(tuple(tokens))
    present = {name for name, phrases in _named("feedback") if not runs.isdisjoint(phrases)}
    order = ("avoid", "dislike", "bought", "worn", "own", "like")
    return cast("FeedbackKind | None", next((name for name in order if name in present), None))


def merely_has(tokens: Sequence[str]) -> bool:
    """Whether a message only says that something is there ("I have", "I've got"), without a word of owning or liking."""
    return feedback_of(tokens) in (None, "own") and not held(tokens, _OWNING)


def history_action_of(tokens: Sequence[str]) -> HistoryAction | None:
    """``forget`` or ``export`` where the words say so; "don't forget me" does not."""
    found = cast("HistoryAction | None", longest(tokens, "history"))
    places = _forgetting(tokens)
    return None if found == "forget" and places and all(_negated(tokens, at) for at in places) else found


def small_talk_of(tokens: Sequence[str]) -> tuple[str | None, int]:
    """The kind of small talk in the words, and how many words it leaves over."""
    words = [token for token in tokens if token.isalnum()]
    best, length = _longest(words, "small_talk")
    return best, len(words) - length


def asks_for_the_extreme(words: Sequence[str]) -> bool:
    """Whether a message says nothing but a superlative: "and the most expensive?"."""
    if longest(words, "superlatives") is None:
        return False
    spare = {
        word for phrases in dict(_named("superlatives")).values() for phrase in phrases for word in phrase
    }
    allowed = spare | {word for phrase in _phrases("beside_a_superlative") for word in phrase}
    return all(word in allowed for word in words)


def asks_to_be_forgotten(tokens: Sequence[str]) -> bool:
    """Whether a forgetting word is followed at once by the person's own data ("forget me", "delete my data")."""
    places = [at for at in _forgetting(tokens) if not _negated(tokens, at)]
    return any(_starts(tokens[at + 1 :], "forget_objects") for at in places)


def yes_or_no(tokens: Sequence[str]) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else or both.

    Every word must belong to a yes, to a no, or to the few that may stand beside them; so "yes, show me boots" is no
    consent.
    """
    words = [token for token in tokens if token.isalnum()]
    yes, _ = _consume(words, "affirm")
    no, _ = _consume(words, "deny")
    if not words or yes == no:
        leading = _starts(words, "deny") if yes and no else False
        return False if leading and not _leftover(words) else None
    return None if _leftover(words) else yes


def _consume(words: Sequence[str], table: str) -> tuple[bool, list[str]]:
    """Whether a phrase of the list stands there, and the words outside all such phrases."""
    found, rest, at = False, [], 0
    while at < len(words):
        here = _by_first_word(table).get(words[at], ())
        length = max((len(p) for p in here if tuple(words[at : at + len(p)]) == p), default=0)
        if length:
            found, at = True, at + length
        else:
            rest.append(words[at])
            at += 1
    return found, rest


def _leftover(words: Sequence[str]) -> list[str]:
    rest = list(words)
    for table in ("affirm", "deny", "fillers"):
        rest = _consume(rest, table)[1]
    return rest


def _starts(tokens: Sequence[str], table: str) -> bool:
    return any(tuple(tokens[: len(phrase)]) == phrase for phrase in _phrases(table))


def _forgetting(tokens: Sequence[str]) -> list[int]:
    """Where the single words of forgetting stand."""
    words = {phrase[0] for phrase in dict(_named("history"))["forget"] if len(phrase) == 1}
    return [at for at, token in enumerate(tokens) if token in words]


def _negated(tokens: Sequence[str], at: int) -> bool:
    """Whether "do not", "don't" or "never" stands before a word."""
    return at > 0 and (
        tokens[at - 1] in ("not", "never", "dont") or tuple(tokens[max(0, at - 2) : at]) == ("don", "t")
    )


@lru_cache(maxsize=512)
def _runs(tokens: Phrase) -> frozenset[Phrase]:
    """All runs of up to `_LONGEST` tokens."""
    return frozenset(
        tokens[at : at + span] for span in range(1, _LONGEST + 1) for at in range(len(tokens) - span + 1)
    )


@cache
def _phrases(table: str) -> tuple[Phrase, ...]:
    return _tokenized(load_table("cues")[table])


@cache
def _by_first_word(table: str) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, tuple[Phrase, ...]] = {}
    for phrase in _phrases(table):
        found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


@cache
def _named(table: str) -> tuple[tuple[str, tuple[Phrase, ...]], ...]:
    return tuple((name, _tokenized(phrases)) for name, phrases in load_table("cues")[table].items())


@cache
def _names(table: str) -> dict[Phrase, tuple[int, str]]:
    """Each phrase of a table with the place and the name of the first entry that has it."""
    found: dict[Phrase, tuple[int, str]] = {}
    for place, (name, phrases) in enumerate(_named(table)):
        for phrase in phrases:
            found.setdefault(phrase, (place, name))
    return found


def _tokenized(phrases: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(dict.fromkeys(tuple(tokenize(phrase)) for phrase in phrases))
