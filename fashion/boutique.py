"""The demo boutique: synthetic products over all 51 categories, the same for the same seed."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import cast

from fashion.classics import classics, place_for
from fashion.garment import Garment
from fashion.language import join_words, phrase, title
from fashion.occasions import OCCASIONS, suits_occasion, suits_season
from fashion.product import Gender, Product
from fashion.sampling import sample_garment
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, SEASONS, Category, category_of

BOUTIQUE_VERSION: str = load_table("boutique")["version"]
"""Changes whenever the products do; a built boutique of another version is built again."""

_LEAST_PER_CATEGORY = 20
_MOST_OF_ONE_COLOR = 4
_OUT_OF_STOCK = 0.08


def generate_products(
    seed: int = 20250425, count: int = 1300, *, with_classics: bool = True
) -> list[Product]:
    """Make the boutique.

    Args:
        seed: Decides everything.
        count: How many products; with 1,020 or more every category has at least 20, and there are the classics that
            people ask for first (``data/classics.yaml``).
        with_classics: Without them all products are drawn by chance, as those to learn from must be.

    Returns:
        `count` products with ids ``fm-0001``, ``fm-0002``, …

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"count must be 0 or more, got {count}")
    rng = random.Random(seed)
    products: list[Product] = []
    for name, number in _shares(count).items():
        garments = _garments(rng, name, number)
        for garment, place in zip(garments, _price_places(rng, garments), strict=True):
            products.append(_product(rng, f"fm-{len(products) + 1:04d}", garment, place))
    roomy = count >= _LEAST_PER_CATEGORY * len(CATEGORIES)
    return _with_classics(seed, products) if with_classics and roomy else products


def _with_classics(seed: int, products: Sequence[Product]) -> list[Product]:
    """The boutique with the classics, in stock, in the places and under the ids of others; the rest stays as it is."""
    stocked, taken = list(products), set[int]()
    for rng, garment, price in classics(seed):
        at = place_for(garment, stocked, taken)
        made = _product(rng, stocked[at].id, garment, price)
        stocked[at] = made if made.in_stock else made.model_copy(update={"stock": rng.randint(1, 40)})
        taken.add(at)
    return stocked


