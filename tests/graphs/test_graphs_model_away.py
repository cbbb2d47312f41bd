"""Turns through the whole graph while the model's server is away: told plainly, and the rest is served."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stores.catalog import Catalog
from tests.rooms import open_services
from tests.standin import HashedWords
from vlm.http_client import HttpFashionVLM
from vlm.http_transport import HttpTransport

AWAY = "FashionVLM cannot be reached"


@pytest.fixture
async def services(tmp_path: Path, catalog: Catalog) -> AsyncIterator[object]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def no_nap(seconds: float) -> None:
        pass

    model = HttpFashionVLM(HttpTransport(f"http://127.0.0.1:{port}", sleep=no_nap), HashedWords())
    with open_services(tmp_path, catalog, model) as services:
        yield services
    await model.close()


async def test_what_needs_the_model_says_that_it_is_away(say) -> None:
    drawn = await say("draw me a red plaid scarf")
    assert not drawn.images
    assert AWAY in drawn.reply


async def test_a_photo_cannot_be_described_and_the_rest_of_the_message_is_served(say, photo) -> None:
    record = await say("find bags and say what this is", photo)
    assert [(call.name, call.ok) for call in record.tools] == [
        ("search_catalog", True),
        ("describe_item", False),
    ]
    assert record.items
    assert AWAY in record.reply


async def test_search_feedback_and_history_need_no_model(say, services) -> None:
    found = await say("find boots and draw them")
    assert found.items and all(card.category == "Boots" for card in found.items)
    assert AWAY in found.reply
    loved = await say("I love the first one")
    assert [(call.name, call.ok) for call in loved.tools] == [("record_feedback", True)]
    assert [event.item_id for event in services.history.export("ana")] == [found.items[0].id]
    told = await say("what do you know about me?")
    assert [(call.name, call.ok) for call in told.tools] == [("recall_history", True)]
    hello = await say("hello")
    assert hello.reply and AWAY not in hello.reply


async def test_a_recommendation_follows_the_outfit_rules_alone_and_says_so(say, photo) -> None:
    record = await say("what shoes go with these?", photo)
    assert record.items
    assert "outfit rules alone" in record.reply
