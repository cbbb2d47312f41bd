"""FashionVLM on another machine: the `FashionVLMClient` that speaks to a server in the words of the OpenAI API.

What is safe to send again is: a request that never arrived, and one that the server turned away (429, 503). Anything
later fails with one sentence; after several such failures a circuit breaker spares everyone the wait.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from vlm.client import Drawing, FashionVLMUnavailableError, Reading, StepCallback
from vlm.config import ColorHint
from vlm.embeddings.space import EmbeddingSpace
from vlm.event_stream import BadStreamError
from vlm.http_transport import HttpTransport
from vlm.photo_attributes import PhotoReader
from vlm.picture_gate import ImageRefusedError, admit
from vlm.reading import describe_picture, ranked, read_picture, talk_request

LARGEST_SIDE = 1024
"""Pictures are sent without loss; larger ones are shrunk to this, twice what any FashionVLM looks at."""
_BROKEN_OFF = "FashionVLM broke off its answer; please try again."
_NOT_UNDERSTOOD = "The FashionVLM server answered in a way that this version does not understand."


class HttpFashionVLM:
    """FashionVLM over HTTP; embeddings are made and garments counted here, both need no FashionVLM."""

    def __init__(
        self,
        transport: HttpTransport,
        space: EmbeddingSpace,
        photos: PhotoReader | None = None,
    ) -> None:
        """Speak through `transport`.

        Args:
            transport: To the server.
            space: Embeds words and pictures here.
            photos: Counts the garments of a described picture, and names what a request shows for a model that was trained
                so; without it every picture counts as one of one garment.
        """
        self._transport = transport
        self._space = space
        self._photos = photos
        self._color_hint: ColorHint | None = None

    async def describe(self, picture: Image.Image) -> Reading:
        """Read one picture: category, color, pattern and a sentence; said where it shows several garments or none.

        The color is measured and the garments are counted here, as in-process.
        """
        hint = await self._wanted_color_hint()
        return await describe_picture(picture, self._photos, hint, self._answer)

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """Stream the answer, piece by piece; closing the iterator hangs up, and the server stops.

        Raises:
            RequestRefusedError: The server cannot serve this request (too many pictures, too long).
        """
        if pictures:
            hint = await self._wanted_color_hint()
            request = await asyncio.to_thread(talk_request, request, pictures, hint, self._photos)
        async with aclosing(self._answer(request, pictures, max_tokens)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answer(
        self, request: str, pictures: Sequence[Image.Image], max_tokens: int
    ) -> AsyncGenerator[str, None]:
        parts: list[dict[str, Any]] = [{"type": "text", "text": request}]
        for address in await asyncio.gather(*(asyncio.to_thread(data_uri, one) for one in pictures)):
            parts.append({"type": "image_url", "image_url": {"url": address}})
        body = {
            "messages": [{"role": "user", "content": parts}],
            "stream": True,
            "temperature": 0,
            "max_completion_tokens": max_tokens,
        }
        finished = False
        async with aclosing(self._events("/v1/chat/completions", body)) as events:
            async for event in events:
                choice = _first(event.get("choices"))
                if text := _member(choice, "delta").get("content"):
                    yield str(text)
                finished = finished or choice.get("finish_reason") is not None
        if not finished:
            raise FashionVLMUnavailableError(_BROKEN_OFF)

    async def draw(
        self,
        prompt: str,
        *,
        seed: int = 0,
        candidates: int = 1,
        kept: int = 1,
        contrast: float | None = None,
        on_step: StepCallback | None = None,
    ) -> list[Drawing]:
        """Draw a picture from words; see `FashionVLMClient.draw`."""
        if not 1 <= kept <= candidates:
            raise ValueError(f"of {candidates} candidates {kept} cannot be kept")
        body = {"prompt": prompt, "seed": seed, "n": kept, "stream": True, "progress": True}
        if candidates > kept:
            body["candidates"] = candidates
        if contrast is not None:
            body["contrast"] = contrast
        pictures: list[Image.Image] = []
        async with aclosing(self._events("/v1/images/generations", body)) as events:
            async for event in events:
                kind = str(event.get("type"))
                if kind.endswith(".step") and on_step is not None:
                    on_step(_whole(event.get("step")), _whole(event.get("steps")))
                elif kind.endswith(".completed"):
                    if len(pictures) == kept:
                        raise FashionVLMUnavailableError(_NOT_UNDERSTOOD)
                    pictures.append(await asyncio.to_thread(_picture, event.get("b64_json")))
        if len(pictures) != kept:
            raise FashionVLMUnavailableError(_BROKEN_OFF)
        hint = await self._wanted_color_hint()
        readings = await asyncio.gather(*(read_picture(picture, hint, self._answer) for picture in pictures))
        return ranked(prompt, pictures, readings, seed)

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Sentences in the space of words and pictures, ``(len(texts), d)``, of length 1; made here."""
        return await asyncio.to_thread(self._space.embed_texts, texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Pictures in the same space, ``(len(pictures), d)``, of length 1; made here."""
        return await asyncio.to_thread(self._space.embed_pictures, pictures)

    async def close(self) -> None:
        """Hang up; calls under way end with `FashionVLMUnavailableError`."""
        await self._transport.close()

    async def _events(self, path: str, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        try:
            async with aclosing(self._transport.events(path, body)) as events:
                async for event in events:
                    yield event
        except BadStreamError as error:
            raise FashionVLMUnavailableError(_NOT_UNDERSTOOD) from error

    async def _wanted_color_hint(self) -> ColorHint:
        if self._color_hint is None:
            models = await self._transport.get("/v1/models")
            said = _first(models.get("data")).get("color_hint", False)
            self._color_hint = said if said in ("always", "items") else bool(said)
        return self._color_hint


def data_uri(picture: Image.Image) -> str:
    """A picture inside an address, PNG, at most `LARGEST_SIDE` pixels long."""
    if max(picture.size) > LARGEST_SIDE:
        picture = picture.copy()
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _picture(data: object) -> Image.Image:
    """The server is trusted with requests, not with our memory: its pictures pass the gate, too."""
    try:
        return admit(base64.b64decode(str(data), validate=True))
    except (ValueError, ImageRefusedError) as error:
        raise FashionVLMUnavailableError(_NOT_UNDERSTOOD) from error


def _whole(number: object) -> int:
    if not isinstance(number, int):
        raise FashionVLMUnavailableError(_NOT_UNDERSTOOD)
    return number


def _first(values: object) -> dict[str, Any]:
    """The first object of a list; an empty one where there is none."""
    one = values[0] if isinstance(values, list) and values else None
    return one if isinstance(one, dict) else {}


def _member(value: dict[str, Any], name: str) -> dict[str, Any]:
    one = value.get(name)
    return one if isinstance(one, dict) else {}
