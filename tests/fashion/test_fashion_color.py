from __future__ import annotations

from itertools import combinations

import pytest

from fashion.color import COLORS, delta_e, harmony, nearest_color, rgb


def test_there_are_26_colors_and_any_two_are_plainly_different() -> None:
    assert len(COLORS) == 26
    assert min(delta_e(a.lab, b.lab) for a, b in combinations(COLORS.values(), 2)) >= 14


def test_every_everyday_color_is_its_own_nearest_color() -> None:
    assert all(nearest_color(rgb(name)) == name for name in COLORS if name not in ("gold", "silver"))


def test_no_alias_belongs_to_two_colors() -> None:
    words = [word for color in COLORS.values() for word in (color.name, *color.aliases)]
    assert len(words) == len(set(words))


def test_harmony_is_the_same_both_ways_and_says_why() -> None:
    for a, b in combinations(COLORS, 2):
        one, other = harmony(a, b), harmony(b, a)
        assert (one.kind, one.score) == (other.kind, other.score)
        assert 0 <= one.score <= 1
        assert one.reason and "{" not in one.reason


def test_a_classic_pair_beats_a_clash() -> None:
    assert harmony("navy", "camel").score > harmony("blue", "teal").score > harmony("red", "orange").score
    assert harmony("red", "orange").kind == "clash"
    assert harmony("red", "red").kind == "monochrome"


def test_an_unknown_color_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="unknown color 'puce'"):
        harmony("puce", "red")
