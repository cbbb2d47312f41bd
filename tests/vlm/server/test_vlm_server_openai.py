"""The official `openai` client, unchanged, against the running server."""

from __future__ import annotations

import base64
from io import BytesIO

import openai
import pytest
from PIL import Image

from tests.vlm.server.conftest import run_server
from vlm.server.options import ServerOptions


def png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def opened(b64: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(b64)))


def asking(*pictures: Image.Image, text: str = "what goes with these?") -> list[dict]:
    uris = ["data:image/png;base64," + base64.b64encode(png(picture)).decode() for picture in pictures]
    parts = [{"type": "image_url", "image_url": {"url": uri}} for uri in uris]
    return [{"role": "user", "content": [{"type": "text", "text": text}, *parts]}]


RED = Image.new("RGB", (40, 20), "red")


@pytest.fixture
async def client(running):
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client:
        yield client


async def test_the_models_are_listed(client) -> None:
    models = [model.id async for model in client.models.list()]
    assert models == ["small"]
    assert (await client.models.retrieve("small")).owned_by == "fashionm3"


async def test_a_chat_with_pictures_is_answered_with_usage(client, engine) -> None:
    answer = await client.chat.completions.create(
        model="small",
        messages=[{"role": "system", "content": "Be brief."}, *asking(RED, RED)],
        max_tokens=50, temperature=0.5, top_p=0.9, stop=["\n\n"], seed=7,
    )  # fmt: skip
    assert answer.choices[0].message.content == "You said: Be brief.\nwhat goes with these?, with 2 pictures"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens == 20
    assert answer.usage.prompt_tokens_details.cached_tokens == 3
    (asked,) = engine.asked
    assert (asked.max_tokens, asked.temperature, asked.top_p, asked.stop, asked.seed) == (
        50,
        0.5,
        0.9,
        ["\n\n"],
        7,
    )
    assert [picture.size for picture in asked.pictures] == [(40, 20)] * 2


async def test_a_streamed_chat_comes_word_by_word_and_ends_with_usage(client) -> None:
    stream = await client.chat.completions.create(
        model="small", messages=asking(text="hello"), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    words = [
        chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content
    ]
    assert words == ["You", " said:", " hello,", " with", " 0", " pictures"]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 6)


async def test_the_limit_on_tokens_is_told_as_length(client) -> None:
    answer = await client.chat.completions.create(
        model="small", messages=asking(text="hello"), max_completion_tokens=2
    )
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("You said:", "length")


async def test_an_answer_can_be_sent_back_as_part_of_the_conversation(client, engine) -> None:
    first = await client.chat.completions.create(model="small", messages=asking(RED))
    messages = [*asking(RED), first.choices[0].message.model_dump(), {"role": "user", "content": "cheaper?"}]
    await client.chat.completions.create(model="small", messages=messages)
    assert [message.role for message in engine.asked[-1].messages] == ["user", "assistant", "user"]
    assert len(engine.asked[-1].pictures) == 1


async def test_pictures_are_drawn_and_resized_where_another_size_is_asked_for(client, engine) -> None:
    answer = await client.images.generate(
        model="small",
        prompt="a red scarf",
        n=3,
        size="128x128",
        extra_body={"steps": 4, "guidance": 2.5, "seed": 9},
    )
    assert [opened(one.b64_json).size for one in answer.data] == [(128, 128)] * 3
    (asked,) = engine.asked
    assert (asked.prompt, asked.candidates, asked.steps, asked.guidance, asked.seed) == (
        "a red scarf",
        3,
        4,
        2.5,
        9,
    )


async def test_the_models_own_size_is_given_where_none_is_asked_for(client) -> None:
    answer = await client.images.generate(prompt="a hat", output_format="webp", response_format="b64_json")
    assert (opened(answer.data[0].b64_json).size, answer.size) == ((64, 64), "64x64")
    assert opened(answer.data[0].b64_json).format == "WEBP"


@pytest.mark.parametrize("partials", [0, 1, 3])
async def test_a_streamed_picture_shows_as_many_partial_pictures_as_asked_for(client, partials) -> None:
    stream = await client.images.generate(prompt="a hat", stream=True, partial_images=partials)
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_generation.partial_image"] * partials + [
        "image_generation.completed"
    ]
    assert [event.partial_image_index for event in events[:-1]] == list(range(partials))
    assert opened(events[-1].b64_json).size == (64, 64)


