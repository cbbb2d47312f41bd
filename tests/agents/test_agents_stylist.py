from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from agents.claims import Records, grounded_reply
from agents.contracts import Slots
from agents.knowledge import answer
from agents.phrasing import listed, price_of, sentence
from agents.reply_contracts import ReplyFacts
from agents.stylist import Stylist
from agents.tables import load_table
from fashion.color import COLORS
from fashion.mentions import find_mentions
from fashion.vocabulary import CATEGORIES, GROUPS, MATERIALS
from stores.history import HistoryEvent
from tools.contracts import ItemCard
from tools.describe_item import DescribeItemResult
from tools.forget_history import ForgetHistoryResult
from tools.generate_image import GenerateImageResult
from tools.personalize import PersonalizeResult
from tools.recall_history import RecallHistoryResult
from tools.recommend import RecommendResult
from tools.record_feedback import RecordFeedbackResult
from tools.search_catalog import SearchCatalogResult
from tools.sight import Seen
from tools.suggest_alternatives import SuggestAlternativesResult

ROUTE_OF = {
    "recommend": "recommend", "personalize": "personalize", "suggest_alternatives": "alternatives",
    "search_catalog": "search", "generate_image": "generate_image", "describe_item": "describe",
    "record_feedback": "feedback", "recall_history": "history", "forget_history": "history",
}  # fmt: skip


def card(number: int, price: float, **changes) -> ItemCard:
    facts = {
        "category": "Loafers",
        "color": "brown",
        "pattern": "solid",
        "material": "suede",
        "in_stock": True,
    }
    return ItemCard(id=f"p{number}", title=f"Brown Suede Loafers No {number}", price=price, **facts | changes)


def note(kind: str, **attributes: str) -> HistoryEvent:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return HistoryEvent(
        id="1", user="ana", at=at, kind=kind, text="I said so", attributes=attributes, effect_key="k"
    )


def say(tool: str = "", result=None, text: str = "hello", **facts) -> str:
    results = [(tool, result)] if result is not None else []
    routes = facts.pop("routes", [ROUTE_OF.get(tool, "chat")])
    return "".join(Stylist().compose(ReplyFacts(routes=routes, text=text, results=results, **facts)))


ITEMS = [card(1, 79.0, reason="brown and blue are easy together"), card(2, 45.5), card(3, 120.0)]


def test_a_recommendation_names_the_thing_at_hand_the_first_pick_and_its_reason() -> None:
    seen = [Seen(category="Jeans", color="blue", pattern="solid", material="denim")]
    reply = say("recommend", RecommendResult(items=ITEMS, seen=seen), "what shoes go with these?")
    assert "blue" in reply and "jeans" in reply
    assert "Loafers No 1" in reply and "brown and blue are easy together" in reply
    assert "No 2" not in reply and "No 3" not in reply


@pytest.mark.parametrize("text", ["one", "two", "three", "four", "five", "six"])
def test_every_price_said_is_on_a_card_to_the_cent(text) -> None:
    result = SearchCatalogResult(items=ITEMS)
    prices = re.findall(r"€(\d+(?:\.\d+)?)", say("search_catalog", result, text))
    assert set(prices) == {"45.50", "120"}


def test_prices_are_copied_and_not_rounded() -> None:
    assert price_of(card(1, 79.0)) == "€79" and price_of(card(1, 79.9)) == "€79.90"
    assert price_of(card(1, 79.99, currency="SEK")) == "79.99 SEK"


def test_the_same_facts_give_the_same_words_and_other_texts_vary() -> None:
    replies = {text: say("recommend", RecommendResult(items=ITEMS), text) for text in map(str, range(12))}
    assert replies["1"] == say("recommend", RecommendResult(items=ITEMS), "1")
    assert len(set(replies.values())) > 3


def test_the_pieces_join_to_words_and_come_one_by_one() -> None:
    pieces = list(Stylist().compose(ReplyFacts(routes=["chat"], text="hi")))
    assert len(pieces) > 4 and all(piece.strip() for piece in pieces)


def test_it_says_when_the_model_is_away() -> None:
    reply = say("recommend", RecommendResult(items=ITEMS, model_away="FashionVLM is still loading."))
    assert "FashionVLM is still loading, so these follow the outfit rules alone." in reply


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("something for a wedding under 130", True),
        ("something for a wedding, each under 130", False),
        ("something for a wedding under 500", False),
        ("something for a wedding around 130", False),
        ("something for a wedding, at most 130 for any item", False),
        ("something for a wedding", False),
    ],
)
def test_a_limit_that_was_taken_for_each_piece_of_an_outfit_is_told_as_such(text, told) -> None:
    result = RecommendResult(items=ITEMS, outfit=True, total=290.0)
    reply = say("recommend", result, text, slots=Slots(max_price=find_mentions(text).max_price))
    assert ("in total" in reply) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("outfit for a 5 year old boy", True),
        ("shoes for my kids", True),
        ("children's clothes", True),
        ("a dress for a baby shower", False),
        ("I have two kids and need comfortable shoes", False),
        ("replace my 10 year old jacket", False),
        ("a dress for my kid's graduation", False),
        ("kids' sneakers", True),
    ],
)
def test_that_nothing_is_made_for_children_is_said_where_one_is_asked_for(text, told) -> None:
    assert ("children" in say("search_catalog", SearchCatalogResult(items=ITEMS), text)) == told


