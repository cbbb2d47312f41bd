"""200 mixed requests from 16 clients against a running server: each gets its answer or its own clear error.

The server is the real one on a real socket, over the real engine with a small FashionVLM of random weights.
"""

from __future__ import annotations

import asyncio
import base64
import ctypes
import gc
import json
import random
from collections import Counter
from collections.abc import Collection
from io import BytesIO
from pathlib import Path

import httpx
import openai
from PIL import Image, ImageDraw

from tests.vlm.server.conftest import run_server
from tests.vlm.server.small_engine import SmallEngine
from tests.vlm.tiny_model import tiny_model
from vlm.engine.engine import Engine
from vlm.engine.jobs import DrawJob, TextJob
from vlm.engine.requests import DrawRequest, Message, Piece, TextRequest
from vlm.picture_gate import admit
from vlm.server.options import WORDS_BYTES, ServerOptions

CLIENTS, REQUESTS = 16, 200
DIFFERENT = 4
"""So many different words, pictures and seeds; each answer is known from before."""
REFUSED = {"too large": 413, "malformed": 400, "too long": 400, "no picture": 400, "unknown argument": 400}
KINDS = (
    "text", "streamed", "picture", "drawing", "streamed drawing", "edit", "hung up on words", "hung up on a drawing",
    *REFUSED,
)  # fmt: skip
ALLOWED_GROWTH = 64 * 2**20
"""Bytes, for what allocators keep; the photos and masks of the 200 requests take several times as much once decoded."""


def photo(number: int) -> bytes:
    buffer = BytesIO()
    picture = Image.new("RGB", (2000, 1500), (200, 40 * number, 90))
    ImageDraw.Draw(picture).ellipse((400, 300, 900 + 200 * number, 1300), fill="navy")
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


def left_half() -> bytes:
    buffer = BytesIO()
    clear = Image.new("LA", (2000, 1500), (0, 255))
    clear.paste((0, 0), (0, 0, 1000, 1500))
    clear.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


MASK = left_half()
PHOTOS = [photo(number) for number in range(DIFFERENT)]
WORDS = [f"scarf {number}" for number in range(DIFFERENT)]


def chat(text: str, picture: bytes | None = None, **more: object) -> dict:
    parts: list[dict] = [{"type": "text", "text": text}]
    if picture is not None:
        address = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
        parts.append({"type": "image_url", "image_url": {"url": address}})
    about = {"model": "tiny", "temperature": 0, "max_tokens": 8}
    return about | {"messages": [{"role": "user", "content": parts}]} | more


def decoded(data: str) -> bytes:
    return Image.open(BytesIO(base64.b64decode(data))).tobytes()


async def answers_alone(engine: Engine) -> dict[tuple[str, int], object]:
    """What each request has to get, asked one by one of the engine itself."""
    known: dict[tuple[str, int], object] = {}
    for number, words in enumerate(WORDS):
        for kind, pictures in (("text", ()), ("picture", (admit(PHOTOS[number]),))):
            events = [
                event
                async for event in engine.events(
                    TextRequest([Message("user", words)], pictures, max_tokens=8)
                )
            ]
            known[kind, number] = "".join(event.text for event in events if isinstance(event, Piece))
        events = [event async for event in engine.events(DrawRequest(words, seed=number, candidates=2))]
        known["drawing", number] = [events[-1].picture.tobytes(), events[-1].others[0].tobytes()]
    return known


