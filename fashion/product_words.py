"""A product in the words that it is found by."""

from __future__ import annotations

from fashion.product import Product

_DESCRIPTION = 160
"""Letters of the description that are read: the rest of a long one repeats, and time grows with every word."""


def product_sentence(product: Product) -> str:
    """Title, the facts that are not told otherwise, and how its description begins."""
    description = _beginning(product.description)
    told = f"{product.title}. {description}".casefold()
    facts = (
        product.category,
        product.color,
        product.pattern if product.pattern != "solid" else "plain",
        product.material,
        product.style,
        product.sleeve and f"{product.sleeve} sleeves",
        product.neckline,
        product.length if product.length != "regular" else None,
        product.fit and product.fit != "regular" and f"{product.fit} fit",
        product.gender if product.gender != "unisex" else None,
        *product.occasions,
        *product.seasons,
    )
    missing = [fact for fact in facts if fact and fact.casefold() not in told]
    return ". ".join(part for part in (product.title, ", ".join(missing), description) if part)


def _beginning(text: str) -> str:
    """The first words of a text."""
    return text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION].rsplit(" ", 1)[0]
