"""A page that is loaded again goes on with its tab's conversation, and with nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.checkpoints import Checkpoints
from graphs.turn import Turn
from tests.script import ScriptedRouter
from ui.page.conversation import reopened

THREAD = "page-0123456789abcdef"


@dataclass
class House:
    """As much of `ui.assembly.Parts` as a page's thread needs."""

    assistant: Assistant


@pytest.fixture
async def house(services, tmp_path) -> AsyncIterator[House]:
    async with Checkpoints.from_conn_string(str(tmp_path / "conversations.sqlite")) as saver:
        yield House(Assistant(services, ScriptedRouter(), Stylist(), saver))


async def say(house: House, text: str, *images: str, user: str = "ana", thread: str = THREAD) -> None:
    await house.assistant.run(Turn(user=user, thread=thread, text=text, image_ids=list(images)))


async def test_what_was_said_and_answered_is_there_again_in_order(house, photo) -> None:
    await say(house, "what shoes go with these?", photo)
    await say(house, "I love navy")
    talk = await reopened(house, "ana", THREAD)
    assert talk.thread == THREAD
    assert talk.past.count("m3-person") == 2 and talk.past.count("m3-stylist") == 2
    assert talk.past.index("what shoes go with these?") < talk.past.index("I love navy")
    assert photo in talk.past and "m3-card" in talk.past


async def test_a_thread_opens_for_its_own_person_alone(house) -> None:
    await say(house, "I love navy")
    for user in ("ben", None):
        talk = await reopened(house, user, THREAD)
        assert "navy" not in talk.past and talk.past == ""


@pytest.mark.parametrize(
    "name", ["", "t", "page-", "page-xyz", "page-0123456789ABCDEF", "../etc", "page-" + "0" * 400]
)
async def test_a_name_that_is_none_starts_a_new_conversation(house, name: str) -> None:
    await say(house, "I love navy", thread="t")
    talk = await reopened(house, "ana", name)
    assert (talk.thread, talk.past) == ("", "")


async def test_after_being_forgotten_nothing_of_the_words_is_left(house) -> None:
    await say(house, "I love navy")
    await say(house, "forget everything you know about me")
    await say(house, "yes")
    talk = await reopened(house, "ana", THREAD)
    assert "navy" not in talk.past


async def test_a_journal_from_before_words_were_kept_is_read(services, tmp_path) -> None:
    path = str(tmp_path / "old.sqlite")
    async with Checkpoints.from_conn_string(path) as saver:
        house = House(Assistant(services, ScriptedRouter(), Stylist(), saver))
        await say(house, "hello")
        await saver.conn.execute("ALTER TABLE turn DROP COLUMN said")
        await saver.conn.commit()
    async with Checkpoints.from_conn_string(path) as saver:
        house = House(Assistant(services, ScriptedRouter(), Stylist(), saver))
        talk = await reopened(house, "ana", THREAD)
        assert talk.past.count("m3-stylist") == 1
        await say(house, "I love navy")
        assert "I love navy" in (await reopened(house, "ana", THREAD)).past
