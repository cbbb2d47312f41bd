"""Retrieval in the boutique is measured on the records, with sentences that training never sees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.retrieval import Shop, by_both, by_words, look_ups, new_combination, patterns
from fashion.boutique import generate_products
from fashion.queries import meets
from stores.catalog import Catalog
from tests.standin import HashedWords
from vlm.training.embedding_texts import look_up, training_patterns

PRODUCTS = generate_products(count=408)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    space = HashedWords()
    catalog = Catalog(tmp_path_factory.mktemp("shop"), space)
    catalog.add(PRODUCTS)
    yield Shop(catalog, space, PRODUCTS)
    catalog.close()


def test_no_sentence_of_the_test_is_one_of_training() -> None:
    tested = {words.casefold().strip(" ?.!") for words in patterns()["patterns"]}
    learned = {words.casefold().strip(" ?.!") for words in training_patterns()}
    assert not tested & learned
    assert len(tested) == len(patterns()["patterns"]) >= 60
    assert len(training_patterns()) >= 150


def test_every_pattern_is_asked_in_turn_and_each_has_an_answer_in_stock() -> None:
    asked = look_ups(PRODUCTS, 2 * len(patterns()["patterns"]))
    assert len({one.query.text for one in asked}) > 100
    assert all(one.product.in_stock and meets(one.product, one.query) for one in asked)
    assert asked == look_ups(PRODUCTS, len(asked))
    assert 0 < sum(new_combination(one) for one in asked) < len(asked) / 2


def test_an_answer_is_right_only_with_every_named_attribute(shop: Shop) -> None:
    asked = look_ups(PRODUCTS, 30)
    for one, hit in zip(asked, by_words(shop, asked, named=True), strict=True):
        items = shop.first(text=one.query.text)
        assert hit == any(meets(item, one.query) for item in items)
    alone = by_words(shop, asked, named=False)
    assert sum(alone) < sum(by_words(shop, asked, named=True))


def test_words_with_a_picture_name_no_kind_of_thing(shop: Shop) -> None:
    assert all("{noun" not in words for words in patterns()["with_picture"])
    assert len(by_both(shop, 6)) == 6


def test_training_sentences_are_met_by_their_own_product() -> None:
    rng = random.Random(2)
    for product in PRODUCTS[::8]:
        assert meets(product, look_up(product, rng))


def test_photos_count_by_the_class_of_what_is_found(shop: Shop, tmp_path: Path) -> None:
    from PIL import Image

    from evals.retrieval import by_photo

    (tmp_path / "hat").mkdir()
    Image.new("RGB", (40, 40), "red").save(tmp_path / "hat" / "one.jpg")
    every = frozenset(product.category for product in PRODUCTS)
    assert by_photo(shop, tmp_path, {"hat": every}) == {"hat": [True]}
    assert by_photo(shop, tmp_path, {"hat": frozenset()}) == {"hat": [False]}
