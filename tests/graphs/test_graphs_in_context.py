"""Messages as their thread has them, with the real router and stylist."""

from __future__ import annotations

import pytest

from agents.contracts import Slots
from agents.item_questions import asks_what_stands
from fashion.vocabulary import GROUPS
from graphs.slots_mended import kind_wanted, without_cheaper
from stores.catalog_query import CatalogQuery
from tools.preferences import read_notes
from vlm.client import Reading


async def test_a_ban_alone_is_said_of_what_was_shown(talk) -> None:
    await talk("show me jackets for autumn")
    await talk("for winter then")
    for text in ("not black or grey", "no wool", "warmer"):
        answer = await talk(text)
        assert answer.routes == ["alternatives"], text
    assert not [card for card in answer.items if card.color in ("black", "grey") or card.material == "wool"]


async def test_a_whole_outfit_is_changed_piece_by_piece_and_keeps_to_its_sum(talk) -> None:
    first = await talk("put together an outfit for the office, 300 euros in total")
    assert sum(card.price for card in first.items[:3]) <= 300
    second = await talk("more colorful")
    assert sum(card.price for card in second.items) <= 300
    assert len({card.category for card in second.items}) >= 3
    third = await talk("cheaper")
    assert sum(card.price for card in third.items) < sum(card.price for card in second.items)


async def test_a_piece_that_is_exchanged_joins_the_look(talk) -> None:
    outfit = await talk("put together an outfit for the office")
    shoes = next(card for card in outfit.items if card.category in GROUPS["footwear"])
    other = await talk("the shoes are too expensive")
    assert other.items and all(card.price < shoes.price for card in other.items)
    board = await talk("now the whole look as a collage")
    laid = [card.id for card in board.items]
    assert other.items[0].id in laid and shoes.id not in laid and len(laid) >= 3


async def test_a_dress_code_says_why_what_was_asked_for_is_not_shown(talk) -> None:
    await talk("black tie gala, woman, what should I wear?")
    answer = await talk("could I wear sneakers instead?")
    assert "Sneakers are too casual for black tie" in answer.reply
    assert not [card for card in answer.items if card.category == "Sneakers"]


async def test_what_is_not_liked_of_a_kind_is_no_word_against_the_kind(talk, services) -> None:
    await talk("I don't like long dresses")
    (event,) = services.history.export("ana")
    assert event.attributes == {"category": "Dresses", "length": "long"}
    dresses = await talk("show me dresses")
    assert dresses.items and {services.catalog.get(card.id).length for card in dresses.items}.isdisjoint(
        {"maxi", "long"}
    )


async def test_a_liking_is_forgotten_by_name_and_is_shown_no_more(talk) -> None:
    await talk("I love pink")
    assert "no longer" in (await talk("forget that I like pink")).reply
    assert "like pink" not in (await talk("what do you know about me?")).reply


async def test_nothing_is_noted_beside_a_wish_without_a_word_of_liking(talk, services) -> None:
    await talk("show me boots")
    await talk("nope, all of them are boring")
    await talk("show me the boots again")
    assert services.history.export("ana") == []


async def test_shoes_for_it_go_with_the_picture(talk, photo, services) -> None:
    services.vlm.reading = Reading("Dresses", "coral", "solid", "This is a coral dress.")
    await talk("", photo)
    answer = await talk("find me shoes for it")
    assert answer.routes == ["recommend"] and "coral dress" in answer.reply
    assert {card.category for card in answer.items} <= set(GROUPS["footwear"])


def test_a_denied_trait_leaves_itskind_wanted() -> None:
    said = kind_wanted(
        Slots(not_colors=["black"], not_groups=["footwear"]), "anything but black shoes under 100"
    )
    assert (said.groups, said.not_groups, said.not_colors) == (["footwear"], [], ["black"])
    both = Slots(not_colors=["black"], not_groups=["footwear"])
    assert kind_wanted(both, "no black and no shoes") == both


@pytest.mark.parametrize(
    ("text", "slots", "left"),
    [
        ("forget the budget", {"lifted": ["price"]}, []),
        ("total budget is 300 euros", {"max_total": 300.0}, []),
        ("cheaper, under 80", {"max_price": 80.0}, ["cheaper"]),
        ("my budget is small", {}, ["cheaper"]),
    ],
)
def test_a_limit_is_no_comparison(text: str, slots: dict, left: list[str]) -> None:
    said = Slots(direction="cheaper", directions=["cheaper"], **slots)
    assert without_cheaper(said, text).directions == left


