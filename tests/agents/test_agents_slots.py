from __future__ import annotations

import pytest

from agents.contracts import LastItem, RouteContext, RouteRequest, Slots
from agents.features import featurize
from agents.slots import fill_slots


def slots(text: str, *routes: str, context: RouteContext | None = None, images: int = 0) -> Slots:
    request = RouteRequest(text=text, images=images, context=context or RouteContext())
    _, _, mentions, tokens = featurize(request)
    return fill_slots(request, mentions, tokens, routes)


def test_wishes_come_from_the_words() -> None:
    got = slots("show me black leather boots under 100 in size 38, no suede", "search")
    assert (got.categories, got.colors, got.materials) == (["Boots"], ["black"], ["leather"])
    assert (got.max_price, got.size, got.not_materials) == (100.0, "38", ["suede"])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the second one but cheaper", ["i1"]),
        ("the first and the last one in blue", ["i0", "i2"]),
        ("the green one but cheaper", ["i2"]),
        ("the cheapest one but in blue", ["i1"]),
        ("the loafers but darker", ["i0", "i1", "i2"]),
        ("something cheaper", []),
        ("the fifth one but cheaper", []),
    ],
)
def test_earlier_items_are_found_by_place_color_price_and_kind(shown, text, ids) -> None:
    assert slots(text, "alternatives", context=shown).item_ids == ids


def test_a_color_that_points_at_an_item_is_no_wish(shown) -> None:
    got = slots("the green one but in blue", "alternatives", context=shown)
    assert (got.item_ids, got.colors) == (["i2"], ["blue"])


@pytest.mark.parametrize(
    ("text", "route", "colors", "not_colors", "ids"),
    [
        ("I hate the green one", "feedback", [], [], ["i2"]),
        ("not the green one", "alternatives", [], [], ["i2"]),
        ("not green", "alternatives", [], ["green"], []),
        ("the green, just less shiny", "alternatives", [], [], ["i2"]),
        ("the green ones but brown", "alternatives", ["brown"], [], ["i2"]),
        ("green one, on me", "try_on", [], [], ["i2"]),
        ("a green one", "alternatives", ["green"], [], []),
        ("I don't need it to be green", "alternatives", [], [], []),
    ],
)
def test_pointing_at_a_shown_color_neither_wishes_nor_bans_it(
    shown, text, route, colors, not_colors, ids
) -> None:
    got = slots(text, route, context=shown)
    assert (got.colors, got.not_colors, got.item_ids) == (colors, not_colors, ids)


def test_a_liking_of_it_is_of_no_item_in_particular_where_several_were_shown(shown) -> None:
    assert slots("love it", "feedback", context=shown).item_ids == []
    alone = shown.model_copy(update={"last_items": shown.last_items[:1]})
    assert slots("love it", "feedback", context=alone).item_ids == ["i0"]
    assert slots("love it, draw it", "feedback", "generate_image", context=shown).item_ids == ["i0"]
    assert slots("I love them", "feedback", context=shown).item_ids == ["i0", "i1", "i2"]
    assert slots("try it on", "try_on", context=shown).item_ids == ["i0"]


def test_a_liked_color_is_not_a_liked_item(shown) -> None:
    got = slots("I love navy", "feedback", context=shown)
    assert (got.item_ids, got.colors, got.feedback) == ([], ["navy"], "like")


def test_this_in_a_message_with_a_picture_means_the_picture(shown) -> None:
    assert slots("what goes with this?", "recommend", context=shown, images=1).item_ids == []


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("cheaper?", "cheaper"), ("that is too expensive", "cheaper"), ("something more expensive", "dearer"),
        ("longer please", "longer"), ("it is too long", "shorter"), ("darker", "darker"), ("too dark", "lighter"),
        ("less formal", "more_casual"), ("more elegant", "dressier"), ("warmer", "warmer"),
        ("something lighter weight", "lighter_weight"), ("more colorful", "brighter"), ("too busy", "plainer"),
        ("something else", "different"), ("in green", None),
    ],
)  # fmt: skip
def test_directions_are_read(text, direction) -> None:
    assert slots(text, "alternatives").direction == direction


def test_longer_asks_for_more_length_and_not_for_the_length_called_long() -> None:
    assert slots("longer please", "alternatives").length is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I love it", "like"), ("I don't like it", "dislike"), ("ugly", "dislike"), ("I own a red coat", "own"),
        ("I never wear leather", "avoid"), ("I bought the first one", "bought"), ("I'm allergic to wool", "avoid"),
    ],
)  # fmt: skip
def test_the_kind_of_feedback_is_read(text, kind) -> None:
    assert slots(text, "feedback").feedback == kind


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("forget me", "forget"), ("delete all my data", "forget"), ("export my data", "export"),
        ("what do you know about me", "show"), ("don't forget me, what do you know about me", "show"),
    ],
)  # fmt: skip
def test_the_history_action_is_read(text, action) -> None:
    got = slots(text, "history").history_action
    assert got == action


