"""The thread of a conversation: what was shown earlier, what was asked, and which of several things is meant."""

from __future__ import annotations

import re

import pytest

from agents.contracts import RoutePlan, RouteRequest, Slots
from agents.pointing import items_meant
from agents.stylist import Stylist
from fashion.lexicon import tokenize
from fashion.mentions import find_mentions
from graphs.assistant import Assistant
from graphs.readings import read, shown_again
from graphs.turn import Turn

BOOTS = {"categories": ["Boots"]}
BAGS = {"groups": ["bags"]}

TABLE = {
    "boots": (["search"], BOOTS),
    "bags": (["search"], BAGS),
    "one bag": (["search"], {"groups": ["bags"], "count": 1}),
    "love it": (["feedback"], {"feedback": "like"}),
    "love it: the second": (["feedback"], {"feedback": "like"}),
    "the second": (["recommend"], {}),
    "what you showed first": (["clarify"], {"shown_before": "first"}),
    "why the first one?": (["feedback"], {"feedback": "like"}),
    "something": (["clarify"], {}),
}


class Told:
    """Routes by a table of words; what is pointed at is found as the built-in router finds it."""

    def __init__(self) -> None:
        self.requests: list[RouteRequest] = []

    def route(self, request: RouteRequest) -> RoutePlan:
        self.requests.append(request)
        routes, slots = TABLE[request.text]
        mentions, tokens = find_mentions(request.text), tokenize(request.text)
        before = slots.get("shown_before")
        meant = items_meant(
            request.text, mentions, tokens, request.context, routes, pictured=False, before=before
        )
        asks = routes == ["clarify"] and before is None
        return RoutePlan(
            routes=routes,
            slots=Slots(**slots, item_ids=[item.id for item in meant]),
            confidence=1.0,
            question="Shall I look something up, or suggest something?" if asks else None,
            readings=["search", "recommend"] if asks else [],
        )


@pytest.fixture
def router() -> Told:
    return Told()


@pytest.fixture
def say(services, router, saver):
    assistant = Assistant(services, router, Stylist(), saver)

    async def one(text: str):
        return await assistant.run(Turn(user="ana", thread="t", text=text))

    return one


async def test_the_router_is_told_what_earlier_answers_showed_and_in_which_turn(say, router) -> None:
    boots, bags = await say("boots"), await say("bags")
    await say("something")
    context = router.requests[-1].context
    assert [(item.id, item.turn) for item in context.earlier_items] == [(card.id, 1) for card in boots.items]
    assert [(item.id, item.turn) for item in context.last_items] == [(card.id, 2) for card in bags.items]


async def test_the_router_is_told_what_was_asked_and_of_which_message_and_for_one_turn_only(
    say, router
) -> None:
    await say("something")
    await say("boots")
    context = router.requests[-1].context
    assert (context.asked, context.asked_text) == (["search", "recommend"], "something")
    await say("bags")
    context = router.requests[-1].context
    assert (context.asked, context.asked_text) == ([], "")


async def test_what_was_shown_first_is_shown_again(say) -> None:
    boots = await say("boots")
    await say("bags")
    again = await say("what you showed first")
    assert [card.id for card in again.items] == [card.id for card in boots.items]
    assert again.routes == ["search"]
    assert all(card.title in again.reply for card in boots.items)


async def test_a_liking_that_could_be_of_several_things_is_asked_about_and_then_noted(say, services) -> None:
    boots = await say("boots")
    asked = await say("love it")
    assert asked.tools == [] and asked.reply.endswith("?")
    assert boots.items[1].title in asked.reply
    assert services.history.export("ana") == []
    told = await say("the second")
    assert told.routes == ["feedback"]
    (note,) = services.history.export("ana")
    assert (note.kind, note.item_id) == ("like", boots.items[1].id)


async def test_a_liking_of_the_only_thing_shown_is_noted_at_once(say, services) -> None:
    (bag,) = (await say("one bag")).items
    await say("love it")
    (note,) = services.history.export("ana")
    assert note.item_id == bag.id


async def test_a_question_about_an_item_is_no_liking_of_it(say, services) -> None:
    await say("boots")
    record = await say("why the first one?")
    assert record.routes == ["describe"]
    assert services.history.export("ana") == []