class Clients:
    """Makes requests of every kind and compares what comes with what has to."""

    def __init__(self, url: str, known: dict[tuple[str, int], object]) -> None:
        self.known = known
        self.openai = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=110)
        self.http = httpx.AsyncClient(base_url=url, timeout=110, trust_env=False)

    async def close(self) -> None:
        await self.openai.close()
        await self.http.aclose()

    async def make(self, kind: str, number: int) -> None:
        words, picture = WORDS[number], PHOTOS[number]
        if kind in REFUSED:
            await self.refused(kind)
        elif kind in ("text", "picture"):
            body = chat(words, picture if kind == "picture" else None)
            answer = await self.openai.chat.completions.create(**body)
            assert answer.choices[0].message.content == self.known[kind, number]
        elif kind == "streamed":
            stream = await self.openai.chat.completions.create(**chat(words), stream=True)
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
            assert "".join(pieces) == self.known["text", number]
        elif kind == "drawing":
            drawn = await self.openai.images.generate(prompt=words, n=2, extra_body={"seed": number})
            assert [decoded(one.b64_json) for one in drawn.data] == self.known["drawing", number]
        elif kind == "streamed drawing":
            stream = await self.openai.images.generate(prompt=words, stream=True, partial_images=2)
            assert [event.type.rpartition(".")[2] async for event in stream] == [
                "partial_image", "partial_image", "completed",
            ]  # fmt: skip
        elif kind == "edit":
            edited = await self.openai.images.edit(image=picture, mask=MASK, prompt=words)
            assert edited.data[0].b64_json
        else:
            route = "chat/completions" if kind == "hung up on words" else "images/generations"
            body = (
                chat(words)
                if kind == "hung up on words"
                else {"prompt": words, "steps": 200, "progress": True}
            )
            async with self.http.stream("POST", f"/v1/{route}", json=body | {"stream": True}) as stream:
                async for _ in stream.aiter_bytes():
                    break

    async def refused(self, kind: str) -> None:
        route, content = "chat/completions", json.dumps(chat("hello"))
        if kind == "too large":
            route, content = "images/generations", '{"prompt": "' + "x" * WORDS_BYTES + '"}'
        elif kind == "malformed":
            content = '{"messages": ['
        elif kind == "too long":
            content = json.dumps(chat("scarf " * 300))
        elif kind == "no picture":
            content = json.dumps(chat("hello", b"no picture at all"))
        else:
            content = json.dumps(chat("hello", surprise=1))
        answer = await self.http.post(f"/v1/{route}", content=content)
        assert answer.status_code == REFUSED[kind]
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def resident() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def held(besides: Collection[int] = ()) -> dict[int, str]:
    """Requests and large pictures that somebody still refers to, by identity, less those of the tests before this one."""
    gc.collect()
    # Not isinstance: some modules' objects answer that with a warning.
    alive = [one for one in gc.get_objects() if issubclass(type(one), (TextJob, DrawJob, Image.Image))]
    return {
        id(one): type(one).__name__
        for one in alive
        if id(one) not in besides and (not isinstance(one, Image.Image) or one.width > 1000)
    }


async def ask_everything(url: str, known: dict, requests: int) -> Counter[str]:
    plan = [KINDS[index % len(KINDS)] for index in range(requests)]
    random.Random(3).shuffle(plan)
    work = iter(list(enumerate(plan)))
    made: Counter[str] = Counter()

    async def one_client() -> None:
        clients = Clients(url, known)
        for number, kind in work:
            await clients.make(kind, number % DIFFERENT)
            made[kind] += 1
        await clients.close()

    async with asyncio.timeout(110), asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(one_client())
    return made


async def test_200_mixed_requests_from_16_clients_each_get_their_own_answer() -> None:
    earlier = held()
    engine = Engine.from_model(tiny_model(), name="tiny", texts=4, drawings=3, waiting=64).start()
    known = await answers_alone(engine)
    # A client that hung up may ask again before the server has closed what it left.
    async with run_server(lambda: engine, ServerOptions(max_open=4 * CLIENTS)) as running:
        await running.service.settled.wait()

        async def quiet() -> None:
            async with asyncio.timeout(20):
                while running.service._open or len(asyncio.all_tasks()) > tasks_before:  # noqa: ASYNC110
                    await asyncio.sleep(0)

        tasks_before = len(asyncio.all_tasks())
        await ask_everything(running.url, known, 4 * len(KINDS))
        await quiet()
        before, objects, size = engine.stats(), held(earlier), resident()

        made = await ask_everything(running.url, known, REQUESTS)
        await quiet()
        after = engine.stats()
        figures = (await running.http.get("/metrics")).text

    assert sum(made.values()) == REQUESTS
    assert min(made.values()) == REQUESTS // len(KINDS)
    assert (after.waiting, after.running_texts, after.running_drawings) == (0, 0, 0)
    assert after.memory_bytes == before.memory_bytes
    assert engine._texts.table.free == 4
    assert held(earlier) == objects == {}
    assert resident() < size + ALLOWED_GROWTH
    assert after.failed == before.failed == 0
    assert after.canceled > before.canceled
    assert "fashionvlm_queue_depth 0.0" in figures
    assert "fashionvlm_open_requests 0.0" in figures
    for route, outcome in (("chat", "ok"), ("image", "too_large"), ("edit", "ok"), ("chat", "refused")):
        assert f'fashionvlm_requests_total{{outcome="{outcome}",route="{route}"}}' in figures


async def test_more_requests_than_the_queue_holds_are_answered_or_told_to_come_again() -> None:
    engine = SmallEngine(slots=1, queue=2)
    async with run_server(lambda: engine, ServerOptions(max_open=8)) as running:
        await running.service.settled.wait()
        body = chat("hi") | {"model": "small"}
        answers = await asyncio.gather(
            *(running.http.post("/v1/chat/completions", json=body) for _ in range(40))
        )
        assert Counter(answer.status_code for answer in answers).keys() <= {200, 429}
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
        assert (await running.http.post("/v1/chat/completions", json=body)).status_code == 200
