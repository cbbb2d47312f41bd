"""What messages note about a person, with the real router."""

from __future__ import annotations

import pytest

from graphs.questions import only_asks
from graphs.things import things_refused


def noted(services) -> list[tuple[str, dict[str, str]]]:
    return [(event.kind, event.attributes) for event in services.history.export("ana")]


def in_any_order(notes: list) -> list:
    """The notes of one message are written side by side."""
    return sorted(notes, key=repr)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "never show me anything pink or over 100 euros",
            [("rule", {"max_price": "100"}), ("avoid", {"color": "pink"})],
        ),
        (
            "I avoid silk or anything above 90 euros",
            [("rule", {"max_price": "90"}), ("avoid", {"material": "silk"})],
        ),
        ("never over 80 euros", [("rule", {"max_price": "80"})]),
        ("never anything pink please", [("avoid", {"color": "pink"})]),
        ("something over 100 euros", []),
        ("a white shirt, never pink", []),
        ("a dress, nothing striped or over 90 euros", []),
    ],
)
async def test_what_is_never_to_be_shown_is_a_rule_and_a_wish_is_none(talk, services, text, notes) -> None:
    await talk(text)
    assert in_any_order(noted(services)) == in_any_order(notes)


async def test_a_price_ruled_out_beside_a_color_is_the_most_and_not_the_least(talk) -> None:
    await talk("never show me anything pink or over 100 euros")
    shirts = await talk("a shirt")
    assert shirts.items and all(card.price <= 100 for card in shirts.items)


async def test_all_that_is_known_is_named_however_many_notes_there_are(talk, services) -> None:
    await talk("remember that I wear size 38")
    for at in range(30):
        services.history.record("ana", "worn", text=f"thing {at}", effect_key=f"old {at}")
    await talk("no, I wear size 40")
    answer = await talk("what do you know about me?")
    assert "size 40" in answer.reply and "size 38" not in answer.reply
    assert "31 notes" in answer.reply and "one note repeated, replaced or taken back" in answer.reply


@pytest.mark.parametrize(
    "text",
    [
        "who else uses this? what does ana like?",
        "what does ana like",
        "do you love this? who likes it?",
        "does everyone love it here?",
        "Is it nice?",
        "which one is your favorite?",
    ],
)
async def test_a_question_that_names_nothing_is_no_liking(talk, services, text) -> None:
    answer = await talk(text)
    assert noted(services) == [] and answer.reply


async def test_a_question_about_a_single_thing_shown_is_no_liking_of_it(talk, services) -> None:
    await talk("a white shirt under 70 euros")
    await talk("who likes it?")
    assert noted(services) == []


@pytest.mark.parametrize(
    "text",
    [
        "can you remember that I like vintage?",
        "I love vintage, ok?",
        "what a lovely idea, I like it",
        "I like vintage. who else does?",
        "isn't it lovely?",
        "could you remember it?",
    ],
)
def test_what_is_told_beside_a_question_or_in_one_is_told(text) -> None:
    assert not only_asks(text)


async def test_what_is_asked_to_be_remembered_is_noted_though_it_is_asked(talk, services) -> None:
    await talk("can you remember that I like vintage?")
    assert [kind for kind, _ in noted(services)] == ["like"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (
            "I never wear stripes, no wool and nothing with heels",
            [{"pattern": "striped"}, {"material": "wool"}, {"category": "Pumps"}, {"category": "Sandals"}],
        ),
        ("I never wear silk or heels", [{"material": "silk"}, {"category": "Pumps"}, {"category": "Sandals"}]),
        ("I never wear striped pumps", [{"category": "Pumps", "pattern": "striped"}]),
        (
            "I never wear black or white leather sneakers",
            [
                {"category": "Sneakers", "color": "black", "material": "leather"},
                {"category": "Sneakers", "color": "white", "material": "leather"},
            ],
        ),
        ("I avoid v-neck dresses and leather", [{"material": "leather"}, {"category": "Dresses", "neckline": "v-neck"}]),
        (
            "I never wear pink, nothing with heels, and never over 90 euros",
            [{"max_price": "90"}, {"color": "pink"}, {"category": "Pumps"}, {"category": "Sandals"}],
        ),
    ],
)  # fmt: skip
async def test_what_is_refused_side_by_side_is_a_rule_each_and_a_named_thing_is_one(
    talk, services, text, rules
) -> None:
    await talk(text)
    assert in_any_order([one for _, one in noted(services)]) == in_any_order(rules)


@pytest.mark.parametrize(
    ("text", "named", "things"),
    [
        (
            "no striped pumps or leather sandals",
            {"categories": ["Pumps", "Sandals"], "patterns": ["striped"], "materials": ["leather"]},
            [
                {"categories": ["Pumps"], "patterns": ["striped"]},
                {"categories": ["Sandals"], "materials": ["leather"]},
            ],
        ),
        (
            "no striped pumps and no sandals",
            {"categories": ["Pumps", "Sandals"], "patterns": ["striped"]},
            [{"categories": ["Sandals"]}, {"categories": ["Pumps"], "patterns": ["striped"]}],
        ),
        (
            "no pink sneakers, no yellow",
            {"categories": ["Sneakers"], "colors": ["pink", "yellow"]},
            [{"categories": ["Sneakers"], "colors": ["pink", "yellow"]}],
        ),
        (
            "no pink or leather boots",
            {"categories": ["Boots"], "colors": ["pink"], "materials": ["leather"]},
            [
                {"categories": ["Boots"], "colors": ["pink"]},
                {"categories": ["Boots"], "materials": ["leather"]},
            ],
        ),
        (
            "no stripes or leather boots",
            {"categories": ["Boots"], "patterns": ["striped"], "materials": ["leather"]},
            [{"patterns": ["striped"]}, {"categories": ["Boots"], "materials": ["leather"]}],
        ),
        (
            "I don't like skirts that are striped",
            {"categories": ["Skirts"], "patterns": ["striped"]},
            [{"categories": ["Skirts"], "patterns": ["striped"]}],
        ),
        (
            "no heels and no pink, I'm vegan",
            {"categories": ["Pumps", "Sandals"], "colors": ["pink"], "materials": ["wool"]},
            [{"colors": ["pink"], "materials": ["wool"]}, {"categories": ["Pumps", "Sandals"]}],
        ),
    ],
)
def test_the_things_of_a_refusal_are_told_apart(text, named, things) -> None:
    assert [one.named for one in things_refused(text, named)] == things
