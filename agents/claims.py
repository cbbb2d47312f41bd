"""Takes out of a reply what it claims of an item and no record holds: price, size, stock, material, color, pattern, brand.

A sentence is about the items whose titles it names; one that begins with a pronoun is about those named last, or about all
shown in this turn; any other sentence is held against all shown in this turn. What the reply says of the person's own
things, wishes and rules is no claim about an item: those phrases are known and passed over.
Not covered: items that are invented altogether but for their cards, and claims that no word list names (how it feels).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agents.amount_claims import every_size_in, left_in, price_cuts_in, prices_in, sizes_in
from agents.claim_records import ATTRIBUTES, Records
from agents.claim_words import fashion_words, known_brands, other_materials
from agents.tables import load_table
from fashion.lexicon import Match, scan, tokenize
from fashion.product import Product
from fashion.vocabulary import CATEGORIES, MATERIALS

__all__ = ["Checked", "Claim", "Records", "grounded_reply", "unsupported"]

Kind = Literal["price", "size", "stock", "material", "color", "pattern", "brand"]

_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+(?!\s|$|[\"”])[^.!?…\n]*)*[.!?…]*[\"”]?[ \t]*|\n+")
_REACH = 4
"""So many words before an attribute a denial may stand."""
_MASK = " ¤ "


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim that no record holds.

    Attributes:
        kind: What it is about.
        value: What it says.
        sentence: The sentence it stands in.
    """

    kind: Kind
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply without unsupported claims, and those that were taken out."""

    text: str
    removed: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    masked: str
    untitled: str
    """The sentence with only the titles of items masked."""
    subjects: tuple[Product, ...]
    named: bool
    """Whether the subjects are named or pointed at, and not merely all that was shown."""


def unsupported(reply: str, records: Records) -> list[Claim]:
    """The claims about items that the records do not hold, in order.

    Args:
        reply: What is to be said.
        records: What may be stated.
    """
    return [claim for one in _sentences(reply, records) for claim in _claims(one, records)]


def grounded_reply(reply: str, records: Records) -> Checked:
    """The reply without the sentences that hold an unsupported claim; never empty where the reply was not."""
    kept: list[str] = []
    removed: list[Claim] = []
    for one in _sentences(reply, records):
        found = list(_claims(one, records))
        removed += found
        if not found:
            kept.append(one.text)
    if not removed:
        return Checked(reply, ())
    text = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    return Checked(text or str(load_table("replies")["unsupported"]), tuple(removed))


def _sentences(reply: str, records: Records) -> Iterator[_Sentence]:
    """The sentences with what they are about; line breaks are sentences of their own that claim nothing."""
    # Titles and phrases may hold full stops, so that they are masked before the reply is cut.
    masked, marks = _masked(reply, records)
    last: tuple[Product, ...] = ()
    for match in _SENTENCE.finditer(masked):
        original = _unmasked(match.group(), marks)
        about = tuple(
            dict.fromkeys(marks[at].product for at in _marks_in(match.group()) if marks[at].product)
        )
        titled = tuple(one for one in about if one is not None)
        if titled:
            last = titled
        pointed = bool(_pattern("pronoun").match(match.group()))
        subjects = titled or ((last or records.shown) if pointed else records.shown)
        words = re.sub(r"\x00\d+\x01", _MASK, match.group())
        untitled = _unmasked(
            match.group(), [_Mark(_MASK if one.product else one.text, None) for one in marks]
        )
        yield _Sentence(original, words, untitled, subjects, bool(titled) or (pointed and bool(subjects)))


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    product: Product | None


@cache
def _kinds() -> tuple[str, ...]:
    """Names of categories that hold a word for a material."""
    nouns = (noun for kind in CATEGORIES.values() for noun in (kind.singular, kind.plural))
    return tuple(noun for noun in nouns if any(word in MATERIALS for word in noun.split()))


def _masked(reply: str, records: Records) -> tuple[str, list[_Mark]]:
    """The reply with known phrases replaced by marks, the longest first."""
    # Marks are made of these two; none may come with the reply.
    reply = re.sub(r"[\x00\x01]", "", reply)
    known: dict[str, Product | None] = {phrase: None for phrase in records.phrases if len(phrase) > 2}
    # "Denim jackets" are a kind of thing; that word in it says nothing of a material.
    known |= dict.fromkeys(_kinds())
    for product in records.products:
        known[product.title] = product
        if product.description:
            known[product.description] = None
    table = {phrase.casefold(): product for phrase, product in known.items()}
    longest = sorted(known, key=len, reverse=True)
    finder = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in longest), re.IGNORECASE)
    marks: list[_Mark] = []

    def mark(match: re.Match[str]) -> str:
        marks.append(_Mark(match.group(), table.get(match.group().casefold())))
        return f"\x00{len(marks) - 1}\x01"

    return finder.sub(mark, reply), marks


def _marks_in(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\x00(\d+)\x01", text)]


def _unmasked(text: str, marks: Sequence[_Mark]) -> str:
    return re.sub(r"\x00(\d+)\x01", lambda match: marks[int(match.group(1))].text, text)


def _claims(one: _Sentence, records: Records) -> Iterator[Claim]:
    for kind, value in (
        *_prices(one, records), *_sizes(one, records), *_stock(one), *_attributes(one, records), *_materials(one),
        *_brands(one),
    ):  # fmt: skip
        yield Claim(kind, value, one.text.strip())


def _prices(one: _Sentence, records: Records) -> Iterator[tuple[Kind, str]]:
    known = {round(product.price, 2) for product in (one.subjects or records.products)}
    for words, amount in prices_in(one.masked):
        if amount not in known and (one.named or amount not in records.limits):
            yield "price", words
    for at, words in price_cuts_in(one.masked) if one.subjects else ():
        if not _denied(one.masked[:at]):
            yield "price", words


def _sizes(one: _Sentence, records: Records) -> Iterator[tuple[Kind, str]]:
    for at, size in sizes_in(one.masked):
        held = any(size in product.sizes for product in one.subjects)
        denied = _denied(one.masked[:at])
        if (denied and one.named and held) or (
            not held and not denied and (one.named or size not in records.sizes)
        ):
            yield "size", size
    for at, words in every_size_in(one.masked) if one.subjects else ():
        if not _denied(one.masked[:at]):
            yield "size", words


def _stock(one: _Sentence) -> Iterator[tuple[Kind, str]]:
    if not one.subjects:
        return
    text = one.masked
    for words, count in left_in(text):
        if not any(product.stock == count for product in one.subjects):
            yield "stock", words
    out = list(_pattern("out_of_stock").finditer(text))
    if out and one.named and all(product.in_stock for product in one.subjects):
        yield "stock", out[0].group()
    for match in _pattern("in_stock").finditer(text):
        inside = any(at.start() <= match.start() < at.end() for at in out)
        if inside or _pattern("nothing").search(text[: match.start()]):
            continue
        if not any(product.in_stock for product in one.subjects):
            yield "stock", match.group()


def _attributes(one: _Sentence, records: Records) -> Iterator[tuple[Kind, str]]:
    if not one.subjects:
        return
    tokens = tokenize(one.masked)
    found = [match for match in scan(tokens) if match.kind in ATTRIBUTES]
    spoken = scan(tokenize(one.untitled))
    held = {
        (m.kind, m.value) for m in spoken if m.kind in ATTRIBUTES and _held(m.kind, m.value, one.subjects)
    }
    for match in found:
        if not _is_plain(match, tokens):
            continue
        said = (match.kind, match.value)
        denied = _denied_before(tokens, match.start)
        if denied:
            if one.named and all(_held(*said, (product,)) for product in one.subjects):
                yield _kind(match.kind), f"not {match.value}"
            continue
        if said in held:
            continue
        # "Brown and blue are easy together": the item's own color beside that of a thing at hand.
        beside = said in records.at_hand and any(kind == match.kind for kind, _ in held)
        if not beside and (one.named or said not in records.own):
            yield _kind(match.kind), match.value


def _materials(one: _Sentence) -> Iterator[tuple[Kind, str]]:
    """Materials that the lexicon does not know: those in a record's own words only."""
    if not one.named:
        return
    own = " ".join(f"{product.title} {product.description}" for product in one.subjects).casefold()
    for match in other_materials().finditer(one.masked):
        if match.group().casefold() not in own and not _denied(one.masked[: match.start()]):
            yield "material", match.group()


