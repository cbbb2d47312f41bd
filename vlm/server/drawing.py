"""Several pictures of one request, drawn side by side by the engine."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Sequence
from io import BytesIO

from PIL import Image

from vlm.engine.protocol import ServingEngine
from vlm.engine.requests import DrawRequest, Event, Failed, PictureDone, RequestFailedError, Step
from vlm.server.attending import closing

_BEST_QUALITY = 95


async def drawn_together(
    engine: ServingEngine, requests: Sequence[DrawRequest]
) -> AsyncGenerator[tuple[int, Step | PictureDone], None]:
    """Yield the events of all requests as they come, each with the index of its request; ends with the last picture.

    Closing it cancels those that are unfinished.

    Raises:
        RequestRefusedError, QueueFullError, RequestFailedError: Of the first request that met with it.
    """
    news: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()

    async def follow(index: int, request: DrawRequest) -> None:
        async with closing(engine.events(request)) as events:
            async for event in events:
                news.put_nowait((index, event))
                if isinstance(event, PictureDone):
                    return
        raise RequestFailedError("The engine ended without finishing the picture.")

    def tell(index: int, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            news.put_nowait((index, Failed(error)))

    tasks: list[asyncio.Task[None]] = []
    for index, request in enumerate(requests):
        task = asyncio.create_task(follow(index, request))
        task.add_done_callback(lambda done, index=index: tell(index, done))  # type: ignore[misc]
        tasks.append(task)
    try:
        missing = len(requests)
        while missing:
            index, event = await news.get()
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Step | PictureDone):
                missing -= isinstance(event, PictureDone)
                yield index, event
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def written(picture: Image.Image, form: str, compression: int | None) -> str:
    """A picture as a file in base64.

    Args:
        picture: RGB.
        form: ``png``, ``jpeg`` or ``webp``.
        compression: Quality of the lossy formats, 0..100; None is 95.
    """
    buffer = BytesIO()
    if form == "png":
        # Level 1: a third of the default's time for a tenth more bytes, and the client waits.
        picture.save(buffer, "PNG", compress_level=1)
    else:
        picture.save(buffer, form.upper(), quality=_BEST_QUALITY if compression is None else compression)
    return base64.b64encode(buffer.getvalue()).decode()