def test_nothing_found_is_said_with_a_way_on() -> None:
    assert "nothing" in say("recommend", RecommendResult()).lower()
    assert "nothing" in say("search_catalog", SearchCatalogResult(exact=False)).lower()


def test_personal_advice_names_what_it_rests_on() -> None:
    result = PersonalizeResult(
        items=ITEMS, preferences=["navy loafers"], respected=["suede"], history_known=True
    )
    reply = say("personalize", result)
    assert "navy loafers" in reply and "suede" in reply and "like" in reply
    assert (
        "not told me" in (unknown := say("personalize", PersonalizeResult(items=ITEMS)))
        or "nothing of your" in unknown
    )


def test_alternatives_say_what_changed() -> None:
    cheaper = SuggestAlternativesResult(items=ITEMS, bound="cheaper than every item shown")
    reply = say("suggest_alternatives", cheaper, slots=Slots(direction="cheaper"))
    assert "cheaper than every item shown" in reply and "€79" in reply
    green = say("suggest_alternatives", SuggestAlternativesResult(items=ITEMS), slots=Slots(colors=["green"]))
    assert "green" in green


def test_a_drawing_with_doubts_says_them() -> None:
    drawn = GenerateImageResult(
        prompt="red checked scarf", doubts=["you asked for red, and I read pink in it"]
    )
    reply = say("generate_image", drawn)
    assert "a red checked scarf" in reply.lower() and "I read pink in it" in reply


def test_a_described_item_has_its_own_price_and_stock() -> None:
    result = DescribeItemResult(text="Soft loafers.", items=[card(1, 79.0, in_stock=False)])
    reply = say("describe_item", result)
    assert "€79" in reply and "out of stock" in reply


def test_feedback_repeats_what_was_noted() -> None:
    result = RecordFeedbackResult(events=[note("avoid", material="suede")])
    assert "suede" in say("record_feedback", result)
    nothing_named = RecordFeedbackResult(events=[note("like")])
    assert "noted" in say("record_feedback", nothing_named).lower()


def test_history_is_shown_in_few_lines() -> None:
    events = [note("like", color="navy", category="Loafers")] * 30
    reply = say("recall_history", RecallHistoryResult(events=events), slots=Slots(history_action="export"))
    assert "navy loafers" in reply and len(reply.splitlines()) <= 12
    assert "2026-11-23" in reply


def test_what_is_known_is_summed_up_by_kind() -> None:
    events = [
        note("like", color="navy", category="Loafers"),
        note("like", material="linen"),
        note("avoid", material="suede"),
        note("own"),
    ]
    reply = say("recall_history", RecallHistoryResult(events=events), slots=Slots(history_action="show"))
    assert "four notes" in reply
    assert "you like navy loafers and linen; you avoid suede; you own “I said so”" in reply


def known(*events: HistoryEvent, **facts) -> str:
    return say(
        "recall_history",
        RecallHistoryResult(events=list(events), **facts),
        slots=Slots(history_action="show"),
    )


def test_of_what_is_known_only_what_holds_is_counted_as_such_and_the_rest_counted_apart() -> None:
    reply = known(
        note("like", color="pink"), note("rule", size="38"), note("rule", max_price="60"), note("like", material="wool"),
        note("rule", size="40"), note("like", material="wool"), note("avoid", color="pink"), note("rule", max_price="80"),
        note("rule", size="39", group="footwear"), note("rule", size="M"),
    )  # fmt: skip
    assert "you keep to size 40, nothing above 80, size 39 in footwear and size M" in reply
    assert "you like wool;" in reply and "six notes" in reply
    assert "four notes repeated, replaced or taken back" in reply


def test_everything_that_is_to_be_left_out_is_named_however_much_it_is() -> None:
    colors = list(COLORS)[:13]
    reply = known(*(note("avoid", color=one) for one in colors), *(note("own", color=one) for one in colors))
    refused, owned = reply.split("; you own")
    assert all(color in refused for color in colors) and "one more" not in refused
    assert "one more" in owned


def test_a_whole_group_is_named_as_one_and_a_part_of_it_by_its_kinds() -> None:
    kinds = GROUPS["footwear"]
    assert "you avoid black shoes." in known(*(note("avoid", category=kind, color="black") for kind in kinds))
    some = known(*(note("avoid", category=kind, color="black") for kind in kinds if kind != "Boots"))
    assert "black shoes" not in some and "black pumps" in some
    told = RecordFeedbackResult(events=[note("avoid", category=kind, color="black") for kind in kinds])
    assert "black shoes" in say("record_feedback", told)


