from __future__ import annotations

import random

import pytest

from fashion.dialogues import compose_recommendation
from fashion.garment import Garment
from fashion.mentions import find_mentions
from fashion.occasions import OCCASIONS, formality, suits_occasion, suits_season
from fashion.rules import goes_with_reason, missing_slots, score_outfit, score_pairing
from fashion.sampling import combination_is_held_out, sample_garment
from fashion.tables import load_table

JEANS = Garment("Jeans", "blue", material="denim", style="straight", length="long", fit="regular")
SHIRT = Garment("Shirts", "white", material="linen", style="button-down", sleeve="long", neckline="collared")
SNEAKERS = Garment("Sneakers", "white", material="leather", style="low-top")
OXFORDS = Garment("Oxford shoes", "black", material="leather", style="cap-toe")
SUIT = Garment("Suits", "navy", material="wool", style="two-piece")
DRESS = Garment("Dresses", "green", material="silk", style="a-line", sleeve="sleeveless", length="midi")
WOOL_COAT = Garment("Coats", "camel", material="wool", style="overcoat", sleeve="long")


def test_an_outfit_says_what_it_lacks() -> None:
    assert missing_slots([JEANS]) == ("torso", "feet")
    assert missing_slots([DRESS]) == ("feet",)
    assert missing_slots([JEANS, SHIRT, SNEAKERS]) == ()
    assert score_outfit([JEANS, SHIRT, SNEAKERS]).total > score_outfit([JEANS, SHIRT]).total


def test_two_pieces_for_the_same_place_are_a_violation() -> None:
    assert "worn in the same place" in score_outfit([JEANS, SHIRT, SNEAKERS, OXFORDS]).violations[0]
    assert score_pairing(SHIRT, [DRESS]).violations
    assert not score_pairing(
        Garment("Knitwear", "grey", material="wool", style="cardigan"), [SHIRT]
    ).violations


def test_formal_shoes_go_with_a_suit_and_sneakers_with_jeans() -> None:
    assert (
        score_pairing(OXFORDS, [SUIT]).total
        > score_pairing(Garment("Slides & flip flops", "black", material="rubber"), [SUIT]).total
    )
    assert formality(OXFORDS) > formality(SNEAKERS)
    assert score_pairing(SNEAKERS, [JEANS]).total > score_pairing(OXFORDS, [JEANS]).total


def test_competing_patterns_cost_and_one_pattern_does_not() -> None:
    floral = Garment("Skirts", "navy", "floral", "cotton", "a-line")
    plain, checked = (
        Garment("Shirts", "white", "solid", "cotton"),
        Garment("Shirts", "white", "checked", "cotton"),
    )
    assert score_pairing(plain, [floral]).total > score_pairing(checked, [floral]).total


def test_seasons_and_occasions_count_when_asked() -> None:
    assert suits_season(WOOL_COAT, "winter").score > 0.9 > 0.4 > suits_season(WOOL_COAT, "summer").score
    assert suits_occasion(SUIT, "job interview").score > suits_occasion(JEANS, "job interview").score
    assert suits_occasion(Garment("Lingerie & Nightwear", "black", material="silk"), "office").score < 0.2
    with pytest.raises(ValueError, match="unknown occasion 'coronation'"):
        score_outfit([SUIT], occasion="coronation")
    with pytest.raises(ValueError, match="unknown season"):
        score_pairing(SUIT, [], season="monsoon")
    with pytest.raises(ValueError, match="at least one item"):
        score_outfit([])


def test_every_score_lies_between_0_and_1_and_every_part_says_why() -> None:
    rng = random.Random(4)
    for _ in range(200):
        items = [sample_garment(rng) for _ in range(rng.randint(1, 5))]
        verdict = score_outfit(
            items, occasion=rng.choice([None, *OCCASIONS]), season=rng.choice([None, "summer"])
        )
        assert 0 <= verdict.total <= 1
        assert all(0 <= part.score <= 1 and part.reason and "{" not in part.reason for part in verdict.parts)


def test_a_reason_is_given_for_any_pair_and_names_no_color_that_is_absent() -> None:
    rng = random.Random(9)
    for _ in range(200):
        a, b = sample_garment(rng), sample_garment(rng)
        assert set(find_mentions(goes_with_reason(a, [b])).colors) <= {a.color, b.color}


def test_dialogues_ask_for_the_target_and_answer_briefly() -> None:
    rng = random.Random(12)
    requests = set()
    for _ in range(150):
        sample = compose_recommendation(rng, split="train")
        requests.add(sample.request)
        assert 1 <= len(sample.items) <= 4
        assert sample.target.category in sample.asked
        assert len(sample.answer.split()) <= 40
        assert "{" not in sample.request + sample.answer
        assert sample.target.color in find_mentions(sample.answer).colors
        assert not score_pairing(sample.target, sample.items).violations
        for garment in (*sample.items, sample.target):
            assert not combination_is_held_out(garment.category, garment.color, garment.pattern)
    assert len(requests) > 140


def test_the_same_seed_composes_the_same_dialogue() -> None:
    assert compose_recommendation(random.Random(5)) == compose_recommendation(random.Random(5))


def test_occasions_name_only_known_words() -> None:
    from fashion.color import COLORS
    from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS

    for occasion in OCCASIONS.values():
        assert {*occasion.favor_colors, *occasion.avoid_colors} <= set(COLORS)
        assert {*occasion.favor_materials, *occasion.avoid_materials} <= set(MATERIALS)
        assert {*occasion.favor_patterns, *occasion.avoid_patterns} <= set(PATTERNS)
    table = load_table("rules")
    assert set(table["purpose"]) <= set(CATEGORIES)
    assert {name for names in table["only"].values() for name in names} <= set(CATEGORIES)
    assert {*table["only"], *(name for names in table["purpose"].values() for name in names)} <= set(
        OCCASIONS
    )
