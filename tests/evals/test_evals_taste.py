"""The ablation of taste and the scripted conversations, on the small boutique."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agents.contracts import RoutePlan, RouteRequest, Slots
from agents.stylist import Stylist
from evals.conversations import Round, after, load_conversations, run_conversations
from evals.taste import _others, cites_foreign, interval, run_taste
from evals.taste_people import load_people, notes_of
from fashion.boutique import generate_products
from graphs.assistant import Assistant
from tools.contracts import Services
from tools.personalize import PersonalizeResult
from tools.wishes import Wishes


async def test_own_history_beats_none_and_none_beats_anothers_and_nobody_is_cited_for_another(
    services,
) -> None:
    report = await run_taste(services, people=load_people()[:10])
    assert report.own > report.empty
    assert report.own_over_empty.is_sure
    assert report.empty > report.another
    assert report.foreign_citations == 0


def test_there_are_enough_invented_people_and_none_likes_what_they_do_not_like() -> None:
    people = load_people()
    assert len(people) >= 30 and len({person.name for person in people}) == len(people)
    for person in people:
        assert not set(person.colors) & set(person.not_colors)
        assert not set(person.materials) & set(person.not_materials)


def test_notes_follow_the_hidden_taste() -> None:
    person, stock = load_people()[0], generate_products(20250425, 408)
    notes = notes_of(person, stock, 1)
    liked = [person.suits(product) for kind, product in notes if kind != "dislike"]
    disliked = [person.suits(product) for kind, product in notes if kind == "dislike"]
    assert np.mean(liked) > np.mean(disliked) + 0.5
    assert notes == notes_of(person, stock, 1)


def test_an_interval_covers_the_mean_and_narrows_with_more_people() -> None:
    few, many = interval(np.asarray([0.0, 1.0] * 4), 1), interval(np.asarray([0.0, 1.0] * 100), 1)
    assert few.low < few.mean == 0.5 < few.high
    assert many.high - many.low < few.high - few.low


def test_a_liked_thing_of_somebody_else_is_a_foreign_citation() -> None:
    product = generate_products(20250425, 60)[0]
    assert cites_foreign(PersonalizeResult(preferences=["green velvet bow ties"]), [("like", product)])
    assert not cites_foreign(PersonalizeResult(), [("like", product)])


def test_forty_conversations_of_three_to_ten_rounds_whose_constraints_are_wishes() -> None:
    conversations = load_conversations()
    assert len(conversations) >= 40
    assert {len(one.turns) for one in conversations} >= {3, 10}
    for one in conversations:
        standing: dict = {}
        for said in one.turns:
            standing = after(standing, said)
            Wishes(**standing)


class Forgetful:
    """A router that understands the first message and nothing after it."""

    def route(self, request: RouteRequest) -> RoutePlan:
        slots = Slots(groups=["bags"], not_colors=["black"])
        return RoutePlan(
            routes=["search"], slots=slots if not request.context.last_items else Slots(), confidence=1.0
        )


@pytest.fixture
async def assistant(tmp_path: Path, services: Services) -> AsyncIterator[Assistant]:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "conversations.sqlite")) as saver:
        yield Assistant(services, Forgetful(), Stylist(), saver)


async def test_a_constraint_that_is_not_kept_is_named(assistant, tmp_path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "one.yaml").write_text(
        "- name: bags\n  turns:\n  - {say: 'bags, not black', in: {not_colors: [black]}}\n"
        "  - {say: 'no leather', in: {not_materials: [leather]}}\n  - {say: 'x'}\n"
    )
    report = await run_conversations(assistant, folder=folder)
    assert (report.conversations, report.rounds, report.whole) == (1, 3, 0)
    assert {(loss.constraint, loss.turn) for loss in report.losses if loss.how == "lost"} == {
        ("not_materials leather", 2), ("not_materials leather", 3),
    }  # fmt: skip
    assert (report.kept, report.expected) == (3, 5)


def test_a_script_that_is_none_is_named(tmp_path) -> None:
    (tmp_path / "bad.yaml").write_text("- {name: x, turns: [{shout: hi}]}\n")
    with pytest.raises(ValueError, match=r"bad\.yaml"):
        load_conversations(tmp_path)


def test_lifting_and_adding_follow_the_script() -> None:
    standing = after(
        {"not_colors": ["black"], "max_price": 50},
        Round(**{"say": "x", "in": {"not_colors": ["red"]}, "out": {"max_price": None}}),
    )
    assert standing == {"not_colors": ["black", "red"]}


def test_other_people_are_the_least_alike_or_drawn_and_never_the_person_themselves() -> None:
    people = load_people()
    for person in people[:6]:
        (least,) = _others(person, people, "least_alike", 1)
        assert person.alike(least) == min(person.alike(one) for one in people if one is not person)
        drawn = _others(person, people, "drawn", 1)
        assert len({one.name for one in drawn}) == 3 and person not in drawn
        assert drawn == _others(person, people, "drawn", 1) != _others(person, people, "drawn", 2)
