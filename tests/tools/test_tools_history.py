"""Feedback, personalization, recalling and forgetting."""

from __future__ import annotations

import pytest
from PIL import Image
from pydantic import ValidationError

from stores.history import HistoryEvent
from tools.contracts import ToolFailedError
from tools.preferences import read_notes, summary
from tools.record_feedback import RecordFeedbackArguments
from tools.wishes import Wishes


async def test_feedback_on_an_item_keeps_its_attributes_and_what_it_was_worn_with(use, services) -> None:
    (item,) = (await use("search_catalog", text="white sneakers", categories=["Sneakers"], limit=1)).items
    result = await use(
        "record_feedback", kind="like", item_ids=[item.id], text="love it", worn_with="blue jeans"
    )
    (event,) = services.history.export("ana")
    assert event == result.events[0]
    assert (event.kind, event.item_id) == ("like", item.id)
    assert event.attributes["category"] == "Sneakers"
    assert event.attributes["color"] == item.color
    assert event.attributes["worn_with"] == "blue jeans"


async def test_the_same_write_made_again_is_written_once(use, services) -> None:
    for _ in range(3):
        await use(
            "record_feedback",
            key="turn 4/0",
            kind="avoid",
            text="no leather, no yellow",
            materials=["leather"],
            colors=["yellow"],
        )
    assert len(services.history.export("ana")) == 2


async def test_traits_without_a_kind_stand_alone_and_with_a_kind_stand_together(use, services) -> None:
    await use(
        "record_feedback",
        kind="avoid",
        text="never leather or yellow",
        materials=["leather"],
        colors=["yellow"],
    )
    await use(
        "record_feedback",
        kind="dislike",
        text="I hate yellow bags",
        categories=["Tote bags"],
        colors=["yellow"],
    )
    known = read_notes(services.history.export("ana"))
    assert {"color": "yellow"} in known.rules and {"material": "leather"} in known.rules
    assert [one.traits for one in known.disliked] == [{"category": "Tote bags", "color": "yellow"}]


async def test_one_piece_with_several_attributes_is_one_note(use, services) -> None:
    await use(
        "record_feedback", kind="own", text="I own a grey wool coat",
        categories=["Coats"], colors=["grey"], materials=["wool"],
    )  # fmt: skip
    (event,) = services.history.export("ana")
    assert event.attributes == {"category": "Coats", "color": "grey", "material": "wool"}


async def test_a_rule_holds_whoever_asks_and_whichever_tool(use) -> None:
    await use("record_feedback", kind="avoid", text="allergic to wool", materials=["wool"])
    for tool, words in (("recommend", "request"), ("personalize", "request"), ("search_catalog", "text")):
        result = await use(tool, **{words: "wool coats"}, categories=["Coats"], materials=["wool"], limit=12)
        assert result.items and all(card.material != "wool" for card in result.items), tool
        assert result.held_rules == ["wool"]
    shown = [card.id for card in result.items[:1]]
    other = await use("suggest_alternatives", item_ids=shown, materials=["wool"])
    assert all(card.material != "wool" for card in other.items) and other.held_rules == ["wool"]


async def test_a_rule_taken_back_no_longer_holds(use) -> None:
    await use("record_feedback", kind="avoid", text="no wool", materials=["wool"])
    await use("record_feedback", kind="allow", text="wool is fine", materials=["wool"])
    result = await use("recommend", request="wool coats", categories=["Coats"], materials=["wool"])
    assert result.items and not result.held_rules
    assert all(card.material == "wool" for card in result.items)


async def test_size_and_budget_are_rules(use, services) -> None:
    await use("record_feedback", kind="rule", text="I wear 38 in shoes", size="38", groups=["footwear"])
    await use("record_feedback", kind="rule", text="never above 90", max_price=90)
    shoes = await use("search_catalog", text="shoes under 200", groups=["footwear"], max_price=200, limit=12)
    assert shoes.items and shoes.held_rules == ["anything above 90"]
    for card in shoes.items:
        assert card.price <= 90
        assert "38" in services.catalog.get(card.id).sizes
    assert (await use("search_catalog", text="bags", groups=["bags"])).items


async def test_what_is_merely_not_liked_is_shown_when_it_is_asked_for(use) -> None:
    (card,) = (await use("search_catalog", text="bags", groups=["bags"], limit=1)).items
    await use("record_feedback", kind="dislike", text=f"not a fan of {card.color}", colors=[card.color])
    plain = await use("recommend", request="something to carry", groups=["bags"], limit=12)
    assert plain.items and all(one.color != card.color for one in plain.items)
    asked = await use("search_catalog", text="bags", groups=["bags"], colors=[card.color], limit=12)
    assert asked.items and all(one.color == card.color for one in asked.items)


