"""A price for a whole outfit is one for the sum; a price named with a kind of thing binds no other kind."""

from __future__ import annotations

import pytest

from agents.contracts import RoutePlan, Slots
from graphs.constraints import dump, in_force, load
from graphs.totals import left_for, with_total
from graphs.wishes import bounds_of, settle


def read(text: str, **slots) -> Slots:
    return with_total(Slots(**slots), {"text": text})


@pytest.mark.parametrize(
    ("text", "slots", "total"),
    [
        ("an outfit for the office, 200 euros in total", {"whole_outfit": True, "max_price": 200.0}, 200),
        ("a complete look under 300", {"whole_outfit": True, "max_price": 300.0}, 300),
        ("dress me for a wedding, 400 altogether", {"max_price": 400.0}, 400),
        ("make it 150 in total", {}, 150),
        ("1,200 euros for everything", {}, 1200),
    ],
)
def test_a_price_of_the_whole_is_no_price_of_each_piece(text: str, slots: dict, total: float) -> None:
    got = read(text, **slots)
    assert (got.max_total, got.max_price) == (total, None)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("an outfit, nothing over 80", {"whole_outfit": True, "max_price": 80.0}),
        ("an outfit, 80 each", {"whole_outfit": True, "max_price": 80.0}),
        ("what should I wear to a party, under 150", {"max_price": 150.0}),
        ("shoes for 80 in total", {"groups": ["footwear"], "max_price": 80.0}),
        ("total strangers liked my outfit", {"whole_outfit": True}),
    ],
)
def test_a_price_of_a_piece_stays_one(text: str, slots: dict) -> None:
    assert read(text, **slots) == Slots(**slots)


def test_a_piece_that_is_changed_may_cost_what_the_others_leave() -> None:
    cards = [{"id": "a", "price": 50.0}, {"id": "b", "price": 70.5}, {"id": "bold", "price": 400.0}]
    state = {"look": cards[:2], "shown": cards}
    assert left_for(200, state, ["a"]) == 129.5
    assert left_for(60, state, ["a"]) == 0.0
    assert left_for(200, {"look": [], "shown": cards}, ["a"]) is None


class Thread:
    """Constraints over several messages, as the graph lays them."""

    def __init__(self) -> None:
        self.rows: list = []
        self.shown: list[dict] = []
        self.turn = 0

    def say(self, route: str, text: str = "find me something", shows: str = "", **slots) -> Slots:
        self.turn += 1
        plan = RoutePlan(routes=[route], slots=Slots(**slots), confidence=1.0)
        state = {
            "text": text, "turn": self.turn, "image_ids": [], "constraints": self.rows, "shown": self.shown,
            "plan": plan.model_dump(mode="json"),
        }  # fmt: skip
        settled = settle(state, plan)
        self.rows = dump(settled.constraints)
        self.changes = settled.changes
        if shows:
            self.shown = [{"id": "x", "category": shows, "price": 10.0}]
        return settled.slots


def test_a_price_named_with_a_kind_binds_no_other_kind_and_comes_back_with_its_own() -> None:
    thread = Thread()
    assert thread.say("search", categories=["Jeans"], max_price=30.0, shows="Jeans").max_price == 30
    outfit = thread.say("recommend", occasion="garden party", whole_outfit=True, shows="Dresses")
    assert outfit.max_price is None
    assert thread.say("search", categories=["Coats"], shows="Coats").max_price is None
    assert thread.say("search", categories=["Pants"]).max_price == 30


def test_a_price_named_alone_holds_for_everything_and_that_is_told() -> None:
    thread = Thread()
    thread.say("search", categories=["Boots"], shows="Boots")
    thread.say("alternatives", text="under 90", max_price=90.0, shows="Boots")
    assert thread.say("search", categories=["Coats"]).max_price == 90
    assert [(change.kind, change.old) for change in thread.changes] == [("kept", "90")]


def test_a_limit_for_one_kind_leaves_the_one_for_everything_in_force() -> None:
    thread = Thread()
    thread.say("search", text="nothing over 200", max_price=200.0)
    assert thread.say("search", categories=["Jeans"], max_price=30.0).max_price == 30
    assert thread.say("search", categories=["Coats"]).max_price == 200
    assert thread.say("search", text="up to 500", max_price=500.0).max_price == 500
    assert thread.say("search", categories=["Jeans"]).max_price == 500


def test_a_message_that_goes_on_keeps_to_the_price_of_what_was_shown() -> None:
    thread = Thread()
    thread.say("search", categories=["Dresses"], max_price=100.0, shows="Dresses")
    assert thread.say("recommend", text="and shoes to match", groups=["footwear"]).max_price == 100
    assert thread.say("alternatives", text="cheaper", directions=["cheaper"]).max_price == 100


def test_a_rule_holds_whatever_is_asked_for() -> None:
    thread = Thread()
    thread.say("search", categories=["Jeans"], not_materials=["leather"], max_price=30.0, shows="Jeans")
    assert thread.say("search", categories=["Coats"]).not_materials == ["leather"]


def test_a_size_binds_what_comes_in_such_sizes() -> None:
    bounds = bounds_of(Slots(size="32", categories=["Jeans"]), ("Jeans",))
    assert "Jeans" in bounds["size"] and "Boots" not in bounds["size"] and "Dresses" not in bounds["size"]
    thread = Thread()
    thread.say("search", categories=["Dresses"], size="38", shows="Dresses")
    assert thread.say("search", groups=["footwear"]).size is None
    assert thread.say("search", categories=["Skirts"]).size == "38"


def test_of_a_general_and_a_special_limit_that_exclude_each_other_the_newer_holds() -> None:
    thread = Thread()
    thread.say("search", text="at least 100", min_price=100.0)
    got = thread.say("search", categories=["Jeans"], max_price=30.0)
    assert (got.min_price, got.max_price) == (None, 30)
    assert in_force(load(thread.rows), ("Coats",)).min_price == 100
