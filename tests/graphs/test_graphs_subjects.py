"""A change of subject: what of the constraints of before ends or sleeps with it, and what goes on."""

from __future__ import annotations

import pytest

from agents.contracts import Slots
from graphs.constraints import Constraint, in_force, update
from graphs.subjects import moved_on

FUNERAL = Slots(occasion="funeral", dress_code="mourning")
DRESS, BLACK_COAT = Slots(categories=["Dresses"]), Slots(categories=["Coats"], colors=["black"])


def standing(said: Slots, words: str, turn: int = 1) -> list[Constraint]:
    return update([], said, turn=turn, words=words, place=said.categories)[0]


def fields(constraints: list[Constraint], place: tuple[str, ...] = ()) -> set[str]:
    return set(in_force(constraints, place).model_dump(exclude_defaults=True))


def test_an_occasion_in_the_place_of_another_ends_its_dress_code_and_the_season_of_the_same_breath() -> None:
    before = standing(FUNERAL.model_copy(update={"season": "summer"}), "for a funeral in summer")
    left, changes = moved_on(before, Slots(occasion="beach"), "now something for the beach")
    assert fields(left) == {"occasion"}
    assert {(one.kind, one.field) for one in changes} == {("dropped", "dress_code"), ("dropped", "season")}


def test_a_season_told_apart_from_the_occasion_and_modest_dress_stay_with_another_one() -> None:
    modest = standing(Slots(occasion="wedding", dress_code="modest"), "something modest for a wedding")
    season = standing(Slots(season="winter"), "for winter then", turn=2)
    left, changes = moved_on([*modest, *season], Slots(occasion="office"), "an outfit for the office")
    assert fields(left) >= {"dress_code", "season"} and changes == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Slots(occasion="dinner"), "and what for the dinner after it?"),
        (Slots(occasion="garden party"), "it's a garden party"),
        (Slots(occasion="garden party", corrects=True), "no, a garden party"),
        (Slots(occasion="funeral"), "a bag for the funeral"),
        (Slots(categories=["Boots"]), "show me boots"),
        (Slots(), "cheaper"),
    ],
)
def test_what_goes_on_with_the_subject_ends_nothing(said: Slots, words: str) -> None:
    before = standing(FUNERAL.model_copy(update={"season": "summer"}), "for a funeral in summer")
    assert moved_on(before, said, words) == (before, [])


def test_a_code_ends_with_an_occasion_that_it_leaves_no_room_for() -> None:
    diwali = standing(Slots(dress_code="Diwali"), "what should I wear for Diwali?")
    assert moved_on(diwali, Slots(occasion="gym"), "an outfit for the gym")[0] == []
    assert moved_on(diwali, Slots(occasion="dinner"), "for the dinner")[0] == diwali


def test_what_is_for_the_person_who_speaks_is_no_longer_for_the_one_named_before() -> None:
    shirt = Slots(categories=["Shirts"], gender="men", size="XL")
    before = standing(shirt, "a shirt in XL for my husband")
    assert fields(moved_on(before, DRESS, "a red dress for me")[0]) == {"categories"}
    own = standing(shirt, "show me men's shirts in XL")
    assert moved_on(own, DRESS, "a red dress for me") == (own, [])
    assert moved_on(before, DRESS, "look for me once more: a dress") == (before, [])


@pytest.mark.parametrize("words", ["a party dress", "a red party dress in silk", "party dresses under 90"])
def test_an_occasion_that_describes_a_thing_sleeps_while_another_thing_is_described(words: str) -> None:
    before = standing(Slots(categories=["Dresses"], occasion="party"), words)
    left, changes = moved_on(before, BLACK_COAT, "a black coat")
    assert "occasion" not in fields(left, ("Coats",)) and changes == []
    assert in_force(left, ("Dresses",)).occasion == "party"


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("a dress for a party", "a black coat", BLACK_COAT),
        ("a party dress", "show me coats", Slots(categories=["Coats"])),
        ("a party dress", "now a black coat", BLACK_COAT),
        ("a party dress", "and a black coat", BLACK_COAT),
        ("a party dress", "a black coat to wear over it", BLACK_COAT),
        ("a party dress", "a black suit", Slots(categories=["Suits"], colors=["black"])),
    ],
)
def test_an_occasion_holds_on_where_it_is_of_everything_or_the_message_goes_on(
    first: str, then: str, said: Slots
) -> None:
    before = standing(Slots(categories=["Dresses"], occasion="party"), first)
    assert in_force(moved_on(before, said, then)[0], tuple(said.categories)).occasion == "party"


