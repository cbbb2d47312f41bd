from __future__ import annotations

from collections import defaultdict

import pytest
from pydantic import ValidationError

from fashion.boutique import BOUTIQUE_VERSION, generate_products
from fashion.captions import parse_caption
from fashion.product import Product
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES, validate_garment


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return generate_products()


def test_the_boutique_is_the_same_for_the_same_seed(products: list[Product]) -> None:
    assert BOUTIQUE_VERSION
    assert products == generate_products()
    assert products[:50] != generate_products(seed=1)[:50]


def test_every_category_has_choice_in_number_color_and_price(products: list[Product]) -> None:
    by_category: dict[str, list[Product]] = defaultdict(list)
    for product in products:
        by_category[product.category].append(product)
    assert len(products) == 1300 and set(by_category) == set(CATEGORIES)
    for rows in by_category.values():
        prices = [row.price for row in rows]
        assert len(rows) >= 20
        assert len({row.color for row in rows}) >= 6
        assert min(prices) <= 0.4 * max(prices)


def test_products_are_valid_synthetic_and_partly_sold_out(products: list[Product]) -> None:
    assert len({product.id for product in products}) == len(products)
    for product in products:
        validate_garment(product.garment)
        assert product.synthetic and product.currency == "EUR" and product.sizes
        assert product.seasons and product.occasions and len(product.description.split()) >= 8
        assert "{" not in product.description
        cents = round(product.price * 100) % 1000
        assert cents in (495, 995, 400, 900), product.price
    assert 0.03 < sum(not product.in_stock for product in products) / len(products) < 0.15


def test_a_title_names_color_pattern_and_noun(products: list[Product]) -> None:
    for product in products:
        read = parse_caption(product.title)
        assert read is not None
        assert (read.category, read.color, read.pattern) == (product.category, product.color, product.pattern)


def test_a_product_refuses_unknown_words_and_cannot_be_changed(products: list[Product]) -> None:
    with pytest.raises(ValidationError, match="unknown color 'puce'"):
        Product.model_validate(products[0].model_dump() | {"color": "puce"})
    with pytest.raises(ValidationError, match="frozen"):
        products[0].price = 1.0  # type: ignore[misc]
    assert Product.model_validate_json(products[0].model_dump_json()) == products[0]


def test_a_small_boutique_covers_what_it_can() -> None:
    assert len({product.category for product in generate_products(count=51)}) == 51
    assert generate_products(count=0) == []
    with pytest.raises(ValueError, match="0 or more"):
        generate_products(count=-1)


@pytest.mark.parametrize("seed", [20250425, 1, 2])
def test_the_classics_that_people_ask_for_first_are_in_stock(seed: int) -> None:
    boutique = generate_products(seed)
    for entry in load_table("classics"):
        traits = {name: value for name, value in entry.items() if name != "place"} | {"pattern": "solid"}
        assert any(
            one.in_stock and all(getattr(one, name) == value for name, value in traits.items())
            for one in boutique
        ), traits


def test_classics_take_the_places_of_others_and_change_nothing_else(products: list[Product]) -> None:
    by_chance = generate_products(with_classics=False)
    assert [(one.id, one.category) for one in products] == [(one.id, one.category) for one in by_chance]
    changed = sum(one != other for one, other in zip(products, by_chance, strict=True))
    assert changed == len(load_table("classics"))
    for name in CATEGORIES:
        colors, before = ({one.color for one in row if one.category == name} for row in (products, by_chance))
        assert before <= colors
    assert generate_products(count=408) == generate_products(count=408, with_classics=False)


def test_what_the_app_suggests_to_ask_for_is_there(products: list[Product]) -> None:
    stock = [one for one in products if one.in_stock]
    assert any(one.category == "Boots" and one.color == "black" and one.price < 100 for one in stock)
    assert any(one.style == "blazer" and (one.color, one.pattern) == ("navy", "solid") for one in stock)
