"""What a drawing of a pattern is held against."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm.contrast import plain_words


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [
        ("draw a red checked wool scarf please", "a red wool scarf"),
        ("a pair of coral leopard suede strappy sandals", "a pair of coral suede sandals"),
        ("striped dress", "a dress"),
    ],
)
def test_a_pattern_is_held_against_the_same_thing_plain(prompt, plain):
    assert plain_words(prompt) == plain


@pytest.mark.parametrize("prompt", ["a red scarf", "a plain red scarf", "stripes", "", "something nice"])
def test_where_no_pattern_of_a_thing_is_asked_for_there_is_nothing_to_hold_it_against(prompt):
    assert plain_words(prompt) is None


@given(st.text(max_size=80))
def test_no_words_are_too_strange(prompt):
    assert plain_words(prompt) is None or isinstance(plain_words(prompt), str)