def test_children_are_no_gender_of_the_catalog() -> None:
    assert slots("shoes for kids", "search").gender is None


def test_a_whole_title_means_that_item_alone() -> None:
    from agents.contracts import LastItem

    pair = [
        LastItem(id="a", title="Navy Rubber Slides", category="Slides & flip flops", color="navy"),
        LastItem(id="b", title="Red Rubber Flip Flops", category="Slides & flip flops", color="red"),
    ]
    got = slots("Let me try on the Navy Rubber Slides", "try_on", context=RouteContext(last_items=pair))
    assert got.item_ids == ["a"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("actually black is fine", {"lifted_colors": ["black"]}),
        ("I don't mind leather", {"lifted_materials": ["leather"]}),
        ("brown would be okay too", {"lifted_colors": ["brown"]}),
        ("price doesn't matter anymore", {"lifted": ["price"]}),
        ("any colour is fine", {"lifted": ["color"]}),
        ("it doesn't have to be black", {"lifted": ["color"]}),
        ("forget everything I said, start over", {"lifted": ["everything"]}),
        ("not black, no heels", {"not_colors": ["black"], "not_categories": ["Pumps", "Sandals"]}),
        ("anything but wool", {"not_materials": ["wool"]}),
        ("anything but black is fine", {"not_colors": ["black"], "lifted_colors": []}),
        ("anything except wool is ok", {"not_materials": ["wool"], "lifted_materials": []}),
        ("I no longer avoid leather", {"lifted_materials": ["leather"], "not_materials": []}),
        ("I no longer hate wool", {"lifted_materials": ["wool"], "not_materials": []}),
        ("I don't dislike wool", {"lifted_materials": ["wool"], "not_materials": []}),
        ("I'm not allergic to wool any more", {"lifted_materials": ["wool"], "not_materials": []}),
        ("no black, brown or white please", {"not_colors": ["black", "brown", "white"]}),
        ("not black, red please", {"not_colors": ["black"], "colors": ["red"]}),
        ("cheaper and less formal", {"directions": ["cheaper", "more_casual"], "direction": "cheaper"}),
        ("swap the watch for brogues", {"replaced_categories": ["Watches"], "categories": ["Brogues"]}),
        ("swap the red for blue", {"colors": ["blue"]}),
        ("no, I meant the boots", {"corrects": True, "categories": ["Boots"]}),
        ("show me three other options", {"count": 3, "directions": ["different"], "direction": "different"}),
        ("make it work for a black tie dinner", {"dress_code": "black tie"}),
        ("around fifty euros", {"min_price": 35.0, "max_price": 60.0, "target_price": 50.0}),
    ],
)
def test_a_change_is_read(text, want) -> None:
    got = slots(text, "alternatives")
    assert {name: getattr(got, name) for name in want} == want
    if want.get("lifted_colors"):
        assert not got.colors and not got.not_colors


def test_what_was_shown_first_is_found_in_the_thread(shown) -> None:
    from agents.contracts import LastItem

    earlier = [
        LastItem(id="a", title="Red Boots", category="Boots", color="red", turn=1),
        LastItem(id="b", title="Tan Boots", category="Boots", color="tan", turn=2),
    ]
    context = shown.model_copy(update={"earlier_items": earlier})
    first = slots("what you showed first was better", "alternatives", context=context)
    assert (first.shown_before, first.item_ids) == ("first", ["a"])
    assert slots("go back to the ones before", "alternatives", context=context).item_ids == ["b"]
    assert slots("no, I meant the boots", "alternatives", context=context).item_ids == ["a", "b"]


def test_the_one_that_a_title_describes_is_meant() -> None:
    from agents.contracts import LastItem

    titles = ["Striped Cotton Shirt", "Plain Linen Shirt"]
    items = [LastItem(id=str(at), title=title, category="Shirts") for at, title in enumerate(titles)]
    got = slots("the linen one but cheaper", "alternatives", context=RouteContext(last_items=items))
    assert got.item_ids == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        "forget the 80 limit",
        "forget the limit",
        "ignore my budget",
        "no longer under 80",
        "it doesn't have to be under 80 euros",
        "not under 80 any more",
        "drop the 80 euro cap",
        "forget about the under 80 thing",
        "money is no object now",
        "over 80 is fine now",
        "remove the price limit of 80",
    ],
)
def test_a_price_limit_is_taken_back_by_words(text) -> None:
    got = slots(text, "alternatives")
    assert got.lifted == ["price"]
    assert (got.max_price, got.min_price, got.target_price, got.directions) == (None, None, None, [])


