"""Things like those in a picture, what can be drawn, how many there are, and outfits within a sum."""

from __future__ import annotations

import pytest

from stores.catalog import CatalogQuery
from tools.drawable import can_draw, first_piece, without_scenery
from tools.likeness import most_alike
from tools.nearest import Found
from tools.sight import Seen
from vlm.client import Reading


async def test_things_like_a_photo_are_of_its_kind_and_say_what_they_share(use, services, photo) -> None:
    services.vlm.reading = Reading("Jeans", "blue", "solid", "These are blue denim jeans.")
    result = await use("search_catalog", images=(photo,), like_picture=True, limit=6)
    assert {card.category for card in result.items} == {"Jeans"}
    assert result.items[0].color == "blue"
    assert "jeans like yours; the same color, blue" in result.items[0].reason
    assert result.seen[0].category == "Jeans"


async def test_of_things_like_a_photo_the_cheapest_come_first_and_cheaper_than_those_shown(
    use, services, photo
) -> None:
    services.vlm.reading = Reading("Jeans", "blue", "solid", "These are blue denim jeans.")
    first = await use("search_catalog", images=(photo,), like_picture=True, limit=4)
    cheap = await use("search_catalog", images=(photo,), like_picture=True, cheaper=True, limit=4)
    prices = [card.price for card in cheap.items]
    assert prices == sorted(prices) and prices[0] <= min(card.price for card in first.items)
    assert {card.category for card in cheap.items} == {"Jeans"}
    dearest = max(first.items, key=lambda card: card.price)
    beaten = await use(
        "search_catalog", images=(photo,), like_picture=True, cheaper=True, limit=4,
        cheaper_than_ids=[dearest.id, "sold-long-ago"],
    )  # fmt: skip
    assert beaten.items and all(card.price < dearest.price for card in beaten.items)


async def test_things_like_a_photo_keep_to_what_is_asked_besides(use, photo) -> None:
    result = await use("search_catalog", images=(photo,), like_picture=True, colors=["black"], max_price=90)
    assert result.items and all(card.price <= 90 for card in result.items)
    assert all(card.color == "black" or "not black" in card.reason for card in result.items)


def test_what_two_things_do_not_share_is_not_said(services) -> None:
    products = [one.product for one in services.catalog.search(CatalogQuery(limit=40))]
    seen = Seen(category="Boots", color="red", pattern="striped", text="Red striped boots.")
    for alike in most_alike([Found(product, 0.5) for product in products], seen, 40):
        product, said = alike.found.product, " ".join(alike.shared)
        assert ("like yours" in said) == (product.category == "Boots")
        assert ("the same color" in said) == (product.color == "red")
        assert ("also striped" in said) == (product.pattern == "striped")


async def test_all_products_are_counted_and_those_of_a_kind(use, services) -> None:
    every = await use("search_catalog", count=True)
    assert every.total == services.catalog.count() and every.in_stock < every.total and not every.items
    boots = await use("search_catalog", count=True, categories=["Boots"])
    found = await use("search_catalog", categories=["Boots"], limit=12)
    assert boots.total == len(found.items) and boots.in_stock is None


async def test_a_group_is_answered_with_several_kinds(use) -> None:
    shoes = await use("search_catalog", text="show me shoes", groups=["footwear"], limit=6)
    assert len({card.category for card in shoes.items}) >= 3
    advised = await use("recommend", request="which shoes for the office?", groups=["footwear"])
    assert len({card.category for card in advised.items}) >= 3


@pytest.mark.parametrize("total", [120.0, 200.0, 450.0])
async def test_an_outfit_costs_no_more_than_its_limit_and_says_what_it_costs(use, total: float) -> None:
    result = await use(
        "recommend", request="an outfit for the office", whole_outfit=True, limit=6, max_total=total
    )
    pieces = [card for card in result.items if card.id != result.bolder]
    assert round(sum(card.price for card in pieces), 2) == result.total <= total
    assert len(pieces) >= 2 and result.missing == []


async def test_where_the_sum_is_too_small_the_outfit_stays_within_it_and_says_what_is_bare(use) -> None:
    result = await use("recommend", request="an outfit", whole_outfit=True, limit=6, max_total=25)
    pieces = [card for card in result.items if card.id != result.bolder]
    assert sum(card.price for card in pieces) <= 25
    assert result.missing or not result.outfit


@pytest.mark.parametrize(
    "words",
    [
        "a dog on the moon",
        "a purple polka dot umbrella",
        "a floral sofa",
        "an umbrella",
        "my boss",
        "the tenth one",
        "a castle at night",
    ],
)
def test_what_names_nothing_to_wear_cannot_be_drawn(words: str) -> None:
    assert not can_draw(words)


@pytest.mark.parametrize(
    "words", ["a red dress", "an outfit for a wedding", "something in velvet", "shoes", "polka dots in pink"]
)
def test_what_names_something_to_wear_can(words: str) -> None:
    assert can_draw(words)


@pytest.mark.parametrize(
    ("words", "piece", "rest"),
    [
        ("a red dress on the moon", "a red dress", "on the moon"),
        ("a navy coat walking through Paris", "a navy coat", "walking through Paris"),
        ("a scarf in red", "a scarf in red", ""),
        ("a blazer on a mannequin", "a blazer on a mannequin", ""),
        ("on the moon", "on the moon", ""),
    ],
)
def test_the_surroundings_are_parted_from_the_piece(words: str, piece: str, rest: str) -> None:
    assert without_scenery(words) == (piece, rest)


@pytest.mark.parametrize(
    ("words", "first", "others"),
    [
        ("sunglasses and a straw hat", "sunglasses", "a straw hat"),
        ("a red dress with black boots", "a red dress", "black boots"),
        ("a dress in black and white with boots", "a dress in black and white", "boots"),
        ("a red hat, and a black and white scarf", "a red hat", "a black and white scarf"),
        ("a coat with a belt", "a coat with a belt", ""),
        ("a black and white dress", "a black and white dress", ""),
        (
            "a striped shirt, long sleeves and a round neck",
            "a striped shirt, long sleeves and a round neck",
            "",
        ),
    ],
)
def test_of_several_pieces_the_first_is_parted_from_the_others(words: str, first: str, others: str) -> None:
    assert first_piece(words) == (first, others)


async def test_the_pieces_that_are_not_drawn_are_named(use) -> None:
    result = await use("generate_image", prompt="draw sunglasses and a straw hat")
    assert result.prompt == "sunglasses" and result.others == "a straw hat"
    assert "'a straw hat' is not in it" in result.text


async def test_of_what_is_no_garment_nothing_is_drawn_and_that_is_said(use, services) -> None:
    result = await use("generate_image", prompt="draw a dog on the moon")
    assert result.nothing_to_draw and not result.images and "single pieces" in result.text
    assert not [name for name, _ in services.vlm.asked if name == "draw"]
