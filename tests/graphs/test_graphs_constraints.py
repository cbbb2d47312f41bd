"""The constraints of a thread: nothing that was not lifted is lost, and nothing shown breaks one in force."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agents.contracts import RoutePlan, RouteRequest, Slots
from agents.stylist import Stylist
from fashion.dress_codes import broken_code
from fashion.vocabulary import CATEGORIES, GROUPS
from graphs.assistant import Assistant
from graphs.constraints import Constraint, dump, in_force, load, place_of, update
from graphs.turn import Turn
from tests.rooms import open_services
from tools.contracts import Services

BOOTS = ("Boots",)


def after(*messages: Slots, place=BOOTS) -> tuple[list[Constraint], list]:
    standing, changes = [], []
    for turn, said in enumerate(messages, 1):
        standing, changes = update(standing, said, turn=turn, words=f"message {turn}", place=place)
    return standing, changes


def test_each_constraint_keeps_the_turn_and_the_words_it_came_from() -> None:
    standing, _ = after(Slots(not_colors=["black"]), Slots(max_price=80))
    assert [(one.field, one.value, one.turn, one.words) for one in standing] == [
        ("not_colors", "black", 1, "message 1"), ("max_price", 80, 2, "message 2"),
    ]  # fmt: skip
    assert load(dump(standing)) == standing


def test_the_newest_wins_and_what_it_replaces_is_told() -> None:
    standing, changes = after(Slots(max_price=80, colors=["red"]), Slots(max_price=120, colors=["blue"]))
    got = in_force(standing, BOOTS)
    assert (got.max_price, got.colors) == (120, ["blue"])
    assert {(c.kind, c.field, c.old, c.new) for c in changes} == {
        ("replaced", "max_price", "80", "120"), ("replaced", "colors", "red", "blue"),
    }  # fmt: skip


def test_a_ban_adds_up_and_a_lift_takes_back_only_what_it_names() -> None:
    standing, changes = after(Slots(not_colors=["black", "red"]), Slots(lifted_colors=["black"]))
    assert in_force(standing).not_colors == ["red"]
    assert [(c.kind, c.old) for c in changes] == [("lifted", "black")]


def test_wanting_what_was_banned_lifts_the_ban_and_banning_what_was_wanted_ends_the_wish() -> None:
    standing, changes = after(Slots(not_colors=["red"]), Slots(colors=["red"]))
    assert (in_force(standing, BOOTS).not_colors, changes[0].kind) == ([], "lifted")
    standing, changes = after(Slots(colors=["red", "blue"]), Slots(not_colors=["red"]))
    assert (in_force(standing, BOOTS).colors, changes[0].kind) == (["blue"], "dropped")


def test_a_trait_sleeps_while_another_kind_is_asked_for_and_a_limit_named_alone_does_not() -> None:
    standing, _ = after(Slots(colors=["black"], max_price=90))
    assert in_force(standing, ("Hats",)) == Slots(max_price=90)
    assert in_force(standing, BOOTS).colors == ["black"]


def test_a_correction_takes_back_what_the_turn_before_said_of_the_same_kind() -> None:
    standing, _ = after(Slots(colors=["red"], max_price=50), Slots(corrects=True, not_colors=["blue"]))
    assert in_force(standing, BOOTS) == Slots(not_colors=["blue"], max_price=50)


@pytest.mark.parametrize(
    ("kind", "gone"), [("price", "max_price"), ("occasion", "dress_code"), ("size", "size")]
)
def test_whole_kinds_are_lifted(kind: str, gone: str) -> None:
    first = Slots(max_price=50, dress_code="modest", size="38", not_patterns=["floral"])
    standing, _ = after(first, Slots(lifted=[kind]))
    assert gone not in {one.field for one in standing}
    assert len(standing) == 3
    assert after(first, Slots(lifted=["everything"]))[0] == []


def test_prices_that_exclude_each_other_do_not_stand_together() -> None:
    assert in_force(after(Slots(min_price=100), Slots(max_price=50))[0]) == Slots(max_price=50)
    assert in_force(after(Slots(max_price=50), Slots(min_price=100))[0]) == Slots(min_price=100)


colors = st.lists(st.sampled_from(["black", "white", "navy", "red", "brown"]), max_size=2, unique=True)
materials = st.lists(st.sampled_from(["leather", "wool", "cotton", "suede"]), max_size=2, unique=True)
patterns = st.lists(st.sampled_from(["floral", "striped", "checked"]), max_size=1)
price = st.none() | st.sampled_from([30.0, 60.0, 90.0, 150.0, 400.0])
messages = st.builds(
    Slots,
    groups=st.sampled_from([[], [], ["footwear"], ["bags"], ["tops"], ["outerwear"]]),
    not_colors=colors,
    not_materials=materials,
    not_patterns=patterns,
    not_categories=st.lists(st.sampled_from(["Sneakers", "Tote bags", "Shirts"]), max_size=1),
    colors=st.lists(st.sampled_from(["black", "white", "green"]), max_size=1),
    max_price=price,
    min_price=st.none() | st.none() | st.sampled_from([20.0, 100.0]),
    size=st.none() | st.none() | st.sampled_from(["38", "42", "M"]),
    gender=st.none() | st.none() | st.sampled_from(["women", "men"]),
    dress_code=st.none() | st.none() | st.sampled_from(["modest", "business casual", "Diwali"]),
    lifted=st.sampled_from(
        [[], [], [], ["price"], ["color"], ["size"], ["material"], ["everything"], ["occasion"]]
    ),
    lifted_colors=st.sampled_from([[], [], ["black"], ["red"]]),
    lifted_materials=st.sampled_from([[], [], ["leather"]]),
    direction=st.none() | st.sampled_from(["cheaper", "darker", "different"]),
)
routes = st.sampled_from(["search", "recommend", "alternatives", "personalize"])


class Expected:
    """The constraints in force by a reading of the rules apart from the code under test: one field after the other.

    A price said with kinds of thing is checked for messages that name kinds among them, a size for what comes in sizes of
    the same scale; whether an unnamed kind is still meant is a matter of judgment, and left out.
    """

    LIFTS: ClassVar = {
        "price": [], "color": ["not_colors"], "material": ["not_materials"], "size": [], "occasion": ["dress_code"],
    }  # fmt: skip

    def __init__(self) -> None:
        self.bans: dict[str, set[str]] = {
            name: set() for name in ("not_colors", "not_materials", "not_patterns", "not_categories")
        }
        self.single: dict[str, object] = {}
        self.prices: list[tuple[str, float, set[str]]] = []
        """Field, limit and the kinds it was said of (none for everything), the newest last."""
        self.size: tuple[str, set[str]] | None = None
        self.aim: set[str] = set()

    def hear(self, said: Slots) -> None:
        self.aim = {name for group in said.groups for name in GROUPS[group]}
        for kind in said.lifted:
            self._lift(kind)
        self.bans["not_colors"] -= set(said.lifted_colors)
        self.bans["not_materials"] -= set(said.lifted_materials)
        for name in self.bans:
            self.bans[name] |= set(getattr(said, name))
        self.bans["not_colors"] -= set(said.colors) - set(said.not_colors)
        for name in ("gender", "dress_code"):
            if getattr(said, name) is not None:
                self.single[name] = getattr(said, name)
        for name in ("min_price", "max_price"):
            if (limit := getattr(said, name)) is not None:
                self._limit(name, limit)
        if said.size:
            scales = {CATEGORIES[one].sizes for one in self.aim if said.size in CATEGORIES[one].sizes}
            self.size = said.size, {name for name, one in CATEGORIES.items() if one.sizes in scales}

    def _lift(self, kind: str) -> None:
        for name in [*self.bans, *self.single] if kind == "everything" else self.LIFTS[kind]:
            if name in self.bans:
                self.bans[name] = set()
            self.single.pop(name, None)
        if kind in ("price", "everything"):
            self.prices = []
        if kind in ("size", "everything"):
            self.size = None

    def _limit(self, name: str, limit: float) -> None:
        def stays(one: tuple[str, float, set[str]]) -> bool:
            if self.aim and not (one[2] & self.aim):
                return True
            room = one[1] <= limit if one[0] == "min_price" else one[1] >= limit
            return one[0] != name and room

        self.prices = [*(one for one in self.prices if stays(one)), (name, limit, self.aim)]

    def in_force(self) -> dict[str, float]:
        """The prices that hold for the kinds named: of two that exclude each other the newer one."""
        found: dict[str, float] = {}
        for name, limit, kinds in self.prices:
            if kinds and not (self.aim and self.aim <= kinds):
                continue
            found[name] = limit
            other = "min_price" if name == "max_price" else "max_price"
            if other in found and found["min_price"] > found["max_price"]:
                found.pop(other)
        return found

    def broken_by(self, product) -> list[str]:
        found = []
        for name, values in self.bans.items():
            value = getattr(product, {"not_categories": "category"}.get(name, name[4:-1]))
            found += [f"{name} {value}"] if value in values else []
        prices, single = self.in_force(), self.single
        found += ["too dear"] if product.price > prices.get("max_price", 1e9) else []
        found += ["too cheap"] if product.price < prices.get("min_price", 0) else []
        if self.size and self.aim & self.size[1] and product.category in self.size[1]:
            found += [] if self.size[0] in product.sizes else [f"no size {self.size[0]}"]
        if single.get("gender") and product.gender not in (single["gender"], "unisex"):
            found.append("for somebody else")
        if single.get("dress_code") and broken_code(product.garment, single["dress_code"]):
            found.append("against the dress code")
        return found


class Dictated:
    """A router that is told what to answer."""

    plan: RoutePlan

    def route(self, request: RouteRequest) -> RoutePlan:
        return self.plan


@pytest.fixture(scope="module")
def shared(catalog, tmp_path_factory) -> Iterator[Services]:
    with open_services(tmp_path_factory.mktemp("constraints"), catalog) as services:
        yield services


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(routes, messages), min_size=1, max_size=6), st.uuids())
@example(
    [("alternatives", Slots(not_materials=["leather"], lifted=["price"])), ("search", Slots())], UUID(int=1)
)
def test_no_item_shown_breaks_a_constraint_in_force(shared, conversation, thread) -> None:
    asyncio.run(_converse(shared, conversation, str(thread)))


async def _converse(services: Services, conversation, thread: str) -> None:
    router, expected = Dictated(), Expected()
    async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
        assistant = Assistant(services, router, Stylist(), saver)
        for number, (route, said) in enumerate(conversation):
            said = said.model_copy(update={"min_price": None}) if said.max_price is not None else said
            router.plan = RoutePlan(routes=[route], slots=said, confidence=1.0)
            record = await assistant.run(Turn(user="ana", thread=thread, text=f"message {number}"))
            assert record.error is None and record.reply
            assert all(call.ok for call in record.tools), record.tools
            expected.hear(said)
            for card in record.items:
                assert not expected.broken_by(services.catalog.get(card.id)), (card, said)


@given(
    st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=3),
    st.lists(st.sampled_from(sorted(GROUPS)), max_size=2),
)
def test_a_category_narrows_its_own_group_only(categories: list[str], groups: list[str]) -> None:
    place = place_of(categories, groups)
    assert set(categories) <= set(place)
    for group in groups:
        inside = {name for name in categories if CATEGORIES[name].group == group}
        assert set(GROUPS[group]) & set(place) == (inside or set(GROUPS[group]))
