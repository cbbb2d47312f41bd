"""Products out of catalog rows: variants joined, attributes checked against the vocabulary or guessed."""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

from fashion.color import COLORS
from fashion.garment import Garment
from fashion.mentions import Mentions, find_mentions
from fashion.occasions import OCCASIONS, suits_occasion, suits_season
from fashion.product import Gender, Product
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS, SEASONS
from stores.import_rows import BadRow, Row, table
from stores.plain_text import plain_text

_SUITS = 0.7
_ADDITION = re.compile(r"\s(?:with|for|by|featuring|in)\s|\s[-–—|]\s|\(", re.IGNORECASE)
_LIST = re.compile(r"\s*[,;|/]\s*")
_PRICE = re.compile(r"\d[\d.,' \u00a0]*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A product on its way in: its record, the line it begins on, and the names its picture may have."""

    line: int
    product: Product
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Variant:
    line: int
    size: str | None
    color: str | None
    price: float
    stock: int


class _Unfit(ValueError):
    """Why a row makes no product; the message is the reason that is reported."""


def products_of(rows: Sequence[Row]) -> Iterator[Draft | BadRow]:
    """Make the product or products (one a color) of the rows that share an id.

    Args:
        rows: One row of our own format, or all rows of a Shopify handle.
    """
    first = rows[0]
    try:
        _check_published(first.values)
        title = plain_text(first.values.get("title", ""))
        if not title:
            raise _Unfit("there is no title")
        variants: list[_Variant] = []
        for row in _with_option_names(rows):
            if len(rows) > 1 and "price" not in row.values:
                continue  # Shopify's rows for further pictures have no variant.
            try:
                variants.append(_variant(row))
            except _Unfit as unfit:
                yield BadRow(row.line, str(unfit))
        colors = list(dict.fromkeys(variant.color for variant in variants))
        for color in colors:
            of_color = [variant for variant in variants if variant.color == color]
            yield _draft(rows, title, color, of_color, several=len(colors) > 1)
        if not variants and all("price" not in row.values for row in rows) and len(rows) > 1:
            raise _Unfit("there is no price")
    except _Unfit as unfit:
        yield BadRow(first.line, str(unfit))


def _check_published(values: Mapping[str, str]) -> None:
    status = values.get("status", "active").casefold()
    if status in ("draft", "archived") or values.get("published", "true").casefold() == "false":
        raise _Unfit(f"it is not for sale ({'not published' if status == 'active' else status})")


def _with_option_names(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows whose options have the names that only the first row states."""
    names = list(rows[0].options)
    for row in rows:
        options = {
            names[int(name[-1]) - 1] if name[:-1] == "option" and int(name[-1]) <= len(names) else name: value
            for name, value in row.options.items()
        }
        yield Row(row.line, row.values, options, row.grouped)


def _variant(row: Row) -> _Variant:
    named = table()["options"]
    size = next((value for name, value in row.options.items() if name in named["size"]), None)
    color = next((value for name, value in row.options.items() if name in named["color"]), None)
    return _Variant(row.line, size, color, parse_price(row.values.get("price", "")), _stock(row.values))


def _stock(values: Mapping[str, str]) -> int:
    text = values.get("stock", "")
    untracked = not text or values.get("policy") == "continue"
    try:
        count = 1 if not text else float(text)
    except ValueError:
        raise _Unfit(f"the stock {_short(text)} is not a number") from None
    if not math.isfinite(count) or abs(count) > 1e9:
        raise _Unfit(f"the stock {_short(text)} is not a number of pieces")
    # What is not counted, or sold even when none is left, is there to be had.
    return max(int(count), 1 if untracked else 0)


def parse_price(text: str) -> float:
    """A price out of ``49.90``, ``€ 1.299,00`` or ``1,299``; raises ValueError with the reason."""
    found = _PRICE.search(text)
    if found is None or "-" in text[: found.start()]:
        raise _Unfit(f"the price {_short(text)} is not a number" if text else "there is no price")
    digits = re.sub(r"[ '\u00a0]", "", found.group()).rstrip(".,")
    marks = [mark for mark in digits if mark in ".,"]
    if marks:
        whole, fraction = digits.rsplit(marks[-1], 1)
        grouped = len(fraction) == 3 and (len(set(marks)) == 1 and (marks[-1] == "," or len(marks) > 1))
        whole = re.sub(r"[.,]", "", whole)
        digits = whole + fraction if grouped else f"{whole}.{fraction}"
    price = float(digits)
    if price > 10_000_000:
        raise _Unfit(f"the price {_short(text)} is too high to be one")
    return round(price, 2)


def _draft(
    rows: Sequence[Row], title: str, color: str | None, variants: Sequence[_Variant], *, several: bool
) -> Draft | BadRow:
    values = rows[0].values
    line = variants[0].line
    try:
        garment, words = _garment(values, title, color)
        on_hand = [variant.size for variant in variants if variant.stock > 0] or [v.size for v in variants]
        base = values.get("id") or f"{_slug(title)}-{zlib.crc32(title.encode()):08x}"
        identifier = f"{base}-{_slug(color or garment.color)}" if several else base
        product = Product(
            id=plain_text(identifier),
            title=title if not several or color is None else f"{title} ({plain_text(color)})",
            brand=plain_text(values.get("brand", "")),
            category=garment.category,
            color=garment.color,
            pattern=garment.pattern,
            material=garment.material,
            style=garment.style,
            sleeve=garment.sleeve,
            neckline=garment.neckline,
            length=garment.length,
            fit=garment.fit,
            # The highest: nobody is told less than their size costs.
            price=max(variant.price for variant in variants),
            currency=values.get("currency", "EUR").upper(),
            sizes=tuple(dict.fromkeys(s for s in on_hand if s)) or _listed(values.get("sizes", "")),
            stock=sum(variant.stock for variant in variants),
            seasons=_seasons(values, garment),
            occasions=_occasions(values, garment),
            gender=_gender(values, words),
            description=plain_text(values.get("description", "")),
        )
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        return BadRow(
            line, f"{where}: {problem['msg']}" if where else problem["msg"].removeprefix("Value error, ")
        )
    except _Unfit as unfit:
        return BadRow(line, str(unfit))
    pictures = [row.values["picture"] for row in rows if "picture" in row.values]
    own = next((row.values["picture"] for row in rows if row.line == line and "picture" in row.values), None)
    return Draft(line, product, tuple(dict.fromkeys([*([own] if own else []), *pictures])))


def _garment(values: Mapping[str, str], title: str, color: str | None) -> tuple[Garment, Mentions]:
    """The visible attributes: what a column states, else what title, kind and tags mention."""
    tags = values.get("tags", "").replace("|", ", ")
    sources = [values.get("category", ""), _ADDITION.split(title)[0], values.get("kind", "")]
    sources += [values.get("taxonomy", "").replace(">", ","), title, tags]
    category = next((name for text in sources if (name := _category(text)) is not None), None)
    if category is None:
        raise _Unfit(
            "no category could be told from category, title, type or tags; name one of the 51 in `category`"
        )
    words = find_mentions(f"{title}. {values.get('kind', '')}. {tags}")
    stated = color or values.get("color", "")
    named = (
        _named(stated, COLORS) or next(iter(find_mentions(f"in {stated}").colors), None) if stated else None
    )
    shade = named or next(iter(words.colors), None)
    if shade is None:
        raise _Unfit(
            f"no color could be told{f' from {_short(stated)}' if stated else ''}; name one in `color`"
        )
    kind = CATEGORIES[category]

    def told(field: str, allowed: Iterable[str], guesses: Sequence[str | None]) -> str | None:
        known = tuple(allowed)
        mine = _named(values.get(field, ""), known)
        return mine or next((guess for guess in guesses if guess in known), None)

    by_column = find_mentions(f"{values.get('material', '')}, {values.get('pattern', '')}")
    garment = Garment(
        category=category,
        color=shade,
        pattern=told("pattern", PATTERNS, [*by_column.patterns, *words.patterns]) or "solid",
        material=told("material", MATERIALS, [*by_column.materials, *words.materials]),
        style=told("style", kind.styles, words.styles),
        sleeve=told("sleeve", kind.sleeves, [words.sleeve]),
        neckline=told("neckline", kind.necklines, [words.neckline]),
        length=told("length", kind.lengths, [words.length]),
        fit=told("fit", kind.fits, [words.fit]),
    )
    return garment, words


def _category(text: str) -> str | None:
    if not text:
        return None
    if (name := _named(text, CATEGORIES)) is not None:
        return name
    found = find_mentions(text).categories
    # The head noun of an English title stands last: "denim shirt dress".
    return found[-1] if found else None


def _named(text: str, names: Iterable[str]) -> str | None:
    wanted = text.strip().casefold()
    return next((name for name in names if name.casefold() == wanted), None) if wanted else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in _LIST.split(text.strip()) if one))


def _seasons(values: Mapping[str, str], garment: Garment) -> tuple[str, ...]:
    stated = tuple(name for one in _listed(values.get("seasons", "")) if (name := _named(one, SEASONS)))
    return stated or tuple(name for name in SEASONS if suits_season(garment, name).score >= _SUITS)


def _occasions(values: Mapping[str, str], garment: Garment) -> tuple[str, ...]:
    stated = tuple(name for one in _listed(values.get("occasions", "")) if (name := _named(one, OCCASIONS)))
    return stated or tuple(name for name in OCCASIONS if suits_occasion(garment, name).score >= _SUITS)


@cache
def _genders() -> dict[str, Gender]:
    rows = table()["genders"]
    genders: tuple[Gender, ...] = ("women", "men", "unisex")
    return {word: gender for gender in genders for word in rows[gender]}


def _gender(values: Mapping[str, str], words: Mentions) -> Gender:
    stated = _genders().get(values.get("gender", "").casefold())
    return stated or _genders().get(words.gender or "", "unisex")


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or f"{zlib.crc32(text.encode()):08x}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