async def test_an_edit_paints_what_the_mask_shows_as_transparent(client, engine) -> None:
    mask = Image.new("RGBA", (40, 20), "black")
    mask.paste((0, 0, 0, 0), (0, 0, 20, 20))
    answer = await client.images.edit(
        image=("photo.png", png(RED)), mask=("mask.png", png(mask)), prompt="a green hat", n=1,
        extra_body={"seed": 2, "steps": 3},
    )  # fmt: skip
    edited = opened(answer.data[0].b64_json).convert("RGB")
    assert edited.size == (64, 32), "as wide as the model draws, in the shape that was sent"
    assert answer.size == "64x32"
    assert edited.getpixel((50, 16)) == (255, 0, 0)
    assert edited.getpixel((10, 16)) == (74, 182, 120)
    assert (engine.asked[0].seed, engine.asked[0].steps) == (2, 3)


async def test_an_edit_streams_too_and_takes_the_pictures_own_transparency(client) -> None:
    photo = Image.new("RGBA", (64, 64), "red")
    photo.paste((0, 0, 0, 0), (0, 0, 64, 32))
    stream = await client.images.edit(
        image=png(photo), prompt="a hat", stream=True, partial_images=1, size="64x64", extra_body={"seed": 1}
    )
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_edit.partial_image", "image_edit.completed"]
    edited = opened(events[-1].b64_json)
    assert edited.getpixel((5, 60)) == (255, 0, 0) and edited.getpixel((5, 5)) == (37, 91, 120)


async def test_an_edit_with_nothing_to_paint_is_refused(client) -> None:
    with pytest.raises(openai.BadRequestError, match="nothing is transparent"):
        await client.images.edit(image=png(RED), prompt="a hat")
    with pytest.raises(openai.BadRequestError, match=r"is 8x8, the picture 40x20"):
        await client.images.edit(image=png(RED), mask=png(Image.new("RGBA", (8, 8))), prompt="a hat")


async def test_errors_arrive_as_the_clients_own_exceptions(client) -> None:
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-9' here"):
        await client.chat.completions.create(model="gpt-9", messages=asking(text="hi"))
    with pytest.raises(openai.BadRequestError, match="not fetched") as refused:
        url = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}}
        await client.chat.completions.create(model="small", messages=[{"role": "user", "content": [url]}])
    assert (refused.value.code, refused.value.type) == ("invalid_image_url", "invalid_request_error")
    with pytest.raises(openai.BadRequestError, match="more words than the model can hold"):
        await client.chat.completions.create(model="small", messages=asking(text="x" * 3000))
    with pytest.raises(openai.BadRequestError, match="one answer a request"):
        await client.chat.completions.create(model="small", messages=asking(text="hi"), n=2)
    with pytest.raises(openai.BadRequestError, match="no tools"):
        tool = {"type": "function", "function": {"name": "f"}}
        await client.chat.completions.create(model="small", messages=asking(text="hi"), tools=[tool])
    with pytest.raises(openai.BadRequestError, match="draws squares"):
        await client.images.generate(prompt="a hat", size="1536x1024")


async def test_only_those_with_a_key_are_served(engine) -> None:
    async with run_server(lambda: engine, ServerOptions(keys=("first-key", "second-key"))) as running:
        await running.service.settled.wait()
        for key in ("first-key", "second-key"):
            async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key=key) as client:
                assert (await client.models.list()).data
        async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key="first") as client:
            with pytest.raises(openai.AuthenticationError, match="A key is needed"):
                await client.models.list()
        assert (await running.http.get("/metrics")).status_code == 401
        assert (await running.http.get("/ready")).status_code == 200


async def test_a_failure_in_mid_stream_raises_in_the_client(client, engine) -> None:
    engine.hold.clear()
    stream = await client.chat.completions.create(model="small", messages=asking(text="hi"), stream=True)
    with pytest.raises(openai.APIError, match="engine has been closed"):
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                await engine.close()
