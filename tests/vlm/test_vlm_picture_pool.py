"""What the single garments of a pool are."""

from collections import Counter

import pytest

from fashion.sampling import combination_is_held_out
from fashion.vocabulary import CATEGORIES
from vlm.training.picture_pool import pool_garment, single_garment

SEED = 5
ROUND = len(CATEGORIES)
PLAIN_ONLY = {
    name for name, category in CATEGORIES.items()
    if set(category.patterns) <= {"solid"}
}  # fmt: skip


@pytest.fixture(scope="module")
def garments():
    return [single_garment(SEED, index) for index in range(10 * ROUND)]


def test_every_other_round_is_patterned_where_a_category_can_be(garments):
    for index, garment in enumerate(garments):
        if index // ROUND % 2 and garment.category not in PLAIN_ONLY:
            assert garment.pattern != "solid", garment
        elif index // ROUND % 2 == 0:
            assert garment == pool_garment(SEED, index)


def test_every_category_comes_as_often_and_the_same_seed_gives_the_same_garments(garments):
    assert set(Counter(garment.category for garment in garments).values()) == {10}
    assert garments[3 * ROUND :] == [single_garment(SEED, index) for index in range(3 * ROUND, 10 * ROUND)]
    assert garments != [single_garment(SEED + 1, index) for index in range(10 * ROUND)]


def test_no_combination_kept_for_tests_is_shown(garments):
    assert not any(combination_is_held_out(one.category, one.color, one.pattern) for one in garments)
