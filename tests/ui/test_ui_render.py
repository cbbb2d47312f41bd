"""The conversation as HTML: nothing that people or models write gets to be markup or a template."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.turn import ToolCall, TurnRecord
from tools.contracts import ItemCard
from ui.page import render
from ui.page.render import LiveTurn, Step

CARD = ItemCard(
    id="fm-0001", title="White Sneakers", category="Sneakers", color="white", pattern="solid", material="leather",
    price=79.0, in_stock=True, reason="They keep jeans easy.",
)  # fmt: skip


class Tags(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def record(**fields: object) -> TurnRecord:
    return TurnRecord.model_validate(
        {"user": "ana", "thread": "t", "turn": 1, "routes": ["recommend"], "reply": "Here you are."} | fields
    )


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_whatever_is_said_reaches_the_page_as_text_only(text: str) -> None:
    markup = render.user_message(text, [])
    assert set(Tags(markup).tags) <= {"div", "p", "br", "ul", "li"}
    assert not {"${", "{{", "`"} & {markup[i : i + 2] for i in range(len(markup))} and "`" not in markup


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "' onclick='x", '" onclick="x', "${alert(1)}", "{{x}}"]
)
def test_a_records_words_cannot_become_markup_anywhere_on_a_card(words: str) -> None:
    card = CARD.model_copy(
        update=dict.fromkeys(("id", "title", "category", "color", "material", "reason"), words)
    )
    page = Tags(render.cards([card]))
    assert "script" not in page.tags
    assert "onclick" not in dict(page.attributes)
    assert words in page.text


def test_a_card_shows_picture_title_price_and_reason() -> None:
    page = Tags(render.cards([CARD]))
    assert ("src", "/pictures/items/fm-0001") in page.attributes
    for shown in ("White Sneakers", "€79", "white · leather · Sneakers", "They keep jeans easy."):
        assert shown in page.text


def test_a_cards_buttons_say_a_sentence_that_names_the_item() -> None:
    said = [value for name, value in Tags(render.cards([CARD])).attributes if name == "data-say"]
    assert len(said) == 4
    assert all(value is not None and "White Sneakers" in value for value in said)


def test_an_item_that_is_sold_out_says_so() -> None:
    assert "sold out" in render.cards([CARD.model_copy(update={"in_stock": False})])
    assert "sold out" not in render.cards([CARD])


def test_a_running_turn_shows_what_is_being_done_and_how_far_it_is() -> None:
    live = LiveTurn(
        "draw me a scarf", steps=[Step("recommend", running=False), Step("generate_image")], progress=(3, 8)
    )
    page = Tags(render.live_turn(live))
    assert "Drawing…" in page.text
    assert "Chose pieces that go together" in page.text
    assert {("value", "3"), ("max", "8")} <= set(page.attributes)


def test_an_answer_shows_its_pictures_and_what_was_done() -> None:
    calls = [
        ToolCall(name="recommend", arguments={}, ok=True, ms=41.3),
        ToolCall(name="try_on", arguments={}, ok=False, ms=9.0, error="There is no person in the photo."),
    ]
    page = Tags(render.answer(record(images=["ab12"], tools=calls, ms=1234.0)))
    assert ("src", "/pictures/ab12") in page.attributes
    for shown in ("2 steps · 1.2 s", "41 ms", "There is no person in the photo."):
        assert shown in page.text


def test_lines_with_dashes_are_a_list_and_blank_lines_part_paragraphs() -> None:
    assert Tags(render.paragraphs("Two ways:\n\n- one\n- two\n\nDone.")).tags == ["p", "ul", "li", "li", "p"]


def test_an_error_is_told_as_an_alert() -> None:
    assert ("role", "alert") in Tags(render.answer(record(error="The model is away."))).attributes
