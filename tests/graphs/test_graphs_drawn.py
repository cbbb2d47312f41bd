"""Messages about the last drawing."""

from __future__ import annotations

import pytest

from graphs.drawn import drawn_after, like_drawing, redrawn_words

JACKET = {"words": "a blue denim jacket", "item_id": None, "turn": 3}


def state(text: str, **fields: object) -> dict:
    return {"text": text, "image_ids": [], "drawn": JACKET, "shown_turn": 2, **fields}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("now make it yellow", "a yellow denim jacket"),
        ("and in red?", "a red denim jacket"),
        ("the same in green please", "a green denim jacket"),
        ("in leather instead", "a blue leather jacket"),
        ("draw it again with polka dots", "a blue polka dot denim jacket"),
        ("draw the jacket again in black", "a black denim jacket"),
        ("what about with stripes", "a blue striped denim jacket"),
        ("yellow", "a yellow denim jacket"),
        ("yellow then please", "a yellow denim jacket"),
        ("again", "a blue denim jacket"),
        ("draw another one", "a blue denim jacket"),
        ("draw another", "a blue denim jacket"),
        ("try again please", "a blue denim jacket"),
        ("draw something like it in red", "a red denim jacket"),
    ],
)
def test_a_follow_up_draws_the_last_thing_with_the_change(text: str, words: str) -> None:
    assert redrawn_words(state(text)) == words
    assert like_drawing(state(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "draw a red scarf",
        "draw something floral",
        "draw a purple umbrella",
        "draw another umbrella",
        "show me black boots",
        "do you have it in black?",
        "what goes with it?",
        "I love blue",
        "I never wear leather",
        "never show me leopard print",
        "what color goes with red?",
        "make it yellow, under 50 euros",
        "show me the same in leather, in the shop",
        "an outfit for a black tie wedding",
        "is denim too casual for the office?",
        "thanks",
    ],
)
def test_what_is_no_change_of_the_drawing_draws_nothing_again(text: str) -> None:
    assert redrawn_words(state(text)) is None


@pytest.mark.parametrize(
    ("fields", "again"),
    [({"shown_turn": 4}, True), ({"drawn": None}, False), ({"image_ids": ["p"]}, False)],
)
def test_once_items_are_shown_or_a_picture_is_sent_only_the_drawing_itself_is_drawn_again(
    fields: dict, again: bool
) -> None:
    assert redrawn_words(state("make it yellow", **fields)) is None
    assert (redrawn_words(state("draw it again in yellow", **fields)) is not None) == again


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("find something like it in the shop", "a blue denim jacket"),
        ("do you have anything like that in red?", "a red denim jacket"),
        ("show me a jacket like this", "a blue denim jacket"),
        ("do you have it in the shop?", "a blue denim jacket"),
        ("find me similar ones", "a blue denim jacket"),
    ],
)
def test_something_like_the_drawing_is_searched_by_its_words(text: str, words: str) -> None:
    assert like_drawing(state(text)) == words
    assert redrawn_words(state(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "I like it",
        "I like that better",
        "do you like it?",
        "find me boots",
        "find boots like that",
        "show me what you have",
        "what goes with it?",
    ],
)
def test_what_is_not_after_its_like_searches_nothing(text: str) -> None:
    assert like_drawing(state(text)) is None


def test_something_like_a_drawn_item_is_like_the_item() -> None:
    assert like_drawing(state("something like it", drawn=JACKET | {"item_id": "fm-1"})) is None


def test_a_board_and_a_refusal_are_no_drawing() -> None:
    drew = {"tool": "generate_image", "arguments": {}, "result": {"images": ["p"], "prompt": "a red hat"}}
    board = drew | {"result": drew["result"] | {"items": [{"id": "i1"}]}}
    refused = drew | {"result": {"images": [], "prompt": "a cat", "nothing_to_draw": True}}
    assert drawn_after(4, [drew, refused]) == {"words": "a red hat", "item_id": None, "turn": 4}
    assert drawn_after(4, [board, refused]) is None