def test_that_only_the_latest_notes_are_summed_up_is_said() -> None:
    assert "latest 1 notes of 130" in known(note("like", color="pink"), total=130)


def test_what_was_noted_of_the_person_is_no_claim_about_an_item() -> None:
    events = [
        note("rule", size="40"),
        note("own").model_copy(update={"text": "boots. For 80 euros, size 38"}),
    ]
    result = RecallHistoryResult(events=events)
    facts = ReplyFacts(
        routes=["history"], slots=Slots(history_action="show"), text="what do you know about me?",
        results=[("recall_history", result)],
    )  # fmt: skip
    reply = "".join(Stylist().compose(facts))
    assert "size 40" in reply and grounded_reply(reply, Records.of([], facts)).text == reply


def test_a_limit_told_beside_a_liking_is_said_to_hold_for_the_conversation() -> None:
    result = RecordFeedbackResult(events=[note("dislike", pattern="polka dot")])
    assert "€60" in say("record_feedback", result, said=Slots(max_price=60.0))
    assert "€60" not in say("record_feedback", result, said=Slots())
    ruled = RecordFeedbackResult(events=[note("rule", max_price="60")])
    assert "€60" not in say("record_feedback", ruled, said=Slots(max_price=60.0))


def test_forgetting_asks_and_a_no_changes_nothing() -> None:
    question = "Shall I erase everything?"
    asking = say(
        "forget_history",
        ForgetHistoryResult(text=question, needs_confirmation=True),
        question=question,
        pending="forget",
    )
    assert asking.count(question) == 1
    kept = say(routes=["history"], declined=True)
    assert "keep" in kept or "stay" in kept


def test_a_failure_is_said_plainly_beside_what_worked() -> None:
    reply = say(
        "search_catalog",
        SearchCatalogResult(items=ITEMS),
        failures=["I cannot draw right now: the model is away"],
    )
    assert "I cannot draw right now: the model is away." in reply and "€45.50" in reply


def test_out_of_scope_names_the_topic_and_what_can_be_done() -> None:
    reply = say(text="what's the weather", routes=["out_of_scope"])
    assert "the weather" in reply and re.search("recommend|style|draw", reply)


def test_a_question_is_asked_as_it_stands() -> None:
    assert say(text="that", routes=["clarify"], question="This, or that?") == "This, or that?"


def test_several_results_are_several_short_paragraphs() -> None:
    results = [
        ("record_feedback", RecordFeedbackResult(events=[note("like", color="navy")])),
        ("generate_image", GenerateImageResult(prompt="navy loafers")),
        ("recommend", RecommendResult(items=ITEMS)),
    ]
    reply = "".join(
        Stylist().compose(ReplyFacts(routes=["feedback", "generate_image", "recommend"], results=results))
    )
    assert len(reply.split("\n\n")) == 3 and len(reply.split()) < 90


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("what is business casual?", "one step below a suit"),
        ("what is smart casual", "dark jeans or chinos"),
        ("does navy go with camel?", "classic"),
        ("do red and pink go together?", "Better not"),
        ("which colors go with olive?", "Olive goes well with"),
        ("how do I wash silk?", "hand in cool water"),
        ("is linen good for summer?", "coolest"),
        ("what are brogues?", "punched holes"),
        ("can I wear white to a wedding?", "bride"),
        ("can I wear flip flops to a business meeting?", "too casual"),
        ("Is linen ok for winter?", "Better not: linen is out of place in winter."),
        ("can I wear denim in summer?", "Yes, in a piece of the right weight for summer."),
        ("is wool right for winter", "Yes: wool is right for winter."),
        ("how do I wash wool in winter", "Air wool instead"),
        ("which is better for summer, linen or cotton?", "Cotton is a breathable"),
        ("are suede boots ok for summer", "Better not: they are warm for summer."),
    ],
)
def test_it_knows_about_clothes(question, words) -> None:
    assert words in (answer(question) or "")


@pytest.mark.parametrize("question", ["what is the meaning of tralala", "who wrote Hamlet", "", "?!"])
def test_it_does_not_pretend_to_know(question) -> None:
    assert answer(question) is None


def test_the_knowledge_covers_every_category_and_material() -> None:
    assert len(load_table("knowledge")) >= 40
    assert set(load_table("definitions")) == set(CATEGORIES)
    assert set(load_table("materials")) == set(MATERIALS)


def test_lists_and_sentences_read_well() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")] == [
        "",
        "a",
        "a and b",
        "a, b or c",
    ]
    assert [sentence("it works"), sentence("really?")] == ["It works.", "Really?"]
