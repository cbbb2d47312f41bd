"""An assistant over real stores, with the stand-in model, and a router that follows a script or the one that is shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agents.router import load_router
from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.checkpoints import Checkpoints
from graphs.turn import Turn, TurnRecord
from tests.script import ScriptedRouter
from tools.contracts import Services
from vlm.embeddings import TextEmbedder


@pytest.fixture
async def saver(tmp_path: Path) -> AsyncIterator[Checkpoints]:
    async with Checkpoints.from_conn_string(str(tmp_path / "conversations.sqlite")) as saver:
        yield saver


@pytest.fixture
def router() -> ScriptedRouter:
    return ScriptedRouter()


@pytest.fixture
def assistant(services: Services, router: ScriptedRouter, saver: Checkpoints) -> Assistant:
    return Assistant(services, router, Stylist(), saver)


@pytest.fixture
def say(assistant: Assistant):
    """Say something in thread t: ``await say("hello")``."""

    async def one(
        text: str, *images: str, user: str = "ana", thread: str = "t", turn_id: str | None = None
    ) -> TurnRecord:
        return await assistant.run(
            Turn(user=user, thread=thread, text=text, image_ids=list(images), turn_id=turn_id)
        )

    return one


@pytest.fixture(scope="session")
def learned():
    return load_router(TextEmbedder())


@pytest.fixture
async def talk(services: Services, learned) -> AsyncIterator:
    """Say something in thread t to an assistant with the real router: ``await talk("hello")``."""
    async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
        assistant = Assistant(services, learned, Stylist(), saver)

        async def one(text: str, *images: str) -> TurnRecord:
            record = await assistant.run(Turn(user="ana", thread="t", text=text, image_ids=list(images)))
            assert record.error is None
            return record

        yield one
