"""Alternatives: the same kind, changed as asked, never what was shown before."""

from __future__ import annotations

from typing import get_args

import pytest

import agents.contracts
from fashion.color import lab
from fashion.occasions import formality
from tools.contracts import ToolFailedError
from tools.directions import MEASURES, Direction
from tools.prompts import load_data


async def shown(use, category: str, count: int = 3) -> list:
    return (await use("search_catalog", text=category, categories=[category], limit=count)).items


def test_directions_are_those_the_router_may_fill() -> None:
    assert set(get_args(Direction)) == set(get_args(agents.contracts.Direction))
    rows = load_data("directions")
    assert set(rows) == set(get_args(Direction)) - {"different"}
    assert {row["measure"] for row in rows.values()} == set(MEASURES)


async def test_cheaper_means_below_the_cheapest_shown_where_there_is_such_a_thing(use) -> None:
    before = sorted(await shown(use, "Boots", 8), key=lambda card: card.price)[-3:]
    result = await use("suggest_alternatives", item_ids=[c.id for c in before], direction="cheaper")
    assert result.items
    assert max(c.price for c in result.items) < min(c.price for c in before)
    assert all(c.category == "Boots" for c in result.items)
    assert result.bound == "cheaper than every item shown"


async def test_cheaper_than_the_dearest_is_said_where_nothing_is_below_the_cheapest(use) -> None:
    every = sorted(await shown(use, "Loafers", 12), key=lambda card: card.price)
    before = [every[0], every[1], every[-1]]
    middle = await use(
        "suggest_alternatives", item_ids=[c.id for c in [every[0], *every[-2:]]], direction="cheaper"
    )
    assert middle.bound == "cheaper than at least half of the items shown"
    assert all(card.price < every[-2].price for card in middle.items)
    result = await use(
        "suggest_alternatives", item_ids=[c.id for c in before], direction="cheaper", categories=["Loafers"]
    )
    assert result.bound == "cheaper than the dearest item shown"
    assert min(c.price for c in result.items) >= every[1].price
    assert max(c.price for c in result.items) < every[-1].price


@pytest.mark.parametrize(
    "direction", ["darker", "lighter", "dressier", "more_casual", "brighter", "warmer", "dearer"]
)
async def test_every_answer_is_on_the_asked_side_of_the_item_meant(use, services, direction: str) -> None:
    (before,) = await shown(use, "Dresses", 1)
    result = await use("suggest_alternatives", item_ids=[before.id], direction=direction)
    row = load_data("directions")[direction]
    measure = MEASURES[row["measure"]]
    reference = measure(services.catalog.get(before.id))
    for card in result.items:
        assert (measure(services.catalog.get(card.id)) - reference) * row["sign"] > 0


async def test_darker_is_judged_by_the_palette_and_dressier_by_the_dress_code(use, services) -> None:
    white = (await use("search_catalog", text="shirt", categories=["Shirts"], limit=8)).items
    lightest = max(white, key=lambda card: lab(card.color)[0])
    result = await use("suggest_alternatives", item_ids=[lightest.id], direction="darker")
    assert all(lab(card.color)[0] < lab(lightest.color)[0] for card in result.items)
    sneaker = (await shown(use, "Sneakers", 1))[0]
    smart = await use("suggest_alternatives", item_ids=[sneaker.id], direction="dressier")
    level = formality(services.catalog.get(sneaker.id).garment)
    assert all(formality(services.catalog.get(card.id).garment) > level for card in smart.items)


async def test_nothing_shown_or_refused_comes_again(use) -> None:
    seen: set[str] = set()
    before = [card.id for card in await shown(use, "Sandals", 2)]
    for _ in range(4):
        result = await use(
            "suggest_alternatives", item_ids=before, direction="different", refused_ids=sorted(seen)
        )
        now = {card.id for card in result.items}
        assert not now & (seen | set(before))
        seen |= set(before) | now


async def test_a_new_wish_holds_and_the_kind_stays(use) -> None:
    before = await shown(use, "Coats", 2)
    colors = {card.color for card in before}
    wanted = next(c.color for c in await shown(use, "Coats", 12) if c.color not in colors)
    result = await use("suggest_alternatives", item_ids=[c.id for c in before], colors=[wanted])
    assert result.exact
    assert all(card.color == wanted and card.category == "Coats" for card in result.items)


async def test_what_cannot_be_told_apart_that_way_is_said(use) -> None:
    before = await shown(use, "Rings", 1)
    result = await use("suggest_alternatives", item_ids=[before[0].id], direction="warmer")
    assert "cannot be told warmer" in result.text


async def test_with_nothing_shown_it_asks_for_a_recommendation_first(use) -> None:
    with pytest.raises(ToolFailedError, match="nothing to replace"):
        await use("suggest_alternatives", direction="cheaper")


async def test_the_cheapest_of_all_has_no_cheaper_alternative_and_that_is_said(use, services) -> None:
    cheapest = min(
        (await use("search_catalog", text="", groups=["footwear"], limit=12, max_price=30)).items,
        key=lambda c: c.price,
    )
    result = await use("suggest_alternatives", item_ids=[cheapest.id], direction="cheaper")
    below = [c for c in result.items if c.price >= cheapest.price]
    assert not below
    if not result.items:
        assert "nothing cheaper" in result.text
