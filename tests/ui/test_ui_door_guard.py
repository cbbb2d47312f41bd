"""The guard in front of the server, with a small application behind it."""

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from ui.door_guard import DoorGuard, allowed_hosts
from ui.identity import COOKIE, Identity
from ui.settings import Settings

SETTINGS = Settings(port=7860, public_hosts=("shop.example",))


def client(identity: Identity) -> httpx.AsyncClient:
    async def who(request: Request) -> PlainTextResponse:
        return PlainTextResponse(identity.user_of(request) or "nobody")

    inner = Starlette(
        routes=[
            Mount("/mcp", routes=[Route("/", who, methods=["GET", "POST"])]),
            Route("/health", who),
            Route("/", who, methods=["GET", "POST"]),
        ]
    )
    guard = DoorGuard(inner, identity, allowed_hosts(SETTINGS), secure=False)
    return httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://127.0.0.1:7860")


async def test_a_foreign_host_name_is_refused_and_ours_are_not() -> None:
    async with client(Identity({})) as browser:
        statuses = {
            host: (await browser.get("/health", headers={"host": host})).status_code
            for host in (
                "127.0.0.1:7860",
                "localhost:7860",
                "[::1]:7860",
                "shop.example",
                "evil.example",
                "127.0.0.1:1",
            )
        }
    assert [host for host, status in statuses.items() if status == 200] == [
        "127.0.0.1:7860",
        "localhost:7860",
        "[::1]:7860",
        "shop.example",
    ]
    assert statuses["evil.example"] == 421


async def test_a_write_from_another_sites_page_is_refused() -> None:
    async with client(Identity({})) as browser:
        assert (await browser.post("/", headers={"origin": "http://evil.example"})).status_code == 403
        assert (await browser.post("/", headers={"origin": "http://127.0.0.1:7860"})).status_code == 200


async def test_a_new_browser_is_somebody_in_its_first_request_and_stays_so() -> None:
    async with client(Identity({})) as browser:
        first, second = await browser.get("/"), await browser.get("/")
    assert first.text.startswith("visitor-")
    assert second.text == first.text
    assert "set-cookie" not in second.headers
    assert {"httponly", "samesite=lax"} <= {
        part.strip().lower() for part in first.headers["set-cookie"].split(";")
    }


async def test_with_tokens_a_browser_is_sent_to_the_login_and_a_program_gets_401() -> None:
    async with client(Identity({"ana": SecretStr("anas-token")})) as browser:
        page = await browser.get("/", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/login")
        assert (await browser.post("/")).status_code == 401
        assert (await browser.get("/", headers={"authorization": "Bearer anas-token"})).text == "ana"


async def test_health_needs_no_token() -> None:
    async with client(Identity({"ana": SecretStr("anas-token")})) as browser:
        assert (await browser.get("/health")).status_code == 200


async def test_the_mcp_address_works_without_a_slash_at_its_end() -> None:
    async with client(Identity({})) as browser:
        assert (await browser.post("/mcp")).status_code == 200


async def test_a_forged_cookie_is_replaced() -> None:
    async with client(Identity({})) as browser:
        answer = await browser.get("/", headers={"cookie": f"{COOKIE}=me; theme=dark"})
    assert "set-cookie" in answer.headers