def _shares(count: int) -> dict[str, int]:
    """How many products each category gets."""
    popular: dict[str, int] = load_table("boutique")["popular"]
    base = min(_LEAST_PER_CATEGORY, count // len(CATEGORIES))
    shares = dict.fromkeys(CATEGORIES, base)
    order = [name for name in CATEGORIES for _ in range(popular.get(name, 1))]
    if base < _LEAST_PER_CATEGORY:
        order = list(CATEGORIES)
    for extra in range(count - base * len(CATEGORIES)):
        shares[order[extra % len(order)]] += 1
    return shares


def _garments(rng: random.Random, category: str, number: int) -> list[Garment]:
    """Different garments of a category, no color too often."""
    seen: set[Garment] = set()
    colors: Counter[str] = Counter()
    garments: list[Garment] = []
    tries = 0
    while len(garments) < number:
        garment = sample_garment(rng, category)
        tries += 1
        crowded = colors[garment.color] >= _MOST_OF_ONE_COLOR or garment in seen
        if crowded and tries < 40 * number:
            continue
        seen.add(garment)
        colors[garment.color] += 1
        garments.append(garment)
    return garments


def _price_places(rng: random.Random, garments: Sequence[Garment]) -> list[float]:
    """A place 0..1 in the price range for each, spread evenly, finer materials higher."""
    table: dict[str, float] = load_table("boutique")["material_price"]
    worth = [table.get(garment.material or "", 0.0) + rng.gauss(0, 0.6) for garment in garments]
    places = [0.0] * len(garments)
    for rank, at in enumerate(sorted(range(len(garments)), key=worth.__getitem__)):
        places[at] = rank / max(1, len(garments) - 1)
    return places


def _product(rng: random.Random, identifier: str, garment: Garment, place: float) -> Product:
    table = load_table("boutique")
    kind = category_of(garment)
    level = "low" if place < 0.35 else "middle" if place < 0.75 else "high"
    brand: str = rng.choice(table["brands"][level])["name"]
    gender = _gender(rng, kind, garment)
    seasons = tuple(season for season in SEASONS if suits_season(garment, season).score >= 0.7)
    seasons = seasons or (max(SEASONS, key=lambda season: suits_season(garment, season).score),)
    occasions = _occasions(garment)
    return Product(
        id=identifier,
        title=title(garment),
        brand=brand,
        category=garment.category,
        color=garment.color,
        pattern=garment.pattern,
        material=garment.material,
        style=garment.style,
        sleeve=garment.sleeve,
        neckline=garment.neckline,
        length=garment.length,
        fit=garment.fit,
        price=_price(rng, kind, place),
        sizes=_sizes(rng, kind, gender),
        stock=0 if rng.random() < _OUT_OF_STOCK else rng.randint(1, 40),
        seasons=seasons,
        occasions=occasions,
        gender=gender,
        description=_description(rng, garment, brand, occasions, seasons),
        synthetic=True,
    )


def _price(rng: random.Random, kind: Category, place: float) -> float:
    """A shop price: 19.95, 34.00 … 249.00."""
    low, high = kind.price
    raw = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
    if raw < 40:
        return max(4.95, math.floor(raw / 5) * 5 + 5 - rng.choice((0.05, 1.0)))
    step = math.floor(raw / 10) * 10 + 9
    return step + (0.95 if raw < 120 and rng.random() < 0.5 else 0.0)


def _gender(rng: random.Random, kind: Category, garment: Garment) -> Gender:
    table = load_table("boutique")
    fixed = table["gender_of_style"].get(garment.style)
    if fixed is not None and kind.gender == "any":
        return cast(Gender, fixed)
    weights: dict[Gender, int] = table["gender_weights"][kind.gender]
    return rng.choices(tuple(weights), weights=tuple(weights.values()))[0]


def _sizes(rng: random.Random, kind: Category, gender: Gender) -> tuple[str, ...]:
    sizes = kind.sizes
    if len(sizes) == 1:
        return sizes
    if kind.group == "footwear":
        sizes = sizes[:6] if gender == "women" else sizes[4:] if gender == "men" else sizes
    first, last = rng.choice((0, 0, 1)), rng.choice((0, 0, 1))
    return sizes[first : len(sizes) - last]


def _occasions(garment: Garment) -> tuple[str, ...]:
    ranked = sorted(OCCASIONS, key=lambda name: -suits_occasion(garment, name).score)
    fitting = [name for name in ranked if suits_occasion(garment, name).score >= 0.75]
    return tuple((fitting or ranked[:1])[:6])


def _description(
    rng: random.Random, garment: Garment, brand: str, occasions: Sequence[str], seasons: Sequence[str]
) -> str:
    table = load_table("boutique")
    noun_phrase = phrase(garment, rng, "plain")
    words = {
        "np": noun_phrase,
        "Np": noun_phrase[0].upper() + noun_phrase[1:],
        "brand": brand,
        "noun": category_of(garment).nouns(garment.style)[0],
        "occasion": OCCASIONS[occasions[0]].say,
        "other": OCCASIONS[occasions[-1]].say,
        "season": join_words(seasons if len(seasons) < 3 else [rng.choice(list(seasons))]),
    }
    sentences = [rng.choice(table["openings"]).format(**words)]
    if garment.material is not None:
        sentences.append(rng.choice(table["materials"][garment.material]))
    if garment.pattern != "solid":
        sentences.append(rng.choice(table["patterns"][garment.pattern]))
    details = [
        rng.choice(lines)
        for key, by_value in table["details"].items()
        if (lines := by_value.get(getattr(garment, key)))
    ]
    sentences += rng.sample(details, min(len(details), rng.choice((1, 2))))
    closings = [line for line in table["closings"] if len(occasions) > 1 or "{other}" not in line]
    sentences.append(rng.choice(closings).format(**words))
    return " ".join(sentences)