def _is_plain(match: Match, tokens: Sequence[str]) -> bool:
    """False for words that are often something else in a reply ("plain and simple", "it shows", "light")."""
    return " ".join(tokens[match.start : match.end]) not in fashion_words()


def _held(kind: str, value: str, products: Sequence[Product]) -> bool:
    return any(getattr(product, kind) == value for product in products)


def _kind(name: str) -> Kind:
    return "material" if name == "material" else "color" if name == "color" else "pattern"


def _denied(before: str) -> bool:
    tokens = tokenize(before)
    return _denied_before(tokens, len(tokens))


def _denied_before(tokens: Sequence[str], at: int) -> bool:
    """Whether a denial stands a few words before a position, in the same clause: "not black; satin" denies no satin."""
    before = list(tokens[max(0, at - _REACH) : at])
    clause = before[len(before) - before[::-1].index(";") :] if ";" in before else before
    return not _denials().isdisjoint(clause)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A pattern of ``claims.yaml``; a brand is told by its capitals, all others in any case."""
    return re.compile(load_table("claims")[name], 0 if name == "brand" else re.IGNORECASE)


@cache
def _denials() -> frozenset[str]:
    return frozenset(load_table("claims")["claim_denials"])


def _brands(one: _Sentence) -> Iterator[tuple[Kind, str]]:
    if not one.subjects:
        return
    own = {product.brand.casefold() for product in one.subjects if product.brand}
    named = [match.group(1) for match in _pattern("brand").finditer(one.masked)] if one.named else []
    lowered = one.masked.casefold()
    named += [brand for brand in known_brands() if re.search(rf"(?<!\w){re.escape(brand)}(?!\w)", lowered)]
    for brand in dict.fromkeys(name.casefold() for name in named):
        if not any(brand in mine or mine in brand for mine in own):
            yield "brand", brand
