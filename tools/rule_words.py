"""A person's rules in words, as something to leave out."""

from __future__ import annotations

from tools.sight import Seen

CUTS = ("length", "sleeve", "neckline", "fit")
"""Traits of a rule that no wish bans alone: they narrow the kind of thing that is ruled out."""


def rule_words(rule: dict[str, str]) -> str:
    """A rule in words: ``"yellow sneakers"``."""
    if "size" in rule:
        return f"size {rule['size']}" + (f" in {rule['group']}" if rule.get("group") else "")
    if "max_price" in rule:
        return budget_words(float(rule["max_price"]))
    if set(rule) == {"length"}:
        return f"{length_word(rule['length'])} pieces"
    if "category" not in rule:
        return " ".join(rule.values())
    cuts = [value for name, value in rule.items() if name in CUTS]
    named = {name: value for name, value in rule.items() if name in Seen.model_fields}
    return " ".join([*cuts, Seen(**named).words()])


def length_word(length: str) -> str:
    """A length before a noun: "knee-length"."""
    return "knee-length" if length == "knee" else length


def budget_words(budget: float) -> str:
    """A budget as something to leave out."""
    return f"anything above {budget:g}"
