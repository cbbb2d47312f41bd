"""FashionVLM over HTTP: against the running server, and against servers that are away, busy, wrong or broken."""

from __future__ import annotations

import asyncio
import socket

import httpx
import numpy as np
import pytest
from PIL import Image

from fashion.garment import Garment
from fashion.language import phrase
from tests.standin import HashedWords
from tests.vlm.server.conftest import run_server
from tests.vlm.server.small_engine import SmallEngine
from tests.vlm.test_vlm_photo_attributes import heads_that_say
from vlm.circuit import CircuitBreaker
from vlm.client import FashionVLMClient, FashionVLMUnavailableError
from vlm.color_reading import read_color
from vlm.engine.requests import Piece, RequestRefusedError, TextDone
from vlm.http_client import LARGEST_SIDE, HttpFashionVLM, data_uri
from vlm.http_transport import HttpTransport
from vlm.photo_attributes import PhotoReader
from vlm.reading import no_garment
from vlm.server.attending import sse
from vlm.server.options import ServerOptions
from vlm.tower_heads import HEADS
from vlm.vision_tower import VisionTower

JEANS = "These are blue denim jeans with a straight leg."
NAVY = Image.new("RGB", (60, 80), (20, 30, 90))
CARD = {"data": [{"id": "m", "color_hint": True}]}


class Naps:
    """Instead of sleeping between tries: how long it would have been."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def client_of(answers, naps: Naps | None = None, **more: object) -> HttpFashionVLM:
    """A client of a server that answers with each of `answers` in turn, the last one again and again."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(*answer[:1], **answer[1])

    transport = HttpTransport(
        "http://model", sleep=naps or Naps(), transport=httpx.MockTransport(handle), **more
    )
    return HttpFashionVLM(transport, HashedWords())


def words(*pieces: str, reason: str | None = "stop") -> tuple[int, dict]:
    chunks = [sse({"choices": [{"delta": {"content": piece}, "finish_reason": None}]}) for piece in pieces]
    end = [sse({"choices": [{"delta": {}, "finish_reason": reason}]})] if reason else []
    return 200, {"content": b"".join([*chunks, *end])}


def refusal(status: int, message: str = "Because.", **headers: str) -> tuple[int, dict]:
    return status, {"json": {"error": {"message": message}}, "headers": headers}


async def said(client: HttpFashionVLM) -> str:
    return "".join([piece async for piece in client.converse("hello")])


@pytest.fixture
async def served():
    engine = SmallEngine()
    async with run_server(lambda: engine, ServerOptions(keys=("secret-key",))) as running:
        await running.service.settled.wait()
        client = HttpFashionVLM(HttpTransport(running.url, "secret-key"), HashedWords())
        yield client, engine
        await client.close()


async def test_it_is_the_client_that_the_assistant_uses(served) -> None:
    assert isinstance(served[0], FashionVLMClient)


async def test_words_stream_and_pictures_arrive_as_they_were(served) -> None:
    client, engine = served
    pieces = [piece async for piece in client.converse("what goes with this?", [NAVY], max_tokens=40)]
    assert "".join(pieces) == "You said: what goes with this?, with 1 pictures" and len(pieces) > 5
    (asked,) = engine.asked
    assert (asked.max_tokens, asked.temperature) == (40, 0.0)
    assert np.array_equal(np.asarray(asked.pictures[0]), np.asarray(NAVY))


async def test_large_photos_are_shrunk_before_they_travel(served) -> None:
    client, engine = served
    [_ async for _ in client.converse("?", [Image.effect_noise((3000, 2000), 50).convert("RGB")])]
    assert max(engine.asked[0].pictures[0].size) == LARGEST_SIDE


async def test_a_picture_is_described_with_the_color_measured_here(served) -> None:
    client, engine = served
    await client.describe(NAVY)
    assert (
        engine.asked[0].messages[0].text == f"Describe this item. Measured color: {read_color(NAVY).color}."
    )


async def test_a_model_without_the_color_hint_is_not_given_one(served) -> None:
    client, engine = served
    engine.color_hint = False
    await client.describe(NAVY)
    assert engine.asked[0].messages[0].text == "Describe this item."


