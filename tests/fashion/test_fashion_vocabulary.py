from __future__ import annotations

import random
from dataclasses import replace

import pytest

from fashion.garment import Garment
from fashion.sampling import combination_is_held_out, sample_garment
from fashion.vocabulary import CATEGORIES, GROUPS, MATERIALS, PATTERNS, slot_of, validate_garment


def test_there_are_51_categories_in_groups() -> None:
    assert len(CATEGORIES) == 51
    assert sum(len(names) for names in GROUPS.values()) == 51


def test_no_noun_belongs_to_two_categories() -> None:
    nouns = [
        noun
        for category in CATEGORIES.values()
        for noun in {category.singular, *(pair[0] for pair in category.style_nouns.values())}
    ]
    assert len(nouns) == len(set(nouns))


def test_no_synonym_belongs_to_two_categories() -> None:
    words = [word for category in CATEGORIES.values() for word in {*category.synonyms, category.singular}]
    assert len(words) == len(set(words))


def test_tables_use_only_known_words() -> None:
    for category in CATEGORIES.values():
        assert set(category.materials) <= set(MATERIALS)
        assert set(category.patterns) <= set(PATTERNS)
        assert set(category.when) | set(category.style_nouns) | set(category.slots_by_style) <= set(
            category.styles
        )
        assert category.price[0] <= 0.4 * category.price[1]
        tables = {
            "sleeve": category.sleeves,
            "neckline": category.necklines,
            "length": category.lengths,
            "fit": category.fits,
            "material": category.materials,
            "pattern": category.patterns,
            "color": category.colors,
        }
        for rules in category.when.values():
            for attribute, values in rules.items():
                assert set(values) <= set(tables[attribute]), (category.name, attribute, values)


@pytest.mark.parametrize("category", CATEGORIES)
def test_sampled_garments_are_valid_on_both_sides_of_the_split(category: str) -> None:
    rng = random.Random(7)
    for split, held_out in (("train", False), ("heldout", True)):
        for _ in range(8):
            garment = sample_garment(rng, category, split=split)
            validate_garment(garment)
            assert combination_is_held_out(garment.category, garment.color, garment.pattern) is held_out


def test_about_8_in_100_combinations_are_held_out() -> None:
    triples = [(c.name, color, p) for c in CATEGORIES.values() for color in c.colors for p in c.patterns]
    share = sum(combination_is_held_out(*triple) for triple in triples) / len(triples)
    assert 0.06 < share < 0.10


def test_the_same_seed_gives_the_same_garments() -> None:
    one = [sample_garment(random.Random(3)) for _ in range(3)]
    assert one == [sample_garment(random.Random(3)) for _ in range(3)]


def test_fixed_attributes_are_kept() -> None:
    garment = sample_garment(random.Random(1), "Sneakers", color="red", style="high-top")
    assert (garment.color, garment.style) == ("red", "high-top")


def test_a_fixed_value_picks_a_style_that_allows_it() -> None:
    assert all(
        sample_garment(random.Random(seed), "Coats", material="nylon").style == "puffer" for seed in range(10)
    )


def test_wrong_values_are_refused_with_what_is_expected() -> None:
    good = sample_garment(random.Random(2), "Skirts")
    with pytest.raises(ValueError, match="Skirts cannot have sleeve 'long'; expected none"):
        validate_garment(replace(good, sleeve="long"))
    with pytest.raises(ValueError, match="cannot have color 'gold'"):
        validate_garment(replace(good, color="gold"))
    with pytest.raises(ValueError, match="unknown category 'Togas'"):
        validate_garment(Garment("Togas", "white"))
    with pytest.raises(ValueError, match="unknown attribute 'colour'"):
        sample_garment(random.Random(0), colour="red")


def test_dungarees_are_worn_on_the_body_and_a_denim_jacket_over_it() -> None:
    assert slot_of(Garment("Denim", "blue", style="dungarees")) == "body"
    assert slot_of(Garment("Denim", "blue", style="jacket")) == "outer"
