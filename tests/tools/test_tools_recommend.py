"""Recommending: grounded in the catalog, led by FashionVLM's words, honest when the model is away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fashion.calendar import Calendar
from fashion.dress_codes import broken_code, suits_code
from fashion.occasions import warmth
from fashion.rules import missing_slots
from fashion.vocabulary import CATEGORIES, GROUPS, slot_of
from tests.standin import BLUE_JEANS
from tools.bolder import boldness
from tools.contracts import ItemCard, ToolContext, ToolFailedError
from tools.registry import call_tool
from vlm.client import Reading


async def test_shoes_for_a_photo_are_footwear_that_the_catalog_has_as_shown(use, services, photo) -> None:
    result = await use("recommend", images=(photo,), request="what shoes go with these?", groups=["footwear"])
    assert 3 <= len(result.items) <= 5
    for card in result.items:
        assert card.category in GROUPS["footwear"]
        assert card == ItemCard.of(services.catalog.get(card.id), card.reason)
        assert card.reason
    assert [one.category for one in result.seen] == ["Jeans"]


async def test_what_the_model_says_leads_the_choice(use, services, photo) -> None:
    services.vlm.answer = "Loafers in black leather would be right."
    result = await use("recommend", images=(photo,), request="what shoes go with these?", groups=["footwear"])
    assert result.items[0].category == "Loafers"
    assert all("FashionVLM" not in card.reason for card in result.items)
    assert result.model_words == "Loafers in black leather would be right."


async def test_the_model_is_asked_with_the_persons_words_and_pictures(use, services, photo) -> None:
    await use("recommend", images=(photo,), request="what goes with these?")
    assert ("converse", ("what goes with these?", 1)) in services.vlm.asked


async def test_without_a_kind_asked_for_the_answer_mixes_kinds_and_leaves_the_worn_place_alone(
    use, photo
) -> None:
    result = await use("recommend", images=(photo,), request="what goes with these?")
    groups = [CATEGORIES[card.category].group for card in result.items]
    assert len(set(groups)) >= 3
    assert "bottoms" not in groups


@pytest.mark.parametrize(
    ("text", "place"), [("what goes with jeans?", "legs"), ("what goes with a dress?", "body")]
)
async def test_a_piece_named_without_a_color_takes_its_place_on_the_body(use, text, place) -> None:
    result = await use("recommend", request=text)
    assert result.outfit
    slots = {CATEGORIES[card.category].slot for card in result.items}
    assert place not in slots and not any("dungarees" in card.title.lower() for card in result.items)
    assert place == "legs" or not slots & {"torso", "legs"}
    assert place not in result.missing


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("what tie and belt go with a navy suit?", ["Ties & bow ties", "Belts"]),
        ("which shoes and bag go with a green dress?", ["footwear", "bags"]),
    ],
)
async def test_of_several_kinds_asked_for_each_has_a_piece(use, text, kinds) -> None:
    result = await use("recommend", request=text)
    found = {card.category for card in result.items} | {
        CATEGORIES[card.category].group for card in result.items
    }
    assert set(kinds) <= found and not result.outfit


async def test_the_blazer_in_go_with_my_blazer_is_at_hand_and_not_wanted(use) -> None:
    result = await use(
        "recommend",
        request="what goes with my navy blazer?",
        categories=["Jackets"],
        colors=["navy"],
        styles=["blazer"],
    )
    assert result.seen[0].category == "Jackets"
    assert result.items
    assert all(CATEGORIES[card.category].group != "outerwear" for card in result.items)


async def test_answers_are_not_five_times_the_same_color(use, photo) -> None:
    result = await use("recommend", images=(photo,), request="which bag?", groups=["bags"], limit=5)
    assert len({card.color for card in result.items}) >= 3


async def test_without_the_model_it_says_so_and_recommends_by_the_rules(use, services, photo) -> None:
    services.vlm.away = "FashionVLM is still loading."
    result = await use("recommend", images=(photo,), request="what shoes go with these?", groups=["footwear"])
    assert "FashionVLM is still loading" in result.text
    assert result.model_away == "FashionVLM is still loading."
    assert result.items
    assert not result.seen


async def test_hard_filters_hold_for_every_item(use, services, photo) -> None:
    result = await use(
        "recommend",
        images=(photo,),
        request="shoes",
        groups=["footwear"],
        max_price=90,
        not_colors=["white"],
        limit=12,
    )
    assert result.exact and result.items
    assert all(card.price <= 90 and card.color != "white" and card.in_stock for card in result.items)


async def test_when_no_item_meets_every_wish_each_reason_names_what_differs(use) -> None:
    result = await use(
        "recommend", request="boots", categories=["Boots"], colors=["lavender"], materials=["suede"]
    )
    assert result.items and not result.exact
    assert all(card.category == "Boots" for card in result.items)
    for card in result.items:
        assert result.differs[card.id]
        assert card.reason.startswith(result.differs[card.id][0])
        assert "not lavender" in card.reason or "not suede" in card.reason


async def test_a_price_limit_holds_even_where_nothing_is_left_and_the_nearest_beyond_is_told(
    use, services
) -> None:
    result = await use("recommend", request="boots", categories=["Boots"], max_price=3)
    assert result.items == [] and result.beyond is not None
    boots = (await use("search_catalog", categories=["Boots"], limit=12)).items
    assert result.beyond.price <= min(card.price for card in boots)
    assert ItemCard.of(services.catalog.get(result.beyond.id)) == result.beyond


async def test_a_sentence_alone_is_read_for_its_wishes(use) -> None:
    result = await use("recommend", request="I need black leather boots")
    assert result.items
    assert all(card.category == "Boots" for card in result.items)


async def test_what_a_person_never_wears_is_not_recommended_even_when_asked_for(use) -> None:
    await use("record_feedback", kind="avoid", text="I never wear leather", materials=["leather"])
    result = await use("recommend", request="shoes", groups=["footwear"], limit=12)
    assert all(card.material != "leather" for card in result.items)
    asked = await use("recommend", request="leather shoes", groups=["footwear"], materials=["leather"])
    assert asked.items and all(card.material != "leather" for card in asked.items)
    assert asked.held_rules == ["leather"]


@pytest.mark.parametrize(
    "code", ["black tie", "business casual", "mourning", "modest", "Diwali", "Lunar New Year"]
)
async def test_a_dress_code_is_kept_by_every_item_and_said(use, services, code) -> None:
    result = await use("recommend", request="something to wear", dress_code=code, limit=8)
    assert result.items
    for card in result.items:
        assert not broken_code(services.catalog.get(card.id).garment, code)
    assert any(suits_code(services.catalog.get(c.id).garment, code).reason in c.reason for c in result.items)


async def test_a_whole_outfit_has_one_piece_for_each_place(use, services) -> None:
    result = await use("recommend", request="an outfit for dinner", whole_outfit=True, limit=6)
    pieces = [card for card in result.items if card.id != result.bolder]
    slots = [slot_of(services.catalog.get(card.id).garment) for card in pieces]
    assert result.outfit and len(pieces) >= 3
    assert len(set(slots)) == len(slots)
    assert not missing_slots([services.catalog.get(card.id).garment for card in pieces])


async def test_one_choice_is_bolder_than_the_others_and_says_so(use, services) -> None:
    result = await use("recommend", request="bags", groups=["bags"])
    bold = next(card for card in result.items if card.id == result.bolder)
    others = [services.catalog.get(card.id) for card in result.items if card.id != result.bolder]
    assert boldness(services.catalog.get(bold.id)) > max(map(boldness, others))
    assert "bolder choice" in bold.reason and result.items[-1] == bold


async def test_without_a_season_named_the_calendar_of_the_place_decides(services) -> None:
    warm = []
    for hemisphere in ("north", "south"):
        there = replace(services, calendar=Calendar(hemisphere, 1))
        context = ToolContext(user="eve", services=there, effect_key=hemisphere)
        result = await call_tool(
            "recommend", context, {"request": "a jacket or coat", "groups": ["outerwear"]}
        )
        assert result.season_now == {"north": "winter", "south": "summer"}[hemisphere]
        warm.append(sum(warmth(services.catalog.get(card.id).garment) or 0 for card in result.items))
    assert warm[0] > warm[1]


async def test_items_named_are_what_the_answer_goes_with(use, services) -> None:
    found = await use("search_catalog", text="jeans", categories=["Jeans"], limit=1)
    result = await use(
        "recommend", request="what shoes with this?", item_ids=[found.items[0].id], groups=["footwear"]
    )
    assert result.seen[0].category == "Jeans"
    assert result.seen[0].color == found.items[0].color


async def test_the_same_call_gives_the_same_answer(use, photo) -> None:
    first = await use("recommend", images=(photo,), request="what goes with these?")
    second = await use("recommend", images=(photo,), request="what goes with these?")
    assert first == second


async def test_a_picture_of_somebody_else_is_refused(use, photo) -> None:
    with pytest.raises(ToolFailedError, match="no picture"):
        await use("recommend", user="ben", images=(photo,), request="what goes with these?")


async def test_a_picture_the_model_cannot_name_is_not_given_a_name(use, services, photo) -> None:
    services.vlm.reading = Reading(None, None, None, "I am not sure what this is.")
    result = await use("recommend", images=(photo,), request="what shoes go with these?", groups=["footwear"])
    assert "go with" not in result.text
    assert result.items
    services.vlm.reading = BLUE_JEANS
