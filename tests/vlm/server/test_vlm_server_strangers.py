"""Whatever a stranger sends, the answer is a good one or a clear refusal, never a fault of ours."""

from __future__ import annotations

import json

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vlm.server.small_engine import SmallEngine
from vlm.server.app import build_app

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CHAT_NAMES = st.sampled_from(
    ["model", "n", "stream", "stream_options", "stop", "seed", "temperature", "top_p", "max_tokens", "tools",
     "response_format", "logprobs", "user", "modalities", "max_completion_tokens"]
)  # fmt: skip
PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "file"])},
    optional={
        "text": st.text(max_size=20),
        "image_url": st.fixed_dictionaries({"url": st.text(max_size=40)}) | JSON,
    },
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "developer", "tool"])},
    optional={"content": st.text(max_size=20) | st.lists(PART, max_size=3) | JSON},
)
CHATS = st.builds(
    lambda messages, more: {"messages": messages} | more,
    st.lists(MESSAGE, max_size=3) | JSON,
    st.dictionaries(CHAT_NAMES, JSON, max_size=2),
)
IMAGE_NAMES = st.sampled_from(
    ["n", "size", "stream", "partial_images", "seed", "steps", "guidance", "quality", "response_format", "progress",
     "output_format", "output_compression"]
)  # fmt: skip
IMAGES = st.builds(
    lambda prompt, more: {"prompt": prompt} | more,
    st.text(max_size=20) | JSON,
    st.dictionaries(IMAGE_NAMES, JSON | st.integers(0, 4), max_size=3),
)
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


async def answer(path: str, **sent: object) -> httpx.Response:
    app = build_app(SmallEngine)
    async with app.router.lifespan_context(app):
        await app.state.service.settled.wait()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
            return await http.post(path, **sent)


def as_sent(body: object) -> bytes:
    """JSON as a careless client writes it: with infinities that the format does not know."""
    return json.dumps(body).encode()


def is_served_or_refused(response: httpx.Response) -> bool:
    if response.status_code == 200:
        return True
    error = response.json()["error"]
    return (
        response.status_code in (400, 404)
        and len(error["message"]) > 5
        and error["type"] == "invalid_request_error"
    )


@OFTEN
@given(CHATS)
async def test_any_chat_is_answered_or_refused(body) -> None:
    assert is_served_or_refused(await answer("/v1/chat/completions", content=as_sent(body)))


@OFTEN
@given(IMAGES)
async def test_any_request_for_a_picture_is_answered_or_refused(body) -> None:
    assert is_served_or_refused(await answer("/v1/images/generations", content=as_sent(body)))


@OFTEN
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 100_000))
async def test_any_bytes_are_refused(body) -> None:
    for path in ("/v1/chat/completions", "/v1/images/generations"):
        assert (await answer(path, content=body)).status_code == 400


@OFTEN
@given(
    st.binary(max_size=80),
    st.sampled_from(["", "multipart/form-data", "multipart/form-data; boundary=b", "text/x"]),
)
async def test_any_form_is_refused(body, kind) -> None:
    response = await answer("/v1/images/edits", content=body, headers={"content-type": kind})
    assert response.status_code == 400 and is_served_or_refused(response)
