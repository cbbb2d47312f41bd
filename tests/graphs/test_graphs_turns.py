"""Turns through the whole graph: real stores, real stylist, a scripted router, the stand-in model."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from fashion.vocabulary import GROUPS
from graphs.assistant import thread_key
from graphs.turn import Turn
from tests.standin import StandInFashionVLM
from tools.contracts import ItemCard
from tools.drawing_tries import CANDIDATES

SHOES = "what shoes go with these?"


async def test_the_six_lines_of_a_first_conversation(say, photo, services) -> None:
    shoes = await say(SHOES, photo)
    assert shoes.routes == ["recommend"] and shoes.turn == 1
    assert shoes.items and all(card.category in GROUPS["footwear"] for card in shoes.items)
    cheaper = await say("something cheaper please")
    assert max(card.price for card in cheaper.items) < max(card.price for card in shoes.items)
    assert all(card.category in GROUPS["footwear"] for card in cheaper.items)
    assert not {c.id for c in cheaper.items} & {c.id for c in shoes.items}
    loved = await say("I love the first one")
    (event,) = services.history.export("ana")
    assert (event.kind, event.item_id) == ("like", cheaper.items[0].id)
    assert [call.name for call in loved.tools] == ["record_feedback"]
    drawn = await say("draw me a red plaid scarf")
    assert services.artifacts.open_for("ana", drawn.images[0])
    asked = await say("forget everything you know about me")
    assert services.history.export("ana") == [event]
    assert asked.tools[0].arguments == {"confirm": False}
    done = await say("yes")
    assert done.tools[0].ok and done.tools[0].arguments == {"confirm": True}
    assert services.history.export("ana") == []
    assert [record.turn for record in (shoes, cheaper, loved, drawn, asked, done)] == [1, 2, 3, 4, 5, 6]


async def test_every_card_is_the_catalogs_record(say, photo, services) -> None:
    record = await say(SHOES, photo)
    assert all(card == ItemCard.of(services.catalog.get(card.id), card.reason) for card in record.items)


async def test_a_stream_tells_steps_tools_and_words_and_ends_with_the_record(assistant, photo) -> None:
    turn = Turn(user="ana", thread="t", text=SHOES, image_ids=[photo])
    events = [event async for event in assistant.stream(turn)]
    steps = [event.text for event in events if event.kind == "step"]
    assert steps == ["ingest", "route", "act", "ground", "reply", "remember"]
    assert [(e.kind, e.text) for e in events if e.kind.startswith("tool")] == [
        ("tool_start", "recommend"), ("tool_end", "recommend"),
    ]  # fmt: skip
    assert [event.kind for event in events].count("record") == 1
    assert events[-1].kind == "record"
    assert "".join(event.text for event in events if event.kind == "token") == events[-1].record.reply


async def test_drawing_tells_its_progress(assistant) -> None:
    turn = Turn(user="ana", thread="t", text="draw me a red plaid scarf")
    progress = [(e.text, e.done, e.total) async for e in assistant.stream(turn) if e.kind == "progress"]
    assert progress == [("generate_image", done, CANDIDATES) for done in range(1, CANDIDATES + 1)]


async def test_two_routes_of_one_message_are_both_served_in_order(say, photo) -> None:
    record = await say("find bags and say what this is", photo)
    assert [call.name for call in record.tools] == ["search_catalog", "describe_item"]
    assert record.items and "denim jeans" in record.reply


async def test_a_picture_of_what_was_found_waits_for_the_finding(say, services) -> None:
    record = await say("find boots and draw them")
    assert [call.name for call in record.tools] == ["search_catalog", "generate_image"]
    assert record.tools[1].arguments["item_id"] == record.items[0].id
    assert len(record.images) == 1


async def test_what_is_said_is_written_before_the_history_is_used(say) -> None:
    record = await say("I hate leather, show me shoes for me")
    assert [call.name for call in record.tools] == ["record_feedback", "personalize"]
    shown = [card for card in record.items if card.category in GROUPS["footwear"]]
    assert shown and all(card.material != "leather" for card in shown)


async def test_a_tool_that_fails_leaves_the_rest_of_the_turn_standing(say, photo, services) -> None:
    services.vlm.away = "FashionVLM is still loading."
    record = await say("find bags and say what this is", photo)
    assert [(call.name, call.ok) for call in record.tools] == [
        ("search_catalog", False),
        ("describe_item", False),
    ] or [call.ok for call in record.tools] == [True, False]
    assert "FashionVLM is still loading" in record.reply
    assert record.error is None


async def test_a_picture_without_words_is_described_without_asking_the_router(say, photo, router) -> None:
    record = await say("", photo)
    assert record.routes == ["describe"]
    assert "denim jeans" in record.reply
    assert router.requests == []


async def test_an_empty_message_gets_a_clear_error_and_the_next_is_served(say) -> None:
    record = await say("  ")
    assert record.error == "The message is empty: send a text, a picture, or both."
    assert (await say("hello")).turn == 2


async def test_a_picture_of_another_person_is_an_error_and_never_read(say, photo, services) -> None:
    record = await say(SHOES, photo, user="ben")
    assert "no picture" in record.error
    assert services.vlm.asked == []
    assert not (await say("hello", user="ben")).error


async def test_one_persons_thread_is_never_anothers(say, photo, assistant) -> None:
    await say(SHOES, photo)
    other = await say("something cheaper please", user="ben")
    assert other.turn == 1
    assert [call.name for call in other.tools] == ["recommend"], "there is nothing of ben's to make cheaper"
    assert len(await assistant.thread("ana", "t")) == 1
    assert [record.user for record in await assistant.thread("ben", "t")] == ["ben"]
    assert await assistant.thread("cleo", "t") == []


def test_no_two_people_share_a_thread_key() -> None:
    pairs = [
        ("a", "b:c"),
        ("a:b", "c"),
        ('a"', "b"),
        ("a", '"b'),
        ("a", "b"),
        ('["a"', "b]"),
        ("", "a b"),
        ("a ", "b"),
    ]
    assert len({thread_key(*pair) for pair in pairs}) == len(pairs)


async def test_the_same_turn_id_gives_the_same_record_and_writes_once(say, services, assistant) -> None:
    first = await say("I love navy", turn_id="x")
    again = await say("I love navy", turn_id="x")
    assert again == first
    assert len(services.history.export("ana")) == 1
    assert len(await assistant.thread("ana", "t")) == 1


async def test_the_same_turn_sent_twice_at_once_is_served_once(say, services) -> None:
    first, second = await asyncio.gather(say("I love navy", turn_id="x"), say("I love navy", turn_id="x"))
    assert first == second
    assert len(services.history.export("ana")) == 1


async def test_the_same_words_without_an_id_are_two_turns(say, services) -> None:
    assert [(await say("I love navy")).turn, (await say("I love navy")).turn] == [1, 2]
    assert len(services.history.export("ana")) == 2


async def test_turns_of_one_thread_wait_for_each_other(say, assistant) -> None:
    records = await asyncio.gather(*(say("hello") for _ in range(4)))
    assert sorted(record.turn for record in records) == [1, 2, 3, 4]
    assert [record.turn for record in await assistant.thread("ana", "t")] == [1, 2, 3, 4]


async def test_wishes_add_up_and_sleep_while_another_kind_of_thing_is_asked_for(say, photo, router) -> None:
    await say(SHOES, photo)
    white = await say("in white, please")
    rest = await say("and not sneakers")
    assert rest.tools[0].arguments["colors"] == ["white"]
    assert rest.tools[0].arguments["not_categories"] == ["Sneakers"]
    assert not {c.id for c in rest.items} & {c.id for c in white.items}
    bags = (await say("find bags and say what this is", photo)).tools[0].arguments
    assert "colors" not in bags and bags["not_categories"] == ["Sneakers"]
    again = (await say(SHOES, photo)).tools[0].arguments
    assert again["colors"] == ["white"] and again["not_categories"] == ["Sneakers"]


async def test_a_disliked_item_does_not_come_back_as_an_alternative(say, photo) -> None:
    shoes = await say(SHOES, photo)
    await say("I hate the first one")
    for _ in range(2):
        other = await say("something cheaper please")
        assert shoes.items[0].id not in [card.id for card in other.items]


async def test_the_router_is_told_what_was_shown_and_what_waits(say, photo, router) -> None:
    shoes = await say(SHOES, photo)
    await say("hello")
    context = router.requests[-1].context
    assert [item.id for item in context.last_items] == [card.id for card in shoes.items]
    assert context.last_items[0].price == shoes.items[0].price
    assert context.has_picture and context.last_route == "recommend" and not context.has_history
    await say("forget everything you know about me")
    await say("hello")
    assert router.requests[-1].context.pending == "forget"


async def test_a_no_keeps_everything_and_a_later_yes_means_nothing(say, services) -> None:
    await say("I love navy")
    await say("forget everything you know about me")
    record = await say("no")
    assert record.tools == [] and record.reply
    await say("yes")
    assert len(services.history.export("ana")) == 1


async def test_a_yes_out_of_the_blue_forgets_nothing(say, services) -> None:
    await say("I love navy")
    record = await say("yes")
    assert len(services.history.export("ana")) == 1
    assert all(call.arguments.get("confirm") is not True for call in record.tools)


async def test_forgetting_erases_the_talk_of_every_thread_and_the_next_turn_starts_clean(
    say, photo, assistant, saver
) -> None:
    await say(SHOES, photo, thread="other")
    await say("I love navy")
    await say("I love navy", user="ben")
    await say("forget everything you know about me")
    done = await say("yes")
    assert await assistant.thread("ana", "other") == []
    assert await assistant.thread("ana", "t") == [done]
    assert len(await assistant.thread("ben", "t")) == 1
    cursor = await saver.conn.execute("SELECT DISTINCT thread_id FROM checkpoints")
    assert [row[0] for row in await cursor.fetchall()] == [thread_key("ben", "t")]
    assert (await say("hello")).turn == done.turn + 1


async def test_all_that_is_kept_is_counted_before_it_is_erased(say, photo) -> None:
    await say(SHOES, photo, thread="other")
    await say("I love navy")
    await say("I love navy", user="ben")
    asked = await say("forget everything you know about me")
    assert "(1 note, 2 messages and 1 picture)" in asked.reply
    await say("yes")
    again = await say("forget everything you know about me")
    assert "(nothing so far)" in again.reply


async def test_after_being_forgotten_new_likes_are_kept(say, services) -> None:
    for _ in range(2):
        await say("I love navy", thread="other")
        await say("forget everything you know about me")
        await say("yes")
    await say("I love navy", thread="other")
    assert [event.kind for event in services.history.export("ana")] == ["like"]


async def test_a_question_back_is_asked(say) -> None:
    record = await say("hm")
    assert "What are you looking for?" in record.reply
    assert record.tools == []


async def test_the_state_keeps_references_and_stays_small(say, photo, saver) -> None:
    for _ in range(3):
        await say(SHOES, photo)
        await say("something cheaper please")
    cursor = await saver.conn.execute("SELECT count(*), max(length(checkpoint)) FROM checkpoints")
    count, largest = await cursor.fetchone()
    assert count == 1, "what a finished turn leaves behind is dropped"
    assert largest < 40_000


class LyingCatalog:
    """A catalog whose search flatters: what it finds is cheaper than the record says."""

    def __init__(self, catalog) -> None:
        self._catalog = catalog

    def __getattr__(self, name: str):
        return getattr(self._catalog, name)

    def search(self, query):
        from dataclasses import replace

        found = self._catalog.search(query)
        return [
            replace(one, product=one.product.model_copy(update={"price": 1.0})) if index % 2 else one
            for index, one in enumerate(found)
        ]


async def test_cards_that_do_not_match_the_record_are_dropped(services, router, saver, photo) -> None:
    from dataclasses import replace

    from agents.stylist import Stylist
    from graphs.assistant import Assistant

    lying = replace(services, catalog=LyingCatalog(services.catalog))
    assistant = Assistant(lying, router, Stylist(), saver)
    record = await assistant.run(Turn(user="ana", thread="t", text="find boots and draw them"))
    assert record.items
    assert all(card.price == services.catalog.get(card.id).price for card in record.items)
    assert len(record.items) < 6


class LockedOnce(StandInFashionVLM):
    """A model whose first drawings meet a locked database."""

    failures = 2

    async def draw(self, *arguments, **options):
        if self.failures:
            self.failures -= 1
            raise sqlite3.OperationalError("database is locked")
        return await super().draw(*arguments, **options)


@pytest.mark.parametrize(("failures", "ok"), [(2, True), (99, False)])
async def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_told(
    services, router, saver, failures, ok
) -> None:
    from dataclasses import replace

    from agents.stylist import Stylist
    from graphs.assistant import Assistant

    vlm = LockedOnce()
    vlm.failures = failures
    assistant = Assistant(replace(services, vlm=vlm), router, Stylist(), saver)
    record = await assistant.run(Turn(user="ana", thread="t", text="draw me a red plaid scarf"))
    assert [call.ok for call in record.tools] == [ok]
    assert bool(record.images) is ok
    assert record.reply
    assert (await assistant.run(Turn(user="ana", thread="t", text="hello"))).turn == 2


class LockedCatalog:
    """A catalog that finds nothing out, however often it is asked."""

    def __init__(self, catalog) -> None:
        self._catalog = catalog

    def search(self, *arguments, **options):
        raise sqlite3.OperationalError("database is locked")

    def __getattr__(self, name: str):
        return getattr(self._catalog, name)


async def test_a_call_that_fails_beside_another_is_answered_in_one_reply(
    services, router, saver, photo
) -> None:
    from dataclasses import replace

    from agents.stylist import Stylist
    from graphs.assistant import Assistant

    locked = replace(services, catalog=LockedCatalog(services.catalog))
    assistant = Assistant(locked, router, Stylist(), saver)
    turn = Turn(user="ana", thread="t", text="find bags and say what this is", image_ids=[photo])
    events = [event async for event in assistant.stream(turn)]
    record = events[-1].record
    assert record is not None and [call.ok for call in record.tools] == [False, True]
    assert [event.text for event in events if event.kind == "step"].count("reply") == 1
    assert "".join(event.text for event in events if event.kind == "token") == record.reply
