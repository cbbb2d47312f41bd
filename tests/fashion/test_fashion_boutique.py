from __future__ import annotations

from collections import defaultdict

import pytest
from pydantic import ValidationError

from fashion.boutique import BOUTIQUE_VERSION, generate_products
from fashion.captions import parse_caption
from fashion.product import Product
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
