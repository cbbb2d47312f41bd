"""What a sentence alone says, where the caller of a tool stated nothing else."""

import pytest

from tools.targets import read_request
from tools.wishes import Wishes


@pytest.mark.parametrize(
    "text", ["outfit for a 5 year old boy", "shoes for kids", "a dress for my baby girl"]
)
def test_a_sentence_about_children_is_read(text) -> None:
    assert read_request(text, Wishes()).gender is None


def test_rain_and_vegan_in_a_sentence_rule_out_materials() -> None:
    assert "suede" in read_request("shoes for rain", Wishes()).not_materials
    assert "leather" in read_request("vegan boots", Wishes()).not_materials


def test_what_the_caller_stated_is_not_read_anew() -> None:
    stated = Wishes(categories=["Boots"])
    assert read_request("vegan shoes for rain", stated) == stated