def plan_of(routes: list[str], text: str, slots: Slots | None = None, **state: object) -> RoutePlan:
    decided = RoutePlan(routes=routes, slots=slots or Slots(), confidence=1.0)
    base = {"text": text, "image_ids": [], "turn": 2}
    return read(base | state, RouteRequest(text=text), lambda request: decided)


def test_two_routes_that_would_look_for_the_same_things_are_one() -> None:
    assert plan_of(["search", "recommend"], "a dress for a wedding").routes == ["recommend"]


def test_a_whole_outfit_is_no_change_of_single_pieces() -> None:
    plan = plan_of(["alternatives"], "a whole outfit please", Slots(whole_outfit=True))
    assert plan.routes == ["recommend"]


def test_a_message_that_also_wishes_for_something_is_not_only_a_way_back() -> None:
    shown = [{"id": "a", "turn": 1}]
    assert shown_again({"earlier": shown}, Slots(shown_before="first")) == ["a"]
    assert shown_again({"earlier": shown}, Slots(shown_before="first", colors=["green"])) == []


def test_a_named_thing_to_be_worn_is_found_first() -> None:
    plan = plan_of(["try_on"], "a navy blazer on a mannequin", Slots(categories=["Jackets"], colors=["navy"]))
    assert plan.routes == ["search", "try_on"]


def test_something_to_be_worn_that_nobody_named_is_asked_for() -> None:
    plan = plan_of(["try_on"], "put it on me")
    assert plan.routes == ["clarify"] and plan.question
    assert plan_of(["try_on"], "put it on me", shown=[{"id": "a", "title": "A"}]).routes == ["try_on"]


def test_forgetting_one_named_thing_erases_nothing_else() -> None:
    slots = Slots(not_materials=["leather"], history_action="forget")
    plan = plan_of(["history"], "forget that I avoid leather", slots)
    assert plan.routes == ["feedback"]
    assert plan.slots.lifted_materials == ["leather"] and plan.slots.history_action is None
    heard = Slots(not_lengths=["mini"], feedback="avoid")
    assert plan_of(["feedback"], "forget that I never wear minis", heard).slots.lifted_lengths == ["mini"]
    whole = plan_of(["history"], "forget everything", Slots(history_action="forget"))
    assert whole.routes == ["history"] and whole.slots.history_action == "forget"


@pytest.mark.parametrize("route", ["feedback", "clarify", "chat", "history"])
def test_a_rule_to_be_forgotten_is_about_notes_whatever_the_router_took_it_for(route) -> None:
    plan = plan_of([route], "remove the rule about silk", Slots(materials=["silk"], history_action="forget"))
    assert plan.routes == ["feedback"] and plan.slots.lifted_materials == ["silk"]


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("forget that I avoid leather", True),
        ("please delete that I hate leather", True),
        ("drop my rule about leather", True),
        ("forget what I said, I’m not allergic to leather", False),
        ("don't forget that I avoid leather", False),
        ("never forget I hate leather", False),
        ("I avoid leather, forget the shoes", False),
    ],
)
def test_a_rule_is_taken_back_where_it_is_to_be_forgotten_and_kept_where_it_is_not(text, forgotten) -> None:
    slots = Slots(not_materials=["leather"], feedback="avoid")
    plan = plan_of(["feedback"], text, slots)
    assert plan.slots.lifted_materials == (["leather"] if forgotten else [])
    assert plan.slots.not_materials == ([] if forgotten else ["leather"])


def test_what_is_pointed_at_before_anything_was_shown_is_asked_for() -> None:
    text, slots = "do these come in other colors", Slots(directions=["different"])
    plan = plan_of(["alternatives"], text, slots)
    assert plan.routes == ["clarify"] and re.search("Nothing has been shown|nothing yet", plan.question)
    shown = [{"id": "a", "title": "A", "turn": 1}]
    for seen in ({"shown": shown}, {"image_ids": ["p"]}, {"pictures": ["p"]}):
        assert plan_of(["alternatives"], text, slots, **seen).routes != ["clarify"]
    assert plan_of(["alternatives"], "do these come in red", Slots(colors=["red"])).routes == ["alternatives"]
