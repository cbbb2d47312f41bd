from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.lexicon import index
from fashion.mentions import Mentions, Reference, find_mentions

CASES: list[tuple[str, dict[str, Any]]] = [
    ("what shoes go with these?", {"groups": ("footwear",)}),
    ("draw me a red plaid scarf", {"categories": ("Scarves",), "colors": ("red",), "patterns": ("checked",)}),
    (
        "not black please, I'd like trousers under 80",
        {"categories": ("Pants",), "colors": (), "not_colors": ("black",), "max_price": 80.0},
    ),
    ("anything but red or pink, please", {"colors": (), "not_colors": ("red", "pink")}),
    (
        "I don't want leather, show me canvas bags",
        {"materials": ("canvas",), "not_materials": ("leather",), "groups": ("bags",)},
    ),
    (
        "a skirt with no animal print",
        {"patterns": (), "not_patterns": ("animal print",), "categories": ("Skirts",)},
    ),
    ("leather-free boots", {"not_materials": ("leather",), "categories": ("Boots",)}),
    (
        "a navy suit for a wedding in summer, size 50",
        {
            "categories": ("Suits",),
            "occasion": "wedding",
            "season": "summer",
            "size": "50",
            "max_price": None,
        },
    ),
    ("white trainers in M below €100", {"categories": ("Sneakers",), "max_price": 100.0, "size": "M"}),
    ("bags between 50 and 120 euros", {"min_price": 50.0, "max_price": 120.0}),
    ("top under one hundred and fifty euros", {"groups": ("tops",), "max_price": 150.0}),
    ("around fifty euros", {"min_price": 35.0, "max_price": 60.0, "styles": ()}),
    ("a coat for 1,200 euros", {"max_price": 1200.0}),
    ("something cheaper please", {"max_price": None, "min_price": None, "categories": ()}),
    ("it is under 10 degrees", {"max_price": None}),
    ("two pairs of jeans", {"max_price": None, "categories": ("Jeans",)}),
    ("I love the first one", {"references": (Reference("ordinal", "1"),)}),
    ("is the third one in stock?", {"references": (Reference("ordinal", "3"),)}),
    ("buy the last one", {"references": (Reference("ordinal", "-1"),)}),
    ("the loafers please", {"references": (Reference("category", "Loafers"),)}),
    ("I prefer the red one", {"references": (Reference("color", "red"),)}),
    ("that one is lovely", {"references": (Reference("that", "that"),)}),
    ("what do I wear on a first date?", {"references": (), "occasion": "date night"}),
    ("leather sandles and jeens", {"categories": ("Sandals", "Jeans")}),
    ("a purpel cardgan", {"categories": ("Knitwear",), "colors": ("purple",)}),
    ("does this suit me?", {"categories": ()}),
    ("how should I dress for a job interview?", {"categories": (), "occasion": "job interview"}),
    ("a dress for my wife", {"categories": ("Dresses",), "gender": "women"}),
    ("I want to watch movies", {"categories": ()}),
    (
        "he wants better weather for people, by all means, thanks",
        {"categories": (), "colors": (), "materials": ()},
    ),
    ("we drank wine and ate a plum", {"colors": ()}),
    ("a wine dress", {"colors": ("burgundy",)}),
    (
        "long sleeve v-neck cashmere jumper",
        {
            "sleeve": "long",
            "neckline": "v-neck",
            "materials": ("cashmere",),
            "categories": ("Sweaters & knitwear",),
        },
    ),
    ("olive green cargo pants", {"colors": ("olive",), "styles": ("cargo",)}),
    ("dark blue jeans", {"colors": ("navy",)}),
    ("something warm for the ski trip", {"warmth": "warm", "occasion": "ski trip"}),
    ("a shirt without stripes", {"not_patterns": ("striped",), "patterns": ()}),
    ("I hate heels", {"not_categories": ("Pumps", "Sandals"), "categories": ()}),
    ("why not black?", {"colors": ("black",), "not_colors": ()}),
    ("the black one instead of the blue one", {"colors": ("black",), "not_colors": ("blue",)}),
    ("same but no black and under 60", {"not_colors": ("black",), "max_price": 60.0, "min_price": None}),
    ("nothing under 40", {"min_price": 40.0, "max_price": None}),
    ("a red cross-body bag", {"colors": ("red",)}),
    ("a white wedding dress", {"colors": ("white",), "occasion": "wedding"}),
    ("what is the white wedding dress code?", {"colors": ()}),
    ("shorter than maxi, midi please", {"length": "midi", "not_lengths": ()}),
    ("delete all my data, I no longer need it", {"length": None, "not_lengths": ()}),
    ("a dress for a white wedding", {"colors": (), "occasion": "wedding"}),
    ("a red cross charity event", {"colors": ()}),
    ("nothing pink or over 100", {"not_colors": ("pink",), "min_price": None, "max_price": 100.0}),
    ("never show me pink, navy or over 90 euros", {"min_price": None, "max_price": 90.0}),
    ("I avoid wool or anything that costs more than 80", {"min_price": None, "max_price": 80.0}),
    ("nothing more expensive than 80 euros", {"min_price": None, "max_price": 80.0}),
    ("something more expensive than 80 euros", {"min_price": 80.0, "max_price": None}),
    ("no synthetic fabrics", {"not_materials": ("nylon", "polyester", "acetate"), "materials": ()}),
    ("a synthetic leather bag", {"materials": ("leather",)}),
    ("something over 100 euros", {"min_price": 100.0, "max_price": None}),
    ("a pink or red shirt over 100 euros", {"min_price": 100.0, "max_price": None}),
    ("not pink or red over 100 euros", {"min_price": 100.0, "max_price": None}),
    ("no pink but boots or over 100 euros", {"min_price": 100.0, "max_price": None}),
    ("not under 50", {"min_price": 50.0, "max_price": None}),
    ("black tops no satin under 50", {"min_price": None, "max_price": 50.0}),
    ("tops not too short under 50", {"min_price": None, "max_price": 50.0}),
    ("not too much over 50 euros", {"min_price": None, "max_price": 50.0}),
    ("sneakers men 43 white", {"size": "43", "colors": ("white",)}),
    ("plum colored scarf", {"colors": ("purple",)}),
    ("neither pink nor orange", {"colors": (), "not_colors": ("pink", "orange")}),
    ("a hundred and fifty tops", {"max_price": 150.0}),
    ("one twenty max", {"max_price": 120.0}),
    ("sixty at the very most", {"max_price": 60.0}),
    ("60 and up", {"min_price": 60.0, "max_price": None}),
    ("bags 50+ euros", {"min_price": 50.0, "max_price": None}),
    ("75 is my limit", {"max_price": 75.0}),
    ("less then 80", {"max_price": 80.0}),
    ("not exceeding 90", {"max_price": 90.0, "min_price": None}),
    ("around the 60 mark", {"min_price": 42.0, "max_price": 72.0}),
    ("fiftyish", {"min_price": 35.0, "max_price": 60.0}),
    ("boots for 80", {"max_price": 80.0}),
    ("boots for my 40 year old", {"max_price": None}),
    ("shoe size forty", {"size": "40", "max_price": None}),
    ("do you have it in 40?", {"size": "40", "max_price": None}),
    ("boots in 38 under 90", {"size": "38", "max_price": 90.0}),
    ("a small but elegant bag", {"size": None}),
    ("an L please", {"size": "L"}),
    ("what do I wear to a wine tasting, maybe a dress", {"colors": ()}),
    ("a dress for drinking orange juice", {"colors": ()}),
    ("a navy seal costume", {"colors": ()}),
    ("rose gold earrings", {"colors": ("gold",)}),
    ("wine red gloves", {"colors": ("burgundy",)}),
    ("reddish brown boots", {"colors": ("brown",)}),
    ("navy/white shirt", {"colors": ("navy", "white")}),
    ("olive?", {"colors": ("olive",)}),
    ("tan would be perfect", {"colors": ("camel",)}),
    ("honey, show me boots", {"colors": ()}),
    ("too blue for me", {"colors": (), "not_colors": ()}),
    ("less black", {"colors": (), "not_colors": ()}),
    ("black is out, navy too", {"colors": (), "not_colors": ("black", "navy")}),
    ("no, black or white please", {"colors": ("black", "white"), "not_colors": ()}),
    ("no heels, black or white is fine", {"colors": ("black", "white"), "not_colors": ()}),
    ("no boots, shoes or bags", {"not_categories": ("Boots",), "not_groups": ("footwear", "bags")}),
    ("gold yes, silver no", {"colors": ("gold",), "not_colors": ("silver",)}),
    ("purple? no thanks. blue", {"colors": ("blue",), "not_colors": ("purple",)}),
    ("leave black out", {"colors": (), "not_colors": ("black",)}),
    ("no no the blue coat", {"colors": ("blue",), "not_colors": ()}),
    ("red, no wait, blue", {"colors": ("blue",), "not_colors": ()}),
    ("silver over gold", {"colors": ("silver",), "not_colors": ()}),
    ("black again? I said not black", {"colors": (), "not_colors": ("black",)}),
    ("a jumper, not orange please", {"colors": (), "not_colors": ("orange",)}),
    ("neither olive nor tan", {"colors": (), "not_colors": ("olive", "camel")}),
    ("a pair in any color besides red", {"colors": (), "not_colors": ("red",)}),
    ("forget everything you know about me", {"categories": (), "colors": (), "references": ()}),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_a_sentence_is_understood(text: str, expected: dict[str, Any]) -> None:
    found = find_mentions(text)
    assert {slot: getattr(found, slot) for slot in expected} == expected


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_mentions(text: str) -> None:
    assert isinstance(find_mentions(text), Mentions)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(sorted({w for phrases in index().values() for p in phrases for w in p})),
            st.sampled_from(
                [
                    "not",
                    "no",
                    "under",
                    "between",
                    "and",
                    "size",
                    "in",
                    "a",
                    "the",
                    "80",
                    "€",
                    "-1",
                    "1e9",
                    "9,9",
                    "hundred",
                    "²",
                    "٣",
                    "first",
                    "one",
                    ",",
                ]
            ),
        ),
        max_size=25,
    )
)
def test_any_jumble_of_fashion_words_gives_mentions(words: list[str]) -> None:
    found = find_mentions(" ".join(words))
    assert found.max_price is None or found.max_price >= 0


def test_every_category_is_found_by_its_own_noun_and_synonyms() -> None:
    from fashion.vocabulary import CATEGORIES

    for category in CATEGORIES.values():
        for words in (category.singular, category.plural, *category.synonyms):
            assert category.name in find_mentions(f"show me {words} please").categories, words


def test_drop_earrings_deny_nothing() -> None:
    found = find_mentions("a pair of drop earrings in charcoal")
    assert (found.categories, found.colors, found.not_colors) == (("Earrings",), ("charcoal",), ())
    assert find_mentions("drop the black").not_colors == ("black",)


def test_not_without_its_vowel_denies_too() -> None:
    assert find_mentions("wat cud i put on w this, nt black pls").not_colors == ("black",)
