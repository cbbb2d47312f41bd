"""Words for alternatives: what changed, how far it went, and the first of them."""

from __future__ import annotations

from typing import Any

from agents.change_words import against_code
from agents.item_words import banned_words, held_words, joined, sum_words
from agents.phrasing import Phrases, listed, number, price_of, sentence
from agents.reply_contracts import ReplyFacts
from agents.tables import load_table
from fashion.vocabulary import CATEGORIES
from tools.suggest_alternatives import SuggestAlternativesResult


def alternatives(result: Any, facts: ReplyFacts, phrases: Phrases) -> str:
    """What to say of alternatives: what changed, and the first of them."""
    found: SuggestAlternativesResult = result
    held = held_words(found, phrases)
    if not found.items and against_code(facts, phrases):
        # Why there is nothing has been said.
        return held
    if not found.items:
        return joined([held, phrases.say("alternatives", "nothing", text=sentence(found.text))])
    parts = [held]
    if found.seen_again:
        things = listed([f"the {card.title}" for card in found.items])
        fits, comes = ("fits", "comes") if len(found.items) == 1 else ("fit", "come")
        if found.differs:
            return joined([held, phrases.say("alternatives", "seen_near", things=things, comes=comes)])
        return joined([held, phrases.say("alternatives", "seen_again", things=things, fits=fits)])
    if found.outfit:
        return joined([*parts, *_changed_outfit(found, facts, phrases)])
    changes = _asked_changes(facts)
    if found.other_kinds:
        kinds = [
            CATEGORIES[card.category].plural for card in facts.previous_items if card.id in found.replaces
        ]
        parts.append(
            phrases.say(
                "alternatives", "other_kinds", kinds=listed(list(dict.fromkeys(kinds)), "or") or "those"
            )
        )
    if found.bound and found.looser:
        strict = len(found.items) - len(found.looser_ids)
        verb = "is" if strict == 1 else "are"
        parts.append(
            phrases.say(
                "alternatives",
                "looser",
                count=number(strict),
                are=verb,
                bound=found.bound,
                looser=found.looser,
            )
        )
    elif found.bound:
        parts.append(
            phrases.say("alternatives", "bound_one" if len(found.items) == 1 else "bound", bound=found.bound)
        )
    elif changes and found.exact:
        parts.append(phrases.say("alternatives", "changed", changes=changes))
    elif measure := load_table("replies")["measures"].get(facts.slots.direction):
        parts.append(phrases.say("alternatives", "untellable", measure=measure))
    else:
        parts.append(phrases.say("alternatives", "plain"))
    first = found.items[0]
    if found.differs.get(first.id):
        differs = "; ".join(found.differs[first.id])
        parts += [
            phrases.say("alternatives", "inexact"),
            phrases.say("recommend", "nearest", title=first.title, differs=differs),
        ]
        return joined(parts)
    price = f", at {price_of(first)}," if facts.slots.direction in ("cheaper", "dearer") else ""
    words = phrases.say("alternatives", "first", title=first.title, price=price)
    parts.append(words.replace(",.", "."))
    return joined(parts)


def _changed_outfit(found: SuggestAlternativesResult, facts: ReplyFacts, phrases: Phrases) -> list[str]:
    """What to say of an outfit whose pieces were changed."""
    changed = [card for card in found.items if card.id not in found.kept_ids]
    pieces = listed([f"the {card.title}" for card in changed])
    key = "outfit" if found.bound else "outfit_plain"
    parts = [phrases.say("alternatives", key, bound=found.bound, pieces=pieces)]
    parts += [
        phrases.say("alternatives", "outfit_kept", kept=card.title)
        for card in found.items
        if card.id in found.kept_ids
    ]
    if found.lost:
        lost = listed([f"the {title}" for title in found.lost])
        parts.append(phrases.say("alternatives", "outfit_lost", lost=lost))
    return [*parts, *sum_words(found.total, found.items[0].currency, facts, phrases)]


def _asked_changes(facts: ReplyFacts) -> str:
    """What the person asked to be changed in this message."""
    slots = facts.said or facts.slots
    wanted = [*(f"in {listed(slots.colors, 'or')}" for _ in slots.colors[:1])]
    wanted += [f"in {listed(slots.materials, 'or')}"] if slots.materials else []
    wanted += [listed(slots.patterns, "or")] if slots.patterns else []
    banned = banned_words(slots)
    wanted += [f"without {listed(banned, 'or')}"] if banned else []
    wanted += [f"for {slots.gender}"] if slots.gender else []
    return listed(wanted)
