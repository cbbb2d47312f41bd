"""What messages note about a person, with the real router."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agents.router import load_router
from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.questions import only_asks
from graphs.turn import Turn
from vlm.embeddings import TextEmbedder


@pytest.fixture(scope="module")
def learned():
    return load_router(TextEmbedder())


@pytest.fixture
async def talk(services, learned) -> AsyncIterator:
    async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
        assistant = Assistant(services, learned, Stylist(), saver)

        async def one(text: str, *images: str):
            record = await assistant.run(Turn(user="ana", thread="t", text=text, image_ids=list(images)))
            assert record.error is None
            return record

        yield one


def noted(services) -> list[tuple[str, dict[str, str]]]:
    return [(event.kind, event.attributes) for event in services.history.export("ana")]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "never show me anything pink or over 100 euros",
            [("rule", {"max_price": "100"}), ("avoid", {"color": "pink"})],
        ),
        (
            "I avoid silk or anything above 90 euros",
            [("rule", {"max_price": "90"}), ("avoid", {"material": "silk"})],
        ),
        ("never over 80 euros", [("rule", {"max_price": "80"})]),
        ("never anything pink please", [("avoid", {"color": "pink"})]),
        ("something over 100 euros", []),
        ("a white shirt, never pink", []),
        ("a dress, nothing striped or over 90 euros", []),
    ],
)
async def test_what_is_never_to_be_shown_is_a_rule_and_a_wish_is_none(talk, services, text, notes) -> None:
    await talk(text)
    assert noted(services) == notes


async def test_a_price_ruled_out_beside_a_color_is_the_most_and_not_the_least(talk) -> None:
    await talk("never show me anything pink or over 100 euros")
    shirts = await talk("a shirt")
    assert shirts.items and all(card.price <= 100 for card in shirts.items)


async def test_all_that_is_known_is_named_however_many_notes_there_are(talk, services) -> None:
    await talk("remember that I wear size 38")
    for at in range(30):
        services.history.record("ana", "worn", text=f"thing {at}", effect_key=f"old {at}")
    await talk("no, I wear size 40")
    answer = await talk("what do you know about me?")
    assert "size 40" in answer.reply and "size 38" not in answer.reply
    assert "31 notes" in answer.reply and "one note repeated, replaced or taken back" in answer.reply


@pytest.mark.parametrize(
    "text",
    [
        "who else uses this? what does ana like?",
        "what does ana like",
        "do you love this? who likes it?",
        "does everyone love it here?",
        "Is it nice?",
        "which one is your favorite?",
    ],
)
async def test_a_question_that_names_nothing_is_no_liking(talk, services, text) -> None:
    answer = await talk(text)
    assert noted(services) == [] and answer.reply


async def test_a_question_about_a_single_thing_shown_is_no_liking_of_it(talk, services) -> None:
    await talk("a white shirt under 70 euros")
    await talk("who likes it?")
    assert noted(services) == []


@pytest.mark.parametrize(
    "text",
    [
        "can you remember that I like vintage?",
        "I love vintage, ok?",
        "what a lovely idea, I like it",
        "I like vintage. who else does?",
        "isn't it lovely?",
        "could you remember it?",
    ],
)
def test_what_is_told_beside_a_question_or_in_one_is_told(text) -> None:
    assert not only_asks(text)


async def test_what_is_asked_to_be_remembered_is_noted_though_it_is_asked(talk, services) -> None:
    await talk("can you remember that I like vintage?")
    assert [kind for kind, _ in noted(services)] == ["like"]
