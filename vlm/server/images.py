"""``/v1/images/generations`` and ``/v1/images/edits``: pictures from words, whole or streamed as they come about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from PIL import Image
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlm.engine.protocol import ServingEngine
from vlm.engine.requests import DrawRequest, Failed, PictureDone, RequestFailedError, Step
from vlm.server.attending import EventStream, attended, closing, deadline_in, sse
from vlm.server.bodies import misfit, parsed, read_body, read_form
from vlm.server.edits import Canvas, canvas_of, files_free
from vlm.server.image_schema import ImageRequest
from vlm.server.intake import fresh_seed
from vlm.server.options import EDIT_BYTES, WORDS_BYTES
from vlm.server.service import Service
from vlm.server.written import written


def image_routes(service: Service) -> APIRouter:
    """Both routes, over a service."""
    router = APIRouter()
    options = service.options

    async def answer(
        request: Request, body: ImageRequest, canvas: Canvas | None, deadline: float
    ) -> Response:
        drawing = _Drawing(service.engine_called(body.model), body, canvas)
        if body.stream:
            return EventStream(drawing.events(), deadline)
        async with asyncio.timeout_at(deadline):
            return JSONResponse(await attended(request.receive, drawing.whole()))

    @router.post("/v1/images/generations")
    async def generations(request: Request) -> Response:
        """Draw up to four pictures from words."""
        body = await parsed(ImageRequest, await read_body(request, WORDS_BYTES, options.body_seconds))
        return await answer(request, body, None, deadline_in(options.request_seconds))

    @router.post("/v1/images/edits")
    async def edits(request: Request) -> Response:
        """Paint the transparent part of a picture anew from words."""
        form = await read_form(request, EDIT_BYTES, options.body_seconds)
        deadline = deadline_in(options.request_seconds)
        try:
            body = ImageRequest.model_validate(files_free(form))
            async with asyncio.timeout_at(deadline):
                canvas = await attended(request.receive, canvas_of(form, service.engine.resolution))
        except ValidationError as error:
            raise misfit(error) from error
        finally:
            await form.close()
        return await answer(request, body, canvas, deadline)

    return router


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The pictures of one request, in the API's words."""

    engine: ServingEngine
    body: ImageRequest
    canvas: Canvas | None

    async def whole(self) -> dict[str, Any]:
        """All pictures as one object."""
        async with closing(self.engine.events(self._request())) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, PictureDone):
                    data = [{"b64_json": await self._written(one)} for one in (event.picture, *event.others)]
                    return {"created": int(time.time()), "data": data, **self._about()}
        raise RequestFailedError("The engine ended without finishing the picture.")

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Steps (where asked for), previews of the first picture, and every finished one, as server-sent events."""
        name = "image_edit" if self.canvas is not None else "image_generation"
        partials = 0
        async with closing(self.engine.events(self._request())) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise event.error
                if isinstance(event, PictureDone):
                    for index, picture in enumerate((event.picture, *event.others)):
                        yield await self._picture_event(f"{name}.completed", picture, image_index=index)
                    return
                if not isinstance(event, Step):
                    continue
                if self.body.progress:
                    step = {"type": f"{name}.step", "step": event.done, "steps": event.total}
                    yield sse(step, f"{name}.step")
                if event.preview is not None and partials < (self.body.partial_images or 0):
                    number, partials = partials, partials + 1
                    kind = f"{name}.partial_image"
                    yield await self._picture_event(kind, event.preview, partial_image_index=number)
        raise RequestFailedError("The engine ended without finishing the picture.")

    def _request(self) -> DrawRequest:
        body, canvas = self.body, self.canvas
        return DrawRequest(
            prompt=body.prompt,
            steps=body.steps,
            guidance=body.guidance,
            contrast=body.contrast,
            temperature=body.temperature,
            seed=fresh_seed() if body.seed is None else body.seed,
            picture=canvas.picture if canvas else None,
            mask=canvas.mask if canvas else None,
            previews=self._previews(),
            candidates=body.candidates or body.n or 1,
            kept=body.n or 1,
        )

    def _previews(self) -> int:
        """Every how many steps a preview comes: as evenly as whole strides go, and so that all fit before the last step."""
        wanted = self.body.partial_images
        if not self.body.stream or not wanted:
            return 0
        steps = self.body.steps or self.engine.default_steps
        return max(1, min(round(steps / (wanted + 1)), (steps - 1) // wanted))

    async def _picture_event(self, name: str, picture: Image.Image, **more: int) -> bytes:
        event = {"type": name, "b64_json": await self._written(picture), "created_at": int(time.time())}
        return sse(event | self._about() | more, name)

    async def _written(self, picture: Image.Image) -> str:
        return await asyncio.to_thread(self._write, picture)

    def _write(self, picture: Image.Image) -> str:
        side = self.body.side
        if side is None and self.canvas is not None:
            picture = self.canvas.cut(picture)
        elif side is not None and picture.size != (side, side):
            picture = picture.resize((side, side), Image.Resampling.LANCZOS)
        return written(picture, self.body.format, self.body.output_compression)

    def _about(self) -> dict[str, Any]:
        width = height = self.body.side or self.engine.resolution
        if self.body.side is None and self.canvas is not None:
            left, top, right, bottom = self.canvas.box(width)
            width, height = right - left, bottom - top
        return {
            "size": f"{width}x{height}",
            "output_format": self.body.format,
            "background": "opaque",
            "quality": "auto",
        }
