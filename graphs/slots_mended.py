"""Slots put right by the words themselves, whatever the thread holds."""

from __future__ import annotations

from agents.contracts import Slots
from agents.cues import holds_any
from fashion.lexicon import scan, tokenize


def without_cheaper(slots: Slots, text: str) -> Slots:
    """The slots without "cheaper" where only the word "budget" says so: a limit named or lifted is no comparison."""
    limited = "price" in slots.lifted or slots.max_price is not None or slots.max_total is not None
    if "cheaper" not in slots.directions or not limited or holds_any(tokenize(text), "price_words"):
        return slots
    left = [name for name in slots.directions if name != "cheaper"]
    return slots.model_copy(update={"directions": left, "direction": next(iter(left), None)})


def kind_wanted(slots: Slots, text: str) -> Slots:
    """The slots where only a trait of a kind is denied: "anything but black shoes" wants shoes, and none that are black."""
    denied = bool(slots.not_colors or slots.not_materials or slots.not_patterns)
    if not denied or slots.categories or slots.groups or not (slots.not_categories or slots.not_groups):
        return slots
    found = scan(tokenize(text))
    ends = {match.end for match in found if match.kind in ("color", "material", "pattern")}
    kinds = [match.value for match in found if match.kind in ("category", "group") and match.start in ends]
    categories = [name for name in slots.not_categories if name in kinds]
    groups = [name for name in slots.not_groups if name in kinds]
    return slots.model_copy(
        update={
            "categories": categories,
            "groups": groups,
            "not_categories": [name for name in slots.not_categories if name not in categories],
            "not_groups": [name for name in slots.not_groups if name not in groups],
        }
    )