@pytest.mark.parametrize(
    "text", ["forget the 80 limit", "ignore my budget", "no longer under 80", "money is no object now"]
)
async def test_a_price_limit_is_lifted_by_words_and_the_reply_says_so(talk, text) -> None:
    await talk("show me dresses under 80")
    answer = await talk(text)
    assert answer.routes == ["alternatives"] and "price limit" in answer.reply and "erase" not in answer.reply
    assert not [call for call in answer.tools if call.arguments.get("max_price")]
    after = await talk("show me coats")
    assert max(card.price for card in after.items) > 80


async def test_a_limit_that_is_not_there_is_said_not_to_be_there(talk) -> None:
    answer = await talk("forget the 80 limit")
    assert answer.routes == ["chat"] and "no price limit" in answer.reply
    assert (await talk("who are you?")).routes == ["chat"]


@pytest.mark.parametrize(
    "text",
    ["what did I ask for so far?", "what are my limits?", "what do you know about what I want?"],
)
async def test_what_is_in_force_is_told_with_where_it_came_from(talk, text) -> None:
    await talk("show me dresses under 80, not black")
    await talk("for a wedding, in size M")
    reply = (await talk(text)).reply
    assert "“show me dresses under 80, not black”" in reply and "“for a wedding, in size M”" in reply
    for words in ("dresses", "at most €80", "no black", "size M", "wedding"):
        assert words in reply, words


async def test_that_nothing_is_in_force_is_said(talk) -> None:
    first = await talk("what are my limits?")
    assert "in force" in first.reply and "-" not in first.reply.splitlines()[0]
    await talk("I'm allergic to wool")
    noted = await talk("what are my limits?")
    assert "wool" in noted.reply
    await talk("show me dresses under 80")
    await talk("forget the 80 limit")
    assert "80:" not in (await talk("what are my limits?")).reply


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("so what have I asked for until now", True),
        ("What's my budget?", True),
        ("remind me what I was looking for", True),
        ("which filters are active?", True),
        ("sum up my wishes please", True),
        ("what do you know about me?", False),
        ("what should I ask for at the shop?", False),
        ("what did you show me before?", False),
        ("my budget is 80", False),
        ("what are my options for a wedding under 80", False),
    ],
)
def test_asking_for_what_stands_is_told_from_asking_for_something(text: str, asked: bool) -> None:
    assert asks_what_stands(text) is asked


async def test_what_breaks_a_rule_set_since_is_not_shown_again_and_that_is_said(talk, services) -> None:
    first = await talk("show me coats")
    woolen = [card for card in first.items if card.material == "wool"]
    others = {card.id for card in first.items if card.material != "wool"}
    assert woolen and others
    await talk("I'm allergic to wool")
    again = await talk("show the coats again")
    assert {card.id for card in again.items} == others
    assert all(f"the {card.title} (no wool)" in again.reply for card in woolen)


async def test_what_a_color_or_price_rules_out_since_is_not_shown_again(talk) -> None:
    first = await talk("show me coats")
    color = first.items[0].color
    await talk(f"not {color}, nothing over 150 euros")
    again = await talk("show the first coats again")
    gone = [card for card in first.items if card.color == color or card.price > 150]
    assert gone and not {card.id for card in again.items} & {card.id for card in gone}
    assert f"no {color}" in again.reply and "at most €150" in again.reply


async def test_a_length_that_is_never_worn_is_a_rule_until_it_is_taken_back(talk, services) -> None:
    skirts = services.catalog.search(CatalogQuery(categories=["Skirts"], limit=40))
    assert "mini" in {found.product.length for found in skirts}
    noted = await talk("I never wear minis")
    assert noted.routes == ["feedback"] and "mini pieces" in noted.reply
    assert read_notes(services.history.export("ana")).rules == ({"length": "mini"},)
    shown = await talk("show me twelve skirts")
    assert shown.items and "mini" not in {services.catalog.get(card.id).length for card in shown.items}
    await talk("minis are fine again")
    assert read_notes(services.history.export("ana")).rules == ()


