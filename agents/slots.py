"""Fills the typed slots of a message: what it mentions, which earlier items it means, and how it wants them changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.contracts import LastItem, Route, RouteRequest, Slots
from agents.cues import asks_to_be_forgotten, direction_of, feedback_of, history_action_of, holds_any, longest
from fashion.mentions import Mentions, Reference

_LISTS = (
    "categories", "groups", "colors", "not_colors", "patterns", "not_patterns", "materials", "not_materials", "styles",
    "not_categories",
)  # fmt: skip
_SINGLES = ("sleeve", "neckline", "length", "fit", "occasion", "season", "max_price", "min_price", "size")
_ABOUT_ONE: tuple[Route, ...] = (
    "feedback",
    "try_on",
    "generate_image",
    "describe",
    "recommend",
    "personalize",
)
"""Routes in which "it" means one of the items shown."""


def fill_slots(
    request: RouteRequest,
    mentions: Mentions,
    tokens: Sequence[str],
    routes: Sequence[Route],
    confirmed: bool | None = None,
) -> Slots:
    """The slots of a message.

    Args:
        request: The message and its conversation.
        mentions: From `fashion.mentions.find_mentions` on the same text.
        tokens: From `fashion.lexicon.tokenize` on the same text.
        routes: What the message was found to ask for.
        confirmed: Yes or no to the pending question.
    """
    items = request.context.last_items
    values: dict[str, Any] = {name: list(getattr(mentions, name)) for name in _LISTS}
    values |= {name: getattr(mentions, name) for name in _SINGLES}
    values["gender"] = mentions.gender if mentions.gender in ("women", "men", "unisex") else None
    meant = _titled(request.text, items) or _meant(
        mentions, tokens, items, routes, pictured=request.images > 0
    )
    if meant:
        _unpoint(values, mentions, meant, routes)
    if "alternatives" in routes:
        values["direction"] = direction_of(tokens)
        if values["direction"] in ("longer", "shorter", "warmer", "lighter_weight"):
            # "longer" is a change from what was shown, not the length called long.
            values["length"] = None if mentions.length == "long" else mentions.length
    if "feedback" in routes:
        values["feedback"] = feedback_of(tokens) or "like"
    if "history" in routes:
        values["history_action"] = _history_action(tokens, request, confirmed)
    return Slots(**values, item_ids=[item.id for item in meant], confirmed=confirmed)


def _history_action(tokens: Sequence[str], request: RouteRequest, confirmed: bool | None) -> str:
    if confirmed is not None and request.context.pending == "forget":
        return "forget"
    if asks_to_be_forgotten(tokens):
        return "forget"
    return history_action_of(tokens) or "show"


def _titled(text: str, items: Sequence[LastItem]) -> list[LastItem]:
    """The earlier items whose whole title is in the text: surer than any other way of pointing."""
    return [item for item in items if item.title and item.title.lower() in text.lower()]


def _meant(
    mentions: Mentions,
    tokens: Sequence[str],
    items: Sequence[LastItem],
    routes: Sequence[Route],
    *,
    pictured: bool,
) -> list[LastItem]:
    """The earlier items a message means, in the order shown; empty where it means none or cannot be told."""
    if not items or not set(routes) & {*_ABOUT_ONE, "alternatives"}:
        return []
    pointed = [reference for reference in mentions.references if reference.kind != "that"]
    meant = [item for reference in pointed for item in _pointed(reference, items)]
    extreme = longest(tokens, "superlatives")
    priced = [item for item in items if item.price is not None]
    if extreme and priced and "search" not in routes:
        choose = min if extreme == "cheapest" else max
        meant.append(choose(priced, key=lambda item: item.price or 0.0))
    if meant:
        chosen = {item.id for item in meant}
        return [item for item in items if item.id in chosen]
    if pictured or not set(routes) & set(_ABOUT_ONE):
        return []
    return _unnamed(mentions, tokens, items, routes)


def _unnamed(
    mentions: Mentions, tokens: Sequence[str], items: Sequence[LastItem], routes: Sequence[Route]
) -> list[LastItem]:
    """What "it" and "them" mean: all items, the only one, or the first of several."""
    if mentions.colors or mentions.categories or mentions.materials or mentions.patterns:
        only_feedback = set(routes) & {"feedback", "generate_image"} and len(routes) == 1
        if only_feedback or "try_on" in routes:
            return []
    if "feedback" in routes and holds_any(tokens, "all_of_them"):
        return list(items)
    one = holds_any(tokens, "one_of_them") or any(r.kind == "that" for r in mentions.references)
    return list(items[:1]) if one else []


def _pointed(reference: Reference, items: Sequence[LastItem]) -> list[LastItem]:
    if reference.kind == "ordinal":
        number = int(reference.value)
        if number < 0:
            return [items[-1]]
        return [items[number - 1]] if number <= len(items) else []
    if reference.kind == "category":
        return [item for item in items if item.category == reference.value]
    return [item for item in items if item.color == reference.value]


def _unpoint(
    values: dict[str, Any], mentions: Mentions, meant: Sequence[LastItem], routes: Sequence[Route]
) -> None:
    """Words that only point at an item are no wish: "the red one but green" wishes green."""
    colors = {reference.value for reference in mentions.references if reference.kind == "color"}
    kinds = {reference.value for reference in mentions.references if reference.kind == "category"}
    shown_colors, shown_kinds = {item.color for item in meant}, {item.category for item in meant}
    values["colors"] = [name for name in values["colors"] if name not in colors & shown_colors]
    if "alternatives" not in routes:
        values["categories"] = [name for name in values["categories"] if name not in kinds & shown_kinds]