async def test_a_beach_holiday_after_a_funeral_is_dressed_for_the_beach(talk) -> None:
    await talk("What should I wear to a funeral?")
    beach = await talk("Now something for a beach holiday")
    assert "dress_code" not in beach.tools[0].arguments and "dress code" in beach.reply
    party = await talk("a colourful party dress")
    assert {card.category for card in party.items} == {"Dresses"}


async def test_a_dress_for_me_after_a_shirt_for_a_husband_is_a_dress(talk) -> None:
    await talk("a white shirt for my husband")
    answer = await talk("a red dress for me")
    assert {card.category for card in answer.items} == {"Dresses"} and "for you" in answer.reply.lower()


@pytest.mark.parametrize("text", ["start over", "let's begin again", "forget all that, start over"])
async def test_a_new_start_drops_all_that_was_asked_for_and_says_so(talk, text) -> None:
    await talk("show me boots under 80")
    answer = await talk(text)
    assert (answer.routes, answer.tools, answer.items) == (["chat"], [], [])
    assert "so far is dropped" in answer.reply and answer.reply.endswith("?")
    assert "in force" in (await talk("what are my limits?")).reply
    assert (await talk("cheaper")).items == []
    assert {card.category for card in (await talk("show me the first boots again")).items} == {"Boots"}


async def test_a_new_start_with_a_wish_serves_the_wish_and_one_that_forgets_the_person_asks_first(
    talk,
) -> None:
    await talk("show me boots under 80")
    answer = await talk("let's start over: show me dresses")
    assert {card.category for card in answer.items} == {"Dresses"} and "dropped" in answer.reply
    assert max(card.price for card in answer.items) > 80
    assert (await talk("start over, forget who I am")).routes == ["history"]


async def test_a_new_start_of_nothing_names_no_wish(talk) -> None:
    reply = (await talk("start over")).reply
    assert "afresh" in reply and "dropped" not in reply


@pytest.mark.parametrize(
    ("rule", "search", "back"),
    [
        ("I never wear leather", "show me belts", "actually leather is fine again"),
        ("I never wear pink", "show me shoes", "pink is okay again"),
        ("I never wear minis", "show me skirts", "minis are fine again"),
    ],
)
async def test_a_rule_taken_back_alone_is_acknowledged_and_nothing_is_served(
    talk, rule, search, back
) -> None:
    await talk(rule)
    await talk(search)
    answer = await talk(back)
    assert [call.name for call in answer.tools] == ["record_feedback"] and answer.items == []
    assert "no longer holds" in answer.reply


async def test_the_search_goes_on_where_the_rule_taken_back_was_told_to_stand_in_its_way(talk) -> None:
    await talk("I never wear leather")
    assert "leather" in (await talk("show me leather bags")).reply
    answer = await talk("leather is fine again")
    assert answer.items and {card.material for card in answer.items} == {"leather"}


async def test_the_search_goes_on_where_a_ban_of_the_conversation_is_taken_back(talk) -> None:
    await talk("show me bags without leather")
    answer = await talk("leather is fine after all")
    assert answer.items and answer.routes == ["alternatives"]


async def test_a_rule_taken_back_beside_a_wish_serves_the_wish(talk) -> None:
    await talk("I never wear black")
    answer = await talk("black is fine again, show me boots")
    assert {card.category for card in answer.items} == {"Boots"}


async def test_things_like_one_shown_are_sought_and_its_title_is_no_wish(talk) -> None:
    hat = next(card for card in (await talk("show me hats")).items if "Fedora" in card.title)
    like = await talk(f"show me something similar to the {hat.title}")
    assert like.routes == ["alternatives"] and hat.id not in {card.id for card in like.items}
    sweater = (await talk("a grey cashmere sweater")).tools[0].arguments
    assert not sweater.get("styles") and sweater["materials"] == ["cashmere"]


@pytest.mark.parametrize("text", ["what goes with the {}?", "tell me more about the {}", "I like the {}"])
async def test_the_title_of_a_thing_shown_only_points_at_it(talk, text) -> None:
    hat = next(card for card in (await talk("show me hats")).items if "Fedora" in card.title)
    arguments = (await talk(text.format(hat.title))).tools[0].arguments
    assert not arguments.get("styles") and not arguments.get("materials")


async def test_what_is_wished_beside_a_title_stays_wished(talk) -> None:
    hat = next(card for card in (await talk("show me hats")).items if "Fedora" in card.title)
    arguments = (await talk(f"the {hat.title} but in green cotton")).tools[0].arguments
    assert (arguments["colors"], arguments["materials"]) == (["green"], ["cotton"])