async def test_a_length_is_ruled_out_of_the_kind_that_it_is_said_of_or_beside_other_things(
    talk, services
) -> None:
    await talk("I never wear skirts shorter than midi")
    rules = read_notes(services.history.export("ana")).rules
    # The notes of one message are written side by side, in any order.
    assert len(rules) == 2
    assert all({"category": "Skirts", "length": length} in rules for length in ("mini", "knee"))
    await talk("I never wear minis or black")
    rules = read_notes(services.history.export("ana")).rules
    assert {"length": "mini"} in rules and {"color": "black"} in rules


async def test_a_length_is_ruled_out_beside_something_praised(talk, services) -> None:
    await talk("I love navy, and I never wear minis or leather")
    known = read_notes(services.history.export("ana"))
    assert {"length": "mini"} in known.rules and {"material": "leather"} in known.rules
    assert [one.traits for one in known.liked] == [{"color": "navy"}]


async def test_where_nothing_may_be_shown_again_that_is_said(talk) -> None:
    first = await talk("show me coats")
    await talk("I never wear coats")
    again = await talk("show the coats again")
    assert again.items == [] and "(no coat" in again.reply and first.items[0].title in again.reply


async def test_an_export_tells_what_was_said_and_counts_all_that_is_kept(talk, photo) -> None:
    await talk("show me boots", photo)
    exported = await talk("export everything you know about me")
    assert exported.routes == ["history"]
    assert "“show me boots”" in exported.reply and "1 message and 1 picture" in exported.reply


@pytest.mark.parametrize(
    "text",
    [
        "I own too many black bags, find me red ones",
        "I already have too many black bags, red ones please",
        "i already have 2 many black bags, red ones plz",
    ],
)
async def test_what_there_is_too_much_of_is_neither_sought_nor_noted_as_liked(talk, services, text) -> None:
    answer = await talk(text)
    assert answer.items and "black" not in {card.color for card in answer.items}
    assert answer.tools[0].arguments["colors"] == ["red"]
    assert services.history.export("ana") == []


async def test_what_there_is_already_is_noted_without_what_is_asked_for(talk, services) -> None:
    answer = await talk("I already own black boots, show me brown ones")
    assert answer.items and answer.tools[-1].arguments["colors"] == ["brown"]
    assert {event.attributes["color"] for event in services.history.export("ana")} == {"black"}


@pytest.mark.parametrize("text", ["I wear 38 in shoes and M in tops", "38 in shoes and M in tops"])
async def test_two_sizes_of_one_message_are_each_bound_to_their_kind(talk, services, text) -> None:
    answer = await talk(text)
    assert answer.routes == ["feedback"]
    notes = {event.attributes["group"]: event.attributes["size"] for event in services.history.export("ana")}
    assert notes == {"footwear": "38", "tops": "M"}
    known = read_notes(services.history.export("ana"))
    assert set(known.sizes) == {("38", "footwear"), ("M", "tops")}


async def test_like_this_but_cheaper_with_a_photo_gives_the_cheapest_that_are_like_it(
    talk, services, photo
) -> None:
    services.vlm.reading = Reading("Jeans", "blue", "solid", "These are blue denim jeans.")
    answer = await talk("like this but cheaper", photo)
    assert answer.tools[0].name == "search_catalog" and answer.tools[0].arguments["cheaper"] is True
    prices = [card.price for card in answer.items]
    assert prices == sorted(prices) and {card.category for card in answer.items} == {"Jeans"}


@pytest.mark.parametrize(
    ("misspelled", "spelled"),
    [
        ("wat goes wiht a navy skirt??", "what goes with a navy skirt?"),
        ("wich bag goes wth my camel coat", "which bag goes with my camel coat"),
    ],
)
async def test_a_misspelled_question_about_what_goes_with_a_thing_is_the_same_question(
    talk, misspelled, spelled
) -> None:
    slipped, right = await talk(misspelled), await talk(spelled)
    assert slipped.routes == right.routes and right.items
    assert [card.id for card in slipped.items] == [card.id for card in right.items]
    assert not {"Skirts", "Coats"} & {card.category for card in slipped.items}


async def test_a_misspelled_question_about_a_size_is_answered_as_the_same_spelled_right(talk) -> None:
    await talk("show me boots")
    slipped, right = (
        await talk("wich size shuld i take in the frst one"),
        await talk("which size should i take in the first one"),
    )
    assert [call.arguments for call in slipped.tools] == [call.arguments for call in right.tools]
    assert "size" in right.reply and slipped.reply == right.reply


