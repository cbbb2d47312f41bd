"""Fills the typed slots of a message: what it mentions, which earlier items it means, and how it wants them changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.contracts import LastItem, Route, RouteRequest, Slots
from agents.cues import (
    asks_to_be_forgotten,
    directions_of,
    feedback_of,
    history_action_of,
    holds_any,
    longest,
    phrases_of,
)
from agents.lifts import lifts_of, without_lifted
from agents.owned import owned_in
from agents.pointing import items_meant, titled_in
from agents.price_lifts import price_lifts, without_spans
from agents.tables import load_table
from fashion.implied import implied_bans
from fashion.lexicon import forgive, scan
from fashion.limits import find_limits
from fashion.mentions import Mentions, find_mentions
from fashion.tables import load_table as fashion_table

_LISTS = (
    "categories", "groups", "colors", "not_colors", "patterns", "not_patterns", "materials", "not_materials", "styles",
    "not_categories", "not_groups", "not_styles", "not_lengths",
)  # fmt: skip
_SINGLES = (
    "sleeve", "neckline", "length", "fit", "occasion", "season", "max_price", "min_price", "target_price", "size"
)  # fmt: skip
_MEASURED = ("longer", "shorter", "warmer", "lighter_weight")
_SWAPS = {"swap", "replace", "exchange", "trade", "switch", "change", "substitute", "swop"}
_FOR = {"for", "with", "by", "to", "into", "against"}
_MOST_COUNTED = 12
_ASKING = {"search", "recommend", "personalize", "alternatives"}
_CUTS = ("sleeve", "neckline", "length", "fit")
_TRAITS = (("colors", "color"), ("patterns", "pattern"), ("materials", "material"))


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
    values: dict[str, Any] = {name: list(getattr(mentions, name)) for name in _LISTS}
    values |= {name: getattr(mentions, name) for name in _SINGLES}
    values["gender"] = mentions.gender if mentions.gender in ("women", "men", "unisex") else None
    lifts = lifts_of(tokens)
    spans = price_lifts(tokens)
    if spans:
        # "No longer under 80" names no price and no direction of change.
        left = find_limits(forgive(without_spans(tokens, spans)))
        values |= {name: getattr(left, name) for name in ("max_price", "min_price", "target_price")}
    if values["max_price"] is not None:
        # "Forget the 80 limit, 120 is my maximum" puts one limit in the place of another.
        lifts["lifted"] = [kind for kind in lifts.get("lifted", ()) if kind != "price"]
    without_lifted(values, lifts)
    values |= lifts
    _swap(values, tokens)
    if _ASKING & set(routes):
        _as_gift(values, tokens)
        _without_owned(values, tokens)
        _ban(values, implied_bans(tokens, values["materials"]))
    values["shown_before"] = longest(tokens, "shown_before")
    if "feedback" in routes:
        # "I don't like the red one" points at it, and is no word against all that is red.
        mentions = replace(mentions, references=(*mentions.references, *mentions.denied_references))
    meant = items_meant(
        request.text, mentions, tokens, request.context, routes,
        pictured=request.images > 0, before=values["shown_before"],
    )  # fmt: skip
    shown = [] if "search" in routes else request.context.last_items
    _unpoint(values, mentions, meant or shown, routes)
    _untitle(values, request.text, meant)
    values |= _manner(request, tokens)
    if "alternatives" in routes:
        values["directions"] = directions_of(without_spans(tokens, spans))
        values["direction"] = next(iter(values["directions"]), None)
        values["corrects"] = holds_any(tokens, "correcting")
        if set(_MEASURED) & set(values["directions"]):
            # "longer" is a change from what was shown, not the length called long.
            values["length"] = None if mentions.length == "long" else mentions.length
    if "feedback" in routes:
        values["feedback"] = feedback_of(tokens) or "like"
        if values["feedback"] == "avoid":
            _ban(values, implied_bans(tokens, values["materials"], about="person"))
    if "history" in routes:
        values["history_action"] = _history_action(tokens, request, confirmed)
    return Slots(**values, item_ids=[item.id for item in meant], confirmed=confirmed)


def _ban(values: dict[str, Any], materials: Sequence[str]) -> None:
    allowed = values.get("lifted_materials", ())
    bans = [one for one in materials if one not in allowed]
    values["not_materials"] = list(dict.fromkeys([*values["not_materials"], *bans]))


def _without_owned(values: dict[str, Any], tokens: Sequence[str]) -> None:
    """As in "I own too many black bags, find me red ones": what there is already is not what is wanted."""
    spans = owned_in(tokens)
    found = scan(forgive(list(tokens))) if spans else []
    for name, kind in _TRAITS:
        of_kind = [match for match in found if match.kind == kind]
        inside = {one.value for one in of_kind if any(s.start <= one.start < s.end for s in spans)}
        outside = {one.value for one in of_kind if not any(s.start <= one.start < s.end for s in spans)}
        if outside or any(span.plenty for span in spans):
            values[name] = [value for value in values[name] if value in outside or value not in inside]
    plenty = [span for span in spans if span.plenty]
    too_many = [
        one.value
        for one in found
        if one.kind == "color" and any(s.start <= one.start < s.end for s in plenty)
    ]
    values["not_colors"] += [name for name in too_many if name not in values["colors"]]


def _as_gift(values: dict[str, Any], tokens: Sequence[str]) -> None:
    """A gift of which nothing else is said is a small thing that needs no fitting, and no outfit for the party."""
    if holds_any(tokens, "giving") and not holds_any(tokens, "whole_outfit") and not values["categories"]:
        values["groups"] = values["groups"] or list(load_table("cues")["gift_groups"])
        values["occasion"] = None


def _manner(request: RouteRequest, tokens: Sequence[str]) -> dict[str, Any]:
    """How the answer should be: a whole outfit, a board, so many things, by a dress code, about an earlier picture."""
    about = holds_any(tokens, "about_picture") and not request.images and request.context.has_picture
    return {
        "whole_outfit": holds_any(tokens, "whole_outfit"),
        "board": holds_any(tokens, "board"),
        "count": _count(tokens),
        "dress_code": longest(tokens, "dress_codes"),
        "about_picture": about,
    }


def _count(tokens: Sequence[str]) -> int | None:
    """So many things as are asked for: a number right before the things."""
    words: dict[str, int] = fashion_table("numbers")["words"]
    counted = set(phrases_of("counting", "things"))
    for at, token in enumerate(tokens[:-1]):
        behind = tuple(tokens[at + 1 : at + 2]), tuple(tokens[at + 1 : at + 3])
        number = words.get(token) or (int(token) if token.isdigit() and len(token) < 3 else 0)
        if 2 <= number <= _MOST_COUNTED and counted & set(behind) and tokens[max(0, at - 1)] != "size":
            return number
    return None


def _swap(values: dict[str, Any], tokens: Sequence[str]) -> None:
    """As in "swap the watch for brogues": what stands before "for" goes, what stands behind it is wanted."""
    verb = next((at for at, token in enumerate(tokens) if token in _SWAPS), None)
    if verb is None:
        return
    joint = next((at for at in range(verb + 2, len(tokens)) if tokens[at] in _FOR), None)
    found = scan(list(tokens))
    gone = {m.value for m in found if m.kind == "category" and verb < m.start < (joint or len(tokens))}
    wanted = {m.value for m in found if m.kind == "category" and joint is not None and m.start > joint}
    groups = {m.value for m in found if m.kind == "group" and verb < m.start < (joint or len(tokens))}
    values["replaced_categories"] = sorted(gone - wanted)
    values["categories"] = [name for name in values["categories"] if name not in gone - wanted]
    if wanted:
        values["groups"] = [name for name in values["groups"] if name not in groups]
    if joint is None:
        return
    before = {m.value for m in found if m.kind == "color" and verb < m.start < joint}
    behind = {m.value for m in found if m.kind == "color" and m.start > joint}
    if behind:
        values["colors"] = [name for name in values["colors"] if name in behind or name not in before]


def _history_action(tokens: Sequence[str], request: RouteRequest, confirmed: bool | None) -> str:
    if confirmed is not None and request.context.pending == "forget":
        return "forget"
    if asks_to_be_forgotten(tokens):
        return "forget"
    return history_action_of(tokens) or "show"


def _untitle(values: dict[str, Any], text: str, meant: Sequence[LastItem]) -> None:
    """The words of a title point: "what goes with the Red Wool Hat?" wishes neither wool nor what is red."""
    titles = [item.title for item in titled_in(text, meant)]
    if not titles:
        return
    rest = find_mentions(re.sub("|".join(map(re.escape, titles)), "this", text, flags=re.IGNORECASE))
    for named in map(find_mentions, titles):
        for field, _ in (*_TRAITS, ("styles", "style")):
            gone = set(getattr(named, field)) - set(getattr(rest, field))
            values[field] = [value for value in values[field] if value not in gone]
        for field in _CUTS:
            if values[field] == getattr(named, field) and getattr(rest, field) is None:
                values[field] = None


def _unpoint(
    values: dict[str, Any], mentions: Mentions, meant: Sequence[LastItem], routes: Sequence[Route]
) -> None:
    """Words that only point are no wish: "the red one but green" wishes green, "not the red one" bans nothing."""
    pointing = (*mentions.references, *mentions.denied_references)
    colors = {reference.value for reference in pointing if reference.kind == "color"}
    kinds = {reference.value for reference in mentions.references if reference.kind == "category"}
    shown_colors, shown_kinds = {item.color for item in meant}, {item.category for item in meant}
    if list(routes) == ["clarify"] and not meant:
        # What "the green one" points at is what is asked back.
        shown_colors = colors
    for name in ("colors", "not_colors"):
        values[name] = [value for value in values[name] if value not in colors & shown_colors]
    if "alternatives" not in routes:
        values["categories"] = [name for name in values["categories"] if name not in kinds & shown_kinds]