async def test_feedback_about_nothing_is_refused(use) -> None:
    with pytest.raises(ToolFailedError, match="say what it is about"):
        await use("record_feedback", kind="like")


async def test_feedback_on_an_item_that_does_not_exist_writes_nothing(use, services) -> None:
    with pytest.raises(ToolFailedError, match="no item"):
        await use("record_feedback", kind="like", item_ids=["nowhere"])
    assert services.history.export("ana") == []


async def test_forgetting_keeps_a_picture_drawn_from_words_and_erases_one_that_shows_the_person(
    use, services
) -> None:
    drawn = services.artifacts.put_picture(
        Image.new("RGB", (8, 8), "red"), origin="generate_image", owner="ana"
    )
    worn = services.artifacts.put_picture(Image.new("RGB", (8, 8), "blue"), origin="try_on", owner="ana")
    done = await use("forget_history", confirm=True)
    assert drawn.path.exists()
    assert not worn.path.exists()
    assert (done.forgotten_pictures, done.pictures_left) == (1, 1)
    assert "drew from words stay (1)" in done.text


async def test_a_photo_that_is_liked_is_noted_as_what_is_in_it(use, services, photo) -> None:
    await use("record_feedback", images=(photo,), kind="own", text="these are mine")
    (event,) = services.history.export("ana")
    assert event.attributes == {"category": "Jeans", "color": "blue", "pattern": "solid"}


async def test_personalized_answers_name_what_they_rest_on_and_break_no_rule(use, services, photo) -> None:
    sneakers = (await use("search_catalog", text="sneakers", categories=["Sneakers"], limit=2)).items
    for card in sneakers:
        await use("record_feedback", kind="like", item_ids=[card.id], text="nice", worn_with="blue jeans")
    await use("record_feedback", kind="avoid", text="no leather", materials=["leather"])
    await use(
        "record_feedback", kind="dislike", text="no brown loafers", categories=["Loafers"], colors=["brown"]
    )
    result = await use(
        "personalize", images=(photo,), request="shoes for these", groups=["footwear"], limit=12
    )
    assert result.history_known
    assert result.preference_sentence.startswith("I prefer ")
    assert all(words in result.preference_sentence for words in result.preferences)
    assert any("sneakers" in words for words in result.preferences)
    asked = [what for name, what in services.vlm.asked if name == "converse"]
    assert asked[-1][0].endswith(result.preference_sentence)
    assert result.items
    assert all(card.material != "leather" for card in result.items)
    assert not any(card.category == "Loafers" and card.color == "brown" for card in result.items)
    assert "leather" in result.respected


async def test_what_is_avoided_stays_away_even_when_it_is_asked_for(use) -> None:
    await use("record_feedback", kind="avoid", text="no leather", materials=["leather"])
    result = await use("personalize", request="leather boots", categories=["Boots"], materials=["leather"])
    assert all(card.material != "leather" for card in result.items)


async def test_a_disliked_item_is_never_shown_again(use) -> None:
    first = await use("recommend", request="bags", groups=["bags"])
    refused = first.items[0].id
    await use("record_feedback", kind="dislike", item_ids=[refused], text="not that one")
    for tool in ("recommend", "personalize"):
        again = await use(tool, request="bags", groups=["bags"], limit=12)
        assert refused not in [card.id for card in again.items]


async def test_a_kind_disliked_in_one_color_is_gone_in_that_color_only(use) -> None:
    first = (await use("personalize", request="bags", groups=["bags"])).items[0]
    await use(
        "record_feedback", kind="dislike", text="not that", categories=[first.category], colors=[first.color]
    )
    again = (await use("personalize", request="bags", groups=["bags"], limit=12)).items
    assert not [card for card in again if (card.category, card.color) == (first.category, first.color)]
    kept = (await use("personalize", request="bags", categories=[first.category], limit=12)).items
    assert kept and all(card.color != first.color for card in kept)


async def test_a_taste_in_shoes_does_not_turn_every_request_into_one_for_shoes(use) -> None:
    (item,) = (await use("search_catalog", text="sneakers", categories=["Sneakers"], limit=1)).items
    await use("record_feedback", kind="like", item_ids=[item.id], text="nice")
    result = await use("personalize", request="something for the office that I would like", occasion="office")
    assert result.exact
    assert len({card.category for card in result.items}) > 1


async def test_a_stranger_is_told_that_nothing_is_known_and_still_served(use) -> None:
    result = await use("personalize", request="shoes for me", groups=["footwear"])
    assert not result.history_known
    assert "know nothing of your taste" in result.text
    assert result.items


