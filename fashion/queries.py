"""Look-up sentences made from a product's attributes by patterns, with what they name; to train and to test retrieval.

A pattern is a sentence with gaps: ``{a}`` (the article, or "a pair of"), ``{noun}`` or ``{nouns}``, and any of ``{color}``
``{pattern}`` ``{material}`` ``{style}`` ``{sleeve}`` ``{with_sleeve}`` ``{neckline}`` ``{with_neckline}`` ``{length}``
``{fit}`` ``{occasion}`` ``{season}`` ``{whose}`` ``{for_whom}``. Its gaps decide which attributes the sentence names.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fashion.language import article
from fashion.lexicon import index, plural_of, tokenize
from fashion.occasions import OCCASIONS
from fashion.product import Product
from fashion.tables import load_table
from fashion.vocabulary import category_of

SLOTS = (
    "category", "color", "pattern", "material", "style", "sleeve", "neckline", "length", "fit", "occasion",
    "season", "gender",
)  # fmt: skip
"""The attributes that a sentence can name."""
_GAP = re.compile(r"\{(\w+)\}")
_SLOT_OF = {"with_sleeve": "sleeve", "with_neckline": "neckline", "whose": "gender", "for_whom": "gender"}
_EVERYBODY = "unisex"


@dataclass(frozen=True, slots=True)
class Query:
    """A sentence and what it names: by slot, the values that meet it."""

    text: str
    named: Mapping[str, frozenset[str]]


def attribute_values(product: Product, slot: str) -> frozenset[str]:
    """What a product has in one of `SLOTS`; empty where nothing is known."""
    if slot in ("occasion", "season"):
        return frozenset(getattr(product, f"{slot}s"))
    value: str | None = getattr(product, slot)
    return frozenset() if value is None else frozenset({value})


def meets(product: Product, query: Query) -> bool:
    """Whether a product has every attribute that a sentence names."""
    return all(attribute_values(product, slot) & values for slot, values in query.named.items())


def compose_query(product: Product, pattern: str, rng: random.Random) -> Query | None:
    """Fill a pattern's gaps with a product's attributes, in everyday words.

    Returns:
        The sentence; None where the product has nothing to say in one of the gaps.
    """
    noun, plural, named = _noun(product, rng)
    said: dict[str, str] = {"noun": noun, "nouns": plural, "a": ""}
    for gap in dict.fromkeys(_GAP.findall(pattern)):
        if gap in said:
            continue
        slot = _SLOT_OF.get(gap, gap)
        words, values = _WAYS.get(gap, _by_table)(product, gap, rng)
        if not words or slot in named or _repeats(words, noun):
            return None
        said[gap], named[slot] = words, values
    pair = plural.removesuffix("s") == noun.removesuffix("s") and noun.endswith("s")
    text = _GAP.sub(lambda gap: f"<{gap[1]}>" if gap[1] == "a" else said[gap[1]], pattern)
    return Query(_with_articles(text, pair), named)


def _with_articles(text: str, pair: bool) -> str:
    if pair:
        return text.replace("<a>", "a pair of")
    return re.sub(r"<a> (\w)", lambda found: f"{article(found[1])} {found[1]}", text)


def _repeats(words: str, noun: str) -> bool:
    """Whether the noun says it already ("denim denim jacket")."""
    return bool(set(tokenize(words)) & set(tokenize(noun)))


def _noun(product: Product, rng: random.Random) -> tuple[str, str, dict[str, frozenset[str]]]:
    """Singular, plural, and what the noun itself names: the categories it may mean, and the style where it is one's own."""
    kind, style = category_of(product.garment), product.style or ""
    singular, plural = kind.nouns(style)
    own_style = style in kind.style_nouns
    table = load_table("queries")
    by_style: dict[str, list[str]] = load_table("wording")["prompt_nouns"].get(product.category, {})
    choices = [
        word for word in by_style.get(style, []) + by_style.get("any", []) if word not in table["too_wide"]
    ]
    if own_style:
        # "Any" is said of the category's usual noun only.
        choices = [word for word in by_style.get(style, []) if word not in table["too_wide"]]
    if choices and rng.random() < table["synonyms"]["noun"]:
        singular = rng.choice(choices)
        plural = plural_of(singular)
        own_style = sum(singular in words for words in by_style.values()) == 1 and singular in by_style.get(
            style, []
        )
    categories = frozenset(index()["category"].get(tuple(tokenize(singular)), ())) | {product.category}
    named = {"category": categories}
    if own_style and len(categories) == 1:
        named["style"] = frozenset({style})
    return singular, plural, named


_Said = tuple[str, frozenset[str]]
_NOTHING: _Said = ("", frozenset())


def _color(product: Product, gap: str, rng: random.Random) -> _Said:
    others: list[str] = load_table("wording")["prompt_colors"].get(product.color, [])
    other = others and rng.random() < load_table("queries")["synonyms"]["color"]
    return rng.choice(others) if other else product.color, frozenset({product.color})


def _pattern(product: Product, gap: str, rng: random.Random) -> _Said:
    words = [word for word in load_table("wording")["patterns"][product.pattern]["prompt"] if word]
    return rng.choice(words), frozenset({product.pattern})


def _material(product: Product, gap: str, rng: random.Random) -> _Said:
    return (product.material, frozenset({product.material})) if product.material else _NOTHING


def _style(product: Product, gap: str, rng: random.Random) -> _Said:
    words: dict[str, str] = load_table("wording")["styles"].get(product.category, {})
    said = words.get(product.style or "", "")
    return (said, frozenset({product.style or ""})) if said else _NOTHING


def _occasion(product: Product, gap: str, rng: random.Random) -> _Said:
    if not product.occasions:
        return _NOTHING
    name = rng.choice(product.occasions)
    return OCCASIONS[name].say, frozenset({name})


def _season(product: Product, gap: str, rng: random.Random) -> _Said:
    if not product.seasons:
        return _NOTHING
    name = rng.choice(product.seasons)
    return name, frozenset({name})


def _by_table(product: Product, gap: str, rng: random.Random) -> _Said:
    value: str | None = getattr(product, _SLOT_OF.get(gap, gap))
    ways: list[str] = load_table("queries")[gap].get(value, [])
    if value is None or not ways:
        return _NOTHING
    meant = {value, _EVERYBODY} if _SLOT_OF.get(gap) == "gender" else {value}
    return rng.choice(ways), frozenset(meant)


_WAYS: dict[str, Callable[[Product, str, random.Random], _Said]] = {
    "color": _color,
    "pattern": _pattern,
    "material": _material,
    "style": _style,
    "occasion": _occasion,
    "season": _season,
}