@pytest.mark.parametrize(
    ("text", "colors"),
    [
        ("I own too many black bags, find me red ones", ["red"]),
        ("I already have black boots, show me brown ones", ["brown"]),
        ("enough black bags, red ones please", ["red"]),
        ("I have too many black bags, find me others", []),
        ("I have black boots and want a black bag", ["black"]),
    ],
)
def test_what_there_is_enough_of_is_not_wished_for(text, colors) -> None:
    assert slots(text, "feedback", "search").colors == colors


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("don't forget the budget: 80", 80.0),
        ("never forget my limit of 80", 80.0),
        ("forget the boots, show me bags under 80", 80.0),
        ("under 80 please", 80.0),
        ("forget the 80 limit, 120 is my maximum", 120.0),
        ("forget about size 38, but under 80", 80.0),
    ],
)
def test_a_limit_that_is_named_or_kept_is_not_taken_back(text, limit) -> None:
    got = slots(text, "search")
    assert (got.lifted, got.max_price) == ([], limit)


@pytest.mark.parametrize(
    ("text", "banned", "free"),
    [
        ("shoes for rain", ["suede", "satin"], ["leather", "rubber"]),
        ("a waterproof jacket", ["suede", "velvet"], ["nylon"]),
        ("suede boots for a rainy day", ["velvet"], ["suede"]),
        ("a dress for a purple rain party", [], ["satin"]),
        ("it won't rain, which shoes", [], ["suede"]),
        ("shoes for the train", [], ["suede"]),
        ("vegan shoes please", ["leather", "suede", "wool"], ["canvas"]),
        ("vegan shoes, and no vegan leather", ["leather", "suede"], ["canvas"]),
        ("shoes, and it isn't raining", [], ["suede"]),
        ("any vegan shoes? leather is fine too", ["suede"], ["leather"]),
        ("what to wear to a vegan restaurant", [], ["leather"]),
    ],
)
def test_rain_and_vegan_rule_out_materials_but_not_what_is_asked_for(text, banned, free) -> None:
    got = slots(text, "search").not_materials
    assert set(banned) <= set(got) and not set(free) & set(got)


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("a dress that is not too short", ["mini", "cropped"]),
        ("a skirt, not too long please", ["maxi"]),
        ("skirts but no minis", ["mini"]),
        ("a dress no shorter than midi", ["mini", "knee"]),
        ("a skirt, nothing longer than knee length", ["midi", "maxi"]),
        ("it can be no longer than to the knee", ["midi", "maxi"]),
        ("I don't want it longer than knee length", ["midi", "maxi"]),
        ("it can't be much shorter than a midi", ["mini", "knee"]),
        ("shorter than midi is fine", []),
        ("I don't mind longer than midi", []),
        ("no, longer than midi please", []),
        ("I don't need it any longer", []),
        ("a mini skirt", []),
        ("no mini bags", []),
        ("I'm not short, show me dresses", []),
        ("I bought it not too long ago", []),
    ],
)
def test_a_length_that_is_ruled_out_is_no_wish_for_one(text, lengths) -> None:
    got = slots(text, "search")
    assert got.not_lengths == lengths and (got.length is None or not lengths)


def test_a_vegan_avoids_what_comes_from_animals_and_not_what_rain_spoils() -> None:
    got = slots("I'm vegan and hate rain", "feedback")
    assert got.feedback == "avoid" and "leather" in got.not_materials and "velvet" not in got.not_materials
    assert slots("my boyfriend is vegan", "feedback").not_materials == []


def test_a_superlative_in_a_longer_message_does_not_reach_back_to_an_earlier_list(shown) -> None:
    dress = LastItem(id="d", title="Red Dress", category="Dresses", color="red", price=90.0, turn=2)
    earlier = [item.model_copy(update={"turn": 1}) for item in shown.last_items]
    context = RouteContext(last_items=[dress], earlier_items=earlier)
    assert slots(
        "which shoes go with it? the least expensive please", "recommend", context=context
    ).item_ids == ["d"]
    assert slots("and the least expensive?", "describe", context=context).item_ids != ["d"]


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        ("I no longer need it", []),
        ("I don't want it any longer", []),
        ("no longer, shorter please", ["shorter"]),
        ("do you have any longer skirts", ["longer"]),
        ("no, longer ones", ["longer"]),
        ("no longer ones?", ["longer"]),
        ("something longer", ["longer"]),
    ],
)
def test_what_is_no_longer_so_asks_for_nothing_longer(text, directions) -> None:
    assert slots(text, "alternatives").directions == directions


@pytest.mark.parametrize(
    ("text", "groups", "occasion"),
    [
        ("a gift for my mom under 40", ["accessories", "jewelry"], None),
        ("I need a birthday present for my dad", ["accessories", "jewelry"], None),
        ("bags as a gift for my sister", ["bags"], None),
        ("what goes with the thing I got as a gift", [], None),
        ("an outfit for my birthday party", [], "party"),
    ],
)
def test_a_gift_of_which_nothing_is_said_is_a_small_thing_and_no_outfit(text, groups, occasion) -> None:
    got = slots(text, "recommend")
    assert (got.groups, got.occasion) == (groups, occasion)


def test_a_gift_whose_kind_is_named_is_of_that_kind() -> None:
    got = slots("a scarf as a birthday present for my dad", "search")
    assert (got.categories, got.groups) == (["Scarves"], [])
