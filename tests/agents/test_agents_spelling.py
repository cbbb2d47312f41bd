from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.language import foreign_language, language_note
from agents.spelling import mend
from agents.spoken import load_aside, load_trained


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("find me smth to wear w this pls", "find me something to wear with this please"),
        ("i liek the secnd one", "i like the second one"),
        ("wat shuld i waer 2 a bbq", "what should i wear to a bbq"),
        ("i own 2 many black bags", "i own too many black bags"),
        ("I like number 2 the most", "I like number 2 the most"),
        ("number 2 a bit cheaper", "number 2 a bit cheaper"),
        ("draw option 4 my way", "draw option 4 my way"),
        ("it comes in size 2 that is nice", "it comes in size 2 that is nice"),
        ("shoes 4 my wedding 2 wear 2 the party", "shoes for my wedding to wear to the party"),
        ("do u hav loafrs in burgandy", "do you have loafers in burgundy"),
        ("delete all my data", "delete all my data"),
        ("W32 jeans, size S, under 50", "W32 jeans, size S, under 50"),
    ],
)
def test_slips_and_short_forms_are_mended(text, mended) -> None:
    assert mend(text) == mended


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_text_can_be_mended_and_has_a_language_or_none(text) -> None:
    assert isinstance(mend(text), str)
    assert (foreign_language(text) is None) == (language_note(text) is None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("was passt zu dieser Hose?", "German"), ("je cherche une robe rouge", "French"),
        ("busco zapatos para una boda", "Spanish"), ("ik zoek een zwarte jurk", "Dutch"),
        ("黒いブーツを見せて", "Japanese"), ("我想要一件红色的裙子", "Chinese"), ("покажи мне туфли", "a Slavic language"),
    ],
)  # fmt: skip
def test_another_language_is_noticed_and_named(text, language) -> None:
    assert foreign_language(text) == language and language in (language_note(text) or "")


def test_no_english_sentence_with_typos_is_taken_for_another_language() -> None:
    spoken = [one.request.text for one in (*load_aside(), *load_trained())]
    assert not [text for text in spoken if foreign_language(text)]
