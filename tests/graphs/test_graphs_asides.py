"""Messages about what was shown that no route is made for, with the real router."""

from __future__ import annotations

import pytest

from agents.item_questions import (
    asks_for_size,
    asks_how_many,
    asks_to_buy,
    asks_why,
    place_named,
    place_word,
    size_asked,
)


async def test_to_buy_notes_no_liking_and_gives_the_facts(talk, services) -> None:
    boots = await talk("show me boots")
    answer = await talk("buy the first one")
    assert services.history.export("ana") == []
    assert "cannot sell" in answer.reply or "Buying is not something I can do" in answer.reply
    assert boots.items[0].title in answer.reply and f"{boots.items[0].price:.0f}" in answer.reply
    await talk("I bought the first one yesterday")
    assert [event.kind for event in services.history.export("ana")] == ["bought"]


async def test_a_size_is_answered_from_the_record_and_nothing_is_claimed_of_the_fit(talk, services) -> None:
    boots = await talk("show me boots")
    product = services.catalog.get(boots.items[0].id)
    answer = await talk("what size should I take in the first one?")
    assert all(size in answer.reply for size in product.sizes)
    assert len(answer.items) == 1
    there = await talk(f"does the first one come in {product.sizes[0]}?")
    assert there.reply.startswith("Yes") and product.sizes[0] in there.reply
    assert (await talk("does the first one come in 60?")).reply.startswith("No")
    assert len((await talk("the second one but in brown")).tools[0].arguments["item_ids"]) == 1


async def test_products_are_counted(talk, services) -> None:
    total = services.catalog.count()
    assert f"{total:,}" in (await talk("how many products do you have?")).reply
    dresses = await talk("how many dresses do you have?")
    assert "dresses in stock" in dresses.reply


async def test_a_place_that_was_not_shown_is_noticed(talk, services) -> None:
    hats = await talk("show me hats")
    assert len(hats.items) < 10
    for text in (
        "I love the tenth one",
        "the tenth one in black",
        "draw the tenth one",
        "tell me more about number 10",
    ):
        answer = await talk(text)
        assert "no tenth" in answer.reply and answer.tools == [], text
    assert services.history.export("ana") == []
    await talk("the second one")
    assert [event.item_id for event in services.history.export("ana")] in ([], [hats.items[1].id])


async def test_why_is_answered_with_the_reasons_shown(talk) -> None:
    shown = await talk("which shoes for the office?")
    answer = await talk("why the first one?")
    assert shown.items[0].title in answer.reply
    assert shown.items[0].reason.split(";")[0] in answer.reply


async def test_an_allergy_beside_a_size_is_a_rule_of_its_own(talk, services) -> None:
    await talk("Hi! I'm allergic to wool and I wear size 38")
    facts = [(event.kind, event.attributes) for event in services.history.export("ana")]
    assert ("avoid", {"material": "wool"}) in facts and any("size" in one for _, one in facts)
    coats = await talk("show me coats")
    assert coats.items and not [card for card in coats.items if card.material in ("wool", "tweed")]


async def test_praise_before_a_wish_hides_no_wish(talk) -> None:
    await talk("show me coats")
    answer = await talk("nice. now boots under 180")
    assert answer.items and {card.category for card in answer.items} == {"Boots"}
    assert all(card.price <= 180 for card in answer.items)


async def test_the_bag_is_the_one_shown_and_not_every_bag(talk, services) -> None:
    outfit = await talk("put together an outfit for the office")
    bag = next(card for card in outfit.items if "bag" in card.title.lower() or "tote" in card.title.lower())
    await talk("I hate the bag")
    (event,) = services.history.export("ana")
    assert (event.kind, event.item_id) == ("dislike", bag.id)


async def test_what_was_shown_is_shown_again_by_its_kind(talk) -> None:
    coats = await talk("show me coats")
    await talk("show me boots")
    again = await talk("show me the coats again")
    assert [card.id for card in again.items] == [card.id for card in coats.items]


async def test_more_asks_for_more(talk) -> None:
    first = await talk("show me boots")
    more = await talk("more")
    assert more.routes == ["alternatives"] and more.items
    assert not {card.id for card in first.items} & {card.id for card in more.items}


async def test_a_wish_that_what_was_shown_meets_brings_it_again_where_there_is_nothing_new(
    talk, services
) -> None:
    shown = await talk("show me skiwear for women, not black")
    for _ in range(6):
        answer = await talk("more")
        if not answer.items:
            break
        shown = answer
    again = await talk("under 5000")
    assert {card.id for card in again.items} <= {card.id for card in shown.items}
    assert again.items


async def test_modest_dress_and_a_feast_hold_together(talk, services) -> None:
    outfit = await talk("What should I wear to a Diwali party? Modest please")
    from fashion.dress_codes import broken_code

    for card in outfit.items:
        garment = services.catalog.get(card.id).garment
        assert not broken_code(garment, "Diwali") and not broken_code(garment, "modest")
    assert "Diwali" in outfit.reply and "odest dress" in outfit.reply
    black = await talk("can it be black?")
    assert "black is taken for unlucky" in black.reply.lower()
    assert not [card for card in black.items if card.color in ("black", "charcoal")]


async def test_mourning_is_white_where_the_person_says_so(talk) -> None:
    black = await talk("what should I wear to a funeral?")
    assert {card.color for card in black.items} <= {"black", "charcoal", "navy", "grey"}
    white = await talk("in our family we wear white to mourn")
    assert white.items and {card.color for card in white.items} <= {"white", "cream"}


@pytest.mark.parametrize(
    ("text", "pointed", "buys"),
    [
        ("buy the first one", True, True), ("I want to order the second one", True, True), ("I'll take it", True, True),
        ("where can I buy these?", False, True), ("I bought the second one", True, False), ("buy me a coat", False, False),
        ("I want to buy a coat", False, False),
    ],
)  # fmt: skip
def test_wanting_to_buy_is_told_from_having_bought_and_from_a_wish(
    text: str, pointed: bool, buys: bool
) -> None:
    assert asks_to_buy(text, pointed=pointed) is buys


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what size should I take?", True), ("do they run small?", True), ("will it fit me?", True),
        ("does it come in 42?", True), ("I wear size 38", False), ("in size 38 please", False),
        ("does it fit with my jeans?", False),
    ],
)  # fmt: skip
def test_a_question_about_sizes_is_told_from_a_wish(text: str, asks: bool) -> None:
    assert asks_for_size(text, pointed=True) is asks


def test_how_many_is_about_the_shop_and_not_about_notes_or_shown_things() -> None:
    assert asks_how_many("how many products do you have?", kind_named=False)
    assert asks_how_many("how many dresses are there?", kind_named=True)
    assert not asks_how_many("how many things do you know about me?", kind_named=False)
    assert not asks_how_many("how many of these are wool?", kind_named=False)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("I love the tenth one", 10), ("tell me about number 9", 9), ("option 2", 2), ("the 11th", 11), ("#8 please", 8),
        ("the third floor", None), ("my tenth anniversary", None), ("number 80", 80), ("under 80", None),
    ],
)  # fmt: skip
def test_places_are_read(text: str, place: int | None) -> None:
    assert place_named(text) == place


def test_small_things() -> None:
    assert [place_word(place) for place in (1, 12, 13, 21, 22)] == [
        "first",
        "twelfth",
        "13th",
        "21st",
        "22nd",
    ]
    assert size_asked("does it come in medium?") == "M"
    assert (
        asks_why("why?") and asks_why("why did you pick that?") and not asks_why("why do people wear black?")
    )
