"""Words for what is kept of a person: a note, and the notes that still hold by kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agents.phrasing import Phrases, listed, money, number
from agents.reply_contracts import ReplyFacts
from agents.tables import load_table
from fashion.vocabulary import CATEGORIES, GROUPS
from stores.history import HistoryEvent
from tools.contracts import ItemCard
from tools.recall_history import RecallHistoryResult
from tools.rule_words import length_word, rule_words

MOST_THINGS = 12
"""Things named of one kind; of what is to be left out all are."""
_REFUSING = ("avoid", "dislike", "rule")
_LOOSE = {"pattern", "style", "fit", "length", "sleeve", "neckline"}
"""Traits that need a noun behind them."""
_OPPOSITES = {"like": ("dislike", "avoid"), "dislike": ("like",), "avoid": ("like",)}
_CURRENCY = "EUR"
_Thing = tuple[tuple[str, str], ...]


def things_in(events: Sequence[HistoryEvent], items: Sequence[ItemCard] = ()) -> list[str]:
    """What some notes are about, each thing once; empty words for a note that has only the person's own.

    Where every kind of a group is meant it goes by the name of the group: "black shoes".

    Args:
        events: The notes.
        items: Cards of the items that they may be about.
    """
    kinds: dict[_Thing, set[str]] = {}
    for event in events:
        if event.item_id is None:
            kinds.setdefault(_beside_category(event), set()).add(event.attributes.get("category", ""))
    titles = {item.id: item.title for item in items}
    things: dict[str, None] = {}
    for event in events:
        title = titles.get(event.item_id or "") or event.attributes.get("title")
        noun = "" if event.item_id else _group_word(event, kinds[_beside_category(event)])
        things[f"the {title}" if title else _subject(event.attributes, noun)] = None
    return list(things)


def _subject(traits: dict[str, str], noun: str) -> str:
    if "max_price" in traits:
        return f"nothing above {traits['max_price']}"
    if "size" in traits:
        return rule_words({name: traits[name] for name in ("size", "group") if name in traits})
    if not noun and traits.get("category") in CATEGORIES:
        noun = CATEGORIES[traits["category"]].plural
    if not noun and set(traits) & _LOOSE and not traits.get("material"):
        noun = "pieces"
    sleeve = traits.get("sleeve")
    parts = (
        length_word(traits.get("length", "")),
        sleeve if sleeve in (None, "sleeveless") else f"{sleeve}-sleeved",
        *(traits.get(name) for name in ("neckline", "fit", "color", "pattern", "material", "style")),
        noun,
    )
    return " ".join(part for part in parts if part)


def _beside_category(event: HistoryEvent) -> _Thing:
    return tuple(
        sorted(pair for pair in event.attributes.items() if pair[0] not in ("category", "worn_with"))
    )


def _group_word(event: HistoryEvent, named: Collection[str]) -> str:
    """The name of the group where every kind in it is named; empty for any other."""
    category = CATEGORIES.get(event.attributes.get("category", ""))
    members = GROUPS.get(category.group, ()) if category else ()
    if category is None or len(members) < 2 or not set(members) <= set(named):
        return ""
    words: dict[str, str] = load_table("replies")["groups"]
    return words.get(category.group, category.group)


def about(event: HistoryEvent) -> str:
    """What a note is about, or the person's own words in quotes."""
    return things_in([event])[0] or f"“{event.text[:80]}”"


def line(event: HistoryEvent, phrases: Phrases) -> str:
    """A note on a line of its own."""
    return phrases.say("history", "line", date=str(event.at)[:10], kind=event.kind, words=about(event))


def few(things: Sequence[str], most: int = MOST_THINGS) -> str:
    """Things in a row, and how many more there are."""
    more = len(things) - most
    return listed([*things[:most], f"{number(more)} more"]) if more > 0 else listed(things)