async def test_a_model_that_wants_the_kinds_of_things_told_is_told_what_is_seen_here(served) -> None:
    client, engine = served
    engine.color_hint = "items"
    client._photos = PhotoReader(VisionTower(), heads_that_say("one"))
    kind = next(iter(HEADS["category"]))
    [_ async for _ in client.converse("What goes with this?", [NAVY])]
    wanted = phrase(Garment(kind, read_color(NAVY).color), style="bare")
    assert engine.asked[0].messages[0].text == f"What goes with this? Shown: {wanted}."


async def test_what_the_answer_names_is_read_here() -> None:
    client = client_of([(200, {"json": CARD}), words(*JEANS.partition("denim "))])
    reading = await client.describe(NAVY)
    assert (reading.category, reading.color, reading.text) == ("Jeans", "blue", JEANS)


@pytest.mark.parametrize("count", ["none", "several"])
async def test_the_garments_of_a_described_picture_are_counted_here_and_drawings_are_not(
    served, count
) -> None:
    client, engine = served
    client._photos = PhotoReader(VisionTower(), heads_that_say(count))
    reading = await client.describe(NAVY)
    if count == "none":
        assert reading == no_garment() and engine.asked == []
    else:
        assert "several garments" in reading.text and "You said" in reading.text
    (drawing,) = await client.draw("a hat")
    assert drawing.reading.text.startswith("You said")


@pytest.mark.parametrize(
    "event", [{"step": "one", "steps": 8}, {"step": 1}, {"step": None, "steps": 8}, {"step": [1], "steps": 8}]
)
async def test_a_step_that_is_no_step_is_told_as_a_server_of_another_kind(event) -> None:
    client = client_of([(200, {"content": sse({"type": "image_generation.step"} | event)})])
    with pytest.raises(FashionVLMUnavailableError, match="does not understand"):
        await client.draw("a hat", on_step=lambda done, total: None)


async def test_more_pictures_than_asked_for_are_not_taken() -> None:
    one = sse({"type": "image_generation.completed", "b64_json": data_uri(NAVY).partition(",")[2]})
    client = client_of([(200, {"content": one * 3})])
    with pytest.raises(FashionVLMUnavailableError, match="does not understand"):
        await client.draw("a hat", candidates=2, kept=2)


async def test_a_drawing_tells_its_steps_and_comes_with_its_readings_best_first(served, monkeypatch) -> None:
    client, engine = served
    steps: list[tuple[int, int]] = []

    async def by_color(request):
        color = request.pictures[0].getpixel((0, 0))
        yield Piece("This is a red scarf." if color == (122, 17, 120) else JEANS, 5)
        yield TextDone("stop", 5, 5)

    monkeypatch.setattr(engine, "_write", by_color)
    drawings = await client.draw(
        "a red scarf", seed=3, candidates=2, kept=2, on_step=lambda *step: steps.append(step)
    )
    assert steps == [(step, 8) for step in range(1, 9)]
    assert [drawing.reading.category for drawing in drawings] == ["Scarves", "Jeans"]
    assert [drawing.picture.getpixel((0, 0)) for drawing in drawings] == [(122, 17, 120), (111, 17, 120)]
    assert {drawing.seed for drawing in drawings} == {3}


async def test_leaving_an_answer_early_cancels_it_on_the_server(served) -> None:
    client, engine = served
    answer = client.converse("hello")
    await anext(answer)
    engine.hold.clear()
    await answer.aclose()
    async with asyncio.timeout(20):
        while not engine.stats().canceled:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_sentences_are_embedded_without_the_server() -> None:
    client = client_of([httpx.ConnectError("refused")])
    assert (await client.embed_texts(["a navy coat"])).shape == (1, 384)


async def test_a_server_that_comes_back_is_reached_at_the_next_try() -> None:
    naps = Naps()
    assert (
        await said(
            client_of([httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), words("hi")], naps)
        )
        == "hi"
    )
    assert len(naps.taken) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_turns_a_request_away_is_asked_again_when_it_says(status) -> None:
    naps = Naps()
    assert await said(client_of([refusal(status, **{"retry-after": "2"}), words("hi")], naps)) == "hi"
    assert len(naps.taken) == 1 and 2 <= naps.taken[0] <= 2.5


