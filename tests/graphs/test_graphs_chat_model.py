"""Whole turns with a chat model that fails or invents, over a scripted OpenAI-compatible server."""

from __future__ import annotations

import pytest

pytest.importorskip("langchain_openai", reason="the extra llm is not installed")

from agents.chat_model import ChatLimits, open_chat_model
from agents.chat_router import ChatModelRouter
from agents.chat_stylist import ChatModelStylist
from agents.head import load_head
from agents.router import LearnedRouter
from agents.stylist import Stylist
from graphs.assistant import Assistant
from graphs.turn import Turn, TurnRecord
from tests.chat_server import REFUSAL, ChatServers, Slow
from tests.standin import HashedWords

BUILT_IN = LearnedRouter(HashedWords(), load_head())
ASKED = Turn(user="ana", thread="t", text="show me boots under 200")
ROUTED = {"routes": ["search"]}


@pytest.fixture
def turn_with(services, saver):
    """One turn with a chat model that answers so."""

    async def run(*answers: object, seconds: float = 5.0) -> TurnRecord:
        with ChatServers() as servers:
            url, _ = servers.start(*answers)
            model = open_chat_model(url, "m", None, ChatLimits(seconds=seconds))
            routing, stylist = ChatModelRouter(BUILT_IN, model), ChatModelStylist(Stylist(), model)
            record = await Assistant(services, routing, stylist, saver).run(ASKED)
            model.close()
        return record

    return run


@pytest.mark.parametrize(
    "answers",
    [("{ no json",), ([1, 2],), (REFUSAL,), ((500, "{}"),), ((200, "<html>"),), (Slow(),)],
    ids=["malformed", "no object", "refusal", "500", "html", "slow"],
)
async def test_whatever_goes_wrong_the_turn_ends_in_the_built_in_reply(
    services, saver, turn_with, answers
) -> None:
    record = await turn_with(*answers, seconds=0.4 if isinstance(answers[0], Slow) else 5.0)
    assert (record.routes, record.error) == (["search"], None)
    assert record.items and all(card.category == "Boots" and card.price <= 200 for card in record.items)
    plain = await Assistant(services, BUILT_IN, Stylist(), saver).run(
        ASKED.model_copy(update={"thread": "other"})
    )
    assert record.reply == plain.reply


def draft_with(added: str):
    """A wording that keeps the draft and adds a sentence."""

    def answer(body: dict) -> str:
        draft = body["messages"][-1]["content"].split("Draft: ", 1)[1]
        return f"{draft.strip()} {added}"

    return answer


@pytest.mark.parametrize(
    "added",
    ["The first pair is made of pure cashmere.", "They cost only 5 euros.", "These come in size 77."],
    ids=["a material", "a price", "a size"],
)
async def test_what_a_chat_model_invents_about_an_item_is_not_shown(turn_with, added) -> None:
    record = await turn_with(ROUTED, draft_with(added))
    assert record.items and record.reply and added not in record.reply


async def test_what_a_chat_model_says_without_a_new_fact_is_shown(turn_with) -> None:
    record = await turn_with(ROUTED, draft_with("Tell me what you think!"))
    assert record.reply.endswith("Tell me what you think!")
