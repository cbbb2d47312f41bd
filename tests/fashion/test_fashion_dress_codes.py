"""Seasons by place and month, dress codes as data, and clauses that agree with pairs."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

import agents.contracts
from fashion.boutique import generate_products
from fashion.calendar import Calendar
from fashion.color import COLORS
from fashion.dress_codes import DRESS_CODES, broken_code, suits_code
from fashion.garment import Garment
from fashion.occasions import OCCASIONS, suits_occasion
from fashion.vocabulary import CATEGORIES, FITS, LENGTHS, MATERIALS, NECKLINES, PATTERNS, SLEEVES

PRODUCTS = generate_products()


@pytest.mark.parametrize(
    ("hemisphere", "month", "season"),
    [("north", 1, "winter"), ("north", 4, "spring"), ("north", 7, "summer"), ("north", 11, "autumn"),
     ("south", 1, "summer"), ("south", 4, "autumn"), ("south", 7, "winter"), ("south", 12, "summer")],
)  # fmt: skip
def test_the_season_follows_month_and_hemisphere(hemisphere, month, season) -> None:
    assert Calendar(hemisphere, month).season() == season
    assert Calendar(hemisphere).season(date(2026, month, 15)) == season


def test_a_month_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        Calendar("north", 13)


def test_the_codes_are_those_the_router_may_fill_and_name_only_known_values() -> None:
    assert set(DRESS_CODES) == set(get_args(agents.contracts.DressCode))
    known = {
        "category": CATEGORIES, "color": COLORS, "not_color": COLORS, "material": MATERIALS, "pattern": PATTERNS,
        "sleeve": SLEEVES, "neckline": NECKLINES, "length": LENGTHS, "fit": FITS,
    }  # fmt: skip
    for code in DRESS_CODES.values():
        assert set(code.favor_colors) <= set(COLORS) and set(code.favor_materials) <= set(MATERIALS)
        for never in code.never:
            for name, values in never.values.items():
                assert name == "style" or set(values) <= set(known[name]), (code.name, name)


@pytest.mark.parametrize("name", DRESS_CODES)
def test_every_code_leaves_something_to_wear_from_head_to_foot(name: str) -> None:
    groups = {CATEGORIES[one.category].group for one in PRODUCTS if not broken_code(one.garment, name)}
    assert "footwear" in groups and groups & {"one-piece", "tops"}


@pytest.mark.parametrize(
    ("garment", "code", "clause"),
    [
        (Garment("Dresses", "navy", length="mini"), "modest", "too short"),
        (Garment("Dresses", "navy", sleeve="sleeveless"), "modest", "arms bare"),
        (Garment("Dresses", "red", length="maxi", sleeve="long"), "mourning", "not one of mourning"),
        (Garment("Dresses", "black"), "Diwali", "unlucky at Diwali"),
        (Garment("Coats", "white"), "Lunar New Year", "mourning at Lunar New Year"),
        (Garment("Jeans", "blue", material="denim"), "black tie", "too casual"),
        (Garment("Slides & flip flops", "black"), "business casual", "they are too casual"),
    ],
)
def test_what_breaks_a_code_is_said(garment: Garment, code: str, clause: str) -> None:
    assert clause in broken_code(garment, code)
    assert suits_code(garment, code).score == 0


def test_a_red_silk_dress_is_welcome_at_lunar_new_year_and_says_why() -> None:
    dress = Garment("Dresses", "red", material="silk", length="midi", sleeve="long")
    assert not broken_code(dress, "Lunar New Year")
    assert "luck" in suits_code(dress, "Lunar New Year").reason


def test_clauses_about_pairs_are_in_the_plural() -> None:
    for name in OCCASIONS:
        for category in ("Boots", "Pumps", "Jeans"):
            reason = suits_occasion(Garment(category, "black", material="leather"), name).reason
            assert not reason.startswith("it "), reason
    assert suits_occasion(Garment("Coats", "black", material="wool"), "funeral").reason.startswith("it ")


def test_an_unknown_code_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="black tie"):
        broken_code(Garment("Coats", "black"), "pirate")
