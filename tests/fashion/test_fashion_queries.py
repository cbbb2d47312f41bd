"""Look-up sentences made from attributes: what they say is what they name."""

from __future__ import annotations

import random
import re

import pytest

from fashion.boutique import generate_products
from fashion.mentions import find_mentions
from fashion.product import Product
from fashion.product_words import product_sentence
from fashion.queries import SLOTS, Query, attribute_values, compose_query, meets

ITEMS = generate_products(seed=3, count=408)


def item(**changes: object) -> Product:
    base = {"id": "a", "title": "t", "category": "Shirts", "color": "navy", "pattern": "striped", "price": 1}
    return Product(**(base | changes))


def test_a_sentence_names_what_its_gaps_say_and_its_product_has_it_all() -> None:
    rng = random.Random(1)
    for product in ITEMS:
        query = compose_query(product, "{a} {color} {pattern} {noun}", rng)
        assert query is not None
        assert {"category", "color", "pattern"} <= set(query.named) <= set(SLOTS)
        assert query.named["color"] == {product.color}
        assert meets(product, query)
        assert "{" not in query.text


def test_another_color_kind_or_style_does_not_meet_the_sentence() -> None:
    query = compose_query(item(), "{a} {color} {noun}", random.Random(1))
    assert query is not None
    assert not meets(item(color="red"), query)
    assert not meets(item(category="Coats"), query)
    tank_top = item(category="T-shirts & vests", style="vest")
    named = compose_query(tank_top, "{noun}", random.Random(1))
    assert named is not None
    assert meets(tank_top, named)
    assert not meets(item(category="T-shirts & vests", style="t-shirt"), named)


def test_what_a_product_does_not_have_cannot_be_said() -> None:
    rng = random.Random(1)
    assert compose_query(item(), "{material} {noun}", rng) is None
    assert compose_query(item(category="Boots", sleeve=None), "{sleeve} {noun}", rng) is None
    assert compose_query(item(category="Denim", material="denim"), "{material} {noun}", rng) is None


@pytest.mark.parametrize(
    ("product", "said"),
    [
        (item(color="orange"), "an orange shirt"),
        (item(), "a navy shirt"),
        (item(category="Jeans", color="olive"), "a pair of olive jeans"),
    ],
)
def test_articles_fit_the_word_behind_them_and_pairs_are_pairs(product: Product, said: str) -> None:
    class First(random.Random):
        """Takes the house's own words."""

        def random(self) -> float:
            return 0.99

    query = compose_query(product, "{a} {color} {noun}", First(1))
    assert query is not None
    assert query.text == said


def test_the_word_list_reads_most_colors_and_kinds_back() -> None:
    rng = random.Random(5)
    sentences = [compose_query(product, "I want {a} {color} {noun}", rng) for product in ITEMS]
    read = [(one, find_mentions(one.text)) for one in sentences if one is not None]
    kinds = sum(bool(set(found.categories) & one.named["category"]) for one, found in read)
    colors = sum(bool(set(found.colors) & one.named["color"]) for one, found in read)
    assert kinds / len(read) > 0.97
    assert colors / len(read) > 0.97


def test_everybodys_things_are_for_women_and_men() -> None:
    query = compose_query(item(gender="women"), "{whose} {noun}", random.Random(1))
    assert query is not None
    assert query.named["gender"] == {"women", "unisex"}
    assert meets(item(gender="unisex"), query)
    assert not meets(item(gender="men"), query)
    assert compose_query(item(gender="unisex"), "{whose} {noun}", random.Random(1)) is None


def test_unknown_attributes_have_no_values() -> None:
    assert attribute_values(item(), "material") == frozenset()
    assert attribute_values(item(occasions=("office",)), "occasion") == {"office"}
    assert not meets(item(), Query("silk", {"material": frozenset({"silk"})}))


def test_a_products_sentence_tells_every_fact_and_stays_short() -> None:
    for product in ITEMS:
        sentence = product_sentence(product)
        told = sentence.casefold()
        for slot in ("category", "color", "material", "style", "neckline"):
            assert all(value.casefold() in told for value in attribute_values(product, slot))
        assert len(sentence) < 480
    long = item(description="word " * 500)
    assert len(product_sentence(long)) < 300
    assert not re.search(r"wor$", product_sentence(long))