async def test_history_of_another_person_is_not_used(use) -> None:
    await use("record_feedback", user="ben", kind="avoid", text="no leather", materials=["leather"])
    result = await use("personalize", request="shoes", groups=["footwear"])
    assert not result.history_known


async def test_personalizing_without_the_model_still_keeps_to_the_history(use, services) -> None:
    await use("record_feedback", kind="like", text="I love navy", colors=["navy"])
    await use("record_feedback", kind="avoid", text="no leather", materials=["leather"])
    services.vlm.away = "FashionVLM is still loading."
    result = await use("personalize", request="shoes", groups=["footwear"])
    assert result.preferences == ["navy"]
    assert result.items and all(card.material != "leather" for card in result.items)


def event(kind: str, number: int, **fields: object) -> HistoryEvent:
    return HistoryEvent(
        id=str(number), user="ana", at="2026-01-01T00:00:00Z", kind=kind, effect_key=str(number), **fields
    )


def test_what_is_said_later_wins() -> None:
    known = read_notes(
        [
            event("avoid", 1, attributes={"color": "yellow"}),
            event("dislike", 2, item_id="x", attributes={"color": "red", "category": "Coats"}),
            event("like", 3, attributes={"color": "yellow"}),
            event("like", 4, item_id="x", attributes={"color": "red", "category": "Coats"}),
        ]
    )
    assert known.rules == ()
    assert known.refused_ids == frozenset()
    assert [one.words for one in known.liked] == ["yellow", "red coat"]


def test_the_summary_says_likes_and_avoidances() -> None:
    known = read_notes(
        [
            event("like", 1, attributes={"color": "navy"}),
            event("avoid", 2, attributes={"material": "leather"}),
        ]
    )
    assert summary(known) == "likes navy; avoids leather"
    assert summary(read_notes([])) == ""


async def test_recall_shows_and_export_gives_everything(use) -> None:
    for color in ("navy", "red", "green"):
        await use("record_feedback", kind="like", text=f"I love {color}", colors=[color])
    assert len((await use("recall_history", limit=2)).events) == 2
    assert len((await use("recall_history", action="export")).events) == 3
    assert "nothing about you" in (await use("recall_history", user="ben")).text


async def test_what_is_kept_is_counted_and_exported_with_pictures(use, services, photo) -> None:
    await use("record_feedback", kind="like", text="navy", colors=["navy"])
    services.artifacts.put_picture(Image.new("RGB", (8, 8), "red"), origin="generate_image", owner="ana")
    assert "(1 note and 1 picture)" in (await use("forget_history")).text
    assert "(nothing so far)" in (await use("forget_history", user="ben")).text
    exported = await use("recall_history", action="export")
    assert photo in exported.pictures and len(exported.pictures) == 2
    assert exported.beside == "2 pictures" and exported.beside in exported.text


async def test_forgetting_asks_first_and_then_erases_notes_and_pictures(use, services, photo) -> None:
    await use("record_feedback", kind="like", text="navy", colors=["navy"])
    asked = await use("forget_history")
    assert asked.needs_confirmation and "Answer yes or no" in asked.text
    assert services.history.export("ana") and services.artifacts.get(photo)
    done = await use("forget_history", confirm=True)
    assert (done.forgotten, done.forgotten_pictures) == (1, 1)
    assert services.history.export("ana") == []


async def test_who_avoids_leather_is_shown_no_suede_and_told_so_when_asking_for_it(use) -> None:
    await use("record_feedback", kind="avoid", text="no leather", materials=["leather"])
    found = await use("search_catalog", groups=["footwear"], limit=12)
    assert found.items and not {card.material for card in found.items} & {"leather", "suede"}
    asked = await use("search_catalog", groups=["footwear"], materials=["suede"])
    assert "suede" not in {card.material for card in asked.items}
    assert asked.held_rules == ["leather"]


def test_a_ban_on_leather_bans_suede_unless_suede_is_asked_for() -> None:
    assert Wishes(not_materials=["leather"]).banned_materials() == ["leather", "suede"]
    assert Wishes(not_materials=["leather"], materials=["suede"]).banned_materials() == ["leather"]


def test_an_item_that_is_allowed_again_is_no_longer_refused() -> None:
    known = read_notes([event("avoid", 1, item_id="fm-0001"), event("allow", 2, item_id="fm-0001")])
    assert known.refused_ids == frozenset()


def test_more_combinations_than_can_be_meant_are_refused_before_they_are_made() -> None:
    words = [f"w{number}" for number in range(60)]
    with pytest.raises(ValidationError, match="at most 64 are kept"):
        RecordFeedbackArguments(
            kind="like", categories=words, colors=words, patterns=words, materials=words, styles=words
        )
