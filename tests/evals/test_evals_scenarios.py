from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from rich.console import Console

from agents.contracts import ROUTES
from agents.router import load_router
from agents.stylist import Stylist
from evals.scenario_checks import problems, ungrounded
from evals.scenario_files import Expected, load_scenarios
from evals.scenarios import pass_hat, run_scenarios
from fashion.vocabulary import validate_garment
from graphs.assistant import Assistant
from graphs.turn import ToolCall, TurnRecord
from stores.catalog import Catalog
from stores.history import HistoryEvent
from tools.contracts import ItemCard, Services
from vlm.embeddings import TextEmbedder


@pytest.fixture
async def assistant(tmp_path: Path, services: Services) -> AsyncIterator[Assistant]:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "conversations.sqlite")) as saver:
        yield Assistant(services, load_router(TextEmbedder()), Stylist(), saver)


def record(**facts) -> TurnRecord:
    return TurnRecord(
        **{"user": "ana", "thread": "t", "turn": 1, "routes": ["search"], "reply": "Here it is."} | facts
    )


def cards(catalog: Catalog, count: int) -> list[ItemCard]:
    from stores.catalog import CatalogQuery

    return [
        ItemCard.of(found.product)
        for found in catalog.search(CatalogQuery(categories=["Boots"], limit=count))
    ]


def test_pass_hat_is_the_chance_that_k_trials_all_pass() -> None:
    assert pass_hat([4, 4], 4, 4) == 1.0
    assert pass_hat([3, 4], 4, 1) == pytest.approx(0.875)
    assert pass_hat([3, 4], 4, 2) == pytest.approx((3 / 6 + 1) / 2)
    assert pass_hat([3], 4, 4) == 0.0
    assert pass_hat([2], 3, 4) is None


def test_the_committed_scenarios_cover_every_route_and_can_be_drawn() -> None:
    scenarios = load_scenarios()
    assert len(scenarios) >= 14 and len({one.name for one in scenarios}) == len(scenarios)
    expected = {
        route
        for one in scenarios
        for turn in one.turns
        for route in (*turn.expect.routes, *turn.expect.routes_any)
    }
    assert expected == set(ROUTES)
    for one in scenarios:
        for turn in one.turns:
            for picture in turn.pictures:
                validate_garment(picture.garment())


def test_a_file_that_is_no_scenario_is_named(tmp_path) -> None:
    (tmp_path / "broken.yaml").write_text("- name: x\n  turns: [{shout: hi}]\n")
    with pytest.raises(ValueError, match=r"broken\.yaml is no scenario file"):
        load_scenarios(tmp_path)


@pytest.mark.parametrize(
    ("expected", "facts", "words"),
    [
        ({"routes": ["chat"]}, {}, "routes are"),
        ({"routes_any": ["chat"]}, {}, "expected one of"),
        ({"says": ["boots|shoes"]}, {}, "does not say"),
        ({"never_says": ["here"]}, {}, "the reply says"),
        ({"asks": True}, {}, "asks nothing"),
        ({"words_at_most": 2}, {}, "has 3 words"),
        ({"images": 1}, {}, "0 pictures"),
        ({"images": 0}, {"images": ["a"]}, "1 pictures"),
        ({"tools": ["recommend"]}, {}, "did not run through"),
        ({"items": {"at_least": 1}}, {}, "0 items"),
        ({"history": {"notes": 2}}, {}, "1 notes are kept"),
        ({"history": {"kinds": ["own"]}}, {}, "no note of kind 'own'"),
        ({"history": {"about": {"color": "red"}}}, {}, "no note about"),
        ({}, {"reply": " "}, "empty"),
        ({}, {"error": "no"}, "refused"),
        ({"fails": True}, {}, "should have been refused"),
    ],
)
def test_a_check_that_does_not_hold_is_one_sentence(expected, facts, words) -> None:
    from datetime import UTC, datetime

    notes = [
        HistoryEvent(
            id="1",
            user="ana",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            kind="like",
            text="",
            attributes={"color": "navy"},
            effect_key="k",
        )
    ]
    (problem,) = problems(Expected(**expected), record(**facts), [], notes)
    assert words in problem


def test_items_are_checked_one_by_one(catalog) -> None:
    shown = cards(catalog, 3)
    dearest = max(card.price for card in shown)
    wrong = Expected(
        items={"groups": ["bags"], "max_price": dearest - 0.01, "dearest": "below before", "new": True}
    )
    before = [record(items=shown)]
    found = problems(wrong, record(items=shown), before, [])
    assert sum("group is footwear, expected bags" in one for one in found) == 3
    assert any("at most" in one for one in found) and any("was shown before" in one for one in found)
    assert any("the dearest item costs" in one for one in found)
    right = Expected(items={"at_least": 3, "categories": ["Boots"], "max_price": dearest})
    assert (
        problems(right, record(items=shown, tools=[ToolCall(name="x", arguments={}, ok=True, ms=1)]), [], [])
        == []
    )


def test_a_price_or_item_without_a_record_is_ungrounded(catalog, services) -> None:
    (card,) = cards(catalog, 1)
    price = f"{card.price:.2f}"
    assert ungrounded(record(items=[card], reply=f"It costs €{price}."), services, []) == []
    assert ungrounded(record(reply=f"It costs €{price}."), services, [record(items=[card])]) == []
    assert "states the price" in ungrounded(record(items=[card], reply="Only €0.99!"), services, [])[0]
    assert "differs" in ungrounded(record(items=[card.model_copy(update={"price": 0.5})]), services, [])[0]
    assert (
        "does not have" in ungrounded(record(items=[card.model_copy(update={"id": "nope"})]), services, [])[0]
    )


SCRIPT = """
- name: photo, cheaper, loved
  tags: [path]
  turns:
    - say: what shoes go with these?
      pictures: [{category: Jeans, color: blue, material: denim}]
      expect: {routes: [recommend], items: {at_least: 2, groups: [footwear]}}
    - say: something cheaper please
      expect: {routes: [alternatives], items: {groups: [footwear], dearest: below before, new: true}}
    - say: I love the first one
      expect: {routes: [feedback], history: {notes: 1, kinds: [like]}}
- name: expects the impossible
  tags: [path, wrong]
  turns:
    - say: hi
      expect: {routes: [search]}
    - say: is never said
"""


async def test_scenarios_run_through_the_whole_assistant(assistant, services, tmp_path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "two.yaml").write_text(SCRIPT)
    seen: list[tuple[int, int]] = []
    report = await run_scenarios(
        assistant, trials=2, on_progress=lambda done, total: seen.append((done, total)), folder=folder
    )
    assert report.passed == {"photo, cheaper, loved": 2, "expects the impossible": 0}, report.failures
    assert (report.n_scored, report.pass_1, report.pass_4) == (2, 0.5, None)
    assert {tag: score.pass_1 for tag, score in report.by_tag.items()} == {"path": 0.5, "wrong": 0.0}
    assert [(f.turn, f.trial) for f in report.failures] == [(1, 0), (1, 1)]
    assert "expected ['search']" in report.failures[0].problem
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {"n_scored", "pass^1", "pass^4", "by_tag", "latency_ms"} <= set(report.model_dump(by_alias=True))
    assert 0 < report.latency_ms.p50 <= report.latency_ms.p95
    console = Console(record=True, width=120)
    console.print(report.table())
    assert "expects the impossible" in console.export_text()


async def test_a_folder_without_scenarios_is_refused(assistant, tmp_path) -> None:
    with pytest.raises(ValueError, match="no scenario"):
        await run_scenarios(assistant, folder=tmp_path / "empty")
