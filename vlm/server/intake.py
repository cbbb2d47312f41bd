"""What a checked request is to the engine: words in its order, pictures through the gate."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PIL import Image

from vlm.engine.protocol import ServingEngine
from vlm.engine.requests import Message, TextRequest
from vlm.picture_gate import MAX_BYTES, admit
from vlm.server.chat_schema import ChatRequest
from vlm.server.errors import ApiError

T = TypeVar("T")

_DECODERS = ThreadPoolExecutor(2, thread_name_prefix="decode")
"""A decoded picture of 24 megapixels holds 72 MB; so many requests' pictures are decoded at once and no more."""
_FORM = "send it inside the request, as data:image/jpeg;base64,… (or image/png, image/webp)"


async def text_request(body: ChatRequest, engine: ServingEngine) -> TextRequest:
    """The engine's request for a chat request.

    FashionVLM knows no system role: the words of system messages stand before the first of the user.

    Raises:
        ApiError: A picture is not a data URI of base64 (400).
        ImageRefusedError: A picture is none that we take.
    """
    addresses = body.addresses
    # One request's pictures at a time in one thread: only there are they held at the size that they were sent in.
    pictures = (
        await decoding(lambda: engine.look([picture_of(one) for one in addresses])) if addresses else ()
    )
    return TextRequest(
        messages=conversation(body),
        pictures=pictures,
        max_tokens=body.limit,
        temperature=body.temperature or 0.0,
        top_k=body.top_k or 0,
        top_p=1.0 if body.top_p is None else body.top_p,
        seed=fresh_seed() if body.seed is None else body.seed % 2**63,
        stop=body.stops,
    )


def conversation(body: ChatRequest) -> Sequence[Message]:
    """The messages in the two roles that the model was trained on."""
    rules = "\n".join(m.text for m in body.messages if m.role in ("system", "developer") and m.text)
    messages: list[Message] = []
    for message in body.messages:
        if message.role == "user":
            text = f"{rules}\n{message.text}".strip() if rules else message.text
            messages.append(Message("user", text))
            rules = ""
        elif message.role == "assistant" and message.text:
            messages.append(Message("assistant", message.text))
    return messages


def picture_of(address: str) -> Image.Image:
    """The picture inside a data URI, decoded as this is called; no address is ever fetched.

    Raises:
        ApiError: It is no data URI of base64.
        ImageRefusedError: What it holds is no picture that we take.
    """
    head, comma, body = address.partition(",")
    if not comma or not head.lower().startswith("data:") or not head.lower().endswith(";base64"):
        raise ApiError(
            400, f"A picture's address is not fetched; {_FORM}.", "invalid_image_url", param="messages"
        )
    if len(body) > MAX_BYTES * 4 // 3 + 4:
        raise ApiError(
            400, f"A picture is larger than {MAX_BYTES // 2**20} MB.", "request_refused", param="messages"
        )
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(
            400, f"A picture's base64 is damaged; {_FORM}.", "invalid_base64", param="messages"
        ) from error
    return admit(data)


async def decoding(work: Callable[[], T]) -> T:
    """Run `work`, which decodes pictures, in one of the few threads for that."""
    return await asyncio.get_running_loop().run_in_executor(_DECODERS, work)


def fresh_seed() -> int:
    """A seed for a request that names none; another each time."""
    return secrets.randbelow(2**31)
