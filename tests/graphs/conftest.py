"""An assistant over real stores, with the stand-in model and a router that follows a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.checkpoints import Checkpoints
from graphs.turn import Turn, TurnRecord
from tests.script import ScriptedRouter
from tools.contracts import Services


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