async def test_a_superlative_alone_is_about_the_list_that_was_shown(talk) -> None:
    shown = (await talk("show me boots")).items
    prices = [card.price for card in shown]
    cheapest = await talk("which of these is the cheapest?")
    assert [card.price for card in cheapest.items] == [min(prices)]
    dearest = await talk("ok and the most expensive?")
    assert dearest.routes == ["describe"]
    assert [card.price for card in dearest.items] == [max(prices)]


async def test_what_rain_spoils_is_ruled_out_for_what_was_asked_for_alone(talk) -> None:
    shoes = await talk("shoes for rain")
    assert "suede" in shoes.tools[-1].arguments["not_materials"]
    cheaper = await talk("cheaper")
    assert "suede" in cheaper.tools[-1].arguments["not_materials"]
    dresses = await talk("show me evening dresses")
    assert "not_materials" not in dresses.tools[-1].arguments


@pytest.mark.parametrize("text", ["I own a wool coat, tell me how to store wool please"])
async def test_a_question_about_what_there_is_already_looks_for_nothing(talk, text) -> None:
    assert "search" not in (await talk(text)).routes


def materials_avoided(services) -> set[str]:
    return {
        rule["material"] for rule in read_notes(services.history.export("ana")).rules if "material" in rule
    }


@pytest.mark.parametrize(
    "words", ["I'm no longer vegan", "I'm not vegan any more", "forget that I'm vegan", "drop the vegan rule"]
)
async def test_what_being_vegan_implied_ends_with_it_and_what_was_said_by_itself_stays(
    talk, services, words
) -> None:
    await talk("I'm allergic to wool")
    await talk("I'm vegan")
    await talk("I avoid silk")
    assert {"leather", "suede", "wool", "silk"} <= materials_avoided(services)
    answer = await talk(words)
    assert answer.routes == ["feedback"] and "leather" in answer.reply
    assert materials_avoided(services) == {"wool", "silk"}


@pytest.mark.parametrize(
    "words", ["these boots are not vegan, are they?", "I'm still vegan", "don't forget that I'm vegan"]
)
async def test_a_vegan_stays_one_where_nothing_of_them_ended(talk, services, words) -> None:
    await talk("I'm vegan")
    before = materials_avoided(services)
    await talk(words)
    assert materials_avoided(services) == before != set()


async def test_who_was_never_known_as_vegan_gets_no_rule_by_ending_it(talk, services) -> None:
    await talk("I'm no longer vegan")
    assert read_notes(services.history.export("ana")).rules == ()


@pytest.mark.parametrize(
    "words",
    [
        "Show me something similar to the {title}",
        "show me alternatives to the {title}",
        "have you got anything else like the {title}?",
        "coats like the {title}",
    ],
)
async def test_others_like_one_that_is_named_by_its_title_are_never_that_one(talk, words: str) -> None:
    meant = (await talk("show me two coats")).items[0]
    answer = await talk(words.format(title=meant.title))
    assert answer.routes == ["alternatives"]
    assert len(answer.items) >= 2
    assert meant.id not in [card.id for card in answer.items]
    assert {card.category for card in answer.items} == {"Coats"}
    further = await talk("cheaper ones")
    assert further.items and meant.color not in further.tools[0].arguments.get("colors", [])


async def test_what_is_wished_for_beside_the_title_of_another_is_heeded(talk) -> None:
    meant = (await talk("show me coats")).items[0]
    answer = await talk(f"something like the {meant.title} but in black")
    assert [call.arguments["colors"] for call in answer.tools] == [["black"]]
    assert answer.items[0].color == "black" and answer.tools[0].arguments["item_ids"] == [meant.id]


@pytest.mark.parametrize(
    ("words", "routes"),
    [
        ("show me the {title} again", ["search"]),
        ("I love the {title}", ["feedback"]),
        ("what goes with the {title}?", ["recommend"]),
        ("please nothing like the {title}", ["feedback"]),
    ],
)
async def test_a_title_alone_asks_for_no_others(talk, words: str, routes: list[str]) -> None:
    meant = (await talk("show me coats")).items[0]
    assert (await talk(words.format(title=meant.title))).routes == routes