async def test_a_long_pause_is_told_and_not_waited_for() -> None:
    naps = Naps()
    with pytest.raises(FashionVLMUnavailableError, match="too much to do"):
        await said(client_of([refusal(429, **{"retry-after": "60"})], naps))
    assert naps.taken == []


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (httpx.ConnectError("refused"), "cannot be reached"),
        (httpx.ReadTimeout("slow"), "did not answer within 120 s"),
        (httpx.RemoteProtocolError("reset"), "broke off"),
        (refusal(503, "The model is being loaded."), "not ready: The model is being loaded"),
        (refusal(500, "Out of memory."), "failed: Out of memory"),
        (refusal(504, "Too long."), "failed: Too long"),
        ((502, {"text": "<html>bad gateway"}), "gave no reason"),
        (refusal(401), "FASHIONM3_VLM_KEY"),
        ((404, {"text": "nginx"}), "FASHIONM3_VLM_URL"),
        (words("half", reason=None), "broke off its answer"),
        ((200, {"content": sse({"choices": []}) + sse({"error": {"message": "OOM."}})}), "gave up: OOM"),
        ((200, {"content": b"data: <html>\n\n"}), "does not understand"),
        ((200, {"content": b""}), "broke off its answer"),
    ],
)
async def test_each_failure_has_its_sentence(answer, sentence) -> None:
    with pytest.raises(FashionVLMUnavailableError, match=sentence):
        await said(client_of([answer]))


async def test_a_server_that_never_ends_telling_what_it_has_is_no_fashionvlm_server() -> None:
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 65536
            assert read < 2**20
            yield bytes(65536)

    with pytest.raises(FashionVLMUnavailableError, match="not one of a FashionVLM server"):
        await client_of([(200, {"content": endless()})]).describe(NAVY)


async def test_more_kept_than_drawn_is_refused_as_in_process(served) -> None:
    client, engine = served
    for numbers in ({"candidates": 1, "kept": 2}, {"candidates": 2, "kept": 0}):
        with pytest.raises(ValueError, match="cannot be kept"):
            await client.draw("a hat", **numbers)
    assert engine.asked == []


async def test_only_what_did_not_arrive_or_was_turned_away_is_sent_again() -> None:
    for answer in (
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        refusal(500),
        refusal(401),
        refusal(400),
    ):
        naps = Naps()
        with pytest.raises((FashionVLMUnavailableError, RequestRefusedError)):
            await said(client_of([answer], naps))
        assert naps.taken == [], answer


async def test_a_request_that_cannot_be_served_is_refused_as_in_process() -> None:
    with pytest.raises(RequestRefusedError, match="too many words"):
        await said(client_of([refusal(400, "There are too many words.")]))


async def test_pictures_that_are_none_are_not_taken_from_a_server() -> None:
    event = sse({"type": "image_generation.completed", "b64_json": "R0lGODlh"})
    with pytest.raises(FashionVLMUnavailableError, match="does not understand"):
        await client_of([(200, {"content": event})]).draw("a hat")


async def test_after_three_failures_nobody_waits_until_a_trial_goes_well() -> None:
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    clock, naps = Clock(), Naps()
    away = [httpx.ConnectError("refused")] * 9
    client = client_of([*away, words("back")], naps, breaker=CircuitBreaker(3, 10, clock))
    for _ in range(3):
        with pytest.raises(FashionVLMUnavailableError, match="cannot be reached"):
            await said(client)
    before = len(naps.taken)
    with pytest.raises(FashionVLMUnavailableError, match="did not answer the last times"):
        await said(client)
    assert len(naps.taken) == before
    clock.now = 10
    assert await said(client) == "back"
    assert await said(client) == "back"


async def test_a_busy_server_does_not_open_the_circuit() -> None:
    client = client_of([*[refusal(429)] * 12, words("hi")])
    for _ in range(4):
        with pytest.raises(FashionVLMUnavailableError, match="too much to do"):
            await said(client)
    assert await said(client) == "hi"


async def test_a_closed_client_says_so_and_ends_what_is_under_way(served) -> None:
    client, engine = served
    engine.hold.clear()
    asking = asyncio.create_task(client.describe(NAVY))
    async with asyncio.timeout(20):
        await engine.working.wait()
    await client.close()
    with pytest.raises(FashionVLMUnavailableError, match="closed"):
        await asking
    with pytest.raises(FashionVLMUnavailableError, match="closed"):
        await client.describe(NAVY)


async def test_an_address_where_nobody_listens_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = HttpFashionVLM(HttpTransport(f"http://127.0.0.1:{port}", sleep=Naps()), HashedWords())
    with pytest.raises(FashionVLMUnavailableError, match=r"^FashionVLM cannot be reached\.$"):
        await client.describe(NAVY)
