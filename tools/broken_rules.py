"""Which of a person's rules an item breaks, in words."""

from __future__ import annotations

from fashion.product import Product
from tools.preferences import Known
from tools.prompts import load_data
from tools.rule_words import rule_words


def broken_rules(known: Known, product: Product) -> list[str]:
    """What of the person's notes forbids a product, each in a few words ("no wool"); empty where it may be shown."""
    words: dict[str, str] = load_data("again")["broken"]
    rules = [
        words["rule"].format(rule=rule_words(rule))
        for rule in known.rules
        if Known(rules=(rule,)).forbids(product)
    ]
    rules += [
        words["rule"].format(rule=one.words)
        for one in known.disliked
        if one.item_id is None and Known(disliked=[one]).forbids(product)
    ]
    rules += [
        words["size"].format(size=size)
        for size, group in known.sizes
        if Known(sizes=((size, group),)).forbids(product)
    ]
    if known.budget is not None and product.price > known.budget:
        rules.append(words["budget"].format(budget=f"{known.budget:g}"))
    return [*rules, *([words["refused"]] if product.id in known.refused_ids else [])]
