"""Which earlier items a message means: by place, color, kind, words of the title, price, or a plain "it"."""

from __future__ import annotations

from collections.abc import Sequence

from agents.contracts import LastItem, Route, RouteContext
from agents.cues import asks_for_the_extreme, holds_any, longest
from fashion.lexicon import forgive, tokenize
from fashion.mentions import Mentions, Reference

_ABOUT_ONE: tuple[Route, ...] = (
    "feedback", "try_on", "generate_image", "describe", "recommend", "personalize"
)  # fmt: skip
"""Routes in which "it" means one of the items shown."""
_KINDS = ("ordinal", "category", "color")
_BEFORE_ONE = 3
"""So many words may describe a "one": "the black leather one"."""


def items_meant(
    text: str,
    mentions: Mentions,
    tokens: Sequence[str],
    context: RouteContext,
    routes: Sequence[Route],
    *,
    pictured: bool,
    before: str | None,
) -> list[LastItem]:
    """The earlier items a message means, in the order shown; empty where it means none or that cannot be told.

    Args:
        text: The message as written.
        mentions: From `fashion.mentions.find_mentions`.
        tokens: From `fashion.lexicon.tokenize`.
        context: The conversation.
        routes: What the message asks for.
        pictured: A picture came with the message, so that "this" means the picture.
        before: `agents.contracts.Slots.shown_before` of the message.
    """
    items = _shown(context, before)
    words = [token for token in tokens if token.isalnum()]
    if before is None and len(items) < 2 and asks_for_the_extreme(words):
        # The cheapest of one is no question: it is of the list that this one was chosen from.
        items = _last_list(context) or items
    titled = titled_in(text, [*items, *context.earlier_items])
    if titled or not (items or context.earlier_items):
        return titled
    if not set(routes) & {*_ABOUT_ONE, "alternatives"}:
        return []
    found = _found(mentions, tokens, items, routes)
    if not found and _named_kinds(mentions):
        found = _found(mentions, tokens, context.earlier_items, routes)
    if found or before is not None:
        return found or items
    if pictured or not set(routes) & set(_ABOUT_ONE):
        return []
    return _unnamed(mentions, tokens, items, routes)


def _shown(context: RouteContext, before: str | None) -> list[LastItem]:
    """The items of the answer that is meant: the last one, the thread's first, or the one before the last."""
    turns = sorted({item.turn for item in context.earlier_items if item.turn is not None})
    if before is None or not turns:
        return context.last_items
    meant = turns[0] if before == "first" else turns[-1]
    return [item for item in context.earlier_items if item.turn == meant]


def _last_list(context: RouteContext) -> list[LastItem]:
    """The items of the latest answer before the last that showed several."""
    turns: dict[int, list[LastItem]] = {}
    for item in context.earlier_items:
        if item.turn is not None:
            turns.setdefault(item.turn, []).append(item)
    return next((turns[turn] for turn in sorted(turns, reverse=True) if len(turns[turn]) > 1), [])


def titled_in(text: str, items: Sequence[LastItem]) -> list[LastItem]:
    """The items whose whole title is in the text: surer than any other way of pointing."""
    return [item for item in items if item.title and item.title.lower() in text.lower()]


def _found(
    mentions: Mentions, tokens: Sequence[str], items: Sequence[LastItem], routes: Sequence[Route]
) -> list[LastItem]:
    pointed = [reference for reference in mentions.references if reference.kind != "that"]
    by_kind = {
        kind: [i for r in pointed if r.kind == kind for i in _pointed(r, tokens, items)] for kind in _KINDS
    }
    both = [item for item in by_kind["category"] if item in by_kind["color"]]
    # "The black dress" is black and a dress; a color that none of those has points at nothing.
    meant = [*by_kind["ordinal"], *(both or [*by_kind["category"], *by_kind["color"]])]
    if "search" not in routes:
        meant += _extreme(tokens, items)
    if not meant:
        meant = _described(tokens, items)
    chosen = {item.id for item in meant}
    return [item for item in items if item.id in chosen]


def _named_kinds(mentions: Mentions) -> list[Reference]:
    return [reference for reference in mentions.references if reference.kind == "category"]


def _extreme(tokens: Sequence[str], items: Sequence[LastItem]) -> list[LastItem]:
    """The cheapest, and "the cheaper one" of two."""
    extreme = longest(tokens, "superlatives")
    priced = [item for item in items if item.price is not None]
    if extreme is None or not priced:
        return []
    choose = min if extreme == "cheapest" else max
    return [choose(priced, key=lambda item: item.price or 0.0)]


def _described(tokens: Sequence[str], items: Sequence[LastItem]) -> list[LastItem]:
    """As in "the striped one", "the leather ones": the items whose titles hold all those words."""
    fixed = forgive(list(tokens))
    for at, word in enumerate(fixed):
        if word not in ("one", "ones", "pair"):
            continue
        behind = range(at - 1, max(-1, at - _BEFORE_ONE - 2), -1)
        start = next((back for back in behind if fixed[back] in ("the", "that", "those")), at)
        words = set(fixed[start + 1 : at])
        if words:
            found = [item for item in items if words <= set(tokenize(item.title))]
            if found and len(found) < len(items):
                return found
    return []


def _pointed(reference: Reference, tokens: Sequence[str], items: Sequence[LastItem]) -> list[LastItem]:
    if reference.kind == "ordinal":
        number = int(reference.value)
        if number < 0:
            return list(items[-1:])
        return [items[number - 1]] if number <= len(items) else []
    if reference.kind == "color":
        return [item for item in items if item.color == reference.value]
    same = [item for item in items if item.category == reference.value]
    said = set(forgive(list(tokens)))
    # "The blazer" among jackets is the one whose title says so.
    named = [item for item in same if said & set(_nouns(item))]
    return named if named and len(named) < len(same) else same


def _nouns(item: LastItem) -> list[str]:
    """The last words of a title, where its noun stands, in both numbers."""
    words = tokenize(item.title)[-1:]
    return [*words, *(f"{word}s" for word in words), *(word.removesuffix("s") for word in words)]


def _unnamed(
    mentions: Mentions, tokens: Sequence[str], items: Sequence[LastItem], routes: Sequence[Route]
) -> list[LastItem]:
    """What "it" and "them" mean: all items, or the only one.

    A liking of "it" where several things are shown is nobody's in particular, so that nothing false is noted; a
    drawing or a try-on of "it" is of the first, which is what the reply names first.
    """
    if mentions.colors or mentions.categories or mentions.materials or mentions.patterns:
        only_feedback = set(routes) & {"feedback", "generate_image"} and len(routes) == 1
        if only_feedback or "try_on" in routes:
            return []
    if "feedback" in routes and holds_any(tokens, "all_of_them"):
        return list(items)
    one = holds_any(tokens, "one_of_them") or any(r.kind == "that" for r in mentions.references)
    unsure = list(routes) == ["feedback"] and len(items) > 1
    return list(items[:1]) if one and not unsure else []
