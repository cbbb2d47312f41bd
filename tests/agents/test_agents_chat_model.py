"""The chat model against a scripted OpenAI-compatible server: real HTTP on localhost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("langchain_openai", reason="the extra llm is not installed")

from agents.chat_model import ChatLimits, ChatModel, open_chat_model
from agents.chat_router import ChatModelRouter
from agents.chat_stylist import ChatModelStylist, keeps_facts
from agents.contracts import LastItem, RouteContext, RouteRequest
from agents.head import load_head
from agents.reply_contracts import ReplyFacts
from agents.router import LearnedRouter
from agents.stylist import Stylist
from tests.chat_server import REFUSAL, ChatServers, Slow, Trickle
from tests.standin import HashedWords


@pytest.fixture
def serve() -> Iterator:
    with ChatServers() as servers:
        yield servers.start


BUILT_IN = LearnedRouter(HashedWords(), load_head())
BOOTS = RouteRequest(text="show me black boots under 100")
SHOWN = RouteContext(
    last_items=[LastItem(id=f"i{at}", title=f"{color} loafers", category="Loafers", color=color, price=90.0)
                for at, color in enumerate(("black", "brown"))]
)  # fmt: skip


def chat(url: str, seconds: float = 5.0, tokens: int = 100_000) -> ChatModel:
    return open_chat_model(url, "m", "secret", ChatLimits(seconds=seconds, tokens_a_day=tokens))


def test_a_chat_model_routes_and_its_words_become_names_of_the_house(serve) -> None:
    said = {
        "routes": ["alternatives"], "confidence": 0.9,
        "slots": {"colors": ["burgundy red"], "item_numbers": [2, 9], "directions": ["cheaper"], "max_price": 70},
    }  # fmt: skip
    url, script = serve(said)
    request = RouteRequest(text="je voudrais le deuxième en rouge bordeaux, mais moins cher", context=SHOWN)
    plan = ChatModelRouter(BUILT_IN, chat(url)).route(request)
    assert (plan.routes, plan.source, plan.slots.item_ids) == (["alternatives"], "chat_model", ["i1"])
    assert (
        plan.slots.direction == "cheaper" and plan.slots.max_price == 70 and "burgundy" in plan.slots.colors
    )
    assert script.asked[0]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        (["no json at all", "still { none"], 2),
        ([{"routes": ["dance"]}, {"routes": []}], 2),
        ([REFUSAL], 1),
        ([(500, '{"error": {"message": "boom"}}')], 1),
        ([(200, "<html>gateway</html>")], 1),
        ([(200, '{"choices": []}')], 1),
        ([(401, '{"error": {"message": "bad key"}}')], 1),
    ],
    ids=["malformed", "unknown routes", "refusal", "500", "html", "no choices", "401"],
)
def test_whatever_goes_wrong_the_built_in_router_answers(serve, answers, asked) -> None:
    url, script = serve(*answers)
    plan = ChatModelRouter(BUILT_IN, chat(url)).route(BOOTS)
    assert plan == BUILT_IN.route(BOOTS) and plan.source == "built_in"
    assert len(script.asked) == asked


def test_a_malformed_answer_is_asked_for_once_more(serve) -> None:
    url, script = serve('{"routes": "search"', {"routes": ["search"]})
    plan = ChatModelRouter(BUILT_IN, chat(url)).route(BOOTS)
    assert (plan.routes, plan.source, plan.slots.max_price) == (["search"], "chat_model", 100.0)
    assert len(script.asked) == 2 and "not what was asked" in script.asked[1]["messages"][-1]["content"]


@pytest.mark.parametrize("late", [Slow(), Trickle()], ids=["nothing", "a letter at a time"])
def test_a_slow_answer_is_not_waited_for(serve, late) -> None:
    url, _ = serve(late)
    assert ChatModelRouter(BUILT_IN, chat(url, seconds=0.3)).route(BOOTS).source == "built_in"


def test_the_second_try_has_only_the_time_that_is_left(serve) -> None:
    url, script = serve("no json", Slow())
    assert ChatModelRouter(BUILT_IN, chat(url, seconds=0.5)).route(BOOTS).source == "built_in"
    assert len(script.asked) == 2


def test_an_endpoint_that_is_not_there_costs_nothing_but_the_try() -> None:
    assert ChatModelRouter(BUILT_IN, chat("http://127.0.0.1:9/v1")).route(BOOTS).source == "built_in"


def test_a_model_that_keeps_failing_is_left_alone(serve) -> None:
    url, script = serve((500, "{}"))
    router = ChatModelRouter(BUILT_IN, chat(url))
    for _ in range(6):
        assert router.route(BOOTS).source == "built_in"
    assert len(script.asked) == 3


def test_the_tokens_of_a_day_are_a_limit(serve) -> None:
    url, script = serve({"routes": ["search"]})
    router = ChatModelRouter(BUILT_IN, chat(url, tokens=150))
    assert [router.route(BOOTS).source for _ in range(3)] == ["chat_model", "chat_model", "built_in"]
    assert len(script.asked) == 2


def test_forgetting_and_a_waiting_yes_are_never_left_to_a_model(serve) -> None:
    url, script = serve({"routes": ["chat"]})
    router = ChatModelRouter(BUILT_IN, chat(url))
    assert router.route(RouteRequest(text="forget me")).slots.history_action == "forget"
    assert (
        router.route(RouteRequest(text="yes", context=RouteContext(pending="forget"))).slots.confirmed is True
    )
    assert router.route(RouteRequest(text="", images=1)).routes == ["describe"]
    assert not script.asked


def test_a_reply_is_said_by_the_model_only_with_the_same_facts(serve) -> None:
    facts = ReplyFacts(routes=["chat"], text="hola, ¿qué tal?")
    draft = "".join(Stylist().compose(facts))
    url, _ = serve("¡Hola! ¿En qué puedo ayudarte?")
    assert "".join(ChatModelStylist(Stylist(), chat(url)).compose(facts)) == "¡Hola! ¿En qué puedo ayudarte?"
    invented, _ = serve("¡Hola! Botas por 49 euros.")
    assert "".join(ChatModelStylist(Stylist(), chat(invented)).compose(facts)) == draft
    away, _ = serve((500, "{}"))
    assert "".join(ChatModelStylist(Stylist(), chat(away)).compose(facts)) == draft


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Die Black Boots kosten €79.", True),
        ("Die Black Boots kosten €7.", False),
        ("Die schwarzen Stiefel kosten €79.", False),
        ("Die Black Boots kosten €79 statt €99.", False),
        ("The Black Boots cost €79, or eighty with laces.", False),
        ("Die Black Boots kosten €79 statt achtzig Euro.", False),
        ("Die Black Boots kosten €79, zehn Prozent weniger.", False),
        ("Die Black Boots kosten 79 Euro.", True),
        ("The Black Boots cost seventy-nine dollars, €79.", False),
    ],
)
def test_numbers_and_titles_may_not_change(said, kept) -> None:
    assert keeps_facts(said, "The Black Boots cost €79.", ["Black Boots"]) is kept
