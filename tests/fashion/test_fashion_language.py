from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.captions import parse_caption
from fashion.garment import Garment
from fashion.language import caption, drawing_prompt, phrase, title
from fashion.mentions import find_mentions
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES

SHIRT = Garment("Shirts", "navy", "striped", "cotton", "button-down", "long", "collared", "regular", "slim")


def test_a_phrase_names_color_pattern_material_and_noun() -> None:
    assert phrase(SHIRT) == "a navy striped cotton shirt"
    assert phrase(Garment("Loafers", "red", material="suede")) == "a pair of red suede loafers"
    assert phrase(Garment("Coats", "orange", material="wool")) == "an orange wool coat"
    assert phrase(Garment("Denim", "blue", material="denim", style="jacket")) == "a blue denim jacket"
    assert phrase(SHIRT, style="definite") == "the navy striped cotton shirt"
    assert title(SHIRT) == "Navy Striped Cotton Button-Down Shirt"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(CATEGORIES)))
def test_captions_and_phrases_are_read_back_exactly(seed: int, category: str) -> None:
    rng = random.Random(seed)
    garment = sample_garment(rng, category)
    for text in (caption(garment, rng), phrase(garment, rng), phrase(garment), title(garment)):
        read = parse_caption(text)
        assert read is not None, text
        assert (read.category, read.color, read.pattern) == (
            garment.category,
            garment.color,
            garment.pattern,
        ), text


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(CATEGORIES)))
def test_a_drawing_prompt_still_mentions_category_color_and_pattern(seed: int, category: str) -> None:
    rng = random.Random(seed)
    garment = sample_garment(rng, category)
    text = drawing_prompt(garment, rng)
    found = find_mentions(text)
    named = found.categories + tuple(
        name for group in found.groups for name in CATEGORIES if CATEGORIES[name].group == group
    )
    assert garment.category in named, text
    assert garment.color in found.colors, text
    assert garment.pattern == "solid" or garment.pattern in found.patterns, text


def test_the_cut_said_before_the_noun_is_read_as_its_style() -> None:
    assert parse_caption("a black leather chelsea boots") == Garment(
        "Boots", "black", material="leather", style="chelsea"
    )
    assert parse_caption("a pair of gold strappy heeled sandals") == Garment(
        "Sandals", "gold", style="strappy heel"
    )
    assert parse_caption("a chelsea day in black boots") == Garment("Boots", "black")
    assert parse_caption("a pink cotton tank top") == Garment(
        "T-shirts & vests", "pink", material="cotton", style="vest"
    )


def test_a_text_without_garment_or_color_is_no_caption() -> None:
    assert parse_caption("hello there") is None
    assert parse_caption("a very nice dress") is None
    assert parse_caption("cap-toe and red") is None


@given(st.text())
def test_reading_a_caption_never_raises(text: str) -> None:
    parse_caption(text)
