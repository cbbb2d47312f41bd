"""What a picture of findings shows: one piece, or the whole outfit."""

from __future__ import annotations

import pytest

from graphs.turn import TurnRecord


def pictured(record: TurnRecord) -> list[str]:
    """The ids that the turn's picture was to show."""
    (call,) = [tool for tool in record.tools if tool.name in ("try_on", "generate_image")]
    given = call.arguments
    return list(given.get("item_ids") or given.get("board_of") or [given.get("item_id")])


@pytest.mark.parametrize(
    "text",
    [
        "show me all of it on the mannequin",
        "put the whole outfit on a mannequin",
        "how would this look on a mannequin?",
        "put everything on the mannequin please",
        "show me a picture of the whole outfit",
        "show me that as a collage",
    ],
)
async def test_an_outfit_that_was_shown_is_pictured_whole(talk, text) -> None:
    outfit = await talk("give me an outfit for the office")
    record = await talk(text)
    assert len(pictured(record)) >= 3
    assert set(pictured(record)) <= {card.id for card in outfit.items}


@pytest.mark.parametrize(
    ("text", "at"),
    [("show the second one on a mannequin", 1), ("draw the first one in red", 0)],
)
async def test_a_piece_of_an_outfit_that_is_picked_is_pictured_alone(talk, text, at) -> None:
    outfit = await talk("give me an outfit for the office")
    assert pictured(await talk(text)) == [outfit.items[at].id]


async def test_the_shoes_shown_worn_are_those_of_the_outfit(talk) -> None:
    outfit = await talk("give me an outfit for the office")
    record = await talk("now just the shoes on the mannequin")
    assert record.routes == ["try_on"]
    assert set(pictured(record)) < {card.id for card in outfit.items}


async def test_after_an_exchange_the_outfit_at_work_is_worn(talk) -> None:
    await talk("give me an outfit for the office")
    boots = await talk("swap the shoes for boots")
    worn = pictured(await talk("put the whole outfit on the mannequin"))
    assert boots.items[0].id in worn and len(worn) >= 3


async def test_things_of_one_kind_are_no_outfit(talk) -> None:
    dresses = await talk("show me dresses")
    assert pictured(await talk("show it on a mannequin")) == [dresses.items[0].id]


@pytest.mark.parametrize(
    "text",
    [
        "outfit for the theatre, show it on a mannequin",
        "give me a whole outfit for a wedding and show me a picture of it",
        "a complete look for the office please, and draw it",
    ],
)
async def test_an_outfit_found_in_the_same_message_is_the_one_that_is_pictured(talk, text) -> None:
    dresses = await talk("show me a red dress")
    record = await talk(text)
    found = [card.id for card in record.items]
    assert len(pictured(record)) >= 3 and set(pictured(record)) <= set(found)
    assert dresses.items[0].id not in record.tools[0].arguments["item_ids"]


async def test_what_an_outfit_is_built_around_is_pictured_with_it(talk) -> None:
    dresses = await talk("show me dresses")
    record = await talk("put together an outfit with the second one and show it on a mannequin")
    assert pictured(record)[0] == dresses.items[1].id and len(pictured(record)) >= 3


async def test_a_drawing_is_changed_and_looked_for_in_the_shop(talk) -> None:
    await talk("show me ballet flats")
    await talk("draw a blue denim jacket")
    yellow = await talk("now make it yellow")
    assert yellow.tools[0].arguments["prompt"] == "a yellow denim jacket" and yellow.images
    alike = await talk("find something like it in the shop")
    assert alike.routes == ["search"]
    assert alike.tools[0].arguments["text"] == "a yellow denim jacket"
    assert "Tote bags" not in {card.category for card in alike.items}
    black = await talk("make it black")
    assert black.routes == ["alternatives"]


async def test_the_shop_that_is_asked_is_no_shopper(talk) -> None:
    record = await talk("what bags do you have in the shop")
    assert "shop" not in record.tools[0].arguments["text"]


async def test_this_jacket_is_the_one_that_was_shown(talk) -> None:
    jackets = await talk("show me jackets")
    record = await talk("make a picture of this jacket in red")
    assert pictured(record) == [jackets.items[0].id]
    assert "this" not in record.reply.split(".")[0]


async def test_what_goes_with_a_drawing_goes_with_what_was_drawn(talk) -> None:
    flats = await talk("show me ballet flats")
    await talk("draw a red scarf")
    record = await talk("what goes with it?")
    given = record.tools[0].arguments
    assert given["request"] == "what goes with a red scarf?"
    assert flats.items[0].id not in given.get("item_ids", [])
