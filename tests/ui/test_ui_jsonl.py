"""One line of ``chat --jsonl``: what is wrong with it is told in the record, what is right is answered."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fashion.drawing import draw_garment
from fashion.garment import Garment
from ui.assembly import Parts
from ui.cli.jsonl import answer

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("what shoes?", "not JSON"),
        ('["text"]', "not an object"),
        ('"text"', "not an object"),
        ("\n", "empty"),
        ("{}", "empty"),
        ('{"text": "   "}', "empty"),
        ('{"text": 7}', "'text'"),
        ('{"text": "hi", "images": "jeans.jpg"}', "'images'"),
        ('{"text": "hi", "images": ["no-such-file.jpg"]}', "no-such-file.jpg"),
        ('{"text": "hi", "images": ["."]}', "folder"),
        ('{"text": "hi", "images": ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]}', "5 pictures"),
        (json.dumps({"text": "x" * 5000}), "5000 characters"),
        ("[" * 100_000, "not JSON"),
    ],
)
async def test_a_bad_line_gets_a_record_with_one_clear_sentence(
    parts: Parts, line: str, sentence: str
) -> None:
    record = await answer(parts, line)
    assert record.error is not None
    assert sentence in record.error
    assert "\n" not in record.error
    assert (record.reply, record.items, record.routes) == ("", [], [])


async def test_a_file_that_is_no_picture_is_told_by_its_name(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("not a picture")
    record = await answer(parts, json.dumps({"user": "ana", "images": [str(tmp_path / "notes.jpg")]}))
    assert record.user == "ana"
    assert "notes.jpg" in str(record.error)


async def test_a_line_is_answered_for_its_user_in_its_thread(parts: Parts) -> None:
    line = {"user": "line-user", "thread": "line-thread", "text": "show me white sneakers"}
    first, second = await answer(parts, json.dumps(line)), await answer(parts, json.dumps(line))
    assert (first.user, first.thread, first.turn, second.turn) == ("line-user", "line-thread", 1, 2)
    assert first.error is None
    assert first.items
    assert first.tools


async def test_a_photo_is_taken_and_a_drawn_picture_is_a_file(parts: Parts, tmp_path: Path) -> None:
    record = await answer(
        parts, json.dumps({"user": "d", "thread": "d", "text": "draw me a red checked scarf"})
    )
    assert record.error is None
    assert [Image.open(path).format for path in record.images] == ["PNG"]


async def test_fields_that_are_null_have_their_defaults(parts: Parts) -> None:
    record = await answer(parts, '{"user": null, "thread": null, "text": "hello", "images": null}')
    assert record.error is None
    assert record.user == parts.settings.user


async def test_a_blank_line_gets_a_record_and_the_next_line_is_served(parts: Parts) -> None:
    blank, served = [await answer(parts, line) for line in ("\n", '{"user": "b", "text": "hello"}\n')]
    assert blank.error is not None
    assert served.error is None
    assert served.reply


async def test_clumsy_words_beside_a_photo_use_the_photo_and_keep_the_ban(
    parts: Parts, tmp_path: Path
) -> None:
    draw_garment(Garment("Pants", "beige"), size=512, seed=5).save(tmp_path / "mine.png")
    text = "find me smth to wear w this pls, not black"
    line = {"user": "w", "thread": "w", "text": text, "images": [str(tmp_path / "mine.png")]}
    record = await answer(parts, json.dumps(line))
    assert record.error is None
    assert record.items
    assert "black" not in {card.color for card in record.items}
    assert "beige pants" in record.reply
