"""What a request keeps of the pictures that came with it."""

import asyncio
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from tests.vlm.tiny_model import tiny_model
from vlm.engine.engine import Engine
from vlm.engine.requests import DrawRequest, Message, Piece, TextRequest


@pytest.fixture(scope="module")
def model():
    return tiny_model()


def large(color="red"):
    return Image.new("RGB", (3000, 2000), color)


@pytest.mark.parametrize("kind", ["reading", "repainting"])
async def test_a_request_that_waits_holds_no_picture_larger_than_is_read(model, kind):
    served = Engine.from_model(model, texts=1)
    # With one thread, whatever it does next tells that it has let go of what it did before.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    picture = large()
    gone = weakref.ref(picture)
    if kind == "reading":
        events = served.events(TextRequest([Message("user", "scarf")], [picture], max_tokens=2))
    else:
        mask = Image.new("L", (3000, 2000), 255)
        events = served.events(DrawRequest("scarf", picture=picture, mask=mask))
    del picture
    first = asyncio.ensure_future(anext(events))
    while not served.stats().waiting:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.to_thread(int)
    assert gone() is None
    served.start()
    await first
    await events.aclose()
    await served.close()


async def test_pictures_made_ready_before_are_answered_as_the_pictures_themselves(model):
    served = Engine.from_model(model, texts=1).start()
    said = []
    pictures = [large(), large("navy"), large("white")]
    for given in (pictures, served.look(pictures)):
        request = TextRequest([Message("user", "a red scarf goes")], given, max_tokens=8)
        said.append([event.text async for event in served.events(request) if isinstance(event, Piece)])
    assert said[0] == said[1]
    assert len(said[0]) > 1
    look = served.look(pictures)
    assert max(max(square.size) for square in look.squares) == 8
    assert len(look) == 3
    await served.close()
