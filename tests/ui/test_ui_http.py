"""The HTTP server in process: health, pictures for their owners only, login."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from PIL import Image
from pydantic import SecretStr

from ui.assembly import Parts
from ui.http import build_app
from ui.identity import COOKIE, Identity

pytestmark = pytest.mark.asyncio(loop_scope="session")
BASE = "http://127.0.0.1:7860"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(parts: Parts) -> AsyncIterator[FastAPI]:
    yield build_app(parts)


def browser(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)


async def test_health_tells_the_state_of_the_model_and_how_many_products_there_are(
    app: FastAPI, parts: Parts
) -> None:
    async with browser(app) as client:
        health = (await client.get("/health")).json()
    assert health["products"] == parts.services.catalog.count()
    assert health["model"] in {"loading", "ready"}


async def test_a_products_picture_is_there_for_everyone(app: FastAPI) -> None:
    async with browser(app) as client:
        picture = await client.get("/pictures/items/fm-0001")
        absent = await client.get("/pictures/items/no-such-item")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert absent.status_code == 404


async def test_a_persons_picture_is_there_for_that_person_only(app: FastAPI, parts: Parts) -> None:
    cookie = Identity.new_visitor_cookie()
    async with browser(app) as client:
        client.cookies.set(COOKIE, cookie)
        owner = Identity({}).user_of(httpx_connection(cookie))
        kept = parts.services.artifacts.put_picture(
            Image.new("RGB", (90, 90), "teal"), origin="upload", owner=owner
        )
        mine = await client.get(f"/pictures/{kept.id}")
    async with browser(app) as stranger:
        theirs = await stranger.get(f"/pictures/{kept.id}")
    assert mine.status_code == 200
    assert theirs.status_code == 404


def httpx_connection(cookie: str) -> object:
    from starlette.requests import HTTPConnection

    return HTTPConnection({"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})


async def test_the_page_asks_nobody_else_for_anything(app: FastAPI) -> None:
    async with browser(app) as client:
        page = (await client.get("/", headers={"accept": "text/html"})).text
    for address in ("googleapis", "gstatic", "cdnjs", "huggingface.co/", "api.gradio.app"):
        assert f"https://{address}" not in page.replace("https://huggingface.co/spaces", "")


async def test_with_tokens_a_login_lets_in_and_a_wrong_token_does_not(parts: Parts) -> None:
    guarded = build_app(
        replace(
            parts, settings=parts.settings.model_copy(update={"tokens": {"ana": SecretStr("anas-token")}})
        )
    )
    async with browser(guarded) as client:
        assert (await client.get("/", headers={"accept": "text/html"})).headers["location"] == "/login"
        assert (await client.post("/login", data={"token": "wrong-token"})).status_code == 401
        assert (await client.post("/login", data={"token": "anas-token"})).status_code == 303
        assert (await client.get("/", headers={"accept": "text/html"})).status_code == 200
        assert (await client.post("/mcp", json={})).status_code == 401
