"""The words of a drawing with a change."""

from __future__ import annotations

import pytest

from tools.redrawing import changes, redrawn


@pytest.mark.parametrize(
    ("words", "text", "after"),
    [
        ("a blue denim jacket", "now make it yellow", "a yellow denim jacket"),
        ("a blue denim jacket", "draw it again with polka dots", "a blue polka dot denim jacket"),
        ("a blue denim jacket", "make it leather", "a blue leather jacket"),
        ("a black and white dress", "in red", "a red dress"),
        ("a red dress", "not red, blue", "a blue dress"),
        ("a checked red scarf", "no pattern please", "a plain red scarf"),
        ("a long green dress", "make it short", "a short green dress"),
        ("a coat", "longer please", "a long coat"),
        ("a red silk dress", "make it long", "a long red silk dress"),
        ("a shirt", "make it with long sleeves", "a shirt with long sleeves"),
        ("something floral", "make it red", "something floral in red"),
    ],
)
def test_a_trait_that_is_named_takes_the_place_of_the_drawn_one(words: str, text: str, after: str) -> None:
    assert changes(text)
    assert redrawn(words, text) == after


@pytest.mark.parametrize("text", ["again", "I like it", "what goes with it?", "draw another one"])
def test_a_message_without_a_trait_changes_nothing(text: str) -> None:
    assert not changes(text)
    assert redrawn("a blue denim jacket", text) == "a blue denim jacket"