def known_words(found: RecallHistoryResult, phrases: Phrases) -> str:
    """What the notes come to: those that hold are counted and named, all others counted."""
    kept, total = len(found.events), max(found.total, len(found.events))
    if not total:
        return phrases.say("history", "empty")
    held = standing(found.events)
    if not held:
        return phrases.say("history", "taken_back", count=notes_counted(total))
    named = notes_counted(sum(len(things) for things in _by_kind(held).values()))
    told = [phrases.say("history", "show", count=named, summary=summed(held, phrases))]
    if spent := kept - len(held):
        told.append(phrases.say("history", "spent", count=notes_counted(spent)))
    if total > kept:
        told.append(phrases.say("history", "latest", count=str(kept), total=str(total)))
    return " ".join(told)


def notes_counted(count: int) -> str:
    """So many notes in words."""
    return "one note" if count == 1 else f"{number(count)} notes"


def standing(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """The notes that still hold, each once: the newest of those that say the same, the opposite or another limit."""
    held: list[HistoryEvent] = []
    for event in sorted(events, key=lambda one: one.at):
        facts = set(event.attributes.items())
        if event.kind == "allow" and facts:
            held = _without_allowed(held, event)
            continue
        held = [one for one in held if not _replaced(one, event)]
        held.append(event)
    return held


def _without_allowed(held: list[HistoryEvent], allowed: HistoryEvent) -> list[HistoryEvent]:
    facts = set(allowed.attributes.items())
    limits = {"size", "max_price"} & set(allowed.attributes)
    ruled = [
        one
        for one in held
        if one.kind in _REFUSING and (facts <= set(one.attributes.items()) or limits & set(one.attributes))
    ]
    gone = ruled or [one for one in held if one.kind == "like" and facts == set(one.attributes.items())]
    return [one for one in held if one not in gone]


def _replaced(older: HistoryEvent, newer: HistoryEvent) -> bool:
    """Whether a note holds no more, or is only said again, since a newer one stands."""
    if (size := newer.attributes.get("size")) and (old := older.attributes.get("size")):
        # A size in letters and one in figures hold side by side, and so do those of two groups.
        same_group = older.attributes.get("group") == newer.attributes.get("group")
        return same_group and size[:1].isdigit() == old[:1].isdigit()
    if "max_price" in newer.attributes and "max_price" in older.attributes:
        return True
    if (older.item_id, _facts(older)) != (newer.item_id, _facts(newer)):
        return False
    if not (newer.item_id or _facts(newer)):
        return older.kind == newer.kind and older.text == newer.text
    return older.kind in (newer.kind, *_OPPOSITES.get(newer.kind, ()))


def _facts(event: HistoryEvent) -> dict[str, str]:
    return {name: value for name, value in event.attributes.items() if name != "worn_with"}


def summed(events: Sequence[HistoryEvent], phrases: Phrases) -> str:
    """The notes by kind: "you like navy loafers and linen; you avoid suede"."""
    return "; ".join(summed_by_kind(events, phrases))


def summed_by_kind(events: Sequence[HistoryEvent], phrases: Phrases) -> list[str]:
    """What is said of the notes of each kind."""
    return [
        f"{phrases.say('history', 'kinds', kind)} "
        f"{few(things, len(things) if kind in _REFUSING else MOST_THINGS)}"
        for kind, things in _by_kind(events).items()
    ]


def _by_kind(events: Sequence[HistoryEvent]) -> dict[str, list[str]]:
    found: dict[str, list[HistoryEvent]] = {}
    for event in events:
        found.setdefault(event.kind, []).append(event)
    named: dict[str, list[str]] = {}
    for kind, some in found.items():
        own = [about(one) for one in some if not (one.item_id or things_in([one])[0])]
        named[kind] = list(dict.fromkeys([*(thing for thing in things_in(some) if thing), *own]))
    return named


def limit_words(facts: ReplyFacts, phrases: Phrases) -> str:
    """The price that a told liking or rule names and that is kept for this conversation only; empty for none."""
    said = facts.said
    noted = [event for _, result in facts.results for event in getattr(result, "events", None) or []]
    if said is None or said.max_price is None or facts.routes != ["feedback"] or not noted:
        return ""
    if any("max_price" in event.attributes for event in noted):
        return ""
    return phrases.say("feedback", "limit", price=money(said.max_price, _CURRENCY))
