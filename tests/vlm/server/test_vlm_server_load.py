"""200 mixed requests from 16 clients: each gets its answer or its own clear error, and nothing is left behind."""

from __future__ import annotations

import asyncio
import base64
import gc
import random
from collections import Counter
from io import BytesIO

import httpx
import openai
from PIL import Image

from tests.vlm.server.conftest import run_server
from tests.vlm.server.small_engine import SmallEngine
from vlm.server.options import WORDS_BYTES, ServerOptions

CLIENTS, REQUESTS = 16, 200
KINDS = (
    "text",
    "streamed",
    "picture",
    "drawing",
    "streamed drawing",
    "canceled",
    "too large",
    "malformed",
    "refused",
)


def photo() -> str:
    buffer = BytesIO()
    Image.effect_noise((300, 200), 40).convert("RGB").save(buffer, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


PHOTO = photo()


def chat(text: str, picture: bool = False) -> dict:
    parts = [{"type": "text", "text": text}]
    parts += [{"type": "image_url", "image_url": {"url": PHOTO}}] if picture else []
    return {"model": "small", "messages": [{"role": "user", "content": parts}]}


async def ask(client: openai.AsyncOpenAI, http: httpx.AsyncClient, kind: str, number: int) -> str:
    """Make one request; what came of it, as a word that the count below knows."""
    match kind:
        case "text" | "picture":
            answer = await client.chat.completions.create(**chat(f"number {number}", kind == "picture"))
            content = answer.choices[0].message.content
            assert content == f"You said: number {number}, with {int(kind == 'picture')} pictures"
        case "streamed":
            stream = await client.chat.completions.create(**chat(f"number {number}"), stream=True)
            words = [chunk.choices[0].delta.content or "" async for chunk in stream]
            assert "".join(words) == f"You said: number {number}, with 0 pictures"
        case "drawing":
            drawn = await client.images.generate(
                prompt="a hat", n=1 + number % 2, extra_body={"seed": number}
            )
            assert len(drawn.data) == 1 + number % 2
        case "streamed drawing":
            stream = await client.images.generate(prompt="a hat", stream=True, partial_images=2)
            assert [event.type async for event in stream][-1] == "image_generation.completed"
        case "canceled":
            async with http.stream(
                "POST", "/v1/chat/completions", json=chat("going") | {"stream": True}
            ) as stream:
                async for _ in stream.aiter_bytes():
                    break
        case "too large":
            body = b'{"prompt": "' + b"x" * WORDS_BYTES + b'"}'
            return str((await http.post("/v1/images/generations", content=body)).status_code)
        case "malformed":
            return str((await http.post("/v1/chat/completions", content=b'{"messages": [')).status_code)
        case "refused":
            return str((await http.post("/v1/chat/completions", json=chat("x" * 3000))).status_code)
    return "answered"


async def test_200_mixed_requests_from_16_clients_each_get_their_own_answer() -> None:
    engine = SmallEngine(slots=3)
    plan = [KINDS[index % len(KINDS)] for index in range(REQUESTS)]
    random.Random(3).shuffle(plan)
    work = iter(list(enumerate(plan)))
    seen: Counter[tuple[str, str]] = Counter()

    # A client that hung up may ask again before the server has closed what it left.
    async with run_server(lambda: engine, ServerOptions(max_open=2 * CLIENTS)) as running:
        await running.service.settled.wait()
        gc.collect()
        tasks_before, memory_before = len(asyncio.all_tasks()), engine.stats().memory_bytes

        async def one_client() -> None:
            async with (
                openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client,
                httpx.AsyncClient(base_url=running.url, timeout=30, trust_env=False) as http,
            ):
                for number, kind in work:
                    seen[kind, await ask(client, http, kind, number)] += 1

        async with asyncio.timeout(120), asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(one_client())

        async with asyncio.timeout(20):
            while running.service._open or len(asyncio.all_tasks()) > tasks_before:  # noqa: ASYNC110
                await asyncio.sleep(0)
        stats = engine.stats()

    wanted = {"too large": "413", "malformed": "400", "refused": "400"}
    assert seen == Counter({(kind, wanted.get(kind, "answered")): plan.count(kind) for kind in KINDS})
    assert (stats.waiting, stats.running_texts, stats.running_drawings) == (0, 0, 0)
    assert stats.memory_bytes == memory_before
    assert len(engine.asked) == REQUESTS - sum(plan.count(kind) for kind in wanted)


async def test_more_requests_than_the_queue_holds_are_answered_or_told_to_come_again() -> None:
    engine = SmallEngine(slots=1, queue=2)
    async with run_server(lambda: engine, ServerOptions(max_open=8)) as running:
        await running.service.settled.wait()
        answers = await asyncio.gather(
            *(running.http.post("/v1/chat/completions", json=chat("hi")) for _ in range(40))
        )
        assert Counter(answer.status_code for answer in answers).keys() <= {200, 429}
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
        assert (await running.http.post("/v1/chat/completions", json=chat("hi"))).status_code == 200
