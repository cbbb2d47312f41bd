"""Planning and wishes, as pure functions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.contracts import ROUTES, RoutePlan, Slots
from fashion.color import COLORS
from fashion.mentions import find_mentions
from fashion.vocabulary import CATEGORIES
from graphs.planning import calls_of, pictures_at_hand, request_of, waves_of
from graphs.references import pattern
from graphs.state import gather
from graphs.wishes import arguments_of
from tools.registry import REGISTRY
from tools.targets import split_anchor
from tools.wishes import Wishes

ITEM = {
    "id": "i1",
    "title": "Boots",
    "category": "Boots",
    "color": "black",
    "pattern": "solid",
    "price": 80.0,
    "in_stock": True,
}


def state(text: str, routes: list[str], slots: Slots | None = None, **fields: object) -> dict:
    slots = slots or Slots()
    plan = RoutePlan(routes=routes, slots=slots, confidence=1.0)
    base = {
        "user": "ana",
        "thread": "t",
        "turn": 2,
        "turn_key": "k",
        "text": text,
        "image_ids": [],
        "outcomes": [],
    }
    return base | {"plan": plan.model_dump(mode="json"), "slots": slots.model_dump(mode="json")} | fields


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("show me Crocs by Salomon", "show me Crocs by Salomon"),
        ("wat goes wiht a navy skirt", "what goes with a navy skirt"),
    ],
)
def test_names_stay_as_typed_in_a_request_and_what_it_must_go_with_is_mended(typed, request_) -> None:
    assert request_of(state(typed, ["recommend"])) == request_


def test_writes_come_first_and_pictures_of_findings_last() -> None:
    routes = ["recommend", "generate_image", "search", "feedback", "chat"]
    assert waves_of(routes, Slots()) == [["feedback"], ["recommend", "search"], ["generate_image"]]
    assert waves_of(["recommend", "generate_image"], Slots(item_ids=["a"])) == [
        ["recommend", "generate_image"]
    ]
    assert waves_of(["chat"], Slots()) == []


@given(st.lists(st.sampled_from(ROUTES), min_size=1, max_size=6))
def test_every_route_that_needs_a_tool_is_served_exactly_once(routes: list[str]) -> None:
    served = [route for wave in waves_of(routes, Slots()) for route in wave]
    assert sorted(served) == sorted(set(routes) - {"chat", "clarify", "out_of_scope"})


@given(
    st.lists(
        st.sampled_from(sorted(set(ROUTES) - {"chat", "clarify", "out_of_scope", "try_on"})),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    st.builds(
        Slots,
        categories=st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=3),
        colors=st.lists(st.sampled_from(sorted(COLORS)), max_size=3),
        max_price=st.none() | st.floats(1, 900),
        feedback=st.none() | st.sampled_from(["like", "avoid"]),
        item_ids=st.lists(st.just("i1"), max_size=1),
    ),
    st.booleans(),
)
def test_planned_arguments_are_always_what_the_tool_takes(
    routes: list[str], slots: Slots, shown: bool
) -> None:
    tools = {tool.name: tool for tool in REGISTRY}
    for call in calls_of(
        state("please help me with this", routes, slots, shown=[ITEM] if shown else []), routes
    ):
        tools[call["tool"]].arguments.model_validate(call["arguments"])


def test_effects_of_one_turn_have_keys_of_their_own_that_do_not_change() -> None:
    planned = calls_of(state("x", ["search", "describe"]), ["search", "describe"])
    assert [call["effect_key"] for call in planned] == ["k/0", "k/1"]
    assert planned == calls_of(state("x", ["search", "describe"]), ["search", "describe"])


def test_the_same_words_later_are_drawn_with_another_seed() -> None:
    (one,) = calls_of(state("draw a coat", ["generate_image"]), ["generate_image"])
    (two,) = calls_of(state("draw a coat", ["generate_image"], turn=3), ["generate_image"])
    assert one["arguments"]["seed"] != two["arguments"]["seed"]


def test_cheaper_without_an_item_named_means_all_that_was_shown() -> None:
    shown = [ITEM, ITEM | {"id": "i2"}]
    (call,) = calls_of(
        state("cheaper", ["alternatives"], Slots(direction="cheaper"), shown=shown), ["alternatives"]
    )
    assert call["arguments"]["item_ids"] == ["i1", "i2"]
    assert call["tool"] == "suggest_alternatives"


@pytest.mark.parametrize(
    ("text", "slots", "kept"),
    [
        ("and which bag goes with them?", Slots(groups=["bags"]), True),
        ("and a bag?", Slots(groups=["bags"]), True),
        ("what goes with my navy blazer?", Slots(colors=["navy"]), False),
        ("which shoes go with my jeans?", Slots(groups=["footwear"]), True),
        ("show me some jeans", Slots(categories=["Jeans"]), False),
        ("a dress for a wedding", Slots(categories=["Dresses"], occasion="wedding"), False),
        ("what goes with the first boots", Slots(item_ids=["i1"]), False),
    ],
)
def test_an_earlier_picture_counts_only_while_it_can_be_meant(text: str, slots: Slots, kept: bool) -> None:
    before = {"pictures": ["p1"], "seen": [{"category": "Jeans", "color": "blue"}]}
    now = state(text, ["recommend"], slots, **before)
    (call,) = calls_of(now, ["recommend"])
    assert pictures_at_hand(now, call) == (["p1"] if kept else [])


def test_forgetting_is_confirmed_only_by_a_yes_to_the_question() -> None:
    yes = Slots(history_action="forget", confirmed=True)
    (asked,) = calls_of(state("yes", ["history"], yes), ["history"])
    assert asked["arguments"] == {"confirm": False}
    (done,) = calls_of(state("yes", ["history"], yes, pending="forget"), ["history"])
    assert done["arguments"] == {"confirm": True}


def test_praise_and_refusal_in_one_message_are_two_notes() -> None:
    slots = Slots(feedback="avoid", colors=["burgundy"], materials=["wool"], not_materials=["leather"])
    words = "I love burgundy and wool, and I never wear leather"
    liked, avoided = (call["arguments"] for call in calls_of(state(words, ["feedback"], slots), ["feedback"]))
    assert (liked["kind"], liked["colors"], liked["materials"]) == ("like", ["burgundy"], ["wool"])
    assert (avoided["kind"], avoided["materials"]) == ("avoid", ["leather"])
    assert "colors" not in avoided


def test_what_is_hated_is_noted_by_its_traits() -> None:
    slots = Slots(feedback="avoid", not_materials=["leather"], colors=["yellow"])
    (call,) = calls_of(state("no leather, no yellow", ["feedback"], slots), ["feedback"])
    assert call["arguments"]["materials"] == ["leather"] and call["arguments"]["colors"] == ["yellow"]


def test_arguments_hold_only_wishes() -> None:
    arguments = arguments_of(Slots(colors=["red"], direction="cheaper", feedback="like", item_ids=["x"]))
    assert arguments == {"colors": ["red"]}
    Wishes(**arguments)


def test_a_group_that_is_banned_is_spelled_out_but_for_what_is_wanted_of_it() -> None:
    banned = arguments_of(Slots(not_groups=["footwear"], categories=["Boots"]))["not_categories"]
    assert "Sneakers" in banned and "Boots" not in banned


def test_the_mannequin_asked_for_by_name_is_the_mannequin() -> None:
    (call,) = calls_of(state("show it on the mannequin", ["try_on"], Slots(item_ids=["i1"])), ["try_on"])
    assert call["arguments"] == {"item_ids": ["i1"], "on": "mannequin"}


def test_a_board_shows_all_that_was_shown() -> None:
    shown = [ITEM, ITEM | {"id": "i2"}]
    now = state("as a collage please", ["generate_image"], Slots(board=True), shown=shown)
    (call,) = calls_of(now, ["generate_image"])
    assert call["arguments"]["board_of"] == ["i1", "i2"]


def test_the_jacket_in_the_picture_sent_before_is_drawn_with_the_change() -> None:
    seen = [{"category": "Jackets", "color": "navy", "material": "wool"}]
    asked = Slots(categories=["Jackets"], colors=["red"])
    now = state("make a picture of this jacket in red", ["generate_image"], asked, seen=seen, pictures=["p"])
    (call,) = calls_of(now, ["generate_image"])
    assert call["arguments"]["prompt"] == "red wool jacket"
    new = state("draw a red jacket", ["generate_image"], asked, seen=seen, pictures=["p"])
    (call,) = calls_of(new, ["generate_image"])
    assert call["arguments"]["prompt"] == "draw a red jacket"


def test_a_size_told_as_a_fact_is_a_rule_and_not_a_liking() -> None:
    slots = Slots(feedback="like", size="38", groups=["footwear"])
    (call,) = calls_of(state("I wear size 38 in shoes", ["feedback"], slots), ["feedback"])
    assert call["arguments"] == {
        "kind": "rule", "text": "I wear size 38 in shoes", "size": "38", "groups": ["footwear"],
    }  # fmt: skip


def test_gathering_adds_empties_and_replaces() -> None:
    assert gather(None, [{"a": 1}]) == [{"a": 1}]
    assert gather([{"a": 1}], [{"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert gather([{"a": 1}], None) == []
    assert gather([{"a": 1}], {"replace": []}) == []


def test_langgraph_json_points_at_a_file_of_the_front_doors() -> None:
    root = Path(__file__).parents[2]
    (target,) = json.loads((root / "langgraph.json").read_text())["graphs"].values()
    path, _, name = target.partition(":")
    assert (root / path).is_file() and f"def {name}(" in (root / path).read_text()


@pytest.mark.parametrize("text", ["show me board shorts", "I'm on board, show me shoes"])
def test_a_board_in_another_sense_asks_for_no_collage(text: str) -> None:
    assert re.search(pattern("board"), text, re.IGNORECASE) is None


@pytest.mark.parametrize("text", ["an outfit board please", "put it on a board", "a board of these"])
def test_a_board_that_is_asked_for_is_one(text: str) -> None:
    assert re.search(pattern("board"), text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("words", "wanted", "anchor"),
    [
        ("what shoes go with blue jeans?", {"groups": ["footwear"]}, ("Jeans", "blue")),
        ("I have blue jeans. What shoes should I wear?", {"groups": ["footwear"]}, ("Jeans", "blue")),
        ("which shoes go with white pants", {"groups": ["footwear"]}, ("Pants", "white")),
        (
            "my wedding guest outfit is a green dress, which shoes",
            {"groups": ["footwear"]},
            ("Dresses", "green"),
        ),
        ("I own a navy blazer, which tie?", {"categories": ["Ties & bow ties"]}, ("Jackets", "navy")),
    ],
)
def test_what_a_person_has_is_matched_and_not_asked_for(
    words: str, wanted: dict[str, list[str]], anchor: tuple[str, str]
) -> None:
    found = find_mentions(words)
    said = Wishes(categories=list(found.categories), groups=list(found.groups), colors=list(found.colors))
    wishes, things = split_anchor(words, said)
    assert wishes.wishes() == wanted
    assert [(one.category, one.color) for one in things] == [anchor]


@pytest.mark.parametrize(
    ("words", "anchors"),
    [
        ("what to wear with white sneakers and jeans", [("Sneakers", "white"), ("Jeans", None)]),
        (
            "what goes with my navy blazer and white shirt for the office?",
            [("Jackets", "navy"), ("Shirts", "white")],
        ),
        (
            "which bag goes with my blue jeans, white sneakers and a grey tee",
            [("Jeans", "blue"), ("Sneakers", "white"), ("T-shirts & vests", "grey")],
        ),
        ("I have blue jeans and white sneakers, which top", [("Jeans", "blue"), ("Sneakers", "white")]),
        ("what goes with black and white sneakers", [("Sneakers", None)]),
        ("what goes with my navy blazer and what tie?", [("Jackets", "navy")]),
        ("what goes with my jeans, maybe a tie and a belt", [("Jeans", None)]),
        ("what goes with my grey suit and should I wear a tie", [("Suits", "grey")]),
        ("what goes with a white shirt and black tie?", [("Shirts", "white")]),
        (
            "my navy suit and tie suggestions please, which go with my navy suit and tie ideas",
            [("Suits", "navy")],
        ),
    ],
)
def test_things_joined_with_and_are_all_at_hand_but_what_is_asked_for_is_not(words, anchors) -> None:
    _, things = split_anchor(words, Wishes())
    assert [(one.category, one.color) for one in things] == anchors


def test_what_a_person_has_alone_stays_a_wish() -> None:
    said = Wishes(categories=["Jeans"], colors=["blue"])
    assert split_anchor("I bought blue jeans", said) == (said, [])


@pytest.mark.parametrize("route", ["recommend", "search", "alternatives"])
def test_a_long_message_after_many_refused_items_still_makes_a_call_that_its_tool_takes(route: str) -> None:
    refused = [f"r{number}" for number in range(200)]
    shown = [{"id": "a", "category": "Boots", "title": "Boots", "price": 1.0}]
    thread = state("boots " * 600, [route], Slots(), shown=shown, refused=refused)
    for call in calls_of(thread, [route]):
        tool = next(tool for tool in REGISTRY if tool.name == call["tool"])
        tool.arguments.model_validate(call["arguments"])
