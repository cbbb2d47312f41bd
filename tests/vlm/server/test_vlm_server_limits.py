"""What the server does with clients that ask for too much, go away, or come at the wrong time."""

from __future__ import annotations

import asyncio
import base64
import re
import threading

import httpx
import pytest

from tests.vlm.server.conftest import run_server
from tests.vlm.server.small_engine import SmallEngine
from vlm.server.app import build_app
from vlm.server.options import PICTURES_BYTES, WORDS_BYTES, ServerOptions

CHAT = "/v1/chat/completions"
DRAW = "/v1/images/generations"
EDIT = "/v1/images/edits"
HELLO = {"messages": [{"role": "user", "content": "hello"}]}
HAT = {"prompt": "a hat"}
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def until(condition) -> None:
    """Let everything else run until `condition` holds; the test's own time limit is the only clock."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def outcomes(running) -> dict[tuple[str, str], int]:
    text = (await running.http.get("/metrics")).text
    found = re.findall(r'fashionvlm_requests_total\{outcome="(\w+)",route="(\w+)"\} (\d+)', text)
    return {(route, outcome): int(count) for outcome, route, count in found if route != "other"}


@pytest.mark.parametrize("path, body", [(CHAT, HELLO), (CHAT, HELLO | {"stream": True}), (DRAW, HAT)])
async def test_a_client_that_hangs_up_has_its_work_canceled(running, engine, path, body) -> None:
    engine.hold.clear()
    asking = asyncio.create_task(running.http.post(path, json=body))
    await until(engine.working.is_set)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: engine.canceled == 1)
    await until(lambda: not running.service._open)
    engine.hold.set()
    assert (engine.stats().running_texts, engine.stats().running_drawings) == (0, 0)
    route = "chat" if path == CHAT else "image"
    assert (await outcomes(running))[route, "canceled"] == 1


async def test_a_client_that_leaves_a_stream_early_has_its_work_canceled(running, engine) -> None:
    async with running.http.stream("POST", CHAT, json=HELLO | {"stream": True}) as response:
        engine.hold.clear()
        async for _ in response.aiter_bytes():
            break
    await until(lambda: engine.canceled == 1)


async def test_a_client_that_goes_away_while_sending_leaves_nothing_behind(running, engine) -> None:
    host, port = running.http.base_url.host, running.http.base_url.port
    _, writer = await asyncio.open_connection(host, port)
    writer.write(f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{".encode())
    await writer.drain()
    await until(lambda: running.service._open == 1)
    writer.close()
    await until(lambda: not running.service._open)
    assert engine.asked == []
    assert await outcomes(running) == {("chat", "canceled"): 1}


async def test_a_request_that_takes_too_long_ends_with_504_and_frees_its_slot(engine) -> None:
    engine.hold.clear()
    async with run_server(lambda: engine, ServerOptions(request_seconds=0.05)) as running:
        await running.service.settled.wait()
        answer = await running.http.post(DRAW, json=HAT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "time_limit")
        assert answer.headers["x-should-retry"] == "false"
        stream = await running.http.post(CHAT, json=HELLO | {"stream": True})
        assert (stream.status_code, '"code":"time_limit"' in stream.text) == (200, True)
        assert engine.canceled == 2
        assert (await outcomes(running))["chat", "time_limit"] == 1


@pytest.fixture
def undecoded(monkeypatch, engine):
    """Pictures that are being decoded for as long as the test lasts; set once the first is."""
    begun, may_end = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        begun.set()
        may_end.wait()

    monkeypatch.setattr(engine, "look", hold)
    monkeypatch.setattr("vlm.server.edits._canvas", hold)
    yield begun
    may_end.set()


def with_a_picture(path: str) -> dict:
    if path == EDIT:
        return {"data": {"prompt": "a hat"}, "files": {"image": ("a.png", DOT, "image/png")}}
    url = f"data:image/png;base64,{base64.b64encode(DOT).decode()}"
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    return {"json": {"messages": [{"role": "user", "content": parts}], "stream": True}}


@pytest.mark.parametrize("path", [CHAT, EDIT])
async def test_a_client_that_hangs_up_while_its_picture_is_decoded_is_let_go(
    running, engine, undecoded, path
) -> None:
    asking = asyncio.create_task(running.http.post(path, **with_a_picture(path)))
    await until(undecoded.is_set)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: not running.service._open)
    assert engine.asked == []
    assert list(await outcomes(running)) == [("chat" if path == CHAT else "edit", "canceled")]


@pytest.mark.parametrize("path", [CHAT, EDIT])
async def test_decoding_a_picture_counts_as_time_that_a_request_takes(engine, undecoded, path) -> None:
    async with run_server(lambda: engine, ServerOptions(request_seconds=0.05)) as running:
        await running.service.settled.wait()
        answer = await running.http.post(path, **with_a_picture(path))
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "time_limit")


@pytest.mark.parametrize(
    "steps, partials, shown",
    [
        (7, 3, [2, 4, 6]),
        (8, 3, [2, 4, 6]),
        (8, 1, [4]),
        (8, 2, [3, 6]),
        (4, 3, [1, 2, 3]),
        (50, 3, [12, 24, 36]),
    ],
)
async def test_partial_pictures_come_evenly(running, steps, partials, shown) -> None:
    asked = HAT | {"steps": steps, "partial_images": partials, "stream": True, "progress": True}
    lines = (await running.http.post(DRAW, json=asked)).text.splitlines()
    kinds = [line for line in lines if line.startswith("event: ")]
    partial = [at for at, kind in enumerate(kinds) if kind.endswith("partial_image")]
    assert [sum(kind.endswith(".step") for kind in kinds[:at]) for at in partial] == shown


async def test_a_full_queue_is_told_with_429_and_when_to_come_again() -> None:
    engine = SmallEngine(slots=1, queue=1)
    engine.hold.clear()
    async with run_server(lambda: engine) as running:
        await running.service.settled.wait()
        first = asyncio.create_task(running.http.post(CHAT, json=HELLO))
        await until(engine.working.is_set)
        second = asyncio.create_task(running.http.post(CHAT, json=HELLO))
        await until(lambda: engine.waiting == 1)
        for body in (HELLO, HELLO | {"stream": True}):
            refused = await running.http.post(CHAT, json=body)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
            assert refused.json()["error"]["type"] == "rate_limit_error"
        engine.hold.set()
        assert [(await one).status_code for one in (first, second)] == [200, 200]


async def test_more_open_requests_than_allowed_are_turned_away_for_as_long_as_the_engine_says(engine) -> None:
    engine.hold.clear()
    engine.wait_seconds = 6.2
    async with run_server(lambda: engine, ServerOptions(max_open=1)) as running:
        await running.service.settled.wait()
        first = asyncio.create_task(running.http.post(DRAW, json=HAT))
        await until(engine.working.is_set)
        refused = await running.http.post(CHAT, json=HELLO)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert (await running.http.get("/v1/models")).status_code == 200
        engine.hold.set()
        assert (await first).status_code == 200
        assert (await running.http.post(CHAT, json=HELLO)).status_code == 200


@pytest.mark.parametrize("path, limit", [(CHAT, PICTURES_BYTES), (DRAW, WORDS_BYTES)])
async def test_a_body_that_announces_too_much_is_refused_before_it_is_read(running, path, limit) -> None:
    host, port = running.http.base_url.host, running.http.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {limit + 1}\r\n\r\n".encode())
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_body_that_grows_too_large_is_refused_and_the_connection_goes_on(running) -> None:
    async def endless():
        for _ in range(2 + WORDS_BYTES // 65536):
            yield bytes(65536)

    answer = await running.http.post(DRAW, content=endless())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert (await running.http.post(DRAW, json=HAT)).status_code == 200


async def test_a_body_whose_last_piece_is_too_much_is_refused(engine) -> None:
    app, sent = build_app(lambda: engine), []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": DRAW,
        "raw_path": DRAW.encode(), "query_string": b"", "root_path": "", "headers": [], "scheme": "http",
    }  # fmt: skip

    async def receive() -> dict:
        return {"type": "http.request", "body": bytes(WORDS_BYTES + 1), "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    async with app.router.lifespan_context(app):
        await app.state.service.settled.wait()
        await app(scope, receive, send)
    assert sent[0]["status"] == 413


async def test_a_client_that_sends_too_slowly_is_refused(engine) -> None:
    async with run_server(lambda: engine, ServerOptions(body_seconds=0.01)) as running:
        await running.service.settled.wait()
        host, port = running.http.base_url.host, running.http.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n".encode())
        assert b" 408 " in await reader.readline()
        writer.close()


async def test_while_the_model_loads_the_server_is_well_but_not_ready() -> None:
    may_load = threading.Event()

    def load() -> SmallEngine:
        may_load.wait()
        return SmallEngine()

    async with run_server(load) as running:
        await until(lambda: running.server.started)
        assert (await running.http.get("/health")).json() == {"status": "ok", "model": "loading"}
        for answer in (await running.http.get("/ready"), await running.http.post(CHAT, json=HELLO)):
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "loading")
            assert int(answer.headers["retry-after"]) > 0
        assert "fashionvlm_ready 0.0" in (await running.http.get("/metrics")).text
        may_load.set()
        await running.service.settled.wait()
        assert (await running.http.get("/ready")).status_code == 200


async def test_a_model_that_cannot_be_loaded_is_told() -> None:
    def load() -> SmallEngine:
        raise FileNotFoundError("config.json is missing")

    async with run_server(load) as running:
        await running.service.settled.wait()
        answer = await running.http.get("/ready")
        assert (answer.status_code, "config.json is missing" in answer.text) == (503, True)
        assert (await running.http.get("/health")).json()["status"] == "failed"


async def test_an_engine_that_has_broken_down_makes_the_server_unwell(running, engine) -> None:
    engine.broken = True
    health = await running.http.get("/health")
    assert (health.status_code, health.json()["status"]) == (503, "failed")
    for answer in (await running.http.get("/ready"), await running.http.post(CHAT, json=HELLO)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_failed")
        assert "broken down" in answer.text


async def test_a_draining_server_finishes_what_runs_refuses_what_is_new_and_ends(running, engine) -> None:
    engine.hold.clear()
    asking = asyncio.create_task(running.http.post(CHAT, json=HELLO))
    await until(engine.working.is_set)
    running.server.drain()
    await until(lambda: running.service.phase == "stopping")
    refused = await running.http.post(CHAT, json=HELLO)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
    assert (await running.http.get("/ready")).status_code == 503
    engine.hold.set()
    assert (await asking).json()["choices"][0]["finish_reason"] == "stop"
    await running.serving
    assert engine.closed.is_set()


async def test_what_outlasts_the_grace_ends_with_an_error(engine) -> None:
    engine.hold.clear()
    async with run_server(lambda: engine, ServerOptions(grace_seconds=0)) as running:
        await running.service.settled.wait()
        asking = asyncio.create_task(running.http.post(DRAW, json=HAT))
        await until(engine.working.is_set)
        running.server.drain()
        answer = await asking
        assert (answer.status_code, "closed" in answer.json()["error"]["message"]) == (500, True)
        await running.serving


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"host": "evil.example"}, 421),
        ({"host": "shop.example", "origin": "https://evil.example"}, 403),
        ({"host": "shop.example", "origin": "http://["}, 403),
        ({"host": "shop.example", "origin": "https://shop.example"}, 200),
        ({"host": "shop.example"}, 200),
    ],
)
async def test_pages_of_other_sites_cannot_use_a_server_without_keys(engine, headers, status) -> None:
    app = build_app(lambda: engine, ServerOptions(hosts=frozenset({"shop.example"})))
    async with app.router.lifespan_context(app):
        await app.state.service.settled.wait()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
            assert (await http.post(CHAT, json=HELLO, headers=headers)).status_code == status


async def test_the_figures_say_how_requests_ended_and_what_the_engine_does(running, engine) -> None:
    await running.http.post(CHAT, json=HELLO)
    await running.http.post(DRAW, json=HAT | {"n": 2})
    await running.http.post(DRAW, json={})
    engine.hold.clear()
    asking = asyncio.create_task(running.http.post(DRAW, json=HAT))
    await until(lambda: engine.drawings == 1)
    text = (await running.http.get("/metrics")).text
    for line in (
        "fashionvlm_queue_depth 0.0", 'fashionvlm_running{kind="drawing"} 1.0', "fashionvlm_tokens_total 6.0",
        "fashionvlm_images_total 2.0", "fashionvlm_first_token_seconds_count 1.0", "fashionvlm_memory_bytes 1010.0",
        "fashionvlm_open_requests 1.0", 'fashionvlm_request_seconds_count{route="image"} 2.0',
    ):  # fmt: skip
        assert f"\n{line}\n" in text, line
    assert await outcomes(running) == {("chat", "ok"): 1, ("image", "ok"): 1, ("image", "refused"): 1}
    engine.hold.set()
    await asking


async def test_a_picture_in_a_request_passes_the_gate(running) -> None:
    def about(data: bytes, kind: str = "png") -> dict:
        url = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}

    for data, sentence in (
        (b"GIF89a" + bytes(30), "a GIF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "damaged"),
        (b"", "empty"),
    ):
        answer = await running.http.post(CHAT, json=about(data))
        assert (answer.status_code, sentence in answer.json()["error"]["message"]) == (400, True)
    broken = about(b"")
    broken["messages"][0]["content"][0]["image_url"]["url"] += "%%%"
    answer = await running.http.post(CHAT, json=broken)
    assert answer.json()["error"]["code"] == "invalid_base64"
